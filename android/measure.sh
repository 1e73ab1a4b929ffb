#!/usr/bin/env bash
# What the binding and the screens cost with 200 stops, on this machine's JVM (docs/performance.md).
#   measure.sh CORE_DIR    the folder with the host's libcourier_ffi.so and scenario-backend; bindings/generated is there
# Files are in memory, where there is a /dev/shm. Needs a JDK 17 and Maven.
set -euo pipefail
core=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"
mvn --batch-mode --no-transfer-progress --quiet -pl bindings,data,ui test-compile dependency:build-classpath \
    -Dnative.dir="$core" -Dmdep.outputFile=target/classpath
# The JVM keeps an archive of classes only of what lies in jars.
prepared=$PWD/ui/target/measure
rm -rf "$prepared"
mkdir -p "$prepared"
classpath=
for one in ui/target/test-classes ui/target/classes $(tr : ' ' <ui/target/classpath); do
    if [ -d "$one" ]; then
        jar --create --no-compress --file "$prepared/${#classpath}.jar" -C "$one" .
        one=$prepared/${#classpath}.jar
    fi
    classpath+=:$one
done
(cd "$prepared" && jar --extract --file "$(grep -oE '[^:]*/jna-[0-9.]+\.jar' ../classpath)" com/sun/jna/linux-x86-64)
memory=/dev/shm
[ -d $memory ] || memory=/tmp
exec java -Djava.io.tmpdir=$memory -Djava.awt.headless=true -Djna.library.path="$core" -Dcourier.backend="$core/scenario-backend" \
    -Dcourier.prepared="$prepared" -cp "${classpath#:}" org.courier.ui.MeasureKt
