"""For mdBook: a page that another one names, such as `docs/store.md` or ADR 9, is a link in the book."""

import json
import os
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCED = re.compile(r"(^```.*?^```$)", re.S | re.M)
NAMED = re.compile(r"`docs/([\w./-]+\.md)`|\bADR (\d+)\b")


def linked(text, folder):
    """The text of a chapter in that folder of the docs."""

    def link(found):
        name, number = found.groups()
        pages = [DOCS / name] if name else list(DOCS.glob(f"adr/{int(number):04}-*.md"))
        # The table of contents is no chapter: mdBook shows it beside every one.
        if len(pages) != 1 or not pages[0].exists() or pages[0].name == "SUMMARY.md":
            return found[0]
        return f"[{found[0]}]({os.path.relpath(pages[0], DOCS / folder)})"

    parts = FENCED.split(text)
    return "".join(part if part.startswith("```") else NAMED.sub(link, part) for part in parts)


def main():
    _, book = json.load(sys.stdin)
    for item in book["items"]:
        if (chapter := item.get("Chapter") if isinstance(item, dict) else None) and chapter["path"]:
            chapter["content"] = linked(chapter["content"], Path(chapter["path"]).parent)
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    # mdBook asks first whether it may: `supports html`.
    if sys.argv[1:2] != ["supports"]:
        main()
