#!/usr/bin/env bash
# The public names of generated Kotlin bindings, a line each, without bodies and without what only scenarios use.
#   kotlin-api.sh FOLDER
set -euo pipefail
find "$1" -name '*.kt' -print0 | xargs -0 cat | awk '
    # A declaration at the top begins a block; what Uniffi needs for itself is not ours to promise.
    /^(public |open |sealed |data |enum |internal |private |@)*(interface|class|object|fun|typealias) / || /^fun / || /^typealias / {
        keep = !/internal|private|Uniffi|FfiConverter|RustBuffer|ForeignBytes|JNA|Disposable|Cleaner|IntegrityChecking|NoHandle|uniffi|[Ss]cenario/
    }
    /^}/ { keep = keep && 0 }
    !keep { next }
    /^(public |open |sealed |data |enum )*(interface|class|object|fun) / || /^typealias / ||
    /^    (suspend )?fun `/ || /^    (object|data class|class) [A-Z]/ || /^ +va[lr] `/ || /^    [A-Z][A-Z0-9_]*[,;(]/ {
        if (/[Ss]cenario/) next
        gsub(/kotlin\.|org\.courier\.core\.|`/, ""); sub(/[ \t{]+$/, ""); print
    }'
