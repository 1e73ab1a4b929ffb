-- Under which epoch of the server it was told; empty = by an earlier version of the app, nobody knows.
ALTER TABLE checkpoint ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
