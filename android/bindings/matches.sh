#!/usr/bin/env bash
# Whether a library has every function that the generated bindings name. Without one of them an app ends at its start:
# a library with the player of scenarios and one without it need bindings of their own.
#   matches.sh LIB.so
set -euo pipefail
lib=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"
names=$(grep -rhoE 'external fun (uniffi|ffi)_[a-z0-9_]+' generated | sed 's/external fun //' | sort -u)
[ -n "$names" ] || { echo "there are no bindings in $PWD/generated" >&2; exit 1; }
# Names of functions stand in a library as they are, each between two zeros.
missing=$(comm -23 <(echo "$names") <(tr '\0' '\n' <"$lib" | grep -aE '^(uniffi|ffi)_[a-z0-9_]+$' | sort -u))
[ -z "$missing" ] || { echo "$lib is not the library of these bindings; it lacks, for example, $(head -n 1 <<<"$missing")" >&2; exit 1; }
