#!/usr/bin/env bash
# Holds every Kotlin source and script against .editorconfig (ktlint: how it looks) and detekt.yml (detekt: what is hard to read or
# seldom meant).
#   lint.sh             says what is not as it should be, and fails
#   lint.sh --format    mends what ktlint can mend
# Needs a JDK 17 and Maven, which fetches both once (155 MB).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
m2=${MAVEN_REPO:-$HOME/.m2/repository}

# jar GROUP NAME VERSION: one that has all it needs in it.
jar() {
    local file=$m2/${1//./\/}/$2/$3/$2-$3-all.jar
    [ -f "$file" ] || mvn --batch-mode --no-transfer-progress --quiet dependency:get \
        -Dartifact="$1:$2:$3:jar:all" -Dtransitive=false >&2
    echo "$file"
}

ktlint=$(jar com.pinterest.ktlint ktlint-cli 1.8.0)
java -jar "$ktlint" --relative --log-level=error "$@" '*/src/**/*.kt' '*.kts' '*/*.kts' '../tests/toolchain/**/*.kt'
# The first that reads the Kotlin of this project; 1.23 knows only older ones.
detekt=$(jar dev.detekt detekt-cli 2.0.0-alpha.5)
sources=$(printf '%s:' */src)
java -jar "$detekt" --input "${sources%:}" --build-upon-default-config --config detekt.yml
