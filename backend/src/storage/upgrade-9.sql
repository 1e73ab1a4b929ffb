-- Stops that stay first and last on their route.
ALTER TABLE route ADD COLUMN fixed_first TEXT;
ALTER TABLE route ADD COLUMN fixed_last TEXT;
-- Where a route's courier was last and what order they made, as far as their phone has told.
CREATE TABLE whereabouts (
  route TEXT PRIMARY KEY REFERENCES route (id), at INTEGER NOT NULL, stop TEXT, concluded INTEGER NOT NULL,
  ordered_at INTEGER, stop_order TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_on ON attempt (route) WHERE state = 'open';
