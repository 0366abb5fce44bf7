-- Live-chat sites and what each is set to. A site's id is a number of the operator's choice.
CREATE TABLE livechat_sites (
    id BIGINT NOT NULL PRIMARY KEY,
    is_enabled BOOLEAN NOT NULL,
    records BOOLEAN NOT NULL,
    recording_server_url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The site that governs a project; a project has at most one, a site may govern several.
CREATE TABLE livechat_links (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    site_id BIGINT NOT NULL REFERENCES livechat_sites (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX livechat_links_of_site ON livechat_links (site_id);

-- Those who manage sites, kept by `rotunda agent add`; `email` is in lower case, `password` an
-- Argon2id string, `api_key` the SHA-256 of the key, in hex.
CREATE TABLE livechat_agents (
    id TEXT NOT NULL PRIMARY KEY,
    site_id BIGINT NOT NULL REFERENCES livechat_sites (id),
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    api_key TEXT NOT NULL,
    manages_settings BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- `digest` is the SHA-256 of the token, in hex; `kind` is `access` or `refresh`; `ordinal` is the
-- order of making.
CREATE TABLE livechat_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES livechat_agents (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX livechat_tokens_ending ON livechat_tokens (expires_at);
CREATE INDEX livechat_tokens_of_agent ON livechat_tokens (agent_id, ordinal);
