-- The office: who works in it, what lets them and programs in, and what was done.
CREATE TABLE account (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, password TEXT NOT NULL, -- Argon2id
  created INTEGER NOT NULL, disabled INTEGER
) STRICT;
CREATE TABLE invitation ( -- a one-time link; account: whose password it sets anew
  sha256 BLOB PRIMARY KEY, account TEXT REFERENCES account (id), role TEXT NOT NULL, expires INTEGER NOT NULL
) STRICT;
CREATE TABLE session (
  sha256 BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), created INTEGER NOT NULL, seen INTEGER NOT NULL
) STRICT;
CREATE INDEX session_of ON session (account);
CREATE TABLE api_key ( -- sender: whose shipments it reaches; absent = everybody's
  id TEXT PRIMARY KEY, name TEXT NOT NULL, reach TEXT NOT NULL, sender TEXT, sha256 BLOB NOT NULL UNIQUE,
  created INTEGER NOT NULL, revoked INTEGER
) STRICT;
CREATE TABLE audit (
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE TRIGGER audit_is_appended BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is appended'); END;
-- Mails that could not be sent are tried again, and given up in the end.
ALTER TABLE mail ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mail ADD COLUMN given_up INTEGER;
-- Names and addresses go when nobody needs them any more; what is signed stays.
ALTER TABLE shipment ADD COLUMN forgotten INTEGER;
