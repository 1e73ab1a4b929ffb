"""Checks the frozen vectors with libraries that know nothing of this project (requirements.txt).

Then it changes every single value of every file, one at a time, and each change has to be noticed: so nothing in the
files goes unchecked. docs/vectors.md says what each file is.
"""

import base64
import copy
import hashlib
import hmac
import json
import pathlib
import struct
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

HPKE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305)

# What an enrolment request says beside what is signed: nothing could notice a change.
NOT_SIGNED = {("request", "key"), ("request", "platform"), ("request", "app")}


def raw(text):
    """The bytes of base64url without padding; a text that is not the only one for its bytes is refused."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    same("base64url", b64(data), text)
    return data


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def sha256(data):
    return hashlib.sha256(data).digest()


def same(what, left, right):
    if left != right:
        raise ValueError(f"{what}: {left!r} is not {right!r}")


def tag(vectors):
    for it in vectors:
        digits, kdf = it["digits"].encode(), it["kdf"]
        slow = hash_secret_raw(digits, raw(it["salt"]), kdf["t"], kdf["m"], kdf["p"], 32, Type.ID, 0x13)
        same("hash", b64(slow), it["hash"])
        name = it["code_id"].encode()
        message = b"courier/tag/v1\0" + struct.pack(">H", len(name)) + name + slow
        mac = hmac.digest(raw(it["key"]), message, "sha256")
        same("mac", b64(mac), it["mac"])
        for each in it["tags"]:
            same("tag", int.from_bytes(mac[:2]) >> (16 - each["k"]), each["tag"])
        same("lengths", [each["k"] for each in it["tags"]], list(range(6, 13)))


def token(vectors):
    for it in vectors:
        same("length", len(raw(it["token"])), 16)
        same("qr", it["qr"], "courier:1:" + it["token"])
        same("sha256", b64(sha256(raw(it["token"]))), it["sha256"])


def evidence(vectors):
    for it in vectors:
        secret = HPKE.kem.deserialize_private_key(raw(it["recipient_secret"]))
        public = HPKE.kem.deserialize_public_key(raw(it["recipient_public"]))
        key_id = sha256(raw(it["recipient_public"]))[:8]
        same("key_id", b64(key_id), it["key_id"])
        names = [name.encode() for name in [it["fact"], it["install"], *it["attempts"]]]
        aad = b"courier/evidence/v1\0" + b"".join(struct.pack(">H", len(name)) + name for name in names)
        same("aad", b64(aad), it["aad"])
        text = it["entry"]["text"]
        plain = {
            "digits": lambda: b"\1" + text.encode() + bytes(10),
            "token": lambda: b"\2" + raw(text.removeprefix("courier:1:")),
        }[it["entry"]["kind"]]()
        same("plain", b64(plain), it["plain"])

        ephemeral = HPKE.kem.derive_key_pair(raw(it["ephemeral_ikm"]))
        by_secret = HPKE.kem.deserialize_private_key(raw(it["ephemeral_secret"]))
        same("ephemeral_secret", public_half(by_secret), raw(it["enc"]))
        same("recipient_public", public_half(secret), raw(it["recipient_public"]))
        info = it["info"].encode()
        enc, sender = HPKE.create_sender_context(public, info, eks=ephemeral)
        same("enc", b64(enc), it["enc"])
        same("ciphertext", b64(sender.seal(plain, aad)), it["ciphertext"])
        sealed = raw(it["evidence"])
        same("form", sealed[:9], b"\1" + key_id)
        opened = HPKE.create_recipient_context(sealed[9:41], secret, info).open(sealed[41:], aad)
        same("opened", opened, plain)


def public_half(secret):
    return secret._key.public_key().public_bytes_raw()


def verified(compact, key, typ):
    """The payload of a JWS with exactly our header, signed by `key`."""
    parts = compact.split(".")
    for part in parts:
        raw(part)
    header = {"alg": "ES256", "kid": key.thumbprint(), "typ": typ}
    same("header", json.loads(raw(parts[0])), header)
    return jws.deserialize_compact(compact, key, algorithms=["ES256"]).payload


def public_key(jwk):
    same("kind of key", (jwk["kty"], jwk["crv"]), ("EC", "P-256"))
    return ECKey.import_key(jwk)


def signer(it):
    """The public key of a signer, whose secret half has to fit."""
    key = public_key(it["jwk"])
    same("thumbprint", key.thumbprint(), it["thumbprint"])
    secret = ec.derive_private_key(int.from_bytes(raw(it["secret"])), ec.SECP256R1())
    same("secret", secret.public_key().public_numbers(), key.public_key.public_numbers())
    return key


def chained(facts, device):
    """The payloads of a chain, whose links and signatures have to fit, and the hash of its last fact."""
    payloads, prev, key = [], None, device
    for seq, compact in enumerate(facts, 1):
        payload = json.loads(verified(compact, key, "courier-fact+jws"))
        same("prev", payload.get("prev"), prev)
        same("seq", payload["seq"], seq)
        if payload["kind"] == "day_started":
            key = public_key(payload["body"]["day_jwk"])
        prev = b64(sha256(compact.encode()))
        payloads.append(payload)
    return payloads, prev


KINDS = (
    "day_started load_checked arrived code_tried code_tried handed_over handed_over not_delivered withdrawn "
    "proof_added route_edited returned incident day_closed incident"
).split()


def facts(vectors):
    device, day = signer(vectors["device"]), signer(vectors["day"])
    payloads, _ = chained([it["jws"] for it in vectors["facts"]], device)
    same("day key", public_key(payloads[0]["body"]["day_jwk"]).thumbprint(), day.thumbprint())
    same("kinds", [it["kind"] for it in vectors["facts"]], KINDS)
    for it, payload in zip(vectors["facts"], payloads, strict=True):
        same("payload", raw(it["jws"].split(".")[1]), it["payload"].encode())
        same("kind", payload["kind"], it["kind"])
        same("hash", b64(sha256(it["jws"].encode())), it["hash"])
        private = it.get("private")
        same("private", private and b64(sha256(raw(private))), payload.get("private"))


def chain(vectors):
    payloads, head = chained(vectors["facts"], public_key(vectors["device_jwk"]))
    same("length", len(payloads), 100)
    same("head", head, vectors["head"])
    for payload in payloads:
        same("install", (payload["install"], payload["inc"]), (vectors["install"], vectors["inc"]))


def receipt(it):
    payload = verified(it["jws"], signer(it["signer"]), "courier-receipt+jws")
    same("payload", payload, it["payload"].encode())
    said = json.loads(payload)
    same("head", said["hash"], b64(sha256(it["fact"].encode())))
    head = json.loads(raw(it["fact"].split(".")[1]))
    for name in ("install", "inc", "seq"):
        same(name, said[name], head[name])


def assertion(it):
    payload = verified(it["jws"], signer(it["signer"]), "courier-assertion+jws")
    same("payload", payload, it["payload"].encode())
    same("keys", sorted(json.loads(payload)), ["aud", "iat", "iss", "jti"])
    same("request", it["request"], {"assertion": it["jws"]})


def enrolment(it):
    payload = verified(it["jws"], signer(it["signer"]), "courier-enrol+jws")
    same("payload", payload, it["payload"].encode())
    request = it["request"]
    same("proof", (request["proof"], request["device_jwk"]), (it["jws"], it["signer"]["jwk"]))
    same("proven", json.loads(payload), {"code": request["code"], "install": request["install"]})


def private(vectors):
    for it in vectors:
        same("packed", raw(it["packed"]), raw(it["salt"]) + it["part"].encode())
        same("salt", len(raw(it["salt"])), 32)
        same("commitment", b64(sha256(raw(it["packed"]))), it["commitment"])


def row(vectors):
    for it in vectors:
        table, name = it["table"].encode(), it["id"].encode()
        aad = b"courier/row/v1\0" + struct.pack(">Q", len(table)) + table
        aad += struct.pack(">Q", len(name)) + name + struct.pack(">Q", it["rev"])
        same("aad", b64(aad), it["aad"])
        sealed = raw(it["sealed"])
        same("nonce", b64(sealed[:24]), it["nonce"])
        same("plain", xchacha_open(sealed[24:], aad, sealed[:24], raw(it["key"])), it["plain"].encode())


FILES = {
    "tag.json": tag,
    "token.json": token,
    "evidence-v1.json": evidence,
    "facts.json": facts,
    "chain.json": chain,
    "receipt.json": receipt,
    "assertion.json": assertion,
    "enrolment.json": enrolment,
    "private.json": private,
    "row.json": row,
}


def places(value, path=()):
    """The path of every text and number in `value`."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    elif path not in NOT_SIGNED:
        yield path


