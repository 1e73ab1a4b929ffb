"""README.md: the core in an own app, which are lines of tests that compile and run."""

import re
import textwrap
from pathlib import Path

SOURCES = {
    "kotlin": "android/data/src/test/kotlin/org/courier/data/OwnAppTest.kt",
    "swift": "ios/Tests/CourierCoreTests/OwnAppTests.swift",
    "rust": "core/engine/tests/engine/own_app.rs",
}
MARKED = re.compile(r"^ *// README: begin\n(.*?)^ *// README: end$", re.S | re.M)


def marked(language):
    parts = MARKED.findall(Path(SOURCES[language]).read_text())
    if len(parts) != 1:
        raise SystemExit(f"{SOURCES[language]}: {len(parts)} parts are marked for README.md, not one")
    return textwrap.dedent(parts[0])


def block(language):
    return f"```{language}\n{marked(language)}```"


BLOCKS = {language: (lambda it=language: block(it)) for language in SOURCES}


def faults():
    found = []
    for language, source in SOURCES.items():
        lines = marked(language).splitlines()
        if not 10 <= len(lines) <= 26:
            found.append(f"{source}: {len(lines)} lines are marked for README.md; about 20 can be read there")
        if (widest := max(map(len, lines), default=0)) > 120:
            found.append(f"{source}: a line marked for README.md has {widest} characters; 120 fit")
    return found
