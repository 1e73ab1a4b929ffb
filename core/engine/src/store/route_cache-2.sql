-- What the phone has learned of its legs and stops, and its plan of today: sealed with the journal's key, and worth
-- a few seconds only.
CREATE TABLE kept (
  name TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
