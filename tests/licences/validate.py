"""Holds bills of materials against CycloneDX's own schema, with a library that is not ours, and looks that it minds."""

import json
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
files = sorted(Path(sys.argv[1]).glob("*.cdx.json"))
if not files:
    sys.exit("there is no bill of materials")
for file in files:
    text = file.read_text()
    if wrong := validator.validate_str(text):
        sys.exit(f"{file.name}: {wrong}")
    bill = json.loads(text)
    parts = {it["bom-ref"] for it in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    edges = {it["ref"]: it["dependsOn"] for it in bill["dependencies"]}
    if strangers := (set(edges) | {to for all in edges.values() for to in all}) - parts:
        sys.exit(f"{file.name}: edges to what is no part: {sorted(strangers)}")
    reached, ahead = set(), [bill["metadata"]["component"]["bom-ref"]]
    while ahead:
        if (at := ahead.pop()) not in reached:
            reached.add(at)
            ahead += edges.get(at, [])
    if unreached := parts - reached:
        sys.exit(f"{file.name}: nothing needs {sorted(unreached)}")
    bill["components"][0]["licenses"] = [{"expression": 5}]
    if not validator.validate_str(json.dumps(bill)):
        sys.exit("a licence that is a number was not noticed")
    print(f"valid: {file.name}, {len(parts)} parts")
