#!/usr/bin/env bash
# What the binding and the screens cost with 200 stops, on this machine's JVM (docs/performance.md).
#   measure.sh CORE_DIR    the folder with the host's libcourier_ffi.so and scenario-backend; bindings/generated is there
# Files are in memory, where there is a /dev/shm. Needs a JDK 17 and Maven.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
core=$(realpath "$1")
mvn --batch-mode --no-transfer-progress --quiet -pl bindings,data,ui test-compile dependency:build-classpath \
    -Dnative.dir="$core" -Dmdep.outputFile=target/classpath
memory=/dev/shm
[ -d $memory ] || memory=/tmp
exec java -Djava.io.tmpdir=$memory -Djava.awt.headless=true -Djna.library.path="$core" -Dcourier.backend="$core/scenario-backend" \
    -cp "ui/target/test-classes:ui/target/classes:$(cat ui/target/classpath)" org.courier.ui.MeasureKt
