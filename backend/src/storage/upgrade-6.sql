-- Attempts that the office took off a route. What happened there before its courier heard of it stands.
CREATE TABLE removal (
  attempt TEXT NOT NULL REFERENCES attempt (id), route TEXT NOT NULL REFERENCES route (id), rev INTEGER NOT NULL,
  PRIMARY KEY (attempt, route)
) STRICT;
