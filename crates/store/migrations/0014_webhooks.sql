-- Where events are sent. `project_id` is NULL for the operator's own endpoint, which takes the events
-- of all projects. `events` are names and families with spaces between them, nothing is every event.
-- `secret` signs what is sent and is kept as it is, since a hash signs nothing; the one before it signs
-- beside it until `old_until`.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT REFERENCES projects (id),
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    off_reason TEXT,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_until BIGINT,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_of_project ON webhooks (project_id);

-- Events are one more thing that is brought somewhere (`kind` is `webhook`): `target` is the endpoint,
-- `file` the event's id, `lane` the room, within which the order is kept: one line of a lane is
-- `waiting`, those behind it are `held`. `body` is what is sent, `bytes` what it weighs, `first_at`
-- when it was first tried. The table is made anew because a line need not belong to a recording.
CREATE TABLE deliveries_of_all (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id),
    recording_id TEXT,
    target TEXT NOT NULL,
    file TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lane TEXT NOT NULL DEFAULT '',
    ordinal BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    bytes BIGINT NOT NULL DEFAULT 0,
    first_at BIGINT,
    UNIQUE (kind, target, file)
);
INSERT INTO deliveries_of_all (id, kind, project_id, recording_id, target, file, attempts, next_at,
    state, error, created_at, updated_at)
    SELECT id, kind, project_id, recording_id, target, file, attempts, next_at, state, error,
    created_at, updated_at FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_of_all RENAME TO deliveries;
CREATE INDEX deliveries_due ON deliveries (state, kind, next_at);
CREATE INDEX deliveries_of_recording ON deliveries (recording_id);
CREATE INDEX deliveries_in_lane ON deliveries (target, lane, state, ordinal);
CREATE INDEX deliveries_weight ON deliveries (kind, state, ordinal, bytes);
CREATE INDEX deliveries_by_age ON deliveries (kind, created_at);
