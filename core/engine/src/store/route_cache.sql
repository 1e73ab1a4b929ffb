CREATE TABLE checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- Which cache key the rows are sealed with; rises with every snapshot.
  generation INTEGER NOT NULL,
  cursor TEXT NOT NULL,
  -- In which order ops were applied, for the fold.
  applied INTEGER NOT NULL
) STRICT;

CREATE TABLE object (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  -- Why the office took it away; null while it is there.
  gone TEXT,
  -- The op that put it last, sealed under `sealed_rev`; null if it was never put on this phone.
  sealed BLOB,
  sealed_rev INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_in_order ON object (applied);
