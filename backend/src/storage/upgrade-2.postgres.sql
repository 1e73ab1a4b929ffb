-- Whom the courier may call.
ALTER TABLE shipment ADD COLUMN recipient_phone TEXT COLLATE "C";
