-- New codes for an attempt, disputes, suspended couriers, and what an entry proved.
ALTER TABLE courier ADD COLUMN suspended_at INTEGER;
ALTER TABLE courier ADD COLUMN reinstated_at INTEGER; -- decoys up to then do not count any more
ALTER TABLE attempt ADD COLUMN budget INTEGER NOT NULL DEFAULT 5; -- wrong entries that it allows in all
ALTER TABLE attempt ADD COLUMN budget_rev INTEGER NOT NULL DEFAULT 0; -- since which revision phones know it
CREATE INDEX attempt_at ON attempt (stop);
CREATE TRIGGER budget_never_goes_down BEFORE UPDATE ON attempt WHEN new.budget < old.budget
BEGIN SELECT RAISE(ABORT, 'a budget never goes down'); END;
-- Up to here a code was superseded by the end of its attempt only, which can be withdrawn.
UPDATE code SET state = 'lapsed' WHERE state = 'superseded';
CREATE TABLE reissue (
  attempt TEXT NOT NULL REFERENCES attempt (id), request TEXT NOT NULL, asked_by TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (attempt, request)
) STRICT;
CREATE TABLE dispute (
  id TEXT PRIMARY KEY, shipment TEXT NOT NULL REFERENCES shipment (id), request TEXT NOT NULL, kind TEXT NOT NULL,
  text BLOB, at INTEGER NOT NULL, UNIQUE (shipment, request) -- text: sealed
) STRICT;
ALTER TABLE review ADD COLUMN dispute TEXT REFERENCES dispute (id);
ALTER TABLE verdict ADD COLUMN code TEXT; -- the code that the entry proved
CREATE TRIGGER verdict_stays BEFORE DELETE ON verdict
BEGIN SELECT RAISE(ABORT, 'a verdict stays'); END;
-- Wrong entries by the installation that made them: each phone adds those of the others to its own.
CREATE TABLE miss (
  attempt TEXT NOT NULL REFERENCES attempt (id), install TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (attempt, install)
) STRICT;
