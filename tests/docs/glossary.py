"""docs/glossary.md: each term is where the page says, in the code's own word."""

import re
from pathlib import Path

PAGE = Path("docs/glossary.md")
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| (.*) \|$", re.M)
PLACE = re.compile(r"^`(\w+)` in `([^`]+)`$")


def faults():
    found, rows = [], [row for row in ROW.findall(PAGE.read_text()) if row[0] not in ("term", "---")]
    for term, where in rows:
        place = PLACE.match(where)
        if not place:
            found.append(f"{PAGE}: {term}: not `WORD` in `FILE`: {where}")
        elif not Path(place[2]).exists() or not re.search(rf"\b{place[1]}\b", Path(place[2]).read_text()):
            found.append(f"{PAGE}: {term}: {place[1]} is not in {place[2]}")
    if len(rows) < 20:
        found.append(f"{PAGE}: hardly a term")
    return found
