"""Section 8 of docs/protocol.md: digits, tags, tokens, and entries that phones have sealed."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from jose import Bad, decode, encode, sha256

BITS = 10
EVIDENCE = b"courier/evidence/v1"


def tag(digits, verifier):
    kdf = verifier["kdf"]
    derive = Argon2id(salt=decode(verifier["salt"], 16), length=32, iterations=kdf["t"], lanes=kdf["p"], memory_cost=kdf["m"])
    code_id = verifier["code_id"].encode()
    message = b"courier/tag/v1\0" + len(code_id).to_bytes(2, "big") + code_id + derive.derive(digits.encode())
    mac = hmac.digest(decode(verifier["key"], 32), message, "sha256")
    return int.from_bytes(mac[:2], "big") >> (16 - verifier["k"])


def issue(attempt, code_id, salt, kdf, validity):
    """Digits and token for the customer, the verifier for the phone."""
    digits, token = f"{secrets.randbelow(1_000_000):06}", secrets.token_bytes(16)
    verifier = {
        "attempt": attempt, "code_id": code_id, "holder": "recipient", "kdf": kdf, "salt": salt,
        "key": encode(secrets.token_bytes(32)), "k": BITS, "token_sha256": sha256(token),
        "not_before": validity[0], "not_after": validity[1],
    }
    verifier["tag"] = tag(digits, verifier)
    return digits, encode(token), verifier


class EvidenceKey:
    """Opens what phones have sealed: HPKE in base mode (RFC 9180)."""

    def __init__(self, secret):
        self.key = X25519PrivateKey.from_private_bytes(secret)
        self.public = self.key.public_key().public_bytes_raw()

    def open(self, evidence, fact, install, attempts):
        """The entry, as ("digits", text) or ("token", text)."""
        blob = decode(evidence)
        key_id, enc, sealed = blob[1:9], blob[9:41], blob[41:]
        if len(blob) < 42 or blob[0] != 1 or key_id != hashlib.sha256(self.public).digest()[:8]:
            raise Bad("evidence for this key")
        aad = EVIDENCE + b"\0" + b"".join(
            len(part).to_bytes(2, "big") + part.encode() for part in (fact, install, *attempts))
        try:
            shared = self._decapsulate(enc)
            key, nonce = schedule(shared, EVIDENCE)
            plain = ChaCha20Poly1305(key).decrypt(nonce, sealed, aad)
        except (InvalidTag, ValueError) as error:
            raise Bad("evidence of this fact") from error
        if len(plain) != 17 or plain[0] not in (1, 2):
            raise Bad("an entry")
        return ("digits", plain[1:7].decode("ascii", "replace")) if plain[0] == 1 else ("token", encode(plain[1:]))

    def _decapsulate(self, enc):
        suite = b"KEM\x00\x20"
        shared = self.key.exchange(X25519PublicKey.from_public_bytes(enc))
        return expand(suite, extract(suite, b"", b"eae_prk", shared), b"shared_secret", enc + self.public, 32)


def extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite, prk, label, info, length):
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(prk)


def schedule(shared, info):
    suite = b"HPKE\x00\x20\x00\x01\x00\x03"
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return expand(suite, secret, b"key", context, 32), expand(suite, secret, b"base_nonce", context, 12)
