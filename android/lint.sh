#!/usr/bin/env bash
# Holds every Kotlin source and script against .editorconfig.
#   lint.sh             says what is not as it should be, and fails
#   lint.sh --format    mends what can be mended
# Needs a JDK 17 and Maven, which fetches ktlint once (70 MB).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
m2=${MAVEN_REPO:-$HOME/.m2/repository}
ktlint=1.8.0
jar=$m2/com/pinterest/ktlint/ktlint-cli/$ktlint/ktlint-cli-$ktlint-all.jar
[ -f "$jar" ] || mvn --batch-mode --no-transfer-progress --quiet dependency:get \
    -Dartifact="com.pinterest.ktlint:ktlint-cli:$ktlint:jar:all" -Dtransitive=false
java -jar "$jar" --relative --log-level=error "$@" '*/src/**/*.kt' '*.kts' '*/*.kts' '../tests/toolchain/**/*.kt'
