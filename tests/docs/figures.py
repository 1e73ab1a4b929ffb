"""The table of docs/performance.md: what `tests/run.sh bench` measured last, out of docs/figures.json."""

import json
from pathlib import Path

# Units with what larger ones are made of them.
LARGER = {"ms": (1_000, "s"), "KiB": (1_024, "MiB"), "bytes": (1_000_000, "MB")}
SMALLER = {"ms": (1_000, "µs")}


def told(value, unit):
    if unit in LARGER and value >= LARGER[unit][0]:
        value, unit = value / LARGER[unit][0], LARGER[unit][1]
    elif unit in SMALLER and value < 1:
        value, unit = value * SMALLER[unit][0], SMALLER[unit][1]
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def times(ratio):
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2f}"


def wanted(it):
    if "wanted" not in it:
        return "–"
    bound, is_rate = it["wanted"], it["unit"] == "/s"
    value, limit = it["value"], told(bound["value"], it["unit"])
    if bound["of"] == "ratio":
        value, limit = value / it["bare"]["value"], f"{bound['value']:g} ×"
    if bound["of"] == "difference":
        value, limit = value - it["bare"]["value"], f"{limit} more"
    kept = value >= bound["value"] if is_rate else value <= bound["value"]
    return f"{'≥' if is_rate else '≤'} {limit}{'' if kept else ': **not** kept'}"


def row(it):
    beside = "–"
    if bare := it.get("bare"):
        beside = f"{bare['what']}: {told(bare['value'], it['unit'])} ({times(it['value'] / bare['value'])} ×)"
    return f"| {it['what']} | {told(it['value'], it['unit'])} | {beside} | {wanted(it)} |"


# What README.md shows of them.
CHOSEN = (
    "a code check",
    "a durable handover on a disk, command to receipt",
    "cold start to the first route view, 200 stops, in the morning",
    "the search after one event with 100 stops left, on its own thread",
    "facts that one backend takes over HTTP, every signature checked",
    "the library for arm64 and Android, stripped",
)


def chosen():
    return table(CHOSEN)


def table(only=None):
    figures = json.loads(Path("docs/figures.json").read_text())["figures"]
    if missing := set(only or ()) - {it["what"] for it in figures}:
        raise SystemExit(f"docs/figures.json has no figures of {sorted(missing)}")
    figures = [it for it in figures if only is None or it["what"] in only]
    return "\n".join(["| what | it takes | beside it, in the same run | wanted |", "| --- | --- | --- | --- |", *map(row, figures)])
