#!/usr/bin/env bash
# What the binding and the screens cost with 200 stops, on this machine's JVM (docs/performance.md).
#   measure.sh CORE_DIR    the folder with the host's libcourier_ffi.so and scenario-backend; bindings/generated is there
# Files are in memory, where there is a /dev/shm. Needs a JDK 17 and Maven.
set -euo pipefail
core=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"
maven=(mvn --batch-mode --no-transfer-progress --quiet -Dnative.dir="$core")
"${maven[@]}" -pl bindings,data,ui test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
"${maven[@]}" -pl bindings dependency:build-classpath -Dmdep.outputFile=target/libraries -DincludeScope=runtime
prepared=$PWD/ui/target/measure
rm -rf "$prepared"
mkdir -p "$prepared"

class_path() { # of FOLDERS and FILES, the folders as files: the JVM keeps an archive only of classes from such
    local one path=()
    for one in "$@"; do
        if [ -d "$one" ]; then
            local packed=${one#"$PWD"/}
            packed=$prepared/${packed//\//-}.jar
            [ -e "$packed" ] || jar --create --no-compress --file "$packed" -C "$one" .
            one=$packed
        fi
        path+=("$one")
    done
    (IFS=: && echo "${path[*]}")
}

IFS=: read -ra everything <<<"$(<ui/target/classpath)"
IFS=: read -ra libraries <<<"$(<bindings/target/libraries)"
screens=$(class_path ui/target/{test-,}classes "${everything[@]}")
# A start shows no screen, and has no more files than it needs: a JVM opens all of its class path when JNA asks for a logger.
start=$(class_path {data,bindings}/target/{test-,}classes "${libraries[@]}")
(cd "$prepared" && jar --extract --file "$(grep -oE '[^:]*/jna-[0-9.]+\.jar' <<<"$start")" com/sun/jna/linux-x86-64)
memory=/dev/shm
[ -d $memory ] || memory=/tmp
# Android's collector stops an app for less than a millisecond; so does this one.
exec java -XX:+UseZGC -Djava.io.tmpdir=$memory -Djava.awt.headless=true -Djna.library.path="$core" -Dcourier.backend="$core/scenario-backend" \
    -Dcourier.prepared="$prepared" -Dcourier.start="$start" -cp "$screens" org.courier.ui.MeasureKt
