"""Crates that end up in a program of ours, as cargo resolves them: no tests, no build scripts, no procedural macros."""

import re
import subprocess
import tomllib
from pathlib import Path

from parts import Part, spdx

# What each is built for; the phones' libraries, and the machines that backend and terminal run on.
PROGRAMS = {
    "phone library": ("courier-ffi", ["aarch64-linux-android", "aarch64-apple-ios"]),
    "backend": ("courier-backend", ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]),
    "terminal": ("courier-terminal", ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"]),
}
LINE = re.compile(r"^(\d+)(\S+) v(\S+)(?: \((/[^)]*)\))?[^|]*\|([^|]*)$")
# Besides what cargo knows of: C in a crate, and what every program of Rust has in it.
SQLITE, STD = "sqlite", "rust-std"


def tree(package, targets):
    """Parts, and who needs whom. The first part is the program itself."""
    command = ["cargo", "tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro",
               "--prefix", "depth", "--format", "{p}|{l}"]
    for target in targets:
        command += ["--target", target]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    parts, needs, above = {}, {}, []
    for line in lines:
        line = line.removesuffix(" (*)")
        if not line:
            continue
        found = LINE.match(line)
        if not found:
            raise SystemExit(f"cargo tree says something that is not understood: {line!r}")
        depth, name, version, path, licence = int(found[1]), found[2], found[3], found[4], found[5]
        part = Part("cargo", "", name, version, spdx(licence), ours=path is not None)
        parts[part.ref] = part
        needs.setdefault(part.ref, set())
        above[depth:] = [part.ref]
        if depth:
            needs[above[depth - 1]].add(part.ref)
    return parts, needs


def sources():
    """Where each crate lies, by name and version."""
    import json

    said = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], check=True, capture_output=True)
    return {(it["name"], it["version"]): Path(it["manifest_path"]).parent for it in json.loads(said.stdout)["packages"]}


def checksums():
    """SHA-256 of each crate as it was fetched, by name and version."""
    lock = tomllib.loads(Path("Cargo.lock").read_text())
    return {(it["name"], it["version"]): it["checksum"] for it in lock["package"] if "checksum" in it}


def programs():
    """Name of a program → its parts and who needs whom."""
    folders, sums = sources(), checksums()
    rust = tomllib.loads(Path("rust-toolchain.toml").read_text())["toolchain"]["channel"]
    std = Part("generic", "", STD, rust, "MIT OR Apache-2.0")
    found = {}
    for name, (package, targets) in PROGRAMS.items():
        parts, needs = tree(package, targets)
        for part in list(parts.values()):
            part.sha256 = sums.get((part.name, part.version))
            if part.name == "libsqlite3-sys":
                header = (folders[part.name, part.version] / "sqlite3/sqlite3.h").read_text()
                version = re.search(r'#define SQLITE_VERSION +"([0-9.]+)"', header)[1]
                sqlite = Part("generic", "", SQLITE, version, "blessing")
                parts[sqlite.ref], needs[sqlite.ref] = sqlite, set()
                needs[part.ref].add(sqlite.ref)
        parts[std.ref], needs[std.ref] = std, set()
        needs[next(iter(parts))].add(std.ref)
        found[name] = (parts, needs)
    return found
