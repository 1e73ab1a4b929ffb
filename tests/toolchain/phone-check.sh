#!/usr/bin/env bash
# The core as iPhone and as Android code, on a machine without NDK, Xcode or rustup's targets.
#
#   phone-check.sh prepare      fetch and build what the rest needs into the cache; a second call does nothing
#   phone-check.sh ios          compile for aarch64-apple-ios, and see what the library asks of the system
#   phone-check.sh android      compile for aarch64-linux-android, with the tests
#   phone-check.sh test BYTES   run those tests under qemu with pages of BYTES (4096, 16384)
#   phone-check.sh size         compile the library for aarch64-linux-android as it ships, and say what it weighs and shows
#
# Each is for every crate that ships on a phone: core/* and bindings.
# std is built from the source beside this file (-Zbuild-std with RUSTC_BOOTSTRAP=1): nothing is fetched for the targets.
# C code is compiled by clang against stand-in headers: Darwin's out of ziglang, musl's for Android. Android's tests are
# linked statically with musl, a shim and LLVM's libunwind. They show that the code is right as code for Android's
# target; they say nothing of bionic, JNI, SELinux or a phone's trust store.
# NOTHING BUILT HERE MAY SHIP: the C objects hold musl's or macOS's constants, not the phone's.
#
# Needs Debian's apt and the packages that part_phones of tests/run.sh names; PIP is a pip that may fetch (default: pip3).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." # so that rust-toolchain.toml counts

# Pins that belong together: std of one Rust builds only with that Rust, and rust-std-VERSION.tar.xz is its library/
# without what neither phone needs.
rust_commit=59807616e1fa2540724bfbac14d7976d7e4a3860
rust_std=$here/rust-std-1.95.0.tar.xz
rust_std_sha256=edfd919877b704e688178f7f3d7016bf051f3fca1baea445eace8bd8e662be9c
android_api=24 # lowest of Android, a part of clang's target
ios_min=15.0
largest_page=16384

work=${XDG_CACHE_HOME:-$HOME/.cache}/courier/phones
case $work in *[[:space:]]*) echo "no white space allowed in $work: it goes into CFLAGS" >&2; exit 2 ;; esac

say() { printf '[phone-check %4d s] %s\n' "$SECONDS" "$*"; }
die() { say "error: $*" >&2; exit 2; }

android_cflags="--target=aarch64-linux-android$android_api -nostdlibinc -isystem $work/android/include"
android_cflags+=" -isystem $work/musl/usr/include/aarch64-linux-musl -isystem $work/android/kernel"
android_cflags+=" -D_GNU_SOURCE -D__errno_location=__errno"

# ---- what the checks need, each made once -----------------------------------------------------------------------

# made NAME CONTENT: $work/NAME is there and was made from CONTENT. keep NAME CONTENT: puts $work/NAME.new there.
made() { [ "$(cat "$work/$1/.made-from" 2>/dev/null)" = "$2" ]; }
keep() {
    printf '%s\n' "$2" >"$work/$1.new/.made-from"
    rm -rf "${work:?}/$1"
    mv "$work/$1.new" "$work/$1"
}
fresh() { rm -rf "$work/$1.new" && mkdir -p "$work/$1.new"; }

# This machine's Rust with std's source in it, as hard links where the file system allows.
rust_with_source() {
    made rust "$rust_commit $rust_std_sha256" && return
    say "Rust with std's source"
    grep -qx "commit-hash: $rust_commit" <<<"$(rustc -vV)" || die "$(rustc -V) found; the std source carried here is that of \
commit $rust_commit. With another Rust goes another source: change rust_std and the pins in this file."
    sha256sum --quiet -c <<<"$rust_std_sha256  $rust_std" || die "$rust_std is not the file that this script was written for"
    local sysroot folder
    sysroot=$(rustc --print sysroot)
    fresh rust
    for folder in bin lib libexec; do
        [ -d "$sysroot/$folder" ] || continue
        cp -al "$sysroot/$folder" "$work/rust.new/" 2>/dev/null ||
            { rm -rf "$work/rust.new/$folder" && cp -a "$sysroot/$folder" "$work/rust.new/"; }
    done
    rm -rf "$work/rust.new/lib/rustlib/src"
    mkdir -p "$work/rust.new/lib/rustlib/src/rust"
    tar xJf "$rust_std" -C "$work/rust.new/lib/rustlib/src/rust"
    keep rust "$rust_commit $rust_std_sha256"
}

