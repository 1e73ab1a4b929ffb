"""Checks a shipment's receipt with joserfc (RFC 7515), which knows nothing of this project.

device key -> day_started facts -> the day's keys -> the facts about the shipment. A changed byte has to be refused.
"""

import base64
import json
import sys

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

ES256 = ["ES256"]


def verified(compact, keys):
    """The payload, by the key that the header names."""
    kid = json.loads(base64.urlsafe_b64decode(compact.split(".")[0] + "=="))["kid"]
    return json.loads(jws.deserialize_compact(compact, keys[kid], algorithms=ES256).payload)


def by_thumbprint(jwks):
    return {key.thumbprint(): key for key in map(ECKey.import_key, jwks)}


def main(path):
    receipt = json.load(open(path, encoding="utf-8"))
    devices = by_thumbprint(receipt["device_keys"])
    days = by_thumbprint(verified(day, devices)["body"]["day_jwk"] for day in receipt["days"])
    kinds = [verified(fact, days)["kind"] for fact in receipt["facts"]]
    if "handed_over" not in kinds:
        sys.exit(f"no handover in {kinds}")

    header, payload, signature = receipt["facts"][-1].split(".")
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    try:
        verified(".".join([header, payload, other]), days)
    except JoseError as error:
        print(f"a changed signature is refused: {error.error}")
    else:
        sys.exit("a changed signature was accepted")
    print(f"verified with joserfc: {len(receipt['days'])} day, facts {', '.join(kinds)}")


main(sys.argv[1])
