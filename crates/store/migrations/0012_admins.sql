-- People who operate the server by its page. `projects` is a JSON array of the ids of those they may act on; null
-- is all, those to come too. `password` is an Argon2id string, where they have one.
CREATE TABLE admins (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    projects TEXT,
    password TEXT,
    created_at BIGINT NOT NULL
);

-- Their passkeys: `id` is the credential's, in base64url, `passkey` what checks its signatures, in JSON.
CREATE TABLE admin_passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    admin_id TEXT NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    passkey TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX admin_passkeys_of_admin ON admin_passkeys (admin_id, created_at);

-- Links that make one. `digest` is the SHA-256 of the key, in hex. A link that was used is deleted.
CREATE TABLE admin_invitations (
    digest TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    projects TEXT,
    expires_at BIGINT NOT NULL
);

-- Who is signed in. `digest` is the SHA-256 of the cookie's value, in hex; `id` names the session when it is
-- listed or revoked.
CREATE TABLE admin_sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    admin_id TEXT NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX admin_sessions_of_admin ON admin_sessions (admin_id, created_at);
