"""Section 5 of docs/protocol.md: taking facts in. One may be flagged; none is refused, dropped, edited or reordered."""

import json

from jose import Bad, Jws, decode, is_id, members, parse, public_key, sha256, thumbprint
from judge import Judge

TYP = "courier-fact+jws"
MAX_FACTS = 200
# Kinds, and what a body of each must have.
KINDS = {
    "day_started": ["day_jwk"], "load_checked": ["found", "missing", "foreign"], "arrived": [], "code_tried": ["attempts", "result"],
    "handed_over": ["attempt", "parcels", "receiver", "scanned"], "not_delivered": ["attempt", "parcels", "reason"],
    "withdrawn": ["fact"], "proof_added": ["fact", "files"], "route_edited": ["order", "why"], "returned": ["parcels"],
    "day_closed": [], "incident": ["kind"],
}
BAD_SIGNATURE = "bad-signature"


class TooLarge(Exception):
    """More than a batch may have."""


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def payload_of(jws, install):
    """What a fact says, if anybody here can read it."""
    try:
        fact = parse(jws.payload)
        at, body = fact["at"], fact["body"]
        fits = (fact["v"] == 1 and is_id(fact["id"]) and fact["install"] == install and is_count(fact["inc"])
                and is_count(fact["seq"]) and fact["kind"] in KINDS and all(name in body for name in KINDS[fact["kind"]])
                and isinstance(at["wall"], int) and is_count(at["boot_ms"]) and isinstance(at["boot"], str))
        if fits and fact["kind"] == "day_started":
            public_key(body["day_jwk"])
    except (Bad, KeyError, TypeError):
        return None
    return fact if fits else None


