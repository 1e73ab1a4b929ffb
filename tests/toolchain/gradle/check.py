"""Holds android's Gradle project against Maven's, and writes its scripts as Kotlin that a compiler can look at.

check.py OUT      writes OUT/*.kt; ends with 1 and what is wrong, if something is
"""

import re
import sys
import tomllib
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ANDROID = ROOT / "android"
# What Maven neither builds nor tests with.
GRADLE_ONLY = {
    "androidx.benchmark:benchmark-macro-junit4",
    "androidx.test.uiautomator:uiautomator",
    "org.junit.platform:junit-platform-launcher",
}
TYPES = {"app": "ApplicationExtension", "ui": "LibraryExtension", "macrobenchmark": "TestExtension"}
COMPONENTS = {"app": "ApplicationAndroidComponentsExtension", "ui": "LibraryAndroidComponentsExtension",
              "macrobenchmark": "TestAndroidComponentsExtension"}

problems = []
catalogue = tomllib.loads((ANDROID / "gradle/libs.versions.toml").read_text())
versions = catalogue["versions"]


def maven_versions():
    """Version by group:artifact of everything that a pom.xml names."""
    space = "{http://maven.apache.org/POM/4.0.0}"
    properties, found = {}, {}
    for pom in sorted(ANDROID.glob("**/pom.xml")):
        if "target" in pom.parts:
            continue
        tree = xml.parse(pom).getroot()
        for one in tree.find(f"{space}properties") or ():
            properties[one.tag.removeprefix(space)] = one.text
        for one in [*tree.iter(f"{space}dependency"), tree]:
            group, name, version = (one.findtext(f"{space}{tag}") for tag in ("groupId", "artifactId", "version"))
            if group and name and version:
                version = re.sub(r"\$\{(.*?)}", lambda it: properties.get(it[1], it[0]), version)
                found.setdefault(f"{group}:{name}", set()).add(version)
    return found


def same_versions():
    maven = maven_versions()
    for alias, library in catalogue["libraries"].items():
        version = versions[library["version"]["ref"]] if "version" in library else None
        module = library["module"]
        # Gradle finds the platform's own artifact, Maven has to be told.
        theirs = set().union(*(maven.get(module + kind, set()) for kind in ("", "-android", "-jvm")))
        if module.startswith("org.jetbrains.kotlin:"):
            theirs = maven["org.jetbrains.kotlin:kotlin-bom"]
        if not theirs:
            if module not in GRADLE_ONLY and version:
                problems.append(f"{module} ({alias}) is in no pom.xml")
        elif version and theirs != {version}:
            problems.append(f"{module} is {version} for Gradle and {', '.join(sorted(theirs))} for Maven")
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    for what, version in (("Cargo.toml", cargo), ("android/pom.xml", *maven["org.courier:courier-android"])):
        if version != versions["app-version"]:
            problems.append(f"{what} is of {version}, the app of {versions['app-version']}")
    used = "".join(path.read_text() for path in ANDROID.glob("**/*.gradle.kts"))
    for kind, prefix in (("libraries", "libs."), ("plugins", "libs.plugins.")):
        for alias in catalogue[kind]:
            if not re.search(re.escape(prefix + alias.replace("-", ".")) + r"\b", used):
                problems.append(f"nothing uses {alias} of the catalogue")


