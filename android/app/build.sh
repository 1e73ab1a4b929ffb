#!/usr/bin/env bash
# Compiles the Android app against API 35 with the real androidx archives and runs its tests under Robolectric: no Android SDK,
# no Gradle, no device.
#   build.sh CORE_DIR    the folder with the host's libcourier_ffi.so and scenario-backend; ../bindings/generated is there
# Needs a JDK 17, Maven, unzip. What Maven fetches stays in its repository, about 0.9 GB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
core=$(realpath "$1")
t=$PWD/target
. ./fetched.sh
say() { printf '[app %3d s] %s\n' "$SECONDS" "$*"; }

# unpack AAR FOLDER. Gradle refuses to compile against a lower Android than a library asks for, and with an older plugin: so do we.
unpack() {
    local asked=$2/META-INF/com/android/build/gradle/aar-metadata.properties least pair ours
    mkdir -p "$2"
    unzip -qo "$1" -d "$2"
    for pair in minCompileSdk:compile-sdk minAndroidGradlePluginVersion:agp; do
        least=$(sed -n "s/^${pair%:*}=//p" "$asked" 2>/dev/null || true)
        ours=$(version "${pair#*:}")
        [ "$(printf '%s\n' "${least:-0}" "$ours" | sort -V | tail -n 1)" = "$ours" ] || { say "$1 asks for ${pair#*:} $least"; exit 1; }
    done
}

say "libraries"
mkdir -p "$t"
if ! cmp -s pom.xml "$t/pom.xml"; then
    rm -rf "$t/libs"
    maven -f pom.xml dependency:copy-dependencies -DoutputDirectory="$t/libs"
    cp pom.xml "$t/pom.xml"
fi
fetch org.robolectric android-all $api
fetch org.robolectric android-all-instrumented $api-i7
fetch org.apktool apktool-lib 2.12.1
fetch net.java.dev.jna jna "$jna"
fetch org.jetbrains.kotlin kotlin-stdlib "$kotlin"
fetch org.jetbrains.kotlin kotlin-test "$kotlin"
fetch org.jetbrains.kotlin kotlin-test-junit "$kotlin"
fetch org.jetbrains.kotlin kotlin-compose-compiler-plugin-embeddable "$kotlin"
fetch org.jetbrains.kotlin kotlin-compiler-embeddable "$kotlin" jar true
kotlin_test=$(archive org.jetbrains.kotlin kotlin-test "$kotlin"):$(archive org.jetbrains.kotlin kotlin-test-junit "$kotlin")
jna_jar=$(archive net.java.dev.jna jna "$jna")

