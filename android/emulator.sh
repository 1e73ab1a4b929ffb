#!/usr/bin/env bash
# Runs what only a device can show: the scenarios, the ports and a door on Android, then how fast the app starts and scrolls.
#   emulator.sh             on the device that adb sees, or else on an emulator without a window that is made and ended here
# Needs an Android SDK ($ANDROID_HOME, with its command-line tools), its NDK ($ANDROID_NDK_HOME), JDK 17, the Rust of
# rust-toolchain.toml with rustup, cargo-ndk, and Gradle's wrapper (docs/shells.md: `gradle wrapper` fetches its jar).
# Figures of an emulator compare with each other at best. Nobody has run this yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${ANDROID_HOME:?names no Android SDK}" "${ANDROID_NDK_HOME:?names no NDK}"
PATH=$ANDROID_HOME/platform-tools:$ANDROID_HOME/emulator:$ANDROID_HOME/cmdline-tools/latest/bin:$PATH
[ -f gradle/wrapper/gradle-wrapper.jar ] || { echo "gradle/wrapper/gradle-wrapper.jar is missing: run \`gradle wrapper --gradle-version 9.6.0\` here" >&2; exit 1; }
started=()
finish() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; }
trap finish EXIT

if ! adb get-state >/dev/null 2>&1; then
    case $(uname -m) in arm64 | aarch64) kind=arm64-v8a ;; *) kind=x86_64 ;; esac
    image="system-images;android-35;default;$kind"
    (yes || true) | sdkmanager "$image" emulator platform-tools >/dev/null
    echo no | avdmanager create avd --force --name courier --package "$image"
    emulator -avd courier -no-window -no-audio -no-boot-anim -no-snapshot &
    started+=($!)
    adb wait-for-device shell 'while [ "$(getprop sys.boot_completed)" != 1 ]; do sleep 1; done'
fi
abi=$(adb shell getprop ro.product.cpu.abi | tr -d '\r')
case $abi in
arm64-v8a) triple=aarch64-linux-android ;;
x86_64) triple=x86_64-linux-android ;;
*) echo "the core is not built for $abi" >&2; exit 1 ;;
esac
rustup target add "$triple"

# With the player of scenarios and a backend inside.
./gradlew -Pcourier.scenario=true "-Pcourier.abis=$abi" :app:connectedDebugAndroidTest

# As it ships: the backend is on this machine, and the device reaches it as its own.
(cd .. && cargo build --locked --release -p courier-backend)
office=$(mktemp)
./office.sh "${CARGO_TARGET_DIR:-../target}/release/courier-backend" 200 >"$office" &
started+=($!)
for _ in $(seq 600); do
    [ ! -s "$office" ] || break
    kill -0 $!
    sleep 0.1
done
read -r port code <"$office"
adb reverse "tcp:$port" "tcp:$port"
argument=-Pandroid.testInstrumentationRunnerArguments
./gradlew "-Pcourier.abis=$abi" :macrobenchmark:connectedBenchmarkAndroidTest \
    "$argument.server=http://127.0.0.1:$port" "$argument.code=$code" \
    "$argument.androidx.benchmark.suppressErrors=EMULATOR"
adb reverse --remove "tcp:$port"
