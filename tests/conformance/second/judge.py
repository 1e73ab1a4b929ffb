"""Section 6 of docs/protocol.md: verdicts, and what follows from what happened at the door."""

import json
import secrets

from codes import issue, tag
from jose import Bad

CONFIRMED, REVIEW, REFUTED = "confirmed", "under_review", "refuted"


def shipment_data(store, row):
    parcels = store.all("SELECT id FROM parcel WHERE shipment = ? ORDER BY rowid", row["id"])
    misses = store.all("SELECT install, n FROM miss WHERE attempt = ? ORDER BY install", row["attempt"])
    data = {
        "stop": row["stop"], "attempt": {"id": row["attempt"], "no": 1}, "recipient_name": row["recipient"], "lang": "en",
        "sender_name": "Second", "parcels": [{"id": it["id"], "barcodes": [it["id"]]} for it in parcels], "instructions": [],
        "code": "required" if row["coded"] else "none", "tries_used": sum(it["n"] for it in misses),
    }
    if misses:
        data["tries"] = [dict(it) for it in misses]
    if row["budget"] != 5:
        data["budget"] = row["budget"]
    return data


def put_shipment(store, attempt):
    row = shipment_of(store, attempt)
    if row["cancelled"] is None:
        store.put(row["route"], "shipment", row["id"], shipment_data(store, row))


def shipment_of(store, attempt):
    return store.one("SELECT * FROM shipment WHERE attempt = ?", attempt)


def own(store, attempt, courier):
    """The shipment of an attempt, if it is or was on a route of this courier."""
    return store.one("SELECT shipment.* FROM shipment JOIN route ON route.id = shipment.route WHERE attempt = ? AND courier = ?",
                     attempt, courier)


def codes_of(store, attempt):
    return store.all("SELECT * FROM code WHERE attempt = ? ORDER BY rowid", attempt)


def add_code(store, row, kdf, validity):
    code_id = "c-" + secrets.token_hex(8)
    digits, token, verifier = issue(row["attempt"], code_id, row["salt"], kdf, validity)
    store.run("INSERT INTO code VALUES (?, ?, ?, ?, ?, 'live')", code_id, row["attempt"], digits, token, json.dumps(verifier))
    store.put(row["route"], "verifier", code_id, verifier)


def end_codes(store, row, state, why, of=("live", "proven")):
    for code in codes_of(store, row["attempt"]):
        if code["state"] in of:
            store.run("UPDATE code SET state = ? WHERE id = ?", state, code["id"])
            store.take(row["route"], "verifier", code["id"], why)


