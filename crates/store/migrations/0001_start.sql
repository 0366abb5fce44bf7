-- Ids are text, times are milliseconds (rooms' windows: seconds) since 1970 UTC, `ordinal` is the
-- order of writing, on which lists are paged. Only constructs that PostgreSQL knows too.

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- `digest` is the SHA-256 of the secret, in hex; the secret itself is nowhere.
CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    digest TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (project_id, digest)
);

CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    max_members BIGINT NOT NULL,
    quality TEXT NOT NULL,
    join_from BIGINT,
    join_until BIGINT,
    remove_at BIGINT,
    remove_after_s BIGINT,
    layout TEXT NOT NULL,
    record_on_start BOOLEAN NOT NULL,
    enable_room_previews BOOLEAN NOT NULL,
    audio_video_sync BOOLEAN,
    meta TEXT,
    prioritize_handraise BOOLEAN NOT NULL,
    tone_on_entry_and_exit BOOLEAN NOT NULL,
    room_join_video_off BOOLEAN NOT NULL,
    user_join_video_off BOOLEAN NOT NULL,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);
CREATE INDEX rooms_in_order ON rooms (project_id, ordinal);

-- A session outlives its room, so `room_id` refers to nothing.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    room_id TEXT NOT NULL,
    auto_created BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    max_members BIGINT NOT NULL,
    quality TEXT NOT NULL,
    join_from BIGINT,
    join_until BIGINT,
    remove_at BIGINT,
    remove_after_s BIGINT,
    layout TEXT NOT NULL,
    record_on_start BOOLEAN NOT NULL,
    enable_room_previews BOOLEAN NOT NULL,
    audio_video_sync BOOLEAN,
    meta TEXT,
    prioritize_handraise BOOLEAN NOT NULL,
    tone_on_entry_and_exit BOOLEAN NOT NULL,
    room_join_video_off BOOLEAN NOT NULL,
    user_join_video_off BOOLEAN NOT NULL,
    fps BIGINT NOT NULL,
    locked BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    start_time BIGINT NOT NULL,
    end_time BIGINT,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX sessions_in_order ON sessions (project_id, ordinal);
CREATE INDEX sessions_running ON sessions (status, project_id);
CREATE INDEX sessions_of_room ON sessions (room_id);

CREATE TABLE members (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    join_time BIGINT NOT NULL,
    leave_time BIGINT,
    ordinal BIGINT NOT NULL,
    PRIMARY KEY (session_id, id)
);
CREATE INDEX members_in_order ON members (session_id, ordinal);

-- Append-only; nothing in the code changes or deletes a row.
CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    room_id TEXT,
    session_id TEXT,
    member_id TEXT,
    recording_id TEXT,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX events_of_session ON events (session_id, ordinal);
CREATE INDEX events_in_order ON events (ordinal);

-- One row that the health check writes.
CREATE TABLE heartbeat (
    id BIGINT NOT NULL PRIMARY KEY,
    beat BIGINT NOT NULL
);
INSERT INTO heartbeat (id, beat) VALUES (1, 0);
