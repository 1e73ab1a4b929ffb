#!/usr/bin/env bash
# Makes the Swift package that other apps take: the sources with the generated ones, and the core as an archive behind a URL, held by
# its checksum. Package.swift is made of ../Package.swift: without tests and without what is for Linux alone.
#   release-package.sh URL FOLDER [XCFRAMEWORK]
# URL is where CourierRust.xcframework.zip will lie, which is written beside FOLDER; FOLDER is committed and tagged with the version in
# a repository of its own, since Swift wants Package.swift at its top. XCFRAMEWORK and the generated sources are of one run of
# build-xcframework.sh, which needs a Mac; this does not. Needs python3 and zip.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
url=$1
mkdir -p "$2"
package=$(realpath "$2")
framework=${3:+$(realpath "$3")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
framework=${framework:-$PWD/Frameworks/CourierRust.xcframework}
[[ $url == https://*.zip ]] || { echo "Swift takes archives whose URL is https and ends with .zip, not $url" >&2; exit 1; }
[ -f "$framework/Info.plist" ] || { echo "$framework is no xcframework: build-xcframework.sh makes one" >&2; exit 1; }
for generated in Sources/CourierCore/CourierCore.swift Sources/CourierFFI/CourierFFI.h; do
    [ -f "$generated" ] || { echo "$generated is missing: build-xcframework.sh writes it" >&2; exit 1; }
done
# The player of scenarios belongs to tests.
! grep -qi scenario Sources/CourierCore/CourierCore.swift || [ -n "${COURIER_STAND_IN:-}" ] ||
    { echo "the bindings have the player of scenarios: build-xcframework.sh without --scenario makes others" >&2; exit 1; }

zip=$(dirname "$package")/CourierRust.xcframework.zip
rm -rf "$zip" "${package:?}"/{Package.swift,Sources,App}
(cd "$(dirname "$framework")" && find "$(basename "$framework")" | LC_ALL=C sort | TZ=UTC zip -q -X -y "$zip" -@)
checksum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$zip")

python3 - "$url" "$checksum" >"$package/Package.swift" <<'END'
import re
import sys

url, checksum = sys.argv[1:]
text = open("Package.swift").read()


def once(pattern, by, text):
    text, times = re.subn(pattern, by, text, flags=re.S)
    if times != 1:
        sys.exit(f"Package.swift has {times} times {pattern}")
    return text


text = once(r"// The Rust library\. On Apple platforms.*?#if os\(Linux\).*?#else\n(.*?)#endif\n", r"\1", text)
text = once(
    r', path: "Frameworks/CourierRust\.xcframework"',
    f',\n            url: "{url}",\n            checksum: "{checksum}"',
    text,
)
# What is for tests stands at the end, and its one product.
text = once(r"        // The scenario files as taps, for UI tests\..*?\n    \],\n    swift", "    ],\n    swift", text)
text = once(r'        \.library\(name: "CourierThumb", targets: \["CourierThumb"\]\),\n', "", text)
if others := re.findall(r'"(Tests/[^"]*|LinuxStubs/[^"]*)"', text):
    sys.exit(f"Package.swift still names {others}, which are not in the package")
print(text, end="")
END
mkdir -p "$package/App"
cp -r Sources "$package/"
cp -r App/Activity "$package/App/"
cp ../LICENSE-* "$package/"
echo "$zip $checksum"