# musl's headers and libc.a for arm64. apt works in a folder of its own: the system's apt knows nothing of arm64.
musl() {
    made musl 1 && return
    say "musl for arm64"
    local apt=$work/apt-arm64 suite uri
    rm -rf "$apt"
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,sources,none}
    : >"$apt/status"
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    uri=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
        awk -v suite="$suite" '$1 == suite { print $2; exit }')
    [ -n "$uri" ] || die "no archive of Debian $suite in this machine's apt sources"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$suite" \
        /usr/share/keyrings/debian-archive-keyring.gpg >"$apt/sources/debian.sources"
    cat >"$apt/apt.conf" <<END
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$apt/sources"; Dir::Etc::preferencesparts "$apt/none";
APT::Architecture "arm64"; APT::Architectures {"arm64";}; APT::Sandbox::User "root";
END
    (cd "$apt" && export APT_CONFIG=$apt/apt.conf && apt-get update -qq && apt-get download -qq musl-dev:arm64)
    fresh musl
    dpkg-deb -x "$apt"/musl-dev_*_arm64.deb "$work/musl.new"
    rm -rf "$apt"
    keep musl 1
}

# Darwin's headers, the names in its libSystem, and the source of LLVM's libunwind: all that is used of ziglang.
zig() {
    local pinned
    pinned="$(cat "$here/ziglang.txt") with libSystem"
    made zig "$pinned" && return
    say "Darwin's headers and names, and libunwind's source"
    fresh zig
    "${PIP:-pip3}" download --quiet --no-deps --only-binary :all: -d "$work/zig.new" -r "$here/ziglang.txt"
    unzip -q "$work"/zig.new/*.whl 'ziglang/lib/libc/include/any-darwin-any/*' \
        ziglang/lib/libc/darwin/libSystem.tbd 'ziglang/lib/libunwind/*' -d "$work/zig.new"
    rm "$work"/zig.new/*.whl
    keep zig "$pinned"
}

# What stands in for bionic when tests are linked, and the linker that does it.
android_runtime() {
    local from runtime=$work/android.new unwind=$work/zig/ziglang/lib/libunwind libgcc name
    from=$(cat "${BASH_SOURCE[0]}" "$here/android-shim.c" | sha256sum)
    made android "$from" && return
    say "stand-in for Android's C library"
    fresh android
    mkdir -p "$runtime"/{include/sys,kernel,lib,objects}
    for name in linux asm asm-generic; do # the kernel's headers, nothing of glibc's
        ln -s "/usr/aarch64-linux-gnu/include/$name" "$runtime/kernel/$name"
    done
    printf '#pragma once\n#define PROP_VALUE_MAX 92\nint __system_property_get(const char *, char *);\n' \
        >"$runtime/include/sys/system_properties.h"
    local cc=(clang-19) flags=(-O2 -fPIC "-I$unwind/include" "-I$unwind/src" -funwind-tables -D_LIBUNWIND_IS_NATIVE_ONLY
        -DNDEBUG -fvisibility=hidden)
    # shellcheck disable=SC2206 # the flags are words
    cc+=(${android_cflags//$work\/android\//$runtime/})
    # Compiled without __errno_location=__errno: the shim calls musl's by its own name.
    "${cc[@]}" -U__errno_location -O2 -fPIC -fno-builtin -c "$here/android-shim.c" -o "$runtime/objects/shim.o"
    for name in UnwindLevel1.c UnwindLevel1-gcc-ext.c UnwindRegistersSave.S UnwindRegistersRestore.S; do
        "${cc[@]}" "${flags[@]}" -c "$unwind/src/$name" -o "$runtime/objects/$name.o"
    done
    "${cc[@]}" "${flags[@]}" -x c++ -std=c++17 -fno-exceptions -fno-rtti -nostdinc++ \
        -c "$unwind/src/libunwind.cpp" -o "$runtime/objects/Unwind.o"
    llvm-ar-19 crs "$runtime/lib/libunwind.a" "$runtime"/objects/Unwind*.o
    for name in dl m log gcc; do # asked for by Android's std; musl has them in libc.a
        llvm-ar-19 crs "$runtime/lib/lib$name.a"
    done
    cp "$work"/musl/usr/lib/aarch64-linux-musl/{rcrt1.o,crti.o,crtn.o,libc.a} "$runtime/lib/"
    llvm-ar-19 rs "$runtime/lib/libc.a" "$runtime/objects/shim.o" 2>/dev/null
    libgcc=$(echo /usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a)
    # Its name must not begin with `ld` or `link`, or rustc takes it for a bare linker.
    cat >"$runtime/cc" <<END
#!/usr/bin/env bash
lib=$work/android/lib arguments=()
for argument in "\$@"; do case \$argument in -pie | -Wl,-pie) ;; *) arguments+=("\$argument") ;; esac; done
exec clang-19 --target=aarch64-linux-android$android_api -fuse-ld=lld-19 -static-pie -nostartfiles -nodefaultlibs \\
    -Wl,-z,max-page-size=$largest_page,--wrap=sysconf,--wrap=getaddrinfo,--wrap=sigemptyset,--wrap=sigaddset,--wrap=sigaction \\
    "\$lib/rcrt1.o" "\$lib/crti.o" -L"\$lib" "\${arguments[@]}" \\
    -Wl,--start-group "\$lib/libunwind.a" "\$lib/libc.a" $libgcc -Wl,--end-group "\$lib/crtn.o"
END
    # The library alone: whatever it asks of Android stays open, and nobody can load it.
    mkdir "$runtime/nothing"
    for name in dl m log gcc c; do llvm-ar-19 crs "$runtime/nothing/lib$name.a"; done
    cp "$runtime/lib/libunwind.a" "$runtime/nothing/"
    cat >"$runtime/cc-library" <<END
#!/usr/bin/env bash
exec clang-19 --target=aarch64-linux-android$android_api -fuse-ld=lld-19 -nostartfiles -nodefaultlibs \\
    -Wl,--unresolved-symbols=ignore-all,-z,max-page-size=$largest_page -L$work/android/nothing "\$@"
END
    chmod +x "$runtime/cc" "$runtime/cc-library"
    keep android "$from"
}

prepare() {
    mkdir -p "$work"
    rust_with_source
    musl
    zig
    android_runtime
    say "ready in $work"
}

# ---- the checks ---------------------------------------------------------------------------------------------------

# `-p NAME` for every crate that ships on a phone.
ships() { awk -F'"' 'FNR == 1 { named = 0 } /^name = / && !named++ { print "-p" $2 }' core/*/Cargo.toml bindings/Cargo.toml; }

