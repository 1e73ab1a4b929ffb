"""Whether the checks of the pages can fail: each of these changes, made in memory only, has to be noticed."""

import sys
from pathlib import Path

import own_app
import pages

README = Path("README.md")


def shown(language, old, new):
    """README.md with something else in its block of a language."""
    block = own_app.block(language)
    return README.read_text().replace(block, block.replace(old, new, 1), 1)


def is_old(text):
    return pages.made("README.md", text) != text


PLANTED = [
    ("README.md calls something else in Kotlin", is_old, shown("kotlin", "courier.enrol(", "courier.register(")),
    ("README.md calls something else in Swift", is_old, shown("swift", "courier.enrol(", "courier.register(")),
    ("README.md calls something else in Rust", is_old, shown("rust", "courier.enrol_blocking(", "courier.register(")),
    ("README.md shows a line less", is_old, shown("rust", "courier.submit(Command::StartDay)?;\n", "")),
]
# What the same checks have to let pass.
SOUND = [
    ("README.md as it is", is_old, README.read_text()),
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
