-- Stops that stay first and last on their route.
ALTER TABLE route ADD COLUMN fixed_first TEXT;
ALTER TABLE route ADD COLUMN fixed_last TEXT;
