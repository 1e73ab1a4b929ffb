"""What of others is in what ships: THIRD-PARTY.md, and a bill of materials (CycloneDX 1.6) for each thing that ships.

    python3 tests/licences/make.py OUT MAVEN_REPOSITORY

Writes OUT/THIRD-PARTY.md and OUT/sbom/*.cdx.json. The same versions make the same bytes.
"""

import json
import sys
import uuid
from pathlib import Path

import archives
import crates
from parts import Part, spdx

VERSION = next(line.split('"')[1] for line in Path("Cargo.toml").read_text().splitlines() if line.startswith("version = "))
OURS = "MIT OR Apache-2.0"
# Of others, and in this repository: where it lies, what it is, its licence.
HELD = [
    ("tests/toolchain/rust-std-1.95.0.tar.xz", "source of Rust's library, for code for phones without a phone", "MIT OR Apache-2.0"),
    ("tests/vectors/wycheproof", "test vectors of Project Wycheproof", "Apache-2.0"),
    ("android/gradlew", "Gradle's start script, and `gradlew.bat`", "Apache-2.0"),
]
HEAD = """# Third-party software

Made by `tests/run.sh licences`, which fails when this page is not what it makes; not written by hand. What ships is what `cargo
tree` (normal dependencies, without procedural macros and build scripts) and the POMs of the Android app's archives say; of
the POMs, versions are those that the app is compiled and tested with, and Gradle may take a newer one of something that only others
need. The iPhone app has the phone library in it, and otherwise only what Apple's system brings.

A licence with OR leaves the choice; we choose MIT or Apache-2.0 wherever they are among them. `deny.toml` says what may be in it.
"""


def component(part, kind="library"):
    made = {"type": kind, "bom-ref": part.ref}
    if part.group:
        made["group"] = part.group
    made |= {"name": part.name, "version": part.version, "purl": part.ref, "licenses": [{"expression": part.licence}]}
    if part.sha256:
        made["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    return made


def bill(name, parts, needs, roots):
    """A bill of materials of something that ships. `roots` is what it needs itself."""
    root = Part("generic", "", f"courier-{name.replace(' ', '-')}", VERSION, OURS)
    listed = sorted((part for part in parts.values()), key=lambda part: part.ref)
    depends = {root.ref: roots} | needs
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(root, "library" if name == "phone library" else "application")},
        "components": [component(part) for part in listed],
        "dependencies": [{"ref": ref, "dependsOn": sorted(depends[ref])} for ref in sorted(depends)],
    }
    # Named by what is in it, so that the same is called the same.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(made, sort_keys=True))
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "serialNumber": f"urn:uuid:{serial}"} | made


def table(title, about, rows, heads):
    lines = [f"\n## {title}\n", about, "", "| " + " | ".join(heads) + " |", "| " + " | ".join(["---"] * len(heads)) + " |"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def page(programs, app):
    where = {}
    for name, (parts, _) in programs.items():
        for part in parts.values():
            if not part.ours:
                where.setdefault((part.name, part.version, part.licence), []).append(name)
    rows = [(f"`{name}`", version, licence, ", ".join(inside)) for (name, version, licence), inside in sorted(where.items())]
    lines = [HEAD.rstrip()]
    lines += table(f"Rust: {len(rows)}", "The phone library is in both phone apps. `sqlite` is in the public domain, which "
                   "SPDX calls `blessing`; `rust-std` is Rust's own library.", rows, ["crate", "version", "licence", "ships in"])
    rows = [(f"`{part.group}:{part.name}`", part.version, part.licence) for part in sorted(app.values(), key=lambda it: it.ref)]
    lines += table(f"Kotlin and Java: {len(rows)}", "In the Android app. JNA is used under Apache-2.0.", rows,
                   ["archive", "version", "licence"])
    lock = json.loads(Path("tests/browser/package-lock.json").read_text())["packages"]
    rows = [(f"`{path.removeprefix('node_modules/')}`", it["version"], spdx(it["license"])) for path, it in sorted(lock.items()) if path]
    lines += table("npm: only tests", "`tests/browser` drives a browser with these. None of them ships. So it is with what tests take from "
                   "Python (`requirements.txt` beside them), with Gradle, Robolectric, JUnit and the dev-dependencies of Rust.",
                   rows, ["package", "version", "licence"])
    for path, _, _ in HELD:
        if not Path(path).exists():
            raise SystemExit(f"{path} is not there any more (tests/licences/make.py)")
    lines += table("Held in this repository: only tests and tools", "None of it ships.",
                   [(f"`{path}`", what, spdx(licence)) for path, what, licence in HELD], ["path", "what", "licence"])
    return "\n".join(lines) + "\n"


def main(out, repository):
    out = Path(out)
    (out / "sbom").mkdir(parents=True, exist_ok=True)
    programs, (app, needs, roots) = crates.programs(), archives.app(repository)
    bills = {}
    for name, (parts, edges) in programs.items():
        bills[name] = (parts, edges, {next(iter(parts))})
    library, edges = programs["phone library"]
    bills["android app"] = (app | library, needs | edges, roots | {next(iter(library))})
    for name, (parts, edges, itself) in bills.items():
        text = json.dumps(bill(name, parts, edges, itself), indent=1, ensure_ascii=False)
        (out / "sbom" / f"{name.replace(' ', '-')}.cdx.json").write_text(text + "\n")
        print(f"{name}: {len(parts)} parts")
    (out / "THIRD-PARTY.md").write_text(page(programs, app))


if __name__ == "__main__":
    main(*sys.argv[1:])
