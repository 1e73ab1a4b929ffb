#!/usr/bin/env bash
# How much of CourierKit the last `swift test --enable-code-coverage` ran, file by file.
#
#   coverage.sh PERCENT     fails if fewer lines than this were run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=$1
json=$(ls .build/*/debug/codecov/Courier.json .build/debug/codecov/Courier.json 2>/dev/null | head -n 1)
[ -n "$json" ] || { echo "no coverage: run swift test --enable-code-coverage first" >&2; exit 1; }
python3 - "$json" "$wanted" <<'PYTHON'
import json, sys

files = json.load(open(sys.argv[1]))["data"][0]["files"]
wanted = float(sys.argv[2])
lines = covered = 0
for file in files:
    if "/Sources/CourierKit/" not in file["filename"]:
        continue
    name, sums = file["filename"].split("/Sources/")[1], file["summary"]["lines"]
    lines, covered = lines + sums["count"], covered + sums["covered"]
    print(f"{sums['percent']:6.1f} %  {name}")
percent = 100 * covered / lines if lines else 0
print(f"CourierKit: {percent:.1f} % of {lines} lines were run, {wanted:.0f} % are wanted")
sys.exit(percent < wanted)
PYTHON
