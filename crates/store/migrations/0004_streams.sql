-- Where a room's sessions are streamed to, each of them, until the row is gone. `url` ends with a key.
CREATE TABLE room_streams (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX room_streams_of_room ON room_streams (room_id, ordinal);