def folders():
    modules = re.findall(r'":(\w+)"', (ANDROID / "settings.gradle.kts").read_text())
    for module in modules:
        script = ANDROID / module / "build.gradle.kts"
        if not script.is_file():
            problems.append(f"{module} has no build.gradle.kts")
            continue
        if module != "bindings" and not list((ANDROID / module / "src/main/kotlin").glob("**/*.kt")):
            problems.append(f"{module} has no sources")
        named = re.findall(r'srcDirs?\((.*?)\)', script.read_text())
        for folder in re.findall(r'"(.*?)"', " ".join(named)):
            # Written by build-core.sh.
            if folder not in ("generated", "../bindings/build/jniLibs") and not (ANDROID / module / folder).is_dir():
                problems.append(f"{module} names the folder {folder}, which is not there")
        for rules in re.findall(r'"(\S+\.(?:pro|conf))"', script.read_text()):
            if not (ANDROID / module / rules).is_file():
                problems.append(f"{module} names {rules}, which is not there")
    # What may be skipped is the same for all that compile the screens.
    for compiles in ("ui/build.gradle.kts", "ui/pom.xml", "app/build.sh"):
        if "stability.conf" not in (ANDROID / compiles).read_text():
            problems.append(f"{compiles} does not name ui/stability.conf")
    poms = set(re.findall(r"<module>(\w+)</module>", (ANDROID / "pom.xml").read_text()))
    if poms - set(modules) != {"vectors"}:
        problems.append(f"Maven's modules {sorted(poms)} are not Gradle's {modules}")


def accessors(names, kind):
    """`libs` as Gradle makes it of the catalogue: a-b-c is a.b.c."""
    tree = {}
    for name in names:
        at = tree
        for part in name.split("-"):
            at = at.setdefault(part, {})
        at[None] = True

    def lines(at, depth):
        for part, below in sorted((it for it in at.items() if it[0]), key=lambda it: it[0]):
            if None in below and len(below) > 1:
                problems.append(f"{part} is both an entry and a group of the catalogue")
            if None in below:
                yield f"{'    ' * depth}val {part}: Provider<{kind}> get() = nothing()"
            else:
                yield f"{'    ' * depth}object {part} {{"
                yield from lines(below, depth + 1)
                yield f"{'    ' * depth}}}"

    return "\n".join(lines(tree, 1))


def as_kotlin(out):
    out.mkdir(parents=True, exist_ok=True)
    (out / "Catalogue.kt").write_text(
        "package scripts\n\nimport org.gradle.api.artifacts.MinimalExternalModuleDependency\n"
        "import org.gradle.api.provider.Provider\nimport org.gradle.plugin.use.PluginDependency\n\nobject libs {\n"
        + accessors(catalogue["libraries"], "MinimalExternalModuleDependency") + "\n    object versions {\n"
        + accessors([name for name in versions if "-" in name], "String") + "\n    }\n    object plugins {\n"
        + accessors(catalogue["plugins"], "PluginDependency") + "\n    }\n}\n")
    for script in sorted([*ANDROID.glob("*.gradle.kts"), *ANDROID.glob("*/build.gradle.kts")]):
        text = script.read_text()
        module = "settings" if script.name.startswith("settings") else script.parent.name if script.parent != ANDROID else "root"
        imports = "\n".join(re.findall(r"^import .*", text, re.M))
        body = re.sub(r"^import .*\n", "\n", text, flags=re.M)
        extension = ""
        if module in TYPES:
            extension = (f"import com.android.build.api.dsl.{TYPES[module]}\nimport com.android.build.api.variant.{COMPONENTS[module]}\n\n"
                         f"private fun Project.android(block: {TYPES[module]}.() -> Unit) = Unit\n\n"
                         f"private fun Project.androidComponents(block: {COMPONENTS[module]}.() -> Unit) = Unit\n")
        receiver = "org.gradle.api.initialization.Settings" if module == "settings" else "Project"
        (out / f"{module}.kt").write_text(
            f"package scripts.{module}\n\nimport org.gradle.api.*\nimport org.gradle.api.tasks.*\nimport org.gradle.api.tasks.testing.*\n"
            f"import scripts.*\n{imports}\n{extension}\nprivate fun {receiver}.script() {{\n{body}\n}}\n")


same_versions()
folders()
as_kotlin(Path(sys.argv[1]))
if problems:
    sys.exit("\n".join(problems))
print(f"{len(catalogue['libraries'])} libraries, {len(catalogue['plugins'])} plugins: the versions are Maven's")
