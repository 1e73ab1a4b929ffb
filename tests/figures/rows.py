"""The figures of docs/performance.md: where the output of `tests/run.sh bench` has each, what it is to be seen beside, and what is wanted."""

from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True)
class Criterion:
    """The median of one of criterion's benches, by its whole name; in the folder of files `on`."""

    name: str
    on: str = "memory"


@dataclass(frozen=True)
class Said:
    """A number that a step said, as the only group of a pattern."""

    step: str
    pattern: str
    unit: str


@dataclass(frozen=True)
class Row:
    what: str
    source: Criterion | Said
    bare: tuple[str, Criterion | Said] | None = None
    # The most that is wanted, or the least of what is a rate.
    wanted: float | None = None
    # Of what: the value itself, its ratio to the bare cost, or what it is above that.
    of: str = "value"


def measured(step, what, unit="ms"):
    """What both programs that measure from outside say: a text, and a number or a median."""
    return Said(step, rf"^{what} +(?:median )?([\d.]+) {unit}", unit)


core = partial(Said, "cargo bench, what phones get")
served = partial(Said, "cargo bench, with a backend")
kotlin = partial(measured, "Kotlin")
swift = partial(measured, "Swift")


def after(title, line):
    """What a line of the drain's bench says below a title."""
    return served(rf"^{title}:\n(?:  .*\n)*?  {line} +([\d.]+)$", "/s")


HANDOVER = Criterion("durable handover/command to receipt")
DOOR = "a stop with 50 parcels and 30 instructions, on a day of 151 stops"
SCAN = "a scan among 20,000 barcodes on 200 stops"
EVENT = "one event, 100 stops left"
START = "cold start to the route of 200 stops"
OUTBOX = r"^ +10000 +"
LOAD = r"^1, SQLite +"

