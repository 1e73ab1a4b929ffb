"""A book that mdBook made of docs/: every page is in it, and every link of it leads somewhere inside.

    python3 tests/docs/book.py FOLDER
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

DOCS = Path("docs")


class Page(HTMLParser):
    """What a page of the book links to, and what can be linked to in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.places.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


def faults(book):
    # Whoever gets the page for what is not found is anywhere: its addresses are those of a server.
    pages = {file.resolve(): Page(file.read_text()) for file in book.rglob("*.html") if file.name != "404.html"}
    for page in sorted(DOCS.rglob("*.md")):
        made = book / page.relative_to(DOCS).with_suffix(".html")
        if page.name != "SUMMARY.md" and made.resolve() not in pages:
            yield f"{page} is not in the book"
    for file, page in pages.items():
        for link in sorted(page.links):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            if not target.exists():
                yield f"{file.name} links to {link}, which is not in the book"
            elif address.fragment and target in pages and unquote(address.fragment) not in pages[target].places:
                yield f"{file.name} links to {link}: that page has no such place"


def main(folder):
    book = Path(folder)
    found = list(faults(book))
    for fault in found:
        print(f"error: {fault}")
    if found:
        sys.exit(1)
    print(f"{len(list(book.rglob('*.html')))} pages of HTML: every chapter is there, and every link leads somewhere")


if __name__ == "__main__":
    main(sys.argv[1])
