"""Checks a shipment's receipt with joserfc (RFC 7515), which knows nothing of this project.

device key -> day_started facts -> the day's keys -> the facts about the shipment, and what the backend vouches for by
the key of /.well-known/jwks.json: that it has stored exactly these bytes, and what its judge says. A changed byte has to
be refused.

usage: verify.py RECEIPT.json JWKS.json
"""

import base64
import hashlib
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


def handovers(receipt, jwks, facts):
    """What the backend vouches for, each beside the fact that it names by its hash."""
    keys = by_thumbprint(jwks["keys"])
    by_hash = {
        base64.urlsafe_b64encode(hashlib.sha256(fact.encode()).digest()).rstrip(b"=").decode(): payload
        for fact, payload in zip(receipt["facts"], facts)
    }
    for compact in receipt["receipts"]:
        said = verified(compact, keys)
        fact = by_hash[said["hash"]]
        for name in ("id", "install", "inc", "seq"):
            if fact[name] != said["fact" if name == "id" else name]:
                sys.exit(f"the receipt names another {name}: {said}")
        if fact["kind"] != "handed_over" or said["verdict"] != "confirmed":
            sys.exit(f"no confirmed handover: {said}")
        yield said


def main(path, jwks_path):
    receipt = json.load(open(path, encoding="utf-8"))
    devices = by_thumbprint(receipt["device_keys"])
    days = by_thumbprint(verified(day, devices)["body"]["day_jwk"] for day in receipt["days"])
    facts = [verified(fact, days) for fact in receipt["facts"]]
    kinds = [fact["kind"] for fact in facts]
    if "handed_over" not in kinds:
        sys.exit(f"no handover in {kinds}")

    jwks = json.load(open(jwks_path, encoding="utf-8"))
    said = list(handovers(receipt, jwks, facts))
    if not said:
        sys.exit("the backend vouches for nothing")

    for compact, keys in [(receipt["facts"][-1], days), (receipt["receipts"][-1], by_thumbprint(jwks["keys"]))]:
        header, payload, signature = compact.split(".")
        other = ("A" if signature[0] != "A" else "B") + signature[1:]
        try:
            verified(".".join([header, payload, other]), keys)
        except JoseError as error:
            print(f"a changed signature is refused: {error.error}")
        else:
            sys.exit("a changed signature was accepted")
    print(f"verified with joserfc: {len(receipt['days'])} day, facts {', '.join(kinds)}")
    for one in said:
        print(f"receipt: {one['verdict']} ({one['why']}), fact {one['seq']} of {one['install']}")


main(*sys.argv[1:3])
