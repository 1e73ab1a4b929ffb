#!/usr/bin/env bash
# Starts a test backend for each scenario file, runs a command that finds them in its environment, and ends them.
#   scenario-backends.sh COMMAND...
# COURIER_BACKEND names the program (`scenario-backend`). The command gets COURIER_BACKENDS, and TEST_RUNNER_COURIER_BACKENDS,
# which xcodebuild hands to the tests without its prefix: `NAME=URL`, with a space between two.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
scenarios=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../tests/scenarios" && pwd)

folder=$(mktemp -d)
# The cheapest code hash that phones take.
printf '[code.kdf]\nm = 8\nt = 1\np = 1\n' >"$folder/backend.toml"
# A backend ends with its standard input, so that none of them is left when this script is killed.
mkfifo "$folder/life"
exec 3<>"$folder/life"
backends=()
end() {
    exec 3>&-
    kill ${backends[@]+"${backends[@]}"} 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap end EXIT

# All begin at New Year: the player sets each to its file's time.
export COURIER_LISTEN=127.0.0.1:0 COURIER_OPS_KEY="the office's own key" COURIER_TEST_NOW_MS=1767225600000 COURIER_TEST_SEED=1
for file in "$scenarios"/*.json; do
    name=$(basename "$file" .json)
    COURIER_DATA_DIR=$folder/$name "$COURIER_BACKEND" serve "$folder/backend.toml" <&3 >"$folder/$name.out" &
    backends+=($!)
done

COURIER_BACKENDS=
for file in "$scenarios"/*.json; do
    name=$(basename "$file" .json)
    for _ in $(seq 300); do
        url=$(sed -n 's/^listening on //p' "$folder/$name.out")
        [ -z "$url" ] || break
        sleep 0.1
    done
    [ -n "$url" ] || { echo "the backend for $name does not start" >&2; exit 1; }
    COURIER_BACKENDS+="${COURIER_BACKENDS:+ }$name=$url"
done
export COURIER_BACKENDS TEST_RUNNER_COURIER_BACKENDS=$COURIER_BACKENDS
unset COURIER_LISTEN COURIER_OPS_KEY COURIER_TEST_NOW_MS COURIER_TEST_SEED
"$@" 3<&-