class Batch:
    """A batch of one installation."""

    def __init__(self, store, phone):
        self.store, self.phone, self.install = store, phone, phone["install"]
        self.device = json.loads(phone["jwk"])
        self.days = {}
        for row in store.all("SELECT jws, flags FROM fact WHERE install = ? AND kind = 'day_started' AND status = 'stored'", self.install):
            if BAD_SIGNATURE not in json.loads(row["flags"]):
                self.add_day(parse(Jws(row["jws"]).payload)["body"]["day_jwk"])

    def add_day(self, jwk):
        self.days[thumbprint(jwk)] = jwk

    def accept(self, request, echo):
        install, inc, epoch, facts = members(request, ("install", "inc", "epoch", "facts"))
        if not isinstance(facts, list) or not is_count(inc) or not isinstance(epoch, str):
            raise Bad("install, inc, epoch and facts")
        items = [(members(item, ("jws",), ("private",))[0], item.get("private")) for item in facts]
        if not all(isinstance(jws, str) for jws, _ in items):
            raise Bad("jws: a text")
        if install != self.install:
            raise PermissionError("facts of another installation")
        if len(items) > MAX_FACTS:
            raise TooLarge
        results = [self.accept_one(jws, private, epoch) for jws, private in items]
        answer = {"request": echo, "epoch": self.store.get("epoch"), "server_ms": self.store.now(), "results": results}
        head = self.store.one("SELECT seq, hash FROM fact WHERE install = ? AND inc = ? ORDER BY seq DESC, n LIMIT 1", install, inc)
        if head is not None:
            said = {"install": install, "inc": inc, "seq": head["seq"], "hash": head["hash"], "server_ms": answer["server_ms"]}
            answer["receipt"] = self.store.signer.sign("courier-receipt+jws", said)
        return answer

    def accept_one(self, text, private, epoch):
        digest = sha256(text)
        known = self.store.one("SELECT * FROM fact WHERE hash = ?", digest)
        if known is not None:
            return self.result(known, True)
        try:
            jws = Jws(text)
        except Bad:
            jws = None
        fact = jws and payload_of(jws, self.install)
        if not fact:
            inc, seq = self.place_of(jws) or (None, None)
            self.add(digest, text, inc, seq, {}, "parked", [], None)
            return self.result(self.store.one("SELECT * FROM fact WHERE hash = ?", digest), False)
        if epoch != self.store.get("epoch") and fact["kind"] != "day_started" and jws.kid not in self.days:
            return {"hash": digest, "id": fact["id"], "status": "retry", "dup": False, "flags": []}
        flags = []
        signer = self.device if fact["kind"] == "day_started" else self.days.get(jws.kid)
        signed = jws.is_signed_by(signer, TYP)
        if not signed:
            flags.append(BAD_SIGNATURE)
        want = self.check_chain(fact, flags)
        conflict = self.store.one("SELECT 1 FROM fact WHERE id = ? AND status = 'stored'", fact["id"]) is not None
        if conflict:
            flags.append("id-conflict")
        private = self.check_private(private, fact, flags)
        number = self.add(digest, text, fact["inc"], fact["seq"], fact, "stored", flags, private)
        if signed and not conflict:
            self.judge(number, fact, flags)
        row = self.store.one("SELECT * FROM fact WHERE hash = ?", digest)
        return self.result(row, False) | ({"want": want} if want else {})

    def add(self, digest, text, inc, seq, fact, status, flags, private):
        self.store.run("INSERT INTO fact (hash, install, inc, seq, id, kind, jws, status, flags, private) VALUES (?,?,?,?,?,?,?,?,?,?)",
                       digest, self.install, inc, seq, fact.get("id"), fact.get("kind"), text, status, json.dumps(flags), private)
        return self.store.one("SELECT last_insert_rowid()")[0]

    def result(self, row, dup):
        answer = {"hash": row["hash"], "status": row["status"], "dup": dup, "flags": json.loads(row["flags"])}
        if row["id"] is not None:
            answer["id"] = row["id"]
            first = self.store.one("SELECT hash FROM fact WHERE id = ? AND status = 'stored' ORDER BY n", row["id"])
            judged = self.store.one("SELECT verdict, why FROM verdict WHERE fact = ? ORDER BY n DESC", row["id"])
            if judged is not None and first["hash"] == row["hash"]:
                answer["verdict"] = dict(judged)
        return answer

    def place_of(self, jws):
        """Where a fact that nobody here can read stands in its chain, if its signer says so."""
        if jws is None or not jws.is_signed_by(self.days.get(jws.kid, self.device), TYP):
            return None
        try:
            place = parse(jws.payload)
            fits = place["install"] == self.install and is_count(place["inc"]) and is_count(place["seq"])
            return (place["inc"], place["seq"]) if fits else None
        except (Bad, KeyError, TypeError):
            return None

    def check_chain(self, fact, flags):
        inc, seq, prev = fact["inc"], fact["seq"], fact.get("prev")
        at = "SELECT hash FROM fact WHERE install = ? AND inc = ? AND seq = ?"
        last_inc = self.store.one("SELECT coalesce(max(inc), 0) FROM fact WHERE install = ?", self.install)[0]
        if self.store.one(at, self.install, inc, seq):
            flags.append("sequence-fork")
        elif seq == 1 and inc > last_inc + 1:
            flags.append("incarnation-gap")
        if seq <= 1:
            if prev is not None or seq == 0:
                flags.append("chain-break")
            return None
        before = [row["hash"] for row in self.store.all(at, self.install, inc, seq - 1)]
        if not before:
            flags.append("gap")
            highest = self.store.one("SELECT coalesce(max(seq), 0) FROM fact WHERE install = ? AND inc = ? AND seq < ?",
                                     self.install, inc, seq)[0]
            return {"from": highest + 1, "to": seq - 1}
        if prev not in before:
            flags.append("chain-break")
        return None

    @staticmethod
    def check_private(private, fact, flags):
        """The private part, if it is what the fact commits to."""
        commitment = fact.get("private")
        if private is None:
            if commitment is not None:
                flags.append("private-missing")
            return None
        try:
            data = decode(private)
            if len(data) >= 32 and sha256(data) == commitment and isinstance(parse(data[32:]), dict):
                return private
        except Bad:
            pass
        flags.append("private-mismatch")
        return None

    def judge(self, number, fact, flags):
        is_new_day = fact["kind"] == "day_started" and thumbprint(fact["body"]["day_jwk"]) not in self.days
        judge = Judge(self.store, self.phone["courier"], fact, flags)
        judge.judge()
        self.store.run("UPDATE fact SET flags = ? WHERE n = ?", json.dumps(flags), number)
        if is_new_day:
            self.add_day(fact["body"]["day_jwk"])
            self.judge_late(fact["body"]["day_jwk"])
        if fact["kind"] == "code_tried":
            self.reconsider(fact["id"])
        if fact["kind"] in ("handed_over", "not_delivered"):
            self.withdraw_late(fact["id"])

    def stored(self, where, *values):
        for row in self.store.all(f"SELECT * FROM fact WHERE status = 'stored' AND {where} ORDER BY inc, seq, n", *values):
            first = self.store.one("SELECT n FROM fact WHERE id = ? AND status = 'stored' ORDER BY n", row["id"])
            if first["n"] == row["n"]:
                jws = Jws(row["jws"])
                yield row, jws, parse(jws.payload)

    def judge_late(self, jwk):
        """The day is known whose facts lay here unsigned."""
        for row, jws, fact in self.stored("install = ?", self.install):
            flags = json.loads(row["flags"])
            if BAD_SIGNATURE in flags and fact["kind"] != "day_started" and jws.is_signed_by(jwk, TYP):
                self.judge(row["n"], fact, flags)

    def withdraw_late(self, outcome):
        """An outcome came after its withdrawal."""
        for row, _, fact in self.stored("install = ? AND kind = 'withdrawn'", self.install):
            judged = self.store.one("SELECT why FROM verdict WHERE fact = ? ORDER BY n DESC", fact["id"])
            if fact["body"]["fact"] == outcome and judged is not None and judged["why"] == "nothing-to-withdraw":
                self.judge(row["n"], fact, json.loads(row["flags"]))
                break

    def reconsider(self, entry):
        """An entry came after the handover that names it."""
        for row, _, fact in self.stored("kind = 'handed_over' AND id IN (SELECT fact FROM verdict WHERE why = 'no-code')"):
            judged = self.store.one("SELECT why FROM verdict WHERE fact = ? ORDER BY n DESC", fact["id"])
            if fact["body"].get("code_try") == entry and judged is not None and judged["why"] == "no-code":
                flags = json.loads(row["flags"])
                Judge(self.store, self.phone["courier"], fact, flags).reconsider()
                self.store.run("UPDATE fact SET flags = ? WHERE n = ?", json.dumps(flags), row["n"])
