#!/usr/bin/env bash
# Packs what build.sh compiled into an APK: shrunk by R8, aligned to pages of 16 KiB, signed.
#   apk.sh LIB.so [KEYSTORE ALIAS]    arm64 library of the core; where to sign with, else a key that is made for the occasion
# LIB.so comes from an NDK: cargo ndk -t arm64-v8a -P 26 build --locked --release -p courier-ffi
# The password of KEYSTORE is taken from COURIER_KEYSTORE_PASSWORD.
# Needs besides what build.sh needs: zip, zipalign, apksigner (Debian packages of these names). Writes target/courier.apk.
set -euo pipefail
lib=$(realpath "$1")
keystore=${2:+$(realpath "$2")}
alias=${3:-courier}
cd "$(dirname "${BASH_SOURCE[0]}")"
t=$PWD/target
m2=${MAVEN_REPO:-$HOME/.m2/repository}
r8=9.5.28
say() { printf '[apk %3d s] %s\n' "$SECONDS" "$*"; }
property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" ../pom.xml | head -n 1; }
kotlin=$(property kotlin.version)
jna=$(property jna.version)
fetch() { mvn --batch-mode --no-transfer-progress --quiet dependency:get -Dartifact="$1" -Dtransitive=false; }
[ -d "$t/classes" ] && [ -f "$t/base.apk" ] || { say "build.sh comes first"; exit 1; }
readelf -h "$lib" | grep -q AArch64 || { say "$lib is no arm64 library"; exit 1; }

say "shrink"
[ -f "$m2/com/android/tools/r8/$r8/r8-$r8.jar" ] || fetch "com.android.tools:r8:$r8"
[ -f "$m2/net/java/dev/jna/jna/$jna/jna-$jna.aar" ] || fetch "net.java.dev.jna:jna:$jna:aar"
android=$m2/org/robolectric/android-all/15-robolectric-13954326/android-all-15-robolectric-13954326.jar
rm -rf "$t"/{dex,pack,app.jar,r.jar,jna}
mkdir -p "$t/dex" "$t/pack/lib/arm64-v8a" "$t/jna"
unzip -qo "$m2/net/java/dev/jna/jna/$jna/jna-$jna.aar" classes.jar jni/arm64-v8a/libjnidispatch.so -d "$t/jna"
(cd "$t/classes" && zip -qr ../app.jar .)
(cd "$t/rclasses" && zip -qr ../r.jar .)
# What the tests alone need stays out.
tests='robolectric|espresso|ui-test|/runner-|/monitor-|/storage-|/core-1\.[67]|junit|hamcrest|bcprov|conscrypt|icu4j|asm-|auto-value|guava|error_prone|nativeruntime|javax.inject|sqlite4java|runtime-annotation-jvm'
mapfile -t libraries < <({
    find "$t/libs" -name '*.jar' ! -name 'kotlin-stdlib-*'
    find "$t/aar" -name classes.jar
} | grep -vE "$tests" | sort)
mapfile -t rules < <(find "$t/aar" -name proguard.txt -printf '--pg-conf\n%p\n')
"$t/aapt2" dump badging "$t/base.apk" >/dev/null # is it one?
java -cp "$m2/com/android/tools/r8/$r8/r8-$r8.jar" com.android.tools.r8.R8 --release --min-api 26 --lib "$android" \
    --lib "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" --pg-conf keep.pro "${rules[@]}" \
    --output "$t/dex" "$t/app.jar" "$t/r.jar" "$t/jna/classes.jar" \
    "$m2/org/jetbrains/kotlin/kotlin-stdlib/$kotlin/kotlin-stdlib-$kotlin.jar" "${libraries[@]}" 2>"$t/r8.log" || {
    tail -n 20 "$t/r8.log"
    exit 1
}

say "pack"
cp "$t"/dex/classes*.dex "$t/pack/"
cp "$t/jna/jni/arm64-v8a/libjnidispatch.so" "$t/pack/lib/arm64-v8a/"
cp "$lib" "$t/pack/lib/arm64-v8a/libcourier_ffi.so"
cp "$t/base.apk" "$t/packed.apk"
(cd "$t/pack" && zip -q -0 -r ../packed.apk .) # stored, not packed: libraries are mapped where they lie
zipalign -f -P 16 4 "$t/packed.apk" "$t/aligned.apk" 2>/dev/null || zipalign -f 16384 "$t/packed.apk" "$t/aligned.apk"

say "sign"
if [ -z "$keystore" ]; then
    keystore=$t/occasion.jks
    COURIER_KEYSTORE_PASSWORD=occasion
    rm -f "$keystore"
    keytool -genkeypair -keystore "$keystore" -storepass $COURIER_KEYSTORE_PASSWORD -alias "$alias" -keyalg EC \
        -dname CN=courier -validity 30 2>/dev/null
fi
export COURIER_KEYSTORE_PASSWORD
apksigner sign --ks "$keystore" --ks-key-alias "$alias" --ks-pass env:COURIER_KEYSTORE_PASSWORD --min-sdk-version 26 \
    --out "$t/courier.apk" "$t/aligned.apk"
apksigner verify --min-sdk-version 26 -v "$t/courier.apk" 2>/dev/null | head -n 4
say "$(stat -c %s "$t/courier.apk") bytes, of them $(stat -c %s "$lib") of the core: $t/courier.apk"
