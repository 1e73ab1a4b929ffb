#!/usr/bin/env bash
# Builds the core for Android, and the Kotlin bindings that belong to it. Gradle's :bindings:core calls it.
#   build-core.sh [--scenario] ABI...     such as arm64-v8a x86_64
# Without --scenario it is what ships. With it the player of scenarios and a backend are inside: for tests alone.
# Needs the Rust of rust-toolchain.toml with the targets of rustup, cargo-ndk and an NDK of 28 or later ($ANDROID_NDK_HOME).
# Writes bindings/generated and bindings/build/jniLibs/ABI/*.so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

features=()
if [ "${1:-}" = --scenario ]; then
    features=(--features courier-ffi/scenario)
    shift
fi
[ $# -gt 0 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
cargo ndk --version >/dev/null || { echo "cargo-ndk is missing: cargo install cargo-ndk" >&2; exit 1; }

# Of exactly this library: JNA looks up every function that the bindings name when it loads it, and fails at one that is not there.
cargo build --locked -p courier-ffi -p courier-bindgen "${features[@]}"
# Tests on this machine have a backend beside them.
[ ${#features[@]} = 0 ] || cargo build --locked -p courier-tests --bin scenario-backend
target=${CARGO_TARGET_DIR:-target}
rm -rf android/bindings/generated
"$target/debug/uniffi-bindgen" generate --language kotlin --no-format --out-dir android/bindings/generated "$target/debug/libcourier_ffi.so"

libraries=$PWD/android/bindings/build/jniLibs
rm -rf "$libraries"
for abi in "$@"; do
    cargo ndk --target "$abi" --platform 26 --output-dir "$libraries" build --locked --profile phone -p courier-ffi "${features[@]}"
    android/bindings/matches.sh "$libraries/$abi/libcourier_ffi.so"
    [ ${#features[@]} -gt 0 ] || continue
    # A program that an app may run has to lie among its libraries, and to be called like one.
    cargo ndk --target "$abi" --platform 26 build --locked --release -p courier-tests --bin scenario-backend
    case $abi in
    arm64-v8a) triple=aarch64-linux-android ;;
    armeabi-v7a) triple=armv7-linux-androideabi ;;
    x86_64) triple=x86_64-linux-android ;;
    x86) triple=i686-linux-android ;;
    esac
    cp "$target/$triple/release/scenario-backend" "$libraries/$abi/libscenario_backend.so"
done
