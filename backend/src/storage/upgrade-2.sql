-- What happened to a parcel at its last attempt, and whom an attempt was imported for.
ALTER TABLE parcel ADD COLUMN failed_by TEXT; -- the fact that says that it was not delivered
ALTER TABLE parcel ADD COLUMN failed_why TEXT;
ALTER TABLE parcel ADD COLUMN outcome_attempt TEXT;
UPDATE parcel SET outcome_attempt = (SELECT attempt FROM fact WHERE fact.id = parcel.handed_by) WHERE handed_by IS NOT NULL;
ALTER TABLE attempt ADD COLUMN courier TEXT REFERENCES courier (id); -- absent = anybody
