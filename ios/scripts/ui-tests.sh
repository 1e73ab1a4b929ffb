#!/usr/bin/env bash
# Plays the scenario files on the app's screens in a simulator, against a backend of its own for each. Needs macOS with Xcode,
# XcodeGen, and Frameworks/CourierRust.xcframework (build-xcframework.sh). It was never run: there is no Mac here.
#   ui-tests.sh [DESTINATION]    default: platform=iOS Simulator,name=iPhone 16
set -euo pipefail
[ "$(uname)" = Darwin ] || { echo "this needs macOS with Xcode" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cargo build --locked -p courier-tests --bin scenario-backend
export COURIER_BACKEND=$PWD/target/debug/scenario-backend
(cd ios/App && xcodegen --quiet)
ios/scripts/scenario-backends.sh xcodebuild test -project ios/App/Courier.xcodeproj -scheme Courier \
    -destination "${1:-platform=iOS Simulator,name=iPhone 16}" -only-testing:AppUITests
