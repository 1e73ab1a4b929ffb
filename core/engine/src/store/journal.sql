-- One row: who this installation is.
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  install TEXT NOT NULL,
  inc INTEGER NOT NULL,
  -- Also in the secure store. They differ when this file came out of a backup.
  token TEXT NOT NULL,
  token_next TEXT NOT NULL,
  opens INTEGER NOT NULL,
  courier TEXT,
  courier_name BLOB,
  evidence_key TEXT,
  epoch TEXT NOT NULL
) STRICT;

-- Facts as first written. Never changed; only the private part may be purged.
CREATE TABLE fact (
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  jws TEXT NOT NULL,
  private BLOB,
  PRIMARY KEY (inc, seq)
) STRICT, WITHOUT ROWID;

-- What the server said of a fact. A fact is sent while it has no row here, or one of another epoch.
CREATE TABLE ack (
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  acked_wall INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  status TEXT NOT NULL,
  flags TEXT NOT NULL,
  verdict TEXT,
  why TEXT,
  PRIMARY KEY (inc, seq)
) STRICT, WITHOUT ROWID;

-- The server's last signed statement of what it has stored, per incarnation.
CREATE TABLE receipt (
  inc INTEGER PRIMARY KEY,
  jws TEXT NOT NULL
) STRICT;

-- Entries of codes, counted before they are checked. `id` is that of the code_tried fact to come.
CREATE TABLE try (
  id TEXT PRIMARY KEY,
  attempts TEXT NOT NULL,
  stop TEXT NOT NULL,
  wall INTEGER NOT NULL,
  boot_ms INTEGER NOT NULL,
  boot TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
  stop TEXT PRIMARY KEY,
  rev INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE day_key (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  inc INTEGER NOT NULL,
  kid TEXT NOT NULL,
  key BLOB NOT NULL
) STRICT;

CREATE TABLE server_time (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  server_ms INTEGER NOT NULL,
  plus_minus_ms INTEGER NOT NULL,
  boot_ms INTEGER NOT NULL,
  boot TEXT NOT NULL
) STRICT;

CREATE TRIGGER a_fact_is_never_changed BEFORE UPDATE OF inc, seq, id, hash, kind, jws ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
CREATE TRIGGER a_private_part_is_only_purged BEFORE UPDATE OF private ON fact WHEN NEW.private IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a private part is only purged'); END;
CREATE TRIGGER an_unsent_fact_is_never_deleted BEFORE DELETE ON fact
WHEN NOT EXISTS (SELECT 1 FROM ack WHERE ack.inc = OLD.inc AND ack.seq = OLD.seq)
BEGIN SELECT RAISE(ABORT, 'an unsent fact is never deleted'); END;
CREATE TRIGGER facts_have_no_gap BEFORE INSERT ON fact
WHEN NEW.seq <> 1 + (SELECT ifnull(max(seq), 0) FROM fact WHERE inc = NEW.inc)
BEGIN SELECT RAISE(ABORT, 'facts have no gap'); END;
CREATE TRIGGER an_acknowledgement_needs_its_fact BEFORE INSERT ON ack
WHEN NOT EXISTS (SELECT 1 FROM fact WHERE fact.inc = NEW.inc AND fact.seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'an acknowledgement needs its fact'); END;
CREATE TRIGGER an_acknowledgement_stays BEFORE DELETE ON ack
WHEN EXISTS (SELECT 1 FROM fact WHERE fact.inc = OLD.inc AND fact.seq = OLD.seq)
BEGIN SELECT RAISE(ABORT, 'an acknowledgement stays'); END;
CREATE TRIGGER a_try_is_never_changed BEFORE UPDATE ON try
BEGIN SELECT RAISE(ABORT, 'a try is never changed'); END;
CREATE TRIGGER a_try_is_never_forgiven BEFORE DELETE ON try
WHEN NOT EXISTS (SELECT 1 FROM fact WHERE fact.id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'a try is never forgiven'); END;
CREATE TRIGGER counters_only_rise BEFORE UPDATE ON identity
WHEN NEW.inc < OLD.inc OR NEW.opens < OLD.opens OR NEW.install <> OLD.install
BEGIN SELECT RAISE(ABORT, 'counters only rise'); END;
CREATE TRIGGER the_identity_stays BEFORE DELETE ON identity
BEGIN SELECT RAISE(ABORT, 'the identity stays'); END;
