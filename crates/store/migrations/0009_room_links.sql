-- Links that open a room. `digest` is the SHA-256 of the key, in hex; `role` what one lets in as; `uses` how
-- often it was exchanged for a token, at most `max_uses` times where that is set, and not from
-- `expires_at` (seconds since 1970 UTC) on. A link that is revoked is deleted.
CREATE TABLE room_links (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    digest TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    expires_at BIGINT,
    max_uses BIGINT,
    uses BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX room_links_of_room ON room_links (room_id, ordinal);
