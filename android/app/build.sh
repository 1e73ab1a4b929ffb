#!/usr/bin/env bash
# Compiles the Android app against API 35 with the real androidx archives and runs its tests under Robolectric: no Android SDK,
# no Gradle, no device.
#   build.sh CORE_DIR    the folder with the host's libcourier_ffi.so and scenario-backend; ../bindings/generated is there
# Needs a JDK 17, Maven, unzip. What Maven fetches stays in its repository, about 0.9 GB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
core=$(realpath "$1")
t=$PWD/target
m2=${MAVEN_REPO:-$HOME/.m2/repository}
property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" ../pom.xml | head -n 1; }
kotlin=$(property kotlin.version)
jna=$(property jna.version)
api=15-robolectric-13954326 # Android 15, the newest that Robolectric plays on JDK 17
say() { printf '[app %3d s] %s\n' "$SECONDS" "$*"; }
maven() { mvn --batch-mode --no-transfer-progress --quiet "$@"; }
jar() { printf '%s/%s/%s/%s/%s-%s.jar' "$m2" "${1//./\/}" "$2" "$3" "$2" "$3"; }
fetch() { [ -f "$(jar "$1" "$2" "$3")" ] || maven dependency:get -Dartifact="$1:$2:$3" -Dtransitive="${4:-false}"; }

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
fetch org.jetbrains.kotlin kotlin-compiler-embeddable "$kotlin" true
android=$(jar org.robolectric android-all $api)
stdlib=$(jar org.jetbrains.kotlin kotlin-stdlib "$kotlin")
kotlin_test=$(jar org.jetbrains.kotlin kotlin-test "$kotlin"):$(jar org.jetbrains.kotlin kotlin-test-junit "$kotlin")
jna=$(jar net.java.dev.jna jna "$jna")

say "resources of the app and of every archive"
# Debian's aapt2 cannot read API 35's resources; this one can.
unzip -qoj "$(jar org.apktool apktool-lib 2.12.1)" prebuilt/linux/aapt2 -d "$t"
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
        mkdir "$t/aar/$n"
        unzip -qo "$f" -d "$t/aar/$n"
        [ ! -f "$t/aar/$n/classes.jar" ] || jars+=":$t/aar/$n/classes.jar"
        packages+=":$(grep -oE 'package="[^"]+"' "$t/aar/$n/AndroidManifest.xml" | head -n 1 | cut -d'"' -f2)"
        [ ! -d "$t/aar/$n/res" ] || "$t/aapt2" compile --dir "$t/aar/$n/res" -o "$t/flat/$n.zip"
        ;;
    esac
done
"$t/aapt2" compile --dir src/main/res -o "$t/flat/zz-app.zip"
"$t/aapt2" link -I "$android" --manifest src/main/AndroidManifest.xml --java "$t/gen" --extra-packages "${packages#:}" \
    --auto-add-overlay --non-final-ids --proguard "$t/manifest.pro" -o "$t/base.apk" "$t"/flat/*.zip
find "$t/gen" -name '*.java' -print0 | xargs -0 javac -nowarn -d "$t/rclasses"

say "compile"
compiler=$(find "$m2/org/jetbrains" \( -name "kotlin-compiler-embeddable-$kotlin.jar" -o -name "kotlin-stdlib-$kotlin.jar" \
    -o -name "kotlin-script-runtime-$kotlin.jar" -o -name "kotlin-daemon-embeddable-$kotlin.jar" -o -name 'kotlin-reflect-*.jar' \
    -o -name 'kotlinx-coroutines-core-jvm-*.jar' -o -name 'annotations-13.0.jar' \) -printf '%p:')
plugin=$(jar org.jetbrains.kotlin kotlin-compose-compiler-plugin-embeddable "$kotlin")
kotlinc() {
    java -Xmx2g -cp "$compiler" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -nowarn -no-stdlib -no-reflect -jvm-target 17 \
        "-Xplugin=$plugin" "$@"
}
libraries=$t/rclasses$jars:$android:$stdlib:$jna
rm -rf "$t/classes" "$t/test-classes"
# The same sources as in ../data and ../ui, this time against Android's archives.
kotlinc -cp "$libraries" -d "$t/classes" ../bindings/generated ../data/src/main ../ui/src/main src/main/kotlin
kotlinc -cp "$t/classes:$libraries:$kotlin_test" "-Xfriend-paths=$t/classes" -d "$t/test-classes" \
    ../data/src/test/kotlin/org/courier/data/{Office,PortSuites}.kt src/test/kotlin

say "tests under Robolectric"
mkdir -p "$t/test-classes/com/android/tools"
printf 'android_merged_manifest=%s\nandroid_resource_apk=%s\nandroid_custom_package=org.courier.app\n' \
    "$PWD/src/main/AndroidManifest.xml" "$t/base.apk" >"$t/test-classes/com/android/tools/test_config.properties"
mapfile -t tests < <(cd src/test/kotlin && grep -lrE '^@RunWith' . | xargs grep -hE '^class [A-Za-z]+Test ?[:{(]' |
    sed -E 's/^class ([A-Za-z]+).*/org.courier.app.\1/' | sort)
[ ${#tests[@]} -gt 0 ] || { say "there are no tests"; exit 1; }
java -Xmx3g -Djna.library.path="$core" -Dcourier.backend="$core/scenario-backend" -Drobolectric.offline=true \
    -Drobolectric.dependency.dir="$m2/org/robolectric/android-all-instrumented/$api-i7" \
    -cp "$t/test-classes:$t/classes:$t/rclasses$jars:$stdlib:$kotlin_test:$jna:$android" org.junit.runner.JUnitCore "${tests[@]}"
say "done"
