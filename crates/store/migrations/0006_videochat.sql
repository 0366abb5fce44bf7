-- What is set for a room's videochat; a room without a row has the defaults.
CREATE TABLE videochat_settings (
    room_id TEXT NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    mode TEXT NOT NULL,
    room_type TEXT NOT NULL,
    engine TEXT NOT NULL,
    init_user TEXT NOT NULL,
    exclude_listeners BOOLEAN NOT NULL,
    use_presentation_board BOOLEAN NOT NULL,
    enable_streaming BOOLEAN NOT NULL,
    notification_mode BIGINT NOT NULL,
    auto_custom BOOLEAN NOT NULL,
    auto_limit BIGINT NOT NULL,
    auto_demote BOOLEAN NOT NULL,
    limit_custom BOOLEAN NOT NULL,
    identity_limit BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- People kept by `rotunda user add`; `password` is an Argon2id string, `rooms` a JSON object of
-- room and right.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    rooms TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, login)
);

-- `digest` is the SHA-256 of the session id, in hex; `account` is the user who signed in, whose own
-- row says what they may; without one the application's word of the beginning holds.
CREATE TABLE user_sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    account TEXT REFERENCES users (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    rooms TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX user_sessions_ending ON user_sessions (expires_at);
