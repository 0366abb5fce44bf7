-- For whom a room's chat is: off, members or all.
ALTER TABLE rooms ADD COLUMN enable_chat TEXT NOT NULL DEFAULT 'members';
ALTER TABLE sessions ADD COLUMN enable_chat TEXT NOT NULL DEFAULT 'members';
