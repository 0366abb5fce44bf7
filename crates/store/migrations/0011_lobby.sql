-- Whether whoever comes waits until a host lets them in.
ALTER TABLE rooms ADD COLUMN lobby BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN lobby BOOLEAN NOT NULL DEFAULT FALSE;
