"""What is in something that ships, and licences in the words of SPDX."""

import re
from dataclasses import dataclass, field

# Every identifier that may come up. One that is not here has to be looked at by a person first.
KNOWN = {
    "0BSD", "Apache-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CDLA-Permissive-2.0", "GPL-2.0-only", "ISC",
    "LGPL-2.1-or-later", "LLVM-exception", "MIT", "MIT-0", "MPL-2.0", "Unicode-3.0", "Unlicense", "Zlib", "blessing",
}


@dataclass
class Part:
    kind: str  # of a package URL: cargo, maven, npm, generic
    group: str
    name: str
    version: str
    licence: str
    ours: bool = False
    sha256: str | None = field(default=None, compare=False)

    @property
    def ref(self):
        """Its package URL."""
        group = f"{self.group}/" if self.group else ""
        return f"pkg:{self.kind}/{group}{self.name}@{self.version}"


def spdx(text):
    """An SPDX expression; Cargo's older form has a stroke for OR."""
    expression = re.sub(r"\s*/\s*", " OR ", text.strip())
    unknown = set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"OR", "AND", "WITH"} - KNOWN
    if unknown or not expression:
        raise SystemExit(f"a licence that nobody has looked at: {text!r} (tests/licences/parts.py)")
    return expression
