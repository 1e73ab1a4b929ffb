"""One version: whatever ships says that of Cargo.toml, and the changelog knows it."""

import re
import tomllib
from pathlib import Path

# Where else it stands, and how often.
PLACES = [
    ("Cargo.toml", r'^courier-\w+ = \{ version = "([^"]+)"', 6),
    ("android/pom.xml", r"^  <version>([^<]+)</version>", 1),
    ("android/bindings/pom.xml", r"^    <version>([^<]+)</version>", 1),
    ("android/data/pom.xml", r"^    <version>([^<]+)</version>", 1),
    ("android/ui/pom.xml", r"^    <version>([^<]+)</version>", 1),
    ("android/vectors/pom.xml", r"^    <version>([^<]+)</version>", 1),
    ("android/app/pom.xml", r"<artifactId>app-libraries</artifactId><version>([^<]+)</version>", 1),
    ("android/gradle/libs.versions.toml", r'^app-version = "([^"]+)"', 1),
    ("ios/App/project.yml", r"MARKETING_VERSION: (\S+)", 1),
]


def wanted():
    return tomllib.loads(Path("Cargo.toml").read_text())["workspace"]["package"]["version"]


def other(page, text):
    """What a page says instead of the version, as a fault."""
    _, pattern, times = next(place for place in PLACES if place[0] == page)
    told = re.findall(pattern, text, re.M)
    return [] if told == [wanted()] * times else [f"{page}: says {told}, and Cargo.toml {wanted()}"]


def faults():
    found = [fault for page, *_ in PLACES for fault in other(page, Path(page).read_text())]
    # What was released has a heading of its own; until then everything is below the first.
    headings = re.findall(r"^## (.*)$", Path("CHANGELOG.md").read_text(), re.M)
    if headings[:1] != ["Unreleased"] and not (headings and headings[0].startswith(wanted())):
        found.append(f"CHANGELOG.md: begins with {headings[:1]}, neither Unreleased nor {wanted()}")
    return found