def changed(vectors, path):
    """`vectors` with another value at `path`: a number one higher, a text with another character in the middle."""
    vectors = copy.deepcopy(vectors)
    parent = vectors
    for key in path[:-1]:
        parent = parent[key]
    value = parent[path[-1]]
    if isinstance(value, str):
        middle = len(value) // 2
        value = value[:middle] + ("1" if value[middle] == "0" else "0") + value[middle + 1 :]
    else:
        value += 1
    parent[path[-1]] = value
    return vectors


def main(folder):
    found = {path.name for path in folder.glob("*.json")}
    same("files", sorted(found), sorted(FILES))
    unnoticed = []
    for name, check in FILES.items():
        vectors = json.loads((folder / name).read_text(encoding="utf-8"))["vectors"]
        count = 0
        # Vectors of a list stand each for itself.
        for part in [[it] for it in vectors] if isinstance(vectors, list) else [vectors]:
            check(part)
            for path in places(part):
                count += 1
                try:
                    check(changed(part, path))
                except Exception:  # whatever a library says of a changed value
                    continue
                unnoticed.append((name, *path))
        print(f"{name}: verified, and {count} values changed one by one")
    if unnoticed:
        sys.exit(f"changed and not noticed: {unnoticed}")
    print("each change was noticed")


main(pathlib.Path(__file__).parent)