cargo_for_phones() {
    mkdir -p target/phones/{tmp,ios-sdk}
    export RUSTC_BOOTSTRAP=1 RUSTC=$work/rust/bin/rustc RUSTDOC=$work/rust/bin/rustdoc
    export CARGO_TARGET_DIR=$PWD/target/phones CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none
    export CC_aarch64_linux_android=clang-19 AR_aarch64_linux_android=llvm-ar-19
    export CFLAGS_aarch64_linux_android=$android_cflags CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=$work/android/cc
    export CC_aarch64_apple_ios=clang-19 AR_aarch64_apple_ios=llvm-ar-19
    export CFLAGS_aarch64_apple_ios="-nostdlibinc -isystem $work/zig/ziglang/lib/libc/include/any-darwin-any"
    export SDKROOT=$CARGO_TARGET_DIR/ios-sdk IPHONEOS_DEPLOYMENT_TARGET=$ios_min # an empty SDK, or cc calls xcrun
    export TMPDIR=$CARGO_TARGET_DIR/tmp                                         # Android's default is not here
    "$work/rust/bin/cargo" "$@"
}

# The library that an iPhone's app links, with all that ships in it. A static one needs no linker of Apple's.
ios() {
    # What it asks for does not depend on the optimisation that Cargo.toml asks of the cryptography and of SQLite's C.
    cargo_for_phones rustc --locked -p courier-ffi --lib --crate-type staticlib -Zbuild-std=std,panic_abort \
        --target aarch64-apple-ios --config profile.dev.opt-level=0 --config profile.dev.package.libsqlite3-sys.opt-level=0
    local lib=target/phones/aarch64-apple-ios/debug/libcourier_ffi.a system others
    # macOS's list: an iPhone's is in no package. What only a Mac has would not be noticed.
    system=$(grep -oE '\b_[A-Za-z0-9_$]+' "$work/zig/ziglang/lib/libc/darwin/libSystem.tbd" | sort -u)
    others=$(asks_besides "$lib" "$system")
    [ -z "$others" ] || die "$lib asks for what is neither in libSystem nor of CoreFoundation or Security: $(head -n 5 <<<"$others" | tr '\n' ' ')"
    [ "$(asks_besides "$lib" "$(grep -vx _malloc <<<"$system")")" = _malloc ] || die "a name that the system lacks was not noticed"
    say "all that $lib asks for is in libSystem, or of CoreFoundation or Security"
}

