-- What makes a room a conference. `theme` is JSON: the names of its colours and the colours.
CREATE TABLE conferences (
    room_id TEXT NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    size TEXT NOT NULL,
    theme TEXT NOT NULL
);

-- Who has a conference's token comes in. The token is made anew of `nonce` and its project's key each time it
-- is shown; `digest` is its SHA-256, in hex. `link_id` names what it opens in the tokens of people, and is
-- another one after a reset.
CREATE TABLE conference_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    link_id TEXT NOT NULL UNIQUE,
    nonce TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX conference_tokens_of_room ON conference_tokens (room_id, ordinal);

-- Whether a session was a conference's; it outlives its conference.
ALTER TABLE sessions ADD COLUMN of_conference BOOLEAN NOT NULL DEFAULT FALSE;
