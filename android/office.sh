#!/usr/bin/env bash
# A backend on this machine with today's route of one courier, for a phone to be tried with. It runs until it is ended.
#   office.sh BACKEND STOPS     BACKEND is courier-backend, or scenario-backend; prints "PORT CODE": where it listens, and what a phone enrols with
# Needs curl.
set -euo pipefail
backend=$(realpath "$1")
stops=$2
folder=$(mktemp -d)
trap 'kill $! 2>/dev/null; rm -rf "$folder"' EXIT
export COURIER_OPS_KEY=the-office-of-office.sh COURIER_LISTEN=127.0.0.1:0 COURIER_DATA_DIR=$folder/data
: >"$folder/backend.toml"
mkfifo "$folder/in"
exec 3<>"$folder/in" # one for tests ends with its standard input
"$backend" serve "$folder/backend.toml" <&3 >"$folder/out" 2>"$folder/errors" &
for _ in $(seq 100); do
    url=$(sed -n 's/^listening on //p' "$folder/out")
    [ -z "$url" ] || break
    kill -0 $! 2>/dev/null || { cat "$folder/errors" >&2; exit 1; }
    sleep 0.1
done
post() {
    curl --silent --show-error --fail-with-body -X POST "$url$1" -H "authorization: Bearer $COURIER_OPS_KEY" \
        -H 'content-type: application/json' --data-binary "@-"
}
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

day=$(TZ=Europe/Berlin date +%F)
courier=$(post /v1/couriers <<<'{"name":"Ada"}' | member id)
{
    printf '{"day":"%s","tz":"Europe/Berlin","shipments":[' "$day"
    for n in $(seq "$stops"); do
        [ "$n" = 1 ] || printf ','
        # A square of streets around Berlin's Alexanderplatz, each stop 100 m from the next; every fourth needs a code.
        printf '{"ref":"S%d","order_ref":"order %d","sender":"Feinwerk","customer":{"email":"s%d@customers.example","lang":"de"},"recipient":{"name":"Recipient %d"},
            "address":{"street":"Street %d","house":"%d","postcode":"10178","city":"Berlin","country":"DE"},"pin":{"lat":52.%05d,"lon":13.%05d},
            "items":[{"value":%d,"currency":"EUR"}],"parcels":[{"barcode":"LABEL-%d"}]}' \
            "$n" "$n" "$n" "$n" $((n / 14)) $((n % 14 + 1)) $((51500 + n / 14 * 90)) $((40300 + n % 14 * 148)) $((n % 4 == 0 ? 90000 : 1000)) "$n"
    done
    printf ']}'
} | post /v1/import >"$folder/imported" || { cat "$folder/imported" >&2; exit 1; }
post /v1/routes/publish <<<"{\"courier\":\"$courier\",\"day\":\"$day\"}" >/dev/null
code=$(post "/v1/couriers/$courier/enrolments" <<<'{}' | member code)
echo "${url##*:} $code"
wait $!