# asks_besides LIB.a NAMES: the symbols that LIB.a neither has nor finds among NAMES. Those of the two frameworks that the app links
# for the trust store are known by how they begin: a list of them is in no package either.
asks_besides() {
    comm -23 <(llvm-nm-19 --undefined-only --format=just-symbols "$1" 2>/dev/null | grep '^_' | grep -vE '^_k?(CF|Sec|SSL)[A-Z]' | sort -u) \
        <({ llvm-nm-19 --defined-only --extern-only --format=just-symbols "$1" 2>/dev/null; echo "$2"; } | sort -u)
}

# android ARGUMENT...: `cargo test` for Android. Nothing is only type-checked there: the tests need the whole of it.
android() {
    local ships
    mapfile -t ships < <(ships)
    cargo_for_phones test --locked --lib "${ships[@]}" -Zbuild-std --target aarch64-linux-android "$@"
}

# What it weighs, stripped, and whether it shows nothing but what the bindings call: as android/app/apk.sh looks at it.
size() {
    cargo_for_phones rustc --locked --profile phone -p courier-ffi --lib --crate-type cdylib -Zbuild-std --target aarch64-linux-android \
        --config "target.aarch64-linux-android.linker='$work/android/cc-library'"
    local lib=target/phones/not-to-be-shipped.so
    llvm-strip-19 -o "$lib" target/phones/aarch64-linux-android/phone/libcourier_ffi.so
    say "$lib has $(stat -c %s "$lib") bytes"
    android/app/library.sh "$lib"
}

case ${1:-} in
prepare) prepare ;;
ios) ios ;;
android) android --tests --no-run ;;
size) size ;;
test)
    runner="qemu-aarch64-static -p ${2:?pages of how many bytes?}"
    # The second for tests that start themselves once more.
    export CARGO_TARGET_AARCH64_LINUX_ANDROID_RUNNER=$runner COURIER_TEST_RUNNER=$runner
    export COURIER_KILLS=20 # each starts a process under qemu
    # What takes minutes here and knows nothing of a phone: every state of a door, journals destroyed at random, the cursor
    # against its model, a long outbox, and whether the checker of the routing's exact answers works.
    skip=(walk:: of_pages_and_ends_destroyed cursor:: a_long_outbox the_check_finds_answers)
    # Only what keeps files meets a page's size; there the days of property tests are like all the others.
    tests=(--tests)
    [ "$2" = 4096 ] || { tests=(--test engine) && skip+=(property:: two_hundred_kills_between); }
    android "${tests[@]}" --no-fail-fast -- "${skip[@]/#/--skip=}"
    ;;
*) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
