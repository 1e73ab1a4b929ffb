-- What a person decided about a review; a decided one is not looked at any more.
ALTER TABLE review ADD COLUMN decided_at INTEGER;
ALTER TABLE review ADD COLUMN decided_by TEXT;
ALTER TABLE review ADD COLUMN decision TEXT;
ALTER TABLE review ADD COLUMN note BLOB; -- sealed
CREATE INDEX review_of ON review (attempt);
-- What the board asks for must not take a look at every day there was.
CREATE INDEX attempt_open ON attempt (day) WHERE state = 'open';
CREATE INDEX fact_parked ON fact (received_at) WHERE status = 'parked';
CREATE INDEX fact_incident ON fact (received_at) WHERE kind = 'incident';
CREATE INDEX shipment_ref ON shipment (ref COLLATE NOCASE);
CREATE INDEX shipment_order ON shipment (order_ref COLLATE NOCASE);
CREATE INDEX parcel_barcode ON parcel (barcode COLLATE NOCASE);
CREATE INDEX audit_about ON audit (about);
