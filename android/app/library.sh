#!/usr/bin/env bash
# Looks at a library of the core before it is packed. Needs readelf (binutils).
#   library.sh LIB.so
# - it needs nothing but what every Android has;
# - it shows nothing but what the bindings call: names of C libraries inside of it are nobody's to find, and collide with nothing;
# - it is not larger than 6 MB, or than $COURIER_LIBRARY_BYTES.
set -euo pipefail
lib=$1
most=${COURIER_LIBRARY_BYTES:-6000000}
fail() { echo "$lib $*" >&2; exit 1; }

needed=$(readelf -Wd "$lib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE 'lib(c|m|dl|log)\.so' || true)
[ -z "$needed" ] || fail "needs what Android does not have: $(tr '\n' ' ' <<<"$needed")"

# Columns: number, value, size, type, binding, visibility, section, name.
shown=$(readelf -W --dyn-syms "$lib" | awk '$5 ~ /GLOBAL|WEAK/ && $7 != "UND" { sub(/@.*/, "", $8); print $8 }')
grep -q '^uniffi_' <<<"$shown" || fail "has no function that the bindings call"
others=$(grep -vE '^(uniffi_|ffi_|UNIFFI_META_)' <<<"$shown" || true)
[ -z "$others" ] || fail "shows more than the bindings call: $(head -n 5 <<<"$others" | tr '\n' ' ')"

bytes=$(stat -c %s "$lib")
[ "$bytes" -le "$most" ] || fail "has $bytes bytes, more than $most (COURIER_LIBRARY_BYTES)"
