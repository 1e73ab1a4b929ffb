-- What operators must know, until a fact of the chain tells it.
CREATE TABLE incident (
  no INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  -- Facts that were on this phone and are lost by it.
  lost INTEGER NOT NULL,
  -- The fact that tells it.
  fact TEXT
) STRICT;
