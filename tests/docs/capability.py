"""docs/adding-a-reason.md names every place that knows a reason by name, and no other.

The page goes by a reason that is there already: whatever would have to be touched for a new one mentions this one.
"""

import re
import shutil
import subprocess
from pathlib import Path

PAGE = Path("docs/adding-a-reason.md")
# A reason as anybody may write it, with nothing of its own but what every reason has.
WORDS = re.compile(r"AccessBlocked|access_blocked|access-blocked|ACCESS_BLOCKED|accessBlocked")
ROW = re.compile(r"^\| [^|]*\| `([^`]+)`[^|]*\|", re.M)
# Examples in tests and of the demo need no change; what tests/docs looks for is here.
EXAMPLES = re.compile(r"^(tests/docs/|core/domain/tests/|terminal/demo/|tests/scenarios/transcripts/|docs/adding-a-reason\.md$)")


# What is built or fetched, where nobody can say what is tracked.
BUILT = re.compile(r"(^|/)(target|node_modules|generated|build|\.[a-z]+)/|^ios/Sources/Courier(Core|FFI)/")


def files():
    """Every file of the project, also where it was unpacked without its history, or nobody has Git."""
    if Path(".git").exists() and shutil.which("git"):
        said = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
        return sorted(filter(None, said.split("\0")))
    return sorted(it.as_posix() for it in Path().rglob("*") if not BUILT.search(it.as_posix()))


def mentions():
    """Every file of the project that knows the reason."""
    for name in files():
        file = Path(name)
        if file.suffix in {".png", ".xz", ".svg", ".db", ".log"} or not file.is_file() or EXAMPLES.match(name):
            continue
        try:
            if WORDS.search(file.read_text()):
                yield name
        except UnicodeDecodeError:
            continue


def faults():
    named, there = set(ROW.findall(PAGE.read_text())), set(mentions())
    found = [f"{it} knows a reason by name, and {PAGE} does not name it" for it in sorted(there - named)]
    found += [f"{PAGE} names {it}, which knows no reason by name" for it in sorted(named - there)]
    if len(there) < 5:
        found.append("hardly anybody knows the reason that docs/adding-a-reason.md goes by")
    return found
