"""Everything that is kept, in one SQLite file. Nothing is answered before it is committed."""

import contextlib
import json
import os
import secrets
import sqlite3
import time

from codes import EvidenceKey
from jose import Signer

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE courier (id TEXT PRIMARY KEY, name TEXT NOT NULL, dismissed_at INTEGER) STRICT;
CREATE TABLE enrolment (code TEXT PRIMARY KEY, courier TEXT NOT NULL, expires INTEGER NOT NULL, install TEXT) STRICT;
CREATE TABLE guess (who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE phone (install TEXT PRIMARY KEY, courier TEXT NOT NULL, jwk TEXT NOT NULL) STRICT;
CREATE TABLE token (sha256 TEXT PRIMARY KEY, install TEXT NOT NULL, expires INTEGER NOT NULL) STRICT;
CREATE TABLE assertion (jti TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT;
CREATE TABLE fact (n INTEGER PRIMARY KEY, hash TEXT UNIQUE NOT NULL, install TEXT NOT NULL, inc INTEGER, seq INTEGER,
    id TEXT, kind TEXT, jws TEXT NOT NULL, status TEXT NOT NULL, flags TEXT NOT NULL, private TEXT) STRICT;
CREATE INDEX fact_place ON fact (install, inc, seq);
CREATE INDEX fact_id ON fact (id);
CREATE TABLE verdict (n INTEGER PRIMARY KEY, fact TEXT NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL, code TEXT) STRICT;
CREATE TABLE route (id TEXT PRIMARY KEY, courier TEXT NOT NULL, day TEXT NOT NULL, tz TEXT NOT NULL) STRICT;
CREATE TABLE shipment (id TEXT PRIMARY KEY, recipient TEXT NOT NULL, route TEXT NOT NULL, stop TEXT NOT NULL,
    attempt TEXT UNIQUE NOT NULL, coded INTEGER NOT NULL, salt TEXT NOT NULL, budget INTEGER NOT NULL, cancelled TEXT) STRICT;
CREATE TABLE parcel (id TEXT PRIMARY KEY, shipment TEXT NOT NULL, fact TEXT, handed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE miss (attempt TEXT NOT NULL, install TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (attempt, install)) STRICT;
CREATE TABLE code (id TEXT PRIMARY KEY, attempt TEXT NOT NULL, digits TEXT NOT NULL, token TEXT NOT NULL,
    verifier TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE reissue (attempt TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (attempt, request)) STRICT;
CREATE TABLE object (route TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, why TEXT, data TEXT,
    PRIMARY KEY (route, type, id)) STRICT;
"""


class Store:
    """The file, its folder of evidence files, and the keys in it."""

    def __init__(self, folder):
        self.folder, self.blobs = folder, os.path.join(folder, "blobs")
        os.makedirs(self.blobs, exist_ok=True)
        self.db = sqlite3.connect(os.path.join(folder, "second.db"), isolation_level=None, check_same_thread=False, timeout=20)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        if self.one("SELECT 1 FROM sqlite_schema") is None:
            self.db.executescript(SCHEMA)
            for name, value in (("epoch", secrets.token_hex(8)), ("rev", 0), ("ahead_ms", 0),
                                ("receipt_key", Signer.generate()), ("evidence_key", secrets.token_bytes(32))):
                self.set(name, value)
        self.signer, self.evidence = Signer(self.get("receipt_key")), EvidenceKey(self.get("evidence_key"))

    def all(self, sql, *values):
        return self.db.execute(sql, values).fetchall()

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()

    def run(self, sql, *values):
        return self.db.execute(sql, values).rowcount

    @contextlib.contextmanager
    def transaction(self):
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def get(self, name):
        return self.one("SELECT value FROM meta WHERE name = ?", name)[0]

    def set(self, name, value):
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    def now(self):
        """Milliseconds since 1970 UTC; tests may put the clock forward."""
        return int(time.time() * 1000) + self.get("ahead_ms")

    def rev(self):
        """The next number of the one counter for everything."""
        self.set("rev", self.get("rev") + 1)
        return self.get("rev")

    def put(self, route, kind, name, data):
        """Section 7: an object of a route is like this from now on."""
        self.run("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, NULL, ?)", route, kind, name, self.rev(), json.dumps(data))

    def take(self, route, kind, name, why):
        """It is not on the route any more."""
        self.run("UPDATE object SET rev = ?, why = ?, data = NULL WHERE route = ? AND type = ? AND id = ? AND why IS NULL",
                 self.rev(), why, route, kind, name)
