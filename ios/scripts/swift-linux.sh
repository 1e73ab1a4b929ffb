#!/usr/bin/env bash
# Swift on a Linux machine that has none. Debian 13 packages Swift, Debian 12 does not, so this unpacks
# a Debian 13 root into a cache folder and runs commands in it, with this repository at its own path.
#
#   swift-linux.sh install      make the root (kept: a second call does nothing)
#   swift-linux.sh run CMD...   run CMD in the current folder, with Swift on its PATH
#
# A `swift` already on PATH is used instead. Needs Debian's apt, and root for `install`.
#   SWIFT_ROOT   where the root is kept    SWIFT_MIRROR   Debian mirror (default: this machine's own)
set -euo pipefail

suite=trixie
version=1 # raise it when the package list below changes
packages="swiftlang libc6-dev"
root=${SWIFT_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/swift-linux/$suite-$version}
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '[swift-linux %4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Debian's mirror in this machine's apt sources; nothing on other systems (mmdebstrap has its default).
mirror() {
    if [ -n "${SWIFT_MIRROR:-}" ]; then printf '%s\n' "$SWIFT_MIRROR"; return; fi
    . /etc/os-release
    [ "${ID:-}" = debian ] || return 0
    apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v c="${VERSION_CODENAME:-}" '$1 == c { print $2; exit }'
}

install_root() {
    if command -v swift >/dev/null; then say "using $(command -v swift)"; return; fi
    mkdir -p "$(dirname "$root")"
    exec 9>"$root.lock"
    flock 9
    if [ -e "$root/.complete" ] && command -v bwrap >/dev/null; then say "have Swift in $root"; return; fi
    command -v apt-get >/dev/null || die "no swift on PATH and no apt-get to get it with"
    [ "$(id -u)" = 0 ] || die "install needs root"

    say "installing mmdebstrap and bubblewrap"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends mmdebstrap bubblewrap debian-archive-keyring >/dev/null
    [ ! -e "$root/.complete" ] || { say "have Swift in $root"; return; }

    say "unpacking Debian $suite with Swift (about 560 MB to fetch, 1.4 GB on disk)"
    # Left out, about 1 GB: the debugger, the language server, static and embedded libraries, docs.
    local swift=/usr/libexec/swift drop=() path
    for path in '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' \
        "$swift/lib/swift_static/*" "$swift/lib/swift/embedded/*" "$swift/lib/swift/FrameworkABIBaseline/*" \
        "$swift/lib/liblldb.so*" "$swift/bin/lldb*" "$swift/bin/repl_swift" "$swift/lib/libLTO.so*" \
        "$swift/bin/lld" "$swift/bin/clangd" "$swift/bin/sourcekit-lsp" "$swift/bin/docc" "$swift/share/docc/*"
    do drop+=(--dpkgopt="path-exclude=$path"); done
    rm -rf "$root" "$root.part"
    # shellcheck disable=SC2046
    mmdebstrap --quiet --variant=essential --include="$packages" "${drop[@]}" \
        --aptopt='Acquire::Retries "5"' "$suite" "$root.part" $(mirror) >"$root.log" 2>&1 ||
        { tail -n 30 "$root.log" >&2; rm -rf "$root.part"; die "mmdebstrap failed, see $root.log"; }
    touch "$root.part/.complete"
    mv "$root.part" "$root"
    say "done, $(du -sm "$root" | cut -f1) MB in $root"
}

run() {
    if command -v swift >/dev/null; then exec "$@"; fi
    [ -e "$root/.complete" ] || die "no Swift here: run '$0 install' first"
    local keep=() name
    for name in CI LIBRARY_PATH LD_LIBRARY_PATH TERM COURIER_VERSION COURIER_BACKEND TSAN_OPTIONS; do
        [ -z "${!name:-}" ] || keep+=(--setenv "$name" "${!name}")
    done
    exec bwrap --die-with-parent --bind "$root" / --dev /dev --proc /proc --tmpfs /tmp \
        --ro-bind-try /etc/hosts /etc/hosts --bind "$repo" "$repo" --chdir "$PWD" --clearenv \
        --setenv HOME /root --setenv PATH /usr/bin:/bin --setenv LANG C.UTF-8 "${keep[@]}" -- "$@"
}

case "${1:-}" in
install) install_root ;;
run) shift; run "$@" ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