class Judge:
    """One fact before the judge. Its signature is right."""

    def __init__(self, store, courier, fact, flags):
        self.store, self.courier, self.fact, self.flags = store, courier, fact, flags
        self.body, self.route, self.code = fact["body"], None, None

    def flag(self, word):
        if word not in self.flags:
            self.flags.append(word)

    def judge(self):
        """Gives a verdict, if the fact is of a kind that gets one, and tells it by the route."""
        rule = getattr(self, self.fact["kind"], None)
        ruling = rule() if rule else None
        if ruling is not None:
            self.decide(ruling)

    def decide(self, ruling):
        self.store.run("INSERT INTO verdict (fact, verdict, why, code) VALUES (?, ?, ?, ?)", self.fact["id"], *ruling, self.code)
        if self.route is not None:
            notice = {"fact": self.fact["id"], "verdict": ruling[0], "why": ruling[1]}
            self.store.put(self.route, "verdict", self.fact["id"], notice)

    def code_tried(self):
        if self.body["result"] in ("mismatch", "interrupted"):
            for attempt in self.body["attempts"]:
                if own(self.store, attempt, self.courier):
                    self.store.run("INSERT INTO miss VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
                                   attempt, self.fact["install"])
                    put_shipment(self.store, attempt)
            return None
        if "evidence" not in self.body:
            return REVIEW, "no-evidence"
        rows = [own(self.store, attempt, self.courier) for attempt in self.body["attempts"]]
        if not rows or None in rows:
            return REVIEW, "code-of-another-attempt"
        self.route = rows[0]["route"]
        codes = [code for row in rows for code in codes_of(self.store, row["attempt"])]
        if not codes:
            return REVIEW, "unknown-code"
        try:
            kind, entry = self.store.evidence.open(self.body["evidence"], self.fact["id"], self.fact["install"], self.body["attempts"])
        except Bad:
            return REVIEW, "evidence-unreadable"
        right = [code for code in codes if code[kind] == entry]
        if right:
            return self.rule_on_right(max(right, key=lambda code: code["state"] in ("live", "proven")))
        for code in codes:
            if kind == "digits" and tag(entry, json.loads(code["verifier"])) == json.loads(code["verifier"])["tag"]:
                end_codes(self.store, shipment_of(self.store, code["attempt"]), "frozen", "frozen")
                return REFUTED, "wrong-code"
        return REFUTED, "impossible-entry"

    def rule_on_right(self, code):
        verifier, at = json.loads(code["verifier"]), self.fact["at"]
        slack = min(at.get("plus_minus_ms", 0), 300_000) if "server_ms" in at else 0
        made = at.get("server_ms", self.store.now())
        if not verifier["not_before"] - slack <= made <= verifier["not_after"] + slack:
            return REVIEW, "outside-its-day"
        if code["state"] in ("live", "proven"):
            self.store.run("UPDATE code SET state = 'proven' WHERE id = ?", code["id"])
            self.code = code["id"]
            return CONFIRMED, "right-code"
        why = {"used": "used-code", "frozen": "frozen-code"}.get(code["state"], "stale-code")
        self.flag(why)
        return REVIEW, why

    def parcels(self, row):
        """The named parcels of a shipment; None if one is not its."""
        known = {it["id"]: it for it in self.store.all("SELECT * FROM parcel WHERE shipment = ?", row["id"])}
        named = self.body["parcels"]
        return [known[it] for it in named] if named and set(named) <= set(known) else None

    def grounds(self):
        """The shipment and the parcels that an outcome is about, or a ruling."""
        row = own(self.store, self.body["attempt"], self.courier)
        if row is None:
            self.flag("not-on-route")
            return None, (REVIEW, "not-on-route")
        self.route, parcels = row["route"], self.parcels(row)
        if parcels is None:
            return None, (REVIEW, "unknown-parcel")
        if any(it["handed"] for it in parcels):
            self.flag("already-delivered")
            if all(it["handed"] for it in parcels):
                return None, (REVIEW, "already-delivered")
        return (row, [it["id"] for it in parcels if not it["handed"]]), None

    def handed_over(self):
        grounds, ruling = self.grounds()
        if ruling:
            return ruling
        row, parcels = grounds
        ruling = self.rule_on_handover(row)
        if ruling[0] != REFUTED:
            self.set_outcome(row, parcels, self.fact["id"], True)
        return ruling

    def rule_on_handover(self, row):
        if row["cancelled"] is not None:
            self.flag("cancelled")
            return REVIEW, "cancelled"
        if not row["coded"]:
            return CONFIRMED, "handed-over"
        if isinstance(self.body["receiver"], dict):
            return REVIEW, "code-needs-person"
        entry = self.body.get("code_try")
        made = self.store.one("SELECT kind, jws FROM fact WHERE id = ? AND status = 'stored' ORDER BY n", entry)
        judged = self.store.one("SELECT * FROM verdict WHERE fact = ? ORDER BY n DESC", entry)
        code = judged and judged["code"] and self.store.one("SELECT * FROM code WHERE id = ?", judged["code"])
        if made is None or made["kind"] != "code_tried" or judged is None or (code and code["attempt"] != row["attempt"]):
            return REVIEW, "no-code"
        if judged["verdict"] == REFUTED:
            return REFUTED, "wrong-code"
        if judged["verdict"] == REVIEW or code is None:
            return REVIEW, "code-under-review"
        if code["state"] in ("frozen", "replaced"):
            why = "frozen-code" if code["state"] == "frozen" else "stale-code"
            self.flag(why)
            return REVIEW, why
        return CONFIRMED, "right-code"

    def reconsider(self):
        """An entry came after the handover that names it."""
        row = own(self.store, self.body["attempt"], self.courier)
        self.route = row["route"]
        ruling = self.rule_on_handover(row)
        if ruling[1] != "no-code":
            self.decide(ruling)
            if ruling[0] == REFUTED:
                self.take_back(row)

    def not_delivered(self):
        grounds, ruling = self.grounds()
        if ruling:
            return ruling
        self.set_outcome(*grounds, self.fact["id"], False)
        return CONFIRMED, "recorded"

    def withdrawn(self):
        nothing = REVIEW, "nothing-to-withdraw"
        made = self.store.one("SELECT install FROM fact WHERE id = ? AND status = 'stored' ORDER BY n", self.body["fact"])
        found = self.store.one("SELECT shipment.* FROM shipment JOIN parcel ON parcel.shipment = shipment.id WHERE fact = ?",
                               self.body["fact"])
        if found is None or made["install"] != self.fact["install"]:
            return nothing
        self.route = found["route"]
        self.take_back(found, self.body["fact"])
        return CONFIRMED, "withdrawn"

    def take_back(self, row, fact=None):
        self.store.run("UPDATE parcel SET fact = NULL, handed = 0 WHERE shipment = ? AND fact = ?", row["id"], fact or self.fact["id"])
        self.store.run("UPDATE code SET state = 'proven' WHERE attempt = ? AND state = 'used'", row["attempt"])
        for code in codes_of(self.store, row["attempt"]):
            if code["state"] == "lapsed":
                self.store.run("UPDATE code SET state = 'live' WHERE id = ?", code["id"])
                self.store.put(row["route"], "verifier", code["id"], json.loads(code["verifier"]))
        self.tell_done(row)

    def set_outcome(self, row, parcels, fact, handed):
        for parcel in parcels:
            self.store.run("UPDATE parcel SET fact = ?, handed = ? WHERE id = ?", fact, handed, parcel)
        all_parcels = self.store.all("SELECT * FROM parcel WHERE shipment = ?", row["id"])
        if all(it["fact"] for it in all_parcels):
            if any(it["handed"] for it in all_parcels):
                self.store.run("UPDATE code SET state = 'used' WHERE attempt = ? AND state = 'proven'", row["attempt"])
            else:
                end_codes(self.store, row, "lapsed", "attempt-failed")
        self.tell_done(row)

    def tell_done(self, row):
        handed = self.store.all("SELECT id, fact FROM parcel WHERE shipment = ? AND handed", row["id"])
        if not handed:
            return self.store.take(row["route"], "done", row["attempt"], "withdrawn")
        parcels = [{"parcel": it["id"], "fact": it["fact"]} for it in handed]
        return self.store.put(row["route"], "done", row["attempt"], {"attempt": row["attempt"], "parcels": parcels})
