"""The office: what no phone does. It works on the same file as the server."""

import datetime
import secrets

from access import HOUR_MS, Refused
from jose import encode
from judge import add_code, codes_of, end_codes, own, put_shipment, shipment_data
from route import local_day, whole_day

REISSUES_A_DAY = 2
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Weak, so that tests are quick; P8.4 has what is to be used.
KDF = {"m": 8, "t": 1, "p": 1}


def new_id():
    return secrets.token_hex(8)


def add_courier(store):
    courier = new_id()
    store.run("INSERT INTO courier VALUES (?, ?, NULL)", courier, "Ada")
    return courier


def enrolment(store, courier):
    code = "".join(secrets.choice(BASE32) for _ in range(10))
    store.run("INSERT INTO enrolment VALUES (?, ?, ?, NULL)", code, courier, store.now() + 24 * HOUR_MS)
    return code


def publish(store, courier, shipments, tz):
    """Puts shipments on the courier's route of today, each at a stop of its own."""
    if not shipments:
        return
    day = local_day(store.now(), tz)
    route = store.one("SELECT * FROM route WHERE courier = ? AND day = ?", courier, str(day))
    if route is None:
        store.run("INSERT INTO route VALUES (?, ?, ?, ?)", new_id(), courier, str(day), tz)
        route = store.one("SELECT * FROM route WHERE courier = ? AND day = ?", courier, str(day))
    for wanted in shipments:
        add_shipment(store, route, wanted)
    put_route(store, route)


def add_shipment(store, route, wanted):
    shipment, stop, attempt = (new_id() for _ in range(3))
    row = (shipment, wanted["recipient"], route["id"], stop, attempt, wanted["coded"], encode(secrets.token_bytes(16)), 5, None)
    store.run("INSERT INTO shipment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
    for _ in range(wanted["parcels"]):
        store.run("INSERT INTO parcel (id, shipment) VALUES (?, ?)", new_id(), shipment)
    address = {"street": "Broad Street", "house": wanted["recipient"], "postcode": "1", "city": "Second", "country": "DE"}
    store.put(route["id"], "stop", stop, {"address": address, "door_pin": {"lat": 52.5, "lon": 13.4}, "service_s": 120})
    put_shipment(store, attempt)
    if wanted["coded"]:
        add_code(store, store.one("SELECT * FROM shipment WHERE id = ?", shipment), KDF, validity(route))


def validity(route):
    return whole_day(datetime.date.fromisoformat(route["day"]), route["tz"])


def put_route(store, route):
    rows = store.all("SELECT stop FROM shipment WHERE route = ? AND cancelled IS NULL ORDER BY rowid", route["id"])
    store.put(route["id"], "route", route["id"], {"day": route["day"], "tz": route["tz"], "order": [row["stop"] for row in rows]})


def named(store, recipient):
    return store.one("SELECT * FROM shipment WHERE recipient = ?", recipient)


def digits(store, recipient):
    """What the customer sees."""
    live = [code for code in codes_of(store, named(store, recipient)["attempt"]) if code["state"] in ("live", "proven")]
    return {"digits": live[-1]["digits"], "qr": "courier:1:" + live[-1]["token"]}


def cancel(store, recipient):
    row = named(store, recipient)
    store.run("UPDATE shipment SET cancelled = 'cancelled' WHERE id = ?", row["id"])
    store.take(row["route"], "shipment", row["id"], "cancelled")
    end_codes(store, row, "lapsed", "cancelled")
    store.take(row["route"], "stop", row["stop"], "cancelled")
    put_route(store, store.one("SELECT * FROM route WHERE id = ?", row["route"]))


def dismiss(store, courier):
    store.run("UPDATE courier SET dismissed_at = ? WHERE id = ?", store.now(), courier)


def reissue(store, attempt, courier, request):
    """P8.7: every live code is replaced, once per request."""
    row = own(store, attempt, courier)
    if row is None:
        raise Refused(404, "not-found")
    if store.one("SELECT 1 FROM reissue WHERE attempt = ? AND request = ?", attempt, request):
        return
    route = store.one("SELECT * FROM route WHERE id = ?", row["route"])
    now, (begin, end) = store.now(), validity(route)
    live = [code for code in codes_of(store, attempt) if code["state"] in ("live", "proven")]
    if not live or not begin <= now <= end or row["cancelled"] is not None:
        raise Refused(409, "conflict")
    if store.one("SELECT count(*) FROM reissue WHERE attempt = ? AND at >= ?", attempt, begin)[0] >= REISSUES_A_DAY:
        raise Refused(409, "reissue-limit")
    store.run("INSERT INTO reissue VALUES (?, ?, ?)", attempt, request, now)
    end_codes(store, row, "replaced", "replaced")
    used = shipment_data(store, row)["tries_used"]
    store.run("UPDATE shipment SET budget = max(budget, ?) WHERE id = ?", used + 5, row["id"])
    for _ in live:
        add_code(store, row, KDF, (begin, end))
    put_shipment(store, attempt)
