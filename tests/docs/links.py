"""Links lead somewhere, whatever file of the project a page names in backticks is there, and the book has every page."""

import re
from functools import cache
from pathlib import Path

DOCS = Path("docs")
SUMMARY = DOCS / "SUMMARY.md"
# A path below one of the folders of this project. A star stands for anything.
NAMED = re.compile(r"`((?:core|bindings|android|ios|terminal|backend|tests|docs)/[A-Za-z0-9_./*-]+)`")
# What a page names that is there only after something was run.
MADE = {"tests/fuzz/artifacts"}
FENCED = r"^(```+|~~~+).*?^\1"
CODE = re.compile(FENCED + r"|`[^`\n]*`", re.S | re.M)
LINK = re.compile(r"\]\(<?([^)>\s]+)[^)]*\)|^\[[^\]]+\]:\s*<?([^>\s]+)|\b(?:href|src)=\"([^\"]+)\"", re.M)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)
ENTRY = re.compile(r"^ *-? *\[(.+)\]\(([^)]+)\)$", re.M)


@cache
def pages():
    """Every page that is read on its own, with its text."""
    return {page: page.read_text() for page in [Path("README.md"), *sorted(DOCS.rglob("*.md"))]}


def anchors(text):
    """What headings are called in an address, as mdBook and the usual hosts make it."""
    found, seen = set(), {}
    for heading in HEADING.findall(re.sub(FENCED, "", text, flags=re.S | re.M)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(name if name not in seen else f"{name}-{seen[name]}")
        seen[name] = seen.get(name, 0) + 1
    return found


def links(text):
    """Addresses, as far as they are of this project."""
    for found in LINK.findall(CODE.sub("", text)):
        if not re.match(r"[a-z][a-z0-9+.-]*:|//", address := next(filter(None, found))):
            yield address


def dead(page, text):
    """What of the links in a page leads nowhere."""
    for address in links(text):
        name, _, anchor = address.partition("#")
        target = page.parent / name if name else page
        if not target.exists():
            yield f"{page} links to {address}, which is not there"
        elif anchor and anchor not in anchors(text if target == page else target.read_text()):
            yield f"{page} links to {address}: no heading of {target} is called that"


def unnamed(page, text):
    """What a page names that is not there."""
    for name in NAMED.findall(text):
        if name.rstrip("/") not in MADE and not any(Path().glob(name.rstrip("/"))):
            yield f"{page} names {name}, which is not there"


def left_out(summary):
    """What a table of contents does not have, or calls otherwise than the page calls itself."""
    named = {(DOCS / where): title for title, where in ENTRY.findall(summary)}
    for page, text in pages().items():
        if page == SUMMARY or DOCS not in page.parents:
            continue
        title = HEADING.search(text)[1]
        if page not in named:
            yield f"{SUMMARY} lacks {page}"
        elif named[page] != title:
            yield f"{SUMMARY}: {page} is called {title}, not {named[page]}"


def count():
    return sum(len(NAMED.findall(text)) + len(list(links(text))) for text in pages().values())


def faults():
    read = pages()
    found = [fault for page, text in read.items() for check in (dead, unnamed) for fault in check(page, text)]
    return found + list(left_out(read[SUMMARY]))
