-- Travel times by a service: when those of a route are to be looked at and how often that failed.
ALTER TABLE route ADD COLUMN times_due INTEGER;
ALTER TABLE route ADD COLUMN times_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX route_times ON route (times_due) WHERE times_due IS NOT NULL;
-- Up to now every matrix was the office's own.
ALTER TABLE route ADD COLUMN matrix_by_hand INTEGER NOT NULL DEFAULT 0;
UPDATE route SET matrix_by_hand = 1
WHERE id IN (SELECT route FROM route_object WHERE type = 'matrix' AND why IS NULL);
-- What the service has answered; a place is its rounded coordinates in one number, and without seconds there is no way.
CREATE TABLE travel_time (
  profile TEXT NOT NULL, from_place INTEGER NOT NULL, to_place INTEGER NOT NULL, seconds INTEGER, answered INTEGER NOT NULL,
  PRIMARY KEY (profile, from_place, to_place)
) STRICT, WITHOUT ROWID;
