"""Sections 3 and 4 of docs/protocol.md: enrolment and tokens."""

import json
import secrets

from jose import Bad, Jws, encode, is_id, members, parse, public_key, sha256

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS
TOKEN_S = 3600
SKEW_MS = 300_000


class Refused(Exception):
    """A refusal: status, last word of the type, perhaps seconds to wait."""

    def __init__(self, status, word, detail=None, retry_after=None):
        super().__init__(word)
        self.status, self.word, self.detail, self.retry_after = status, word, detail, retry_after


def enrol(store, request, address):
    code, install, jwk, key, *texts, proof = members(
        request, ("code", "install", "device_jwk", "key", "platform", "app", "proof"))
    if not is_id(install) or key not in ("hardware", "software") or not all(isinstance(it, str) for it in (code, *texts)):
        raise Bad("code, install, key, platform and app")
    public_key(jwk)
    jws = Jws(proof)
    if not jws.is_signed_by(jwk, "courier-enrol+jws") or parse(jws.payload) != {"code": code, "install": install}:
        raise Bad("proof: of this enrolment and key")
    now, guessers = store.now(), (f"install {install}", f"address {address}")
    for who, most, ms in zip(guessers, (10, 20), (SKEW_MS, 60_000)):
        if store.one("SELECT count(*) FROM guess WHERE who = ? AND at > ?", who, now - ms)[0] >= most:
            raise Refused(429, "too-many", retry_after=ms // 1000)
    known = store.one("SELECT * FROM enrolment WHERE code = ? AND expires > ?", code, now)
    phone = store.one("SELECT * FROM phone WHERE install = ?", install)
    if known is None or known["install"] not in (None, install) or (phone and json.loads(phone["jwk"]) != jwk):
        for who in guessers:
            store.run("INSERT INTO guess VALUES (?, ?)", who, now)
        return Refused(422, "enrolment-code")
    store.run("UPDATE enrolment SET install = ? WHERE code = ?", install, code)
    store.run("INSERT OR REPLACE INTO phone VALUES (?, ?, ?)", install, known["courier"], json.dumps(jwk))
    name = store.one("SELECT name FROM courier WHERE id = ?", known["courier"])[0]
    return {"courier": {"id": known["courier"], "name": name}, **common(store)}


def common(store):
    return {"evidence_keys": [{"x25519": encode(store.evidence.public)}], "epoch": store.get("epoch"), "server_ms": store.now()}


def token(store, request, public_url):
    (assertion,) = members(request, ("assertion",))
    refused = Refused(401, "unauthorized")
    try:
        jws = Jws(assertion)
        iss, aud, iat, jti = members(parse(jws.payload), ("iss", "aud", "iat", "jti"))
    except Bad as error:
        raise refused from error
    now = store.now()
    phone = store.one("SELECT * FROM phone WHERE install = ?", iss if isinstance(iss, str) else "")
    fits = (phone is not None and jws.is_signed_by(json.loads(phone["jwk"]), "courier-assertion+jws")
            and isinstance(aud, str) and aud.rstrip("/") == public_url.rstrip("/")
            and isinstance(iat, int) and abs(iat - now) <= SKEW_MS and isinstance(jti, str))
    store.run("DELETE FROM assertion WHERE expires < ?", now)
    if not fits or store.run("INSERT OR IGNORE INTO assertion VALUES (?, ?)", jti, now + 2 * SKEW_MS) == 0:
        raise refused
    scope = scope_of(store, phone)
    text = secrets.token_urlsafe(24)
    store.run("INSERT INTO token VALUES (?, ?, ?)", sha256(text), iss, now + TOKEN_S * 1000)
    answer = {"access_token": text, "expires_in": TOKEN_S, "scope": scope, **common(store)}
    return answer if scope == "full" else answer | {"cause": "dismissed"}


def scope_of(store, phone):
    """What a phone may do now. A dismissal counts at once."""
    dismissed_at = store.one("SELECT dismissed_at FROM courier WHERE id = ?", phone["courier"])[0]
    if dismissed_at is not None and store.now() > dismissed_at + WEEK_MS:
        raise Refused(403, "dismissed")
    return "full" if dismissed_at is None else "drain"


def authenticate(store, authorization, needs_full):
    """The phone of a bearer token."""
    given = (authorization or "").removeprefix("Bearer ").strip()
    phone = store.one("SELECT phone.* FROM phone JOIN token USING (install) WHERE sha256 = ? AND expires > ?", sha256(given), store.now())
    if phone is None:
        raise Refused(401, "unauthorized")
    if scope_of(store, phone) != "full" and needs_full:
        raise Refused(403, "forbidden")
    return phone
