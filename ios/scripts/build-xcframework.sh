#!/usr/bin/env bash
# Builds the core for iPhones, simulators and this Mac, writes the Swift bindings, and puts the libraries into
# Frameworks/CourierRust.xcframework. Needs macOS with Xcode, and the Rust of rust-toolchain.toml with rustup.
#
#   build-xcframework.sh             as it ships
#   build-xcframework.sh --scenario  with the player of scenarios, for the tests on this Mac; never to be shipped
set -euo pipefail
[ "$(uname)" = Darwin ] || { echo "this needs macOS with Xcode" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

features=()
case ${1:-} in
--scenario) features=(--features scenario) ;;
'') ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

export IPHONEOS_DEPLOYMENT_TARGET=17.0 MACOSX_DEPLOYMENT_TARGET=14.0
targets=(aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin)
rustup target add "${targets[@]}"
for target in "${targets[@]}"; do
    cargo build --locked --profile phone -p courier-ffi ${features[@]+"${features[@]}"} --target "$target"
done

# Bindings are read out of a library with symbols.
cargo build --locked -p courier-ffi ${features[@]+"${features[@]}"}
cargo build --locked -p courier-bindgen
bindgen=target/debug/uniffi-bindgen-swift library=target/debug/libcourier_ffi.dylib
"$bindgen" --swift-sources "$library" ios/Sources/CourierCore
"$bindgen" --headers "$library" ios/Sources/CourierFFI

# One library for both kinds of simulator.
simulator=target/simulator
mkdir -p "$simulator"
lipo -create -output "$simulator/libcourier_ffi.a" \
    target/{aarch64-apple-ios-sim,x86_64-apple-ios}/phone/libcourier_ffi.a

out=ios/Frameworks/CourierRust.xcframework
rm -rf "$out"
xcodebuild -create-xcframework \
    -library target/aarch64-apple-ios/phone/libcourier_ffi.a \
    -library "$simulator/libcourier_ffi.a" \
    -library target/aarch64-apple-darwin/phone/libcourier_ffi.a \
    -output "$out"
echo "$out"
