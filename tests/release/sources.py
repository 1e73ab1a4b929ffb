"""Whether every target of a Swift package has its sources: `swift package dump-package | sources.py FOLDER`. Swift itself does not look before it builds."""

import json
import sys
from pathlib import Path

targets = [it for it in json.load(sys.stdin)["targets"] if it["type"] != "binary"]
missing = [it["name"] for it in targets if not Path(sys.argv[1], it.get("path") or f"Sources/{it['name']}").is_dir()]
if missing or not targets:
    sys.exit(f"error: without sources: {', '.join(missing) or 'there is no target'}")
print(f"{len(targets)} targets have their sources")
