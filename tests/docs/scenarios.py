"""The list of scenarios, out of their files, and who plays them, out of who does."""

import json
import re
from pathlib import Path

FOLDER = Path("tests/scenarios")
# Who plays, the file that does, what it lists the folder with, where that was run, and what it does not show.
PLAYERS = [
    ("the core alone, in Rust", "tests/tests/scenarios.rs", 'files("scenarios", "json")', "`tests/run.sh rust`", ""),
    ("Kotlin on the JVM", "android/bindings/src/test/kotlin/org/courier/core/ScenarioTest.kt", '.filter|listFiles { file -> file.extension == "json" }',
     "`tests/run.sh kotlin`", "through the bindings and JNA; not Android"),
    ("Swift on Linux", "ios/Tests/CourierCoreTests/ScenarioTests.swift", '$0.hasSuffix(".json")', "`tests/run.sh swift`",
     "through the bindings; not Apple's compiler or systems"),
    ("the core, with the backend on PostgreSQL", "tests/tests/scenarios.rs", "COURIER_TEST_DATABASE", "`tests/run.sh postgres`, without `CI`", ""),
    ("taps on the iPhone app's screens, evaluated on Linux", "ios/Tests/CourierUITests/ThumbTests.swift", '$0.hasSuffix(".json")', "`tests/run.sh swift`",
     "with a stand-in for SwiftUI; no transcript, only what a thumb sees (`docs/iphone.md`)"),
    ("taps on the iPhone app in a simulator", "ios/App/AppUITests/ScenarioTests.swift", '$0.pathExtension == "json"',
     "nowhere yet: it is only parsed", "nothing until it was run"),
    ("Kotlin on a device or emulator", "android/app/src/androidTest/kotlin/org/courier/app/ScenarioOnDeviceTest.kt", "json",
     "nowhere yet: it only compiles", "nothing until it was run"),
]
LEFT_OUT = re.compile(r'file\.ends_with\("([0-9a-z-]+)\.json"\)\)\);')
TAPPED = re.compile(r'^    "([0-9a-z-]+)": Refusal', re.MULTILINE)


def files():
    return sorted(FOLDER.glob("*.json"))


def left_out():
    """What the run on a server does not play."""
    return LEFT_OUT.findall(Path("tests/tests/scenarios.rs").read_text())


def not_tapped():
    """What no thumb plays."""
    return TAPPED.findall(Path("ios/Tests/CourierThumb/NotPlayed.swift").read_text())


def players():
    lines = ["| who plays | file | run by | scenarios | what it does not show |", "| --- | --- | --- | --- | --- |"]
    every = len(files())
    for who, file, _, run, lacks in PLAYERS:
        if "PostgreSQL" in who:
            skipped = left_out()
            many = f"{every - len(skipped)} of {every}: not {', '.join(skipped)}, a server is put back by its own means"
        elif "taps" in who:
            many = f"{every - len(not_tapped())} of {every}, the others with their reasons in `ios/Tests/CourierThumb/NotPlayed.swift`"
        else:
            many = f"all {every}"
        lines.append(f"| {who} | `{file}` | {run} | {many if 'nowhere' not in run else 'none'} | {lacks or '–'} |")
    return "\n".join(lines)


def table():
    lines = ["| no | what it is about | who takes part | steps | file |", "| --- | --- | --- | --- | --- |"]
    for file in files():
        scenario = json.loads(file.read_text())
        no, title = scenario["title"].split(": ", 1)
        actors = sorted({step["actor"] for step in scenario["steps"]})
        lines.append(f"| {no} | {title} | {', '.join(actors)} | {len(scenario['steps'])} | `{file.as_posix()}` |")
    return "\n".join(lines)


def faults():
    found = []
    for who, file, lists, _, _ in PLAYERS:
        if not Path(file).exists():
            found.append(f"{file} is not there: {who} plays no scenarios any more")
        elif not any(one in Path(file).read_text() for one in lists.split("|")):
            found.append(f"{file} does not list the folder as it did ({lists}): who plays what has to be looked at again")
    numbers = []
    for file in files():
        no = json.loads(file.read_text())["title"].split(": ", 1)[0]
        numbers.append(int(no))
        if file.name.split("-")[0] != f"{int(no):02}":
            found.append(f"{file}: its title says {no}")
        if not (FOLDER / "transcripts" / f"{file.stem}.jsonl").exists():
            found.append(f"{file} has no transcript")
    if numbers != list(range(1, len(numbers) + 1)):
        found.append("numbers of scenarios are missing or doubled")
    return found
