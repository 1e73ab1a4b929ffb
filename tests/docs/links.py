"""Whatever file of the project a page names in backticks is there."""

import re
from functools import cache
from pathlib import Path

PAGES = ["docs/architecture.md", "docs/scenarios.md", "docs/adding-a-reason.md", "docs/glossary.md", "docs/terminal.md", "docs/store.md"]
# A path below one of the folders of this project. A star stands for anything.
NAMED = re.compile(r"`((?:core|bindings|android|ios|terminal|backend|tests|docs)/[A-Za-z0-9_./*-]+)`")


@cache
def missing():
    found, count = [], 0
    for page in PAGES:
        for name in NAMED.findall(Path(page).read_text()):
            count += 1
            if not any(Path().glob(name.rstrip("/"))):
                found.append(f"{page} names {name}, which is not there")
    return found, count


def count():
    return missing()[1]


def faults():
    return missing()[0]
