-- Searched in the same way by every database: in small letters.
DROP INDEX shipment_ref;
DROP INDEX shipment_order;
DROP INDEX parcel_barcode;
CREATE INDEX shipment_ref ON shipment (lower(ref));
CREATE INDEX shipment_order ON shipment (lower(order_ref));
CREATE INDEX parcel_barcode ON parcel (lower(barcode));
-- Until when a mail is one backend's, where several send.
ALTER TABLE mail ADD COLUMN claimed INTEGER;
