-- What is still to be brought somewhere else, and what was: a line is written before the first try
-- and is there until the recording is deleted, so that nothing is brought twice. `kind` says how it
-- is brought (`object`: into object storage), `target` where to, `file` what.
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id),
    recording_id TEXT NOT NULL,
    target TEXT NOT NULL,
    file TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, target, file)
);
CREATE INDEX deliveries_due ON deliveries (state, kind, next_at);
CREATE INDEX deliveries_of_recording ON deliveries (recording_id);
