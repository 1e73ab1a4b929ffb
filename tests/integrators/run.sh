#!/usr/bin/env bash
# Runs the commands of docs/integrators.md as they stand, in one shell, against a backend with an empty folder.
#
#   tests/integrators/run.sh BACKEND [PAGE]
set -euo pipefail

backend=$(realpath "$1")
page=$(realpath "${2:-docs/integrators.md}")
folder=$(mktemp -d)
process=
trap '[ -z "$process" ] || kill "$process"; rm -rf "$folder"' EXIT
cd "$folder"
mkdir bin
ln -s "$backend" bin/courier-backend
export PATH=$folder/bin:$PATH COURIER_DATA_DIR=$folder/data COURIER_LISTEN=127.0.0.1:0

"$backend" serve >"$folder/log" &
process=$!
for _ in $(seq 100); do
    URL=$(sed -n 's/^listening on //p' log)
    [ -z "$URL" ] || break
    sleep 0.1
done
export URL

# Before each block its line is kept, to be told if the block fails.
awk '/^```sh$/ { print "line=" NR; inside = 1; next } /^```$/ { inside = 0 } inside' "$page" >commands.sh
blocks=$(grep -c '^line=' commands.sh)
[ "$blocks" -ge 10 ] || { echo "only $blocks blocks in $page"; exit 1; }
{
    echo 'set -euo pipefail; trap '\''echo "the block at line $line of the page failed"'\'' ERR; set -o errtrace'
    cat commands.sh
} >whole.sh
bash whole.sh
echo "$blocks blocks ran"