say "resources of the app and of every archive"
# Debian's aapt2 cannot read API 35's resources; this one can.
unzip -qoj "$(archive org.apktool apktool-lib 2.12.1)" prebuilt/linux/aapt2 -d "$t"
chmod +x "$t/aapt2"
rm -rf "$t"/{aar,flat,gen,rclasses}
mkdir -p "$t"/{aar,flat,gen,rclasses}
packages=
jars=
for f in "$t"/libs/*; do
    case $f in
    *kotlin-stdlib-*) ;; # one standard library: the compiler's own
    *.jar) jars+=":$f" ;;
    *.aar)
        n=$(basename "$f" .aar)
        unpack "$f" "$t/aar/$n"
        [ ! -f "$t/aar/$n/classes.jar" ] || jars+=":$t/aar/$n/classes.jar"
        packages+=":$(grep -oE 'package="[^"]+"' "$t/aar/$n/AndroidManifest.xml" | head -n 1 | cut -d'"' -f2)"
        [ ! -d "$t/aar/$n/res" ] || "$t/aapt2" compile --dir "$t/aar/$n/res" -o "$t/flat/$n.zip"
        ;;
    esac
done
"$t/aapt2" compile --dir src/main/res -o "$t/flat/zz-app.zip"
# What Gradle would add.
sed -e "s|<manifest |&package=\"org.courier.app\" android:versionCode=\"$(version app-code)\" android:versionName=\"$(version app-version)\" |" \
    -e "s|<application|<uses-sdk android:minSdkVersion=\"$(version min-sdk)\" android:targetSdkVersion=\"$(version target-sdk)\" />&|" \
    -e 's|android:allowBackup=|android:extractNativeLibs="false" &|' src/main/AndroidManifest.xml >"$t/AndroidManifest.xml"
mkdir -p "$t/gen/org/courier/app"
printf 'package org.courier.app;\n\npublic final class BuildConfig {\n    public static final String VERSION_NAME = "%s";\n}\n' \
    "$(version app-version)" >"$t/gen/org/courier/app/BuildConfig.java"
"$t/aapt2" link -I "$android" --manifest "$t/AndroidManifest.xml" --java "$t/gen" --extra-packages "${packages#:}" \
    --auto-add-overlay --non-final-ids --proguard "$t/manifest.pro" -o "$t/base.apk" "$t"/flat/*.zip
find "$t/gen" -name '*.java' -print0 | xargs -0 javac -nowarn -d "$t/rclasses"

say "compile"
plugin=$(archive org.jetbrains.kotlin kotlin-compose-compiler-plugin-embeddable "$kotlin")
kotlinc() {
    java -Xmx2g -cp "$(compiler)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -nowarn -no-stdlib -no-reflect -jvm-target 17 \
        "-Xplugin=$plugin" "$@"
}
libraries=$t/rclasses$jars:$android:$stdlib:$jna_jar
rm -rf "$t"/{shared-classes,classes,test-classes,device-classes,measuring}
# The same sources as in ../data and ../ui, this time against Android's archives; the app is another module, as for Gradle.
kotlinc -P "plugin:androidx.compose.compiler.plugins.kotlin:stabilityConfigurationPath=$PWD/../ui/stability.conf" -module-name shared -cp "$libraries" -d "$t/shared-classes" ../bindings/generated ../data/src/main ../ui/src/main
kotlinc -module-name app -cp "$t/shared-classes:$libraries" -d "$t/classes" src/main/kotlin
cp -r "$t/shared-classes/." "$t/classes"
tested() { kotlinc -cp "$t/classes:$libraries:$kotlin_test" "-Xfriend-paths=$t/classes" -d "$@"; }
tested "$t/test-classes" ../data/src/testFixtures/kotlin/org/courier/data/{Office,PortSuites}.kt src/test/kotlin
if grep -rq playScenario ../bindings/generated; then
    say "compile what only a device can run"
    tested "$t/device-classes" ../bindings/src/testFixtures/kotlin ../data/src/testFixtures/kotlin src/androidTest/kotlin
    measuring=
    for one in androidx.benchmark:benchmark-{macro-junit4,macro,common}:"$(version benchmark)" \
        androidx.test.uiautomator:uiautomator:"$(version uiautomator)"; do
        IFS=: read -r group name number <<<"$one"
        fetch "$group" "$name" "$number" aar
        unpack "$(archive "$group" "$name" "$number" aar)" "$t/measuring/$name"
        measuring+=:$t/measuring/$name/classes.jar
    done
    kotlinc -cp "$libraries$measuring" -d "$t/measuring/classes" ../macrobenchmark/src/main/kotlin
else
    say "what only a device can run is not compiled: these bindings are without the player of scenarios"
fi

say "tests under Robolectric"
mkdir -p "$t/test-classes/com/android/tools"
printf 'android_merged_manifest=%s\nandroid_resource_apk=%s\nandroid_custom_package=org.courier.app\n' \
    "$t/AndroidManifest.xml" "$t/base.apk" >"$t/test-classes/com/android/tools/test_config.properties"
mapfile -t tests < <(cd src/test/kotlin && grep -lrE '^@RunWith' . | xargs grep -hE '^class [A-Za-z]+Test ?[:{(]' |
    sed -E 's/^class ([A-Za-z]+).*/org.courier.app.\1/' | sort)
[ ${#tests[@]} -gt 0 ] || { say "there are no tests"; exit 1; }
java -Xmx3g -Djna.library.path="$core" -Dcourier.backend="$core/scenario-backend" -Drobolectric.offline=true \
    -Drobolectric.dependency.dir="$m2/org/robolectric/android-all-instrumented/$api-i7" \
    -cp "$t/test-classes:$t/classes:$t/rclasses$jars:$stdlib:$kotlin_test:$jna_jar:$android" org.junit.runner.JUnitCore "${tests[@]}"
say "done"
