"""Sections 1 and 2 of docs/protocol.md: strict base64url, identifiers, keys, signatures."""

import base64
import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ES256 = ec.ECDSA(hashes.SHA256())
MAX_JWS = 256 * 1024


class Bad(Exception):
    """What was given is not of the form that the page names."""


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text, length=None):
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise Bad("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Bad("not base64url") from error
    if encode(data) != text or length not in (None, len(data)):
        raise Bad("not strict base64url, or of another length")
    return data


def sha256(data):
    return encode(hashlib.sha256(data.encode() if isinstance(data, str) else data).digest())


def is_id(text):
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", text) is not None


def members(value, required, optional=()):
    """The members of an object that has all of these, and no others."""
    if not isinstance(value, dict) or not set(required) <= set(value) <= {*required, *optional}:
        raise Bad(f"an object with {', '.join(required)}")
    return [value[name] for name in required]


def parse(data):
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Bad("not JSON") from error


def thumbprint(jwk):
    return sha256(json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":")))


def public_key(jwk):
    kty, crv, x, y = members(jwk, ("kty", "crv", "x", "y"))
    if (kty, crv) != ("EC", "P-256"):
        raise Bad("a P-256 key")
    numbers = [int.from_bytes(decode(it, 32), "big") for it in (x, y)]
    try:
        return ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise Bad("a point on the curve") from error


class Jws:
    """A compact JWS that was read and not yet verified."""

    def __init__(self, text):
        if not isinstance(text, str) or len(text) > MAX_JWS or text.count(".") != 2:
            raise Bad("a compact JWS")
        self.signed, _, signature = text.rpartition(".")
        head, payload = self.signed.split(".")
        alg, self.kid, self.typ = members(parse(decode(head)), ("alg", "kid", "typ"))
        if alg != "ES256":
            raise Bad("ES256")
        self.payload, self.signature = decode(payload), decode(signature, 64)

    def is_signed_by(self, jwk, typ):
        if jwk is None or self.typ != typ or self.kid != thumbprint(jwk):
            return False
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        try:
            public_key(jwk).verify(encode_dss_signature(r, s), self.signed.encode(), ES256)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """The backend's own key."""

    def __init__(self, secret):
        self.key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        x, y = (encode(n.to_bytes(32, "big")) for n in self._point())
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def _point(self):
        numbers = self.key.public_key().public_numbers()
        return numbers.x, numbers.y

    @staticmethod
    def generate():
        key = ec.generate_private_key(ec.SECP256R1())
        return key.private_numbers().private_value.to_bytes(32, "big")

    def sign(self, typ, payload):
        head = {"alg": "ES256", "kid": thumbprint(self.jwk), "typ": typ}
        signed = ".".join(encode(json.dumps(part).encode()) for part in (head, payload))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ES256))
        return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
