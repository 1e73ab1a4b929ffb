-- Evidence files; their bytes are in files beside the database.
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY, install TEXT NOT NULL, size INTEGER NOT NULL, received_at INTEGER NOT NULL,
  complete INTEGER NOT NULL
) STRICT;
CREATE INDEX blob_of ON blob (install, received_at);
CREATE INDEX blob_age ON blob (received_at);
