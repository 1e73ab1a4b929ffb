"""The modules and who needs whom: Rust's from cargo, Kotlin's from the Gradle scripts, Swift's from the package."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

# What may not be, whatever the way: who, and whom it may not need. Tests may.
FORBIDDEN = [
    ("courier-domain", "*", "pure, and below everything"),
    ("courier-routing", "*", "plain indices and integers, for any program"),
    ("courier-codes", "courier-engine", "both sides have it"),
    ("courier-protocol", "courier-engine", "both sides have it"),
    ("courier-engine", "courier-backend", "a phone is no server"),
    ("courier-backend", "courier-engine", "a server is no phone"),
    ("courier-ffi", "courier-backend", "a phone is no server"),
]
# What is so all the same, and should not be: who, whom, and by whom alone. docs/architecture.md says it.
SO_FAR = {("courier-backend", "courier-engine"): "courier-texts"}


@cache
def crates():
    """Name → (folder, what it is, names of ours that it needs in what ships, names that only a feature brings)."""
    command = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    root, names = Path(said["workspace_root"]), {it["name"] for it in said["packages"]}
    found = {}
    for it in said["packages"]:
        ours = [need for need in it["dependencies"] if need["name"] in names and need["kind"] is None]
        always = {need["name"] for need in ours if not need["optional"]}
        feature = {need["name"] for need in ours if need["optional"]}
        folder = Path(it["manifest_path"]).parent.relative_to(root).as_posix()
        found[it["name"]] = (folder, it["description"] or "", always, feature)
    return found


def below(name):
    """Whatever it needs, at any distance."""
    reached, ahead = set(), list(crates()[name][2])
    while ahead:
        if (at := ahead.pop()) not in reached:
            reached.add(at)
            ahead += crates()[at][2]
    return reached


def short(name):
    return name.removeprefix("courier-")


def graph():
    """Only what is not said by a longer way already."""
    lines = ["```mermaid", "graph TD"]
    for name in sorted(crates()):
        lines.append(f"  {short(name)}[\"{crates()[name][0]}\"]")
    for name in sorted(crates()):
        _, _, always, feature = crates()[name]
        direct = {it for it in always if not any(it in below(other) for other in always - {it})}
        lines += [f"  {short(name)} --> {short(it)}" for it in sorted(direct)]
        lines += [f"  {short(name)} -. a feature .-> {short(it)}" for it in sorted(feature)]
    return "\n".join(lines + ["```"])


def table():
    lines = ["| crate | what it is | needs of ours |", "| --- | --- | --- |"]
    for name, (folder, what, always, feature) in sorted(crates().items(), key=lambda it: it[1][0]):
        needs = [f"`{it}`" for it in sorted(always)] + [f"`{it}` (a feature)" for it in sorted(feature)]
        lines.append(f"| `{folder}`: `{name}` | {what} | {', '.join(needs) or '–'} |")
    return "\n".join(lines)


def kotlin():
    modules = re.findall(r'":(\w+)"', Path("android/settings.gradle.kts").read_text())
    need = re.compile(r'^\s*(?:api|implementation)\(project\(":(\w+)"\)\)', re.M)
    return {it: sorted(need.findall(Path(f"android/{it}/build.gradle.kts").read_text())) for it in modules}


def swift():
    package = Path("ios/Package.swift").read_text()
    targets = re.findall(r'\.target\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?', package)
    # What stands in for Apple's modules, and what is for tests, is no module of ours.
    others = [it.name for it in (*Path("ios/LinuxStubs").iterdir(), *Path("ios/Tests").iterdir(), Path("ios/App/AppUITests"))]
    return {name: sorted(re.findall(r'"(\w+)"', needs)) for name, needs in targets if name not in others}


def shells():
    lines = ["```mermaid", "graph TD", "  ffi[\"bindings\"]", "  terminal[\"terminal\"] --> engine[\"core/engine\"]", "  ffi --> engine"]
    modules = kotlin()
    for name, needs in sorted(modules.items()):
        lines.append(f"  android_{name}[\"android/{name}\"]")
        lines += [f"  android_{name} --> android_{it}" for it in needs]
    lines.append("  android_bindings -- UniFFI, JNA --> ffi")
    for name, needs in sorted(swift().items()):
        lines.append(f"  {name}[\"{name}\"]")
        # The system library is the header of the core.
        lines += [f"  {name} -- UniFFI --> ffi" if it == "CourierFFI" else f"  {name} --> {it}" for it in needs]
    return "\n".join(lines + ["```"])


def faults():
    found = []
    for name, never, why in FORBIDDEN:
        reached = below(name)
        wrong = sorted(reached if never == "*" else reached & {never})
        if by := SO_FAR.get((name, never)):
            ways = [it for it in crates()[name][2] if it == never or never in below(it)]
            if ways == [by]:
                continue
            if not ways:
                found.append(f"{name} does not need {never} any more: take it out of SO_FAR and of docs/architecture.md")
        found += [f"{name} needs {it}: it may not, {why}" for it in wrong]
    if not kotlin() or not swift():
        found.append("no modules of Kotlin or Swift were found")
    return found
