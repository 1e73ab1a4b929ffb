CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE courier (id TEXT PRIMARY KEY, name TEXT NOT NULL, dismissed_at INTEGER) STRICT;
CREATE TABLE enrolment (
  code_sha256 BLOB PRIMARY KEY, courier TEXT NOT NULL REFERENCES courier (id), expires INTEGER NOT NULL, used_by TEXT
) STRICT;
CREATE TABLE installation (
  install TEXT PRIMARY KEY, courier TEXT NOT NULL REFERENCES courier (id), device_jwk TEXT NOT NULL,
  key_level TEXT NOT NULL, last_seen INTEGER NOT NULL
) STRICT;
CREATE TABLE token (
  sha256 BLOB PRIMARY KEY, install TEXT NOT NULL REFERENCES installation (install), expires INTEGER NOT NULL
) STRICT;
CREATE TABLE assertion (jti TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT; -- each is taken once

CREATE TABLE shipment (
  id TEXT PRIMARY KEY, sender TEXT NOT NULL, ref TEXT NOT NULL, order_ref TEXT NOT NULL, content_sha256 BLOB NOT NULL,
  customer_email TEXT NOT NULL, lang TEXT NOT NULL, recipient_name TEXT NOT NULL, place TEXT NOT NULL,
  tz TEXT NOT NULL, code_required INTEGER NOT NULL, cancelled TEXT, tracking_sha256 BLOB NOT NULL UNIQUE,
  tracking_sealed BLOB NOT NULL, UNIQUE (sender, ref)
) STRICT;
CREATE TABLE item (
  shipment TEXT NOT NULL REFERENCES shipment (id), name TEXT, value_minor INTEGER NOT NULL, currency TEXT NOT NULL
) STRICT;
CREATE TABLE parcel (
  id TEXT PRIMARY KEY, shipment TEXT NOT NULL REFERENCES shipment (id), barcode TEXT NOT NULL,
  handed_by TEXT -- the fact that handed it over
) STRICT;
CREATE INDEX parcel_of ON parcel (shipment);
CREATE TABLE instruction (
  id TEXT PRIMARY KEY, shipment TEXT NOT NULL REFERENCES shipment (id), origin TEXT NOT NULL, body TEXT NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
CREATE INDEX instruction_of ON instruction (shipment);

CREATE TABLE route (
  id TEXT PRIMARY KEY, courier TEXT NOT NULL REFERENCES courier (id), day TEXT NOT NULL, tz TEXT NOT NULL,
  stop_order TEXT NOT NULL, UNIQUE (courier, day)
) STRICT;
CREATE TABLE stop (
  id TEXT PRIMARY KEY, route TEXT NOT NULL REFERENCES route (id), key TEXT NOT NULL, body TEXT NOT NULL,
  UNIQUE (route, key)
) STRICT;
CREATE TABLE attempt (
  id TEXT PRIMARY KEY, shipment TEXT NOT NULL REFERENCES shipment (id), no INTEGER NOT NULL, day TEXT NOT NULL,
  route TEXT REFERENCES route (id), stop TEXT REFERENCES stop (id), state TEXT NOT NULL, reason TEXT,
  tries_used INTEGER NOT NULL DEFAULT 0, UNIQUE (shipment, no)
) STRICT;
CREATE INDEX attempt_due ON attempt (day, state);
CREATE TRIGGER tries_never_go_down BEFORE UPDATE ON attempt WHEN new.tries_used < old.tries_used
BEGIN SELECT RAISE(ABORT, 'tries never go down'); END;
CREATE TABLE code (
  id TEXT PRIMARY KEY, attempt TEXT NOT NULL REFERENCES attempt (id), sealed BLOB NOT NULL, verifier TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX code_of ON code (attempt);

CREATE TABLE fact (
  hash TEXT PRIMARY KEY, install TEXT NOT NULL, inc INTEGER, seq INTEGER, id TEXT, kind TEXT, attempt TEXT,
  jws TEXT NOT NULL, received_at INTEGER NOT NULL, status TEXT NOT NULL, flags TEXT NOT NULL
) STRICT;
CREATE INDEX fact_chain ON fact (install, inc, seq);
CREATE INDEX fact_id ON fact (id);
CREATE TABLE fact_private (hash TEXT PRIMARY KEY REFERENCES fact (hash), bytes BLOB NOT NULL) STRICT; -- sealed
CREATE TABLE verdict (
  n INTEGER PRIMARY KEY, fact TEXT NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL, decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_of ON verdict (fact);
CREATE TRIGGER fact_is_immutable BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is immutable'); END;
CREATE TRIGGER fact_stays BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact stays'); END;
CREATE TRIGGER verdict_is_appended BEFORE UPDATE ON verdict
BEGIN SELECT RAISE(ABORT, 'a verdict is appended'); END;

CREATE TABLE route_object (
  route TEXT NOT NULL REFERENCES route (id), type TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, why TEXT,
  data TEXT, PRIMARY KEY (route, type, id)
) STRICT;
CREATE INDEX route_object_rev ON route_object (route, rev);

CREATE TABLE mail (
  id TEXT PRIMARY KEY, dedupe TEXT NOT NULL UNIQUE, template TEXT NOT NULL, lang TEXT NOT NULL, sealed BLOB NOT NULL,
  due INTEGER NOT NULL, sent INTEGER
) STRICT;
CREATE INDEX mail_due ON mail (sent, due);
CREATE TABLE review (
  id INTEGER PRIMARY KEY, fact TEXT, attempt TEXT, cause TEXT NOT NULL, opened INTEGER NOT NULL
) STRICT;
