"""Whether the checks of the pages can fail: each of these changes, made in memory only, has to be noticed."""

import sys
from pathlib import Path

import links
import own_app
import pages
import versions

README, PAGE = Path("README.md"), Path("docs/store.md")
SUMMARY = links.SUMMARY.read_text()
POM = Path("android/pom.xml").read_text()
ENTRY = "- [Glossary](glossary.md)\n"


def shown(language, old, new):
    """README.md with something else in its block of a language."""
    block = own_app.block(language)
    return README.read_text().replace(block, block.replace(old, new, 1), 1)


def is_old(text):
    return pages.made("README.md", text) != text


def dead(text, page=PAGE):
    return list(links.dead(page, text))


def dead_of_readme(text):
    return dead(text, README)


def unnamed(text):
    return list(links.unnamed(PAGE, text))


def left_out(text):
    return list(links.left_out(text))


def other_version(text):
    return versions.other("android/pom.xml", text)


PLANTED = [
    ("README.md calls something else in Kotlin", is_old, shown("kotlin", "courier.enrol(", "courier.register(")),
    ("README.md calls something else in Swift", is_old, shown("swift", "courier.enrol(", "courier.register(")),
    ("README.md calls something else in Rust", is_old, shown("rust", "courier.enrol_blocking(", "courier.register(")),
    ("README.md shows a line less", is_old, shown("rust", "courier.submit(Command::StartDay)?;\n", "")),
    ("README.md shows another figure", is_old, README.read_text().replace("a code check | 1", "a code check | 9", 1)),
    ("a picture of README.md that is not there", dead_of_readme, README.read_text().replace("terminal/demo.svg", "terminal/nothing.svg", 1)),
    ("a link to no page", dead, "[x](nowhere.md)"),
    ("a picture that is not there", dead, "![x](plots/nothing.svg)"),
    ("a link by reference to no page", dead, "[x][y]\n\n[y]: nowhere.md"),
    ("a link to no heading of its page", dead, "# Store\n\n[x](#nothing)"),
    ("a link to no heading of another page", dead, "[x](glossary.md#nothing)"),
    ("a file in backticks that is not there", unnamed, "`core/engine/src/nothing.rs`"),
    ("a page that is not in the book", left_out, SUMMARY.replace(ENTRY, "")),
    ("another version for Android", other_version, POM.replace(versions.wanted(), "9.9.9", 1)),
    ("a page under another title", left_out, SUMMARY.replace("[Glossary]", "[Words]")),
]
# What the same checks have to let pass.
SOUND = [
    ("README.md as it is", is_old, README.read_text()),
    ("the links of README.md as they are", dead_of_readme, README.read_text()),
    ("links that lead somewhere", dead,
     "# On a disk: `a_b`!\n\n[x](glossary.md#glossary) [x](#on-a-disk-a_b) [x](../README.md) [x](https://x.example/y.md) `[x](no.md)`"),
    ("the book as it is", left_out, SUMMARY),
    ("the version as it is", other_version, POM),
]


def main():
    missed = [name for name, noticed, text in PLANTED if not noticed(text)]
    blamed = [name for name, noticed, text in SOUND if noticed(text)]
    for name in missed:
        print(f"error: not noticed: {name}")
    for name in blamed:
        print(f"error: taken for a fault: {name}")
    if missed or blamed:
        sys.exit(1)
    print(f"{len(PLANTED)} changes are noticed, {len(SOUND)} sound texts pass")


if __name__ == "__main__":
    main()