ROWS = [
    Row("a code check", Criterion("code/check"), ("Argon2id alone", Criterion("code/bare Argon2id")), 1.05, "ratio"),
    Row(
        "a durable handover on a disk, command to receipt",
        Criterion("durable handover/command to receipt", "disk"),
        ("SQLite alone, the same bytes", Criterion("durable handover/SQLite alone, the same bytes", "disk")),
        2,
        "ratio",
    ),
    Row(
        "the same with files in memory",
        HANDOVER,
        ("one signature alone", Criterion("durable handover/signing alone, ES256")),
    ),
    Row("cold start to the first route view, 200 stops, in the morning", Criterion(f"{START}/in the morning"), None, 50),
    Row("the same in the evening, 601 facts", Criterion(f"{START}/in the evening, 601 facts"), None, 50),
    Row(
        "memory of a process that has opened that day and shown every stop",
        core(r"shows this day (\d+) KiB", "KiB"),
        ("one that does nothing", core(r"of one that does nothing (\d+) KiB", "KiB")),
        32 * 1024,
    ),
    *(
        Row(
            f"a snapshot of {stops:,} stops and twice as many parcels: read, checked, sealed, stored and folded",
            Criterion(f"snapshot/{stops} stops, sealed and stored"),
            ("serde and SQLite alone", Criterion(f"snapshot/{stops} stops, serde and SQLite alone")),
            2,
            "ratio",
        )
        for stops in (200, 2_000, 9_900)
    ),
    Row("an entry that fits: sealed, signed, committed, beside its hash", served(r"^an entry that fits: ([\d.]+) ms", "ms"), None, 2),
    Row("memory of a check, at most", served(r"^a check takes (\d+) KiB", "KiB"), None, 20 * 1024),
    Row(
        "codes issued, on all cores",
        served(r"^\d+ codes issued on \d+ cores +([\d.]+) per second", "/s"),
        ("the hash alone on one core", served(r"^the hash alone on one core +([\d.]+) per second", "/s")),
    ),
    Row(
        f"`decide` with the views of stop and day, at {DOOR}",
        Criterion(f"{DOOR}/decide and both views"),
        ("copying the two views alone", Criterion(f"{DOOR}/copying the views alone")),
        1,
    ),
    Row(
        f"{SCAN}, of another stop",
        Criterion(f"{SCAN}/of another stop"),
        ("a lookup alone", Criterion(f"{SCAN}/a lookup alone, in a tree of the same texts")),
        0.05,
    ),
    Row(
        "the search after one event with 100 stops left, on its own thread",
        Criterion(f"{EVENT}/search on its own thread, times between stops reckoned"),
        ("the search alone, times between stops known", Criterion(f"{EVENT}/replan alone, times between stops known")),
        15,
    ),
    Row("the look at the plan, on the thread that answers", Criterion(f"{EVENT}/look at the plan, on the thread that answers")),
    Row(
        "facts drained over loopback, load checks of 8 parcels",
        after("load checks", "drained over loopback"),
        ("signatures alone, one core", after("load checks", "signatures alone, one core")),
        5_000,
    ),
    Row(
        "the same with handovers, each withdrawn",
        after("handovers, each withdrawn", "drained over loopback"),
        ("signatures alone, one core", after("handovers, each withdrawn", "signatures alone, one core")),
    ),
    Row(
        "entries and handovers with codes, checked, judged and committed, without HTTP",
        served(r"^(\d+) facts per second checked, judged", "/s"),
        None,
        5_000,
    ),
    Row(
        "one more fact after 10,000 unsent ones",
        served(OUTBOX + r"([\d.]+) \(", "ms"),
        ("SQLite alone", served(OUTBOX + r"[\d.]+ \( *([\d.]+)\)", "ms")),
    ),
    Row(
        "start with 10,000 unsent facts, until the route can be shown",
        served(OUTBOX + r"[\d.]+ \( *[\d.]+\) +([\d.]+) \(", "ms"),
        ("SQLite alone reads them", served(OUTBOX + r"[\d.]+ \( *[\d.]+\) +[\d.]+ \( *([\d.]+)\)", "ms")),
        150,
    ),
    Row("facts that one backend takes over HTTP, every signature checked", served(LOAD + r"(\d+) ", "/s"), None, 5_000),
    Row("a poll of a route with nothing new, 99 % of 167 a second", served(LOAD + r"\d+ +[\d.]+ +([\d.]+)", "ms"), None, 50),
    Row("import of 10,000 shipments", served(LOAD + r"\d+ +[\d.]+ +[\d.]+ +([\d.]+)", "s")),
    Row("the board of 10,000 stops, 99 % of the looks", served(LOAD + r"(?:[\d.]+ +){6}(\d+)", "ms"), None, 200),
    Row("a call that does nothing, from Kotlin", kotlin(r"a call that does nothing \(coreVersion\)", "µs")),
    Row("a call that does nothing, from Swift", swift(r"a call that does nothing \(coreVersion [^)]*\)", "µs")),
    Row("start of the app's Kotlin to the first route view, a new JVM each", kotlin("start of the app's Kotlin to the first route view")),
    Row(
        "the same, spared what no phone does",
        kotlin("start of the app's Kotlin to the first route view, spared what no phone does"),
        None,
        150,
    ),
    Row("open to the first route view, from Swift, in a running process", swift("open to the first route view, 200 stops"), None, 150),
    Row("`submit` of a handover, from Kotlin", kotlin("submit of a handover"), ("in Rust", HANDOVER), 1, "difference"),
    Row("`submit` of a handover, from Swift", swift("submit of a handover"), ("in Rust", HANDOVER), 1, "difference"),
    Row("a command that changes nothing, from Kotlin", kotlin(r"a command that changes nothing \(StartDay again\)")),
    Row("a handover, and the view of the whole route that shows it, from Kotlin", kotlin("a handover and the route view that shows it"), None, 1_000 / 60),
    Row("*Today* drawn after a change, without a screen and a graphics chip", kotlin("Today drawn after a change, no screen"), ("drawn again without a change", kotlin("the same drawn again without a change"))),
    Row("the same, the longest of 100", Said("Kotlin", r"^Today drawn after a change, no screen .* most ([\d.]+) ms", "ms"), None, 1_000 / 60),
    Row("the same, as far as its thread was at work", kotlin("  of it at work")),
    Row("the longest of these", Said("Kotlin", r"^  of it at work .* most ([\d.]+) ms", "ms"), None, 1_000 / 60),
    Row(
        "memory of a process of Swift after 11,000 commands that record nothing",
        swift("memory of the process +after 1000: [0-9]+ KiB, after 6000: [0-9]+ KiB, after 11000:", "KiB"),
        ("after 1,000", swift("memory of the process +after 1000:", "KiB")),
        1.02,
        "ratio",
    ),
    Row("the library for arm64 and Android, stripped", Said("Android's library", r"has (\d+) bytes", "bytes"), None, 6_000_000),
]
