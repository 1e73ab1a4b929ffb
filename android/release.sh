#!/usr/bin/env bash
# Packs the core for other apps: one Android archive (AAR) with the bindings, the repository over them (`data`) and the core's
# libraries, in a folder that Gradle and Maven take as a repository: `org.courier:core:VERSION`.
#   release.sh FOLDER              the libraries of ./build-core.sh arm64-v8a x86_64, which needs an NDK
#   release.sh --stand-in FOLDER   JNA's libraries in the core's place: shows what packing does, and no app starts with it
# Needs a JDK 17 and Maven.
set -euo pipefail
libraries=
[ "${1:-}" != --stand-in ] || { libraries=jna; shift; }
[ $# = 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
mkdir -p "$1"
repository=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/app" # what fetched.sh wants
. ./fetched.sh
cd ..
core=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml)
work=$PWD/bindings/build/release
rm -rf "$work"
mkdir -p "$work/classes" "$work/aar/jni"

# Quiet as it is, it still says which colours it would not use.
colourless() { sed $'s/\e\\[[0-9;]*m//g'; }
# Without the tests, and with the bindings that were generated last.
maven --file pom.xml --projects bindings,data clean compile -Dnative.dir="$PWD" 2>&1 | colourless
cp -r bindings/target/classes/. data/target/classes/. "$work/classes/"
if [ "$libraries" = jna ]; then
    (cd app && fetch net.java.dev.jna jna "$jna" aar)
    for abi in arm64-v8a x86_64; do
        mkdir -p "$work/aar/jni/$abi"
        unzip -qp "$(archive net.java.dev.jna jna "$jna" aar)" "jni/$abi/libjnidispatch.so" >"$work/aar/jni/$abi/libcourier_ffi.so"
    done
else
    for library in bindings/build/jniLibs/*/libcourier_ffi.so; do
        [ -f "$library" ] || { echo "there are no libraries: ./build-core.sh comes first" >&2; exit 1; }
        bindings/matches.sh "$library"
        # With its symbols it is larger than what is wanted: the build of the app that takes it strips it, and keeps them for reports of crashes.
        COURIER_LIBRARY_BYTES=${COURIER_LIBRARY_BYTES:-12000000} app/library.sh "$library"
        abi=$(basename "$(dirname "$library")")
        mkdir -p "$work/aar/jni/$abi"
        cp "$library" "$work/aar/jni/$abi/"
    done
    ! grep -rqi scenario bindings/generated ||
        { echo "the bindings have the player of scenarios: ./build-core.sh without --scenario makes others" >&2; exit 1; }
fi

cat >"$work/aar/AndroidManifest.xml" <<END
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.courier.core">
    <uses-sdk android:minSdkVersion="$(cd app && version min-sdk)" />
    <uses-permission android:name="android.permission.INTERNET" />
</manifest>
END
: >"$work/aar/R.txt"
# What an app that shrinks has to keep: the app's own rules, as far as they are of JNA and the core.
sed '/^# JNA can draw/,$d' app/keep.pro >"$work/aar/proguard.txt"
echo '-dontwarn java.awt.**' >>"$work/aar/proguard.txt"

cat >"$work/core.pom" <<END
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.courier</groupId><artifactId>core</artifactId><version>$core</version><packaging>aar</packaging>
  <name>Courier core</name>
  <description>A courier's day for Android: route, codes that are checked without a network, handovers, sync</description>
  <licenses>
    <license><name>MIT</name></license>
    <license><name>Apache-2.0</name></license>
  </licenses>
  <dependencies>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId><version>$kotlin</version>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlinx</groupId><artifactId>kotlinx-coroutines-core-jvm</artifactId>
      <version>$(cd app && property coroutines.version)</version>
    </dependency>
    <dependency>
      <groupId>net.java.dev.jna</groupId><artifactId>jna</artifactId><version>$jna</version><type>aar</type>
    </dependency>
  </dependencies>
</project>
END

# The same input makes the same archive.
pack() { jar --create --no-manifest --date=2026-01-01T00:00:00Z --file "$1" -C "$2" .; }
pack "$work/aar/classes.jar" "$work/classes"
pack "$work/core.aar" "$work/aar"
mkdir "$work/sources"
cp -r bindings/generated/. data/src/main/kotlin/. "$work/sources/"
pack "$work/core-sources.jar" "$work/sources"
maven org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy-file -DrepositoryId=folder -Durl="file://$repository" \
    -Dfile="$work/core.aar" -DpomFile="$work/core.pom" -Dpackaging=aar -Dsources="$work/core-sources.jar" 2>&1 | colourless
echo "$repository/org/courier/core/$core/core-$core.aar"
