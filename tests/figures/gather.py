"""Figures out of what `tests/run.sh bench` said, beside those of before.

    python3 tests/figures/gather.py LOG CRITERION BEFORE.json NOW.json

LOG has the output of every step below its title, CRITERION the folders of criterion's own results. Writes NOW.json and says
of each figure what it is now and how much dearer it is than in BEFORE.json: by its ratio to the bare cost of the same run where
it has one, since machines differ. Fails when a figure is missing.
"""

import json
import re
import sys
from pathlib import Path

from rows import ROWS, Criterion

TITLE = re.compile(r"^---- (.*)$", re.M)
# Maven says which colours it would not use, in front of what others say.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What is dearer by less may be the machine.
DEARER = 1.25


def steps(log):
    """The output of each step, by its title; of those with one title, all."""
    parts = TITLE.split(log)
    found = {}
    for title, output in zip(parts[1::2], parts[2::2]):
        found[title] = found.get(title, "") + output
    return found


def medians(folder):
    """Criterion's medians in ms, by the folder of files that they are of and by their names."""
    found = {}
    for about in Path(folder).glob("*/**/new/benchmark.json"):
        name = json.loads(about.read_text())["full_id"]
        estimate = json.loads(about.with_name("estimates.json").read_text())["median"]["point_estimate"]
        found[about.relative_to(folder).parts[0], name] = estimate / 1e6
    return found


class Missing(Exception):
    pass


def read(source, said, benches):
    """Value and unit."""
    if isinstance(source, Criterion):
        if (source.on, source.name) not in benches:
            raise Missing(f"no bench `{source.name}` with files in {source.on}")
        return benches[source.on, source.name], "ms"
    matches = re.findall(source.pattern, said.get(source.step, ""), re.M)
    if len(matches) != 1:
        raise Missing(f"{source.step!r} says {len(matches)} times {source.pattern}")
    return float(matches[0]), source.unit


def figure(row, said, benches):
    value, unit = read(row.source, said, benches)
    found = {"what": row.what, "value": value, "unit": unit}
    if row.bare:
        found["bare"] = {"what": row.bare[0], "value": read(row.bare[1], said, benches)[0]}
    if row.wanted is not None:
        found["wanted"] = {"value": row.wanted, "of": row.of}
    return found


def cost(found):
    """What it takes, in units of the bare cost if there is one. Of a rate it is the inverse."""
    ratio = found["value"] / found.get("bare", {"value": 1})["value"]
    return 1 / ratio if found["unit"] == "/s" else ratio


def main(log, criterion, before, now):
    said, benches = steps(COLOUR.sub("", Path(log).read_text())), medians(criterion)
    figures, missing = [], []
    for row in ROWS:
        try:
            figures.append(figure(row, said, benches))
        except Missing as why:
            missing.append(f"error: {row.what}: {why}")
    if missing:
        sys.exit("\n".join(missing))
    if len({it["what"] for it in figures}) < len(figures):
        sys.exit("error: two rows have one name, by which they are known the next time")
    Path(now).write_text(json.dumps({"figures": figures}, ensure_ascii=False, indent=1) + "\n")
    known = {it["what"]: it for it in json.loads(Path(before).read_text())["figures"]} if Path(before).exists() else {}
    for found in figures:
        bare = f" ({found['value'] / found['bare']['value']:.2f} x bare)" if "bare" in found else ""
        told = f"figure: {found['what']}: {found['value']:.6g} {found['unit']}{bare}"
        if found["what"] not in known:
            print(f"{told}, new")
            continue
        times = cost(found) / cost(known[found["what"]])
        print(f"{told}, {times:.2f} x of before{', DEARER' if times > DEARER else ''}")


if __name__ == "__main__":
    main(*sys.argv[1:])
