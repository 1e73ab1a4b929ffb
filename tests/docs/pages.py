"""Pages that are made of what is there: fails when one is old. With --write they are made anew.

    python3 tests/docs/pages.py [--write]

A page is written by hand but for its blocks between `<!-- made: NAME -->` and `<!-- end -->`.
"""

import re
import sys
from pathlib import Path

import capability
import figures
import glossary
import links
import modules
import own_app
import scenarios
import versions

BLOCKS = {
    "README.md": {**own_app.BLOCKS, "figures": figures.chosen},
    "docs/architecture.md": {"graph": modules.graph, "crates": modules.table, "shells": modules.shells},
    "docs/performance.md": {"figures": figures.table},
    "docs/scenarios.md": {"players": scenarios.players, "scenarios": scenarios.table},
}
BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.S)


def made(page, text):
    """The page as it should be."""
    blocks, seen = BLOCKS[page], set()

    def block(found):
        seen.add(found[2])
        return f"{found[1]}{blocks[found[2]]()}\n{found[3]}"

    text = BLOCK.sub(block, text)
    if seen != set(blocks):
        raise SystemExit(f"{page}: blocks are missing: {sorted(set(blocks) - seen)}")
    return text


def main(write):
    old = []
    for page in BLOCKS:
        text = Path(page).read_text()
        if (new := made(page, text)) != text:
            old.append(page)
            if write:
                Path(page).write_text(new)
    checks = [modules, scenarios, capability, glossary, own_app, versions, links]
    faults = [fault for check in checks for fault in check.faults()]
    for fault in faults:
        print(f"error: {fault}")
    if old and not write:
        print(f"error: old: {', '.join(old)}; `python3 -B tests/docs/pages.py --write` makes them anew")
    if faults or (old and not write):
        sys.exit(1)
    print(f"{len(BLOCKS)} pages are as they are made; {links.count()} links and named files are there")


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
