#!/usr/bin/env bash
# Packs what build.sh compiled into an APK: shrunk by R8, aligned to pages of 16 KiB, signed.
#   apk.sh LIB.so [KEYSTORE ALIAS]    arm64 library of the core; where to sign with, else a key that is made for the occasion
#   apk.sh --stand-in                 with JNA's arm64 library in the core's place: shows what packing does, and starts nowhere
# LIB.so and the bindings that build.sh compiles have to come from one build: `../build-core.sh arm64-v8a`, with an NDK. Bindings with
# the player of scenarios, which tests have, do not go with a library that ships.
# The password of KEYSTORE is taken from COURIER_KEYSTORE_PASSWORD.
# Needs besides what build.sh needs: zip, and readelf for a library of the core, which is looked at first (library.sh). Writes target/courier.apk.
set -euo pipefail
lib=$1
[ "$lib" = --stand-in ] || lib=$(realpath "$lib")
keystore=${2:+$(realpath "$2")}
alias=${3:-courier}
cd "$(dirname "${BASH_SOURCE[0]}")"
t=$PWD/target
. ./fetched.sh
r8=9.5.28
apksig=8.13.2
future=1.0 # the one class of Guava that WorkManager is called with; Robolectric brings all of it instead
say() { printf '[apk %3d s] %s\n' "$SECONDS" "$*"; }
[ -d "$t/classes" ] && [ -f "$t/base.apk" ] || { say "build.sh comes first"; exit 1; }

say "manifest"
fail() { say "$*"; exit 1; }
manifest=$("$t/aapt2" dump xmltree --file AndroidManifest.xml "$t/base.apk")
for said in allowBackup=false usesCleartextTraffic=false extractNativeLibs=false; do
    grep -qE "android:${said%=*}\(0x[0-9a-f]+\)=${said#*=}$" <<<"$manifest" || fail "the manifest does not say $said"
done
! grep -q 'android:debuggable' <<<"$manifest" || fail "it can be debugged"
allowed='INTERNET|ACCESS_NETWORK_STATE|VIBRATE|ACCESS_COARSE_LOCATION|ACCESS_FINE_LOCATION|WAKE_LOCK|RECEIVE_BOOT_COMPLETED'
allowed+='|FOREGROUND_SERVICE|FOREGROUND_SERVICE_LOCATION|POST_NOTIFICATIONS'
others=$("$t/aapt2" dump permissions "$t/base.apk" | grep permission: | grep -vE "'android\.permission\.($allowed)'" || true)
[ -z "$others" ] || fail "it asks for more than it needs: $others"
# A service in the foreground for the position (8), and for nothing else: Android 14 ends one whose type is not said.
types=$(grep -oE 'foregroundServiceType\(0x[0-9a-f]+\)=\S+' <<<"$manifest" | cut -d= -f2 | sort -u)
[[ $types =~ ^0x0*8$ ]] || fail "services in the foreground are of the types ${types:-none}, not of location alone"

say "shrink"
fetch com.android.tools r8 $r8
fetch com.google.guava listenablefuture $future
fetch com.android.tools.build apksig $apksig
fetch net.java.dev.jna jna "$jna" aar
rm -rf "$t"/{dex,pack,app.jar,r.jar,jna}
mkdir -p "$t/dex" "$t/pack/lib/arm64-v8a" "$t/jna"
unzip -qo "$(archive net.java.dev.jna jna "$jna" aar)" classes.jar jni/arm64-v8a/libjnidispatch.so -d "$t/jna"
if [ "$lib" = --stand-in ]; then
    lib=$t/jna/jni/arm64-v8a/libjnidispatch.so
else
    ../bindings/matches.sh "$lib"
    ./library.sh "$lib"
fi
# ELF's e_machine: 183 is AArch64.
[ "$(od -An -tu2 -j18 -N2 "$lib" | tr -d ' ')" = 183 ] || { say "$lib is no arm64 library"; exit 1; }
(cd "$t/classes" && zip -qr ../app.jar .)
(cd "$t/rclasses" && zip -qr ../r.jar .)
# What the tests alone need stays out.
tests='robolectric|espresso|ui-test|/runner-|/monitor-|/storage-|/core-1\.[67]|junit|hamcrest|bcprov|conscrypt|icu4j|asm-|auto-value|guava|error_prone|nativeruntime|javax.inject|sqlite4java|runtime-annotation-jvm'
mapfile -t libraries < <({
    find "$t/libs" -name '*.jar' ! -name 'kotlin-stdlib-*'
    find "$t/aar" -name classes.jar -o -path '*/libs/*.jar'
} | grep -vE "$tests" | sort)
mapfile -t rules < <(find "$t/aar" -name proguard.txt -printf '--pg-conf\n%p\n')
java -cp "$(archive com.android.tools r8 $r8)" com.android.tools.r8.R8 --release --min-api "$(version min-sdk)" --lib "$android" \
    --lib "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" --pg-conf keep.pro --pg-conf "$t/manifest.pro" "${rules[@]}" \
    --output "$t/dex" "$t/app.jar" "$t/r.jar" "$t/jna/classes.jar" \
    "$stdlib" "$(archive com.google.guava listenablefuture $future)" "${libraries[@]}" >"$t/r8.log" 2>&1 || {
    tail -n 20 "$t/r8.log"
    exit 1
}

say "pack"
cp "$t"/dex/classes*.dex "$t/pack/"
cp "$t/jna/jni/arm64-v8a/libjnidispatch.so" "$t/pack/lib/arm64-v8a/"
cp "$lib" "$t/pack/lib/arm64-v8a/libcourier_ffi.so"
cp "$t/base.apk" "$t/packed.apk"
(cd "$t/pack" && zip -q -0 -r ../packed.apk .) # stored, not packed: libraries are mapped where they lie
# R8 throws away what nothing it knows calls: a name of the manifest that is missing would end the app at its start.
for name in $(grep -oE 'android:name="org\.courier\.app\.[A-Z][a-z][A-Za-z]+"' src/main/AndroidManifest.xml | cut -d'"' -f2 | sort -u); do
    grep -qaF "L${name//.//};" "$t"/dex/classes*.dex || { say "$name of the manifest is not in the APK"; exit 1; }
done

say "sign"
if [ -z "$keystore" ]; then
    keystore=$t/occasion.jks
    COURIER_KEYSTORE_PASSWORD=occasion
    rm -f "$keystore"
    keytool -genkeypair -keystore "$keystore" -storepass $COURIER_KEYSTORE_PASSWORD -alias "$alias" -keyalg EC \
        -dname CN=courier -validity 30 2>/dev/null
fi
export COURIER_KEYSTORE_PASSWORD
java -cp "$(archive com.android.tools.build apksig $apksig)" Sign.java "$t/packed.apk" "$t/courier.apk" "$keystore" "$alias"
say "$(stat -c %s "$t/courier.apk") bytes, of them $(stat -c %s "$lib") of the core: $t/courier.apk"
