-- A recording outlives the process that writes its file: until `status` is `completed` the file is
-- not finished, and the next start looks after it. `place` is where the file is: `local`, or
-- `remote` when it was moved to object storage.
CREATE TABLE recordings (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    duration_ms BIGINT,
    size_bytes BIGINT,
    is_seekable BOOLEAN NOT NULL,
    place TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX recordings_in_order ON recordings (project_id, ordinal);
CREATE INDEX recordings_of_session ON recordings (session_id, ordinal);
CREATE INDEX recordings_by_status ON recordings (status, ordinal);
CREATE INDEX events_of_recording ON events (recording_id, ordinal);
