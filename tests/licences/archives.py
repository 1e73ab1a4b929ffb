"""Kotlin's archives in the Android app: what its Gradle scripts name, and what that needs by the POMs.

There is no Gradle here that could say what it takes. Each version is the one of android/gradle/libs.versions.toml, else that of
android/app/pom.xml, which the app is compiled and tested with. Gradle may take a newer one of something that is only needed by
others; it takes nothing that is in neither list without a POM that names it, and such a one is an error here.
"""

import re
import subprocess
import tomllib
import xml.etree.ElementTree as xml
from pathlib import Path

from parts import Part

POM = "{http://maven.apache.org/POM/4.0.0}"
SCRIPTS = ["bindings", "data", "ui", "app"]
# How POMs call the licences of SPDX.
CALLED = {
    "The Apache Software License, Version 2.0": "Apache-2.0",
    "The Apache License, Version 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "LGPL-2.1-or-later": "LGPL-2.1-or-later",
}
SCRIPT = re.compile(r"^\s*(?:api|implementation)\((?:variantOf\()?libs\.([a-z0-9.]+)\)", re.M)


class Archives:
    def __init__(self, repository):
        self.repository = Path(repository)
        self.catalogue = tomllib.loads(Path("android/gradle/libs.versions.toml").read_text())
        self.versions = {}
        for it in xml.parse("android/app/pom.xml").getroot().find(f"{POM}dependencies"):
            self.versions.setdefault((it.findtext(f"{POM}groupId"), it.findtext(f"{POM}artifactId")), it.findtext(f"{POM}version"))
        for it in self.catalogue["libraries"].values():
            if "version" in it:
                self.versions[tuple(it["module"].split(":"))] = self.catalogue["versions"][it["version"]["ref"]]
        # Kotlin's plugin brings it.
        self.stdlib = ("org.jetbrains.kotlin", "kotlin-stdlib")
        self.versions[self.stdlib] = self.catalogue["versions"]["kotlin"]
        self.parts, self.needs = {}, {}

    def named(self):
        """What the Gradle scripts name for what ships."""
        found = [self.stdlib]
        for folder in SCRIPTS:
            for alias in SCRIPT.findall(Path(f"android/{folder}/build.gradle.kts").read_text()):
                found.append(tuple(self.catalogue["libraries"][alias.replace(".", "-")]["module"].split(":")))
        return sorted(set(found))

    def pom(self, group, name, version):
        file = self.repository / group.replace(".", "/") / name / version / f"{name}-{version}.pom"
        if not file.exists():
            command = ["mvn", "--batch-mode", "--no-transfer-progress", "--quiet", "dependency:get", "-Dtransitive=false",
                       f"-Dartifact={group}:{name}:{version}:pom"]
            subprocess.run(command, check=True)
        return xml.parse(file).getroot()

    def licence(self, pom):
        names = [it.findtext(f"{POM}name").strip() for it in pom.iterfind(f"{POM}licenses/{POM}license")]
        if names:
            unknown = [name for name in names if name not in CALLED]
            if unknown:
                raise SystemExit(f"a licence that nobody has looked at: {unknown} (tests/licences/archives.py)")
            return " OR ".join(sorted({CALLED[name] for name in names}))
        parent = pom.find(f"{POM}parent")
        if parent is None:
            raise SystemExit(f"{pom.findtext(f'{POM}artifactId')}: its POM names no licence")
        return self.licence(self.pom(*(parent.findtext(f"{POM}{it}") for it in ["groupId", "artifactId", "version"])))

    def walk(self, group, name):
        """Adds it and what it needs, and answers its package URL."""
        # A library for several platforms is one archive for each; the name alone only leads there.
        if (group, f"{name}-android") in self.versions:
            name = f"{name}-android"
        version = self.versions.get((group, name))
        if version is None:
            raise SystemExit(f"{group}:{name} is needed by the app and in neither list of versions")
        ref = f"pkg:maven/{group}/{name}@{version}"
        if ref in self.parts:
            return ref
        pom = self.pom(group, name, version)
        self.parts[ref], self.needs[ref] = Part("maven", group, name, version, self.licence(pom)), set()
        for it in pom.iterfind(f"{POM}dependencies/{POM}dependency"):
            ships = it.findtext(f"{POM}scope", "compile") in ("compile", "runtime")
            if ships and it.findtext(f"{POM}optional") != "true":
                needed = self.walk(it.findtext(f"{POM}groupId"), it.findtext(f"{POM}artifactId"))
                if needed != ref:
                    self.needs[ref].add(needed)
        return ref


def app(repository):
    """Parts, who needs whom, and what the app itself names."""
    archives = Archives(repository)
    roots = {archives.walk(*it) for it in archives.named()}
    return archives.parts, archives.needs, roots
