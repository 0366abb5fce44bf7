//! Agents of the live chat: people who manage a site, and the tokens and keys they call with.
//!
//! API keys and tokens are random and kept as digests; a password comes as its Argon2id string, the
//! store hashes none itself.

use crate::livechat::{SiteId, ensure_site};
use crate::projects::random;
use crate::tokens::digest_of;
use crate::{Store, StoreError, now_ms, room_columns};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

/// Tokens an agent may have at a time, of both kinds together; the oldest give way.
const TOKENS: i64 = 200;

/// Somebody who manages a site.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Their id.
    pub id: Uuid,
    /// Their site.
    pub site: SiteId,
    /// Their address, in lower case.
    pub email: String,
    /// An Argon2id string.
    pub password: String,
    /// Whether they have the permission Manage Settings.
    pub manages_settings: bool,
}

/// How long the tokens of a pair open something, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLives {
    /// The access token.
    pub access_ms: i64,
    /// The refresh token.
    pub refresh_ms: i64,
}

/// Two tokens, at the only moment they are known.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// Calls with it.
    pub access: String,
    /// Gets the next pair, once.
    pub refresh: String,
}

impl Store {
    /// Keeps an agent, and their site if it is new; answers their API key, which is nowhere else.
    ///
    /// # Errors
    /// `NotUnique` when there is an agent with this address, whatever their site.
    pub async fn create_agent(&self, agent: &AgentRow) -> Result<String, StoreError> {
        let key = format!("rk_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
        let now = now_ms();
        self.inner
            .writer
            .write(async |tx| {
                ensure_site(tx, agent.site, now).await?;
                sqlx::query(
                    "INSERT INTO livechat_agents (id, site_id, email, password, api_key, \
             manages_settings, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(agent.id.to_string())
                .bind(agent.site.0)
                .bind(agent.email.to_lowercase())
                .bind(&agent.password)
                .bind(digest_of(&key))
                .bind(agent.manages_settings)
                .bind(now)
                .execute(&mut *tx)
                .await?;
                Ok(key)
            })
            .await
    }

    /// Forgets an agent with their tokens and key; their site stays as it is set.
    ///
    /// # Errors
    /// `NotFound` when there is none with this address.
    pub async fn delete_agent(&self, email: &str) -> Result<(), StoreError> {
        let deleted = self
            .inner
            .writer
            .execute(
                sqlx::query("DELETE FROM livechat_agents WHERE email = $1")
                    .bind(email.to_lowercase()),
            )
            .await?;
        (deleted.rows_affected() > 0).then_some(()).ok_or(StoreError::NotFound)
    }

    /// All agents, by site and address.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM livechat_agents ORDER BY site_id, email")
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The agent with this address.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<AgentRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM livechat_agents WHERE email = $1")
            .bind(email.to_lowercase())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The agent of a site with this address and API key.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn agent_by_key(
        &self,
        site: SiteId,
        email: &str,
        key: &str,
    ) -> Result<Option<AgentRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM livechat_agents WHERE email = $1 AND site_id = $2")
            .bind(email.to_lowercase())
            .bind(site.0)
            .fetch_optional(&self.inner.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let kept: String = row.try_get("api_key")?;
        let fits = verify_slices_are_equal(kept.as_bytes(), digest_of(key).as_bytes()).is_ok();
        if fits { read(&row).map(Some) } else { Ok(None) }
    }

    /// The agent an access token stands for, while it lasts.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn agent_by_token(&self, access: &str) -> Result<Option<AgentRow>, StoreError> {
        let row = sqlx::query(
            "SELECT a.* FROM livechat_agents a JOIN livechat_tokens t ON t.agent_id = a.id \
             WHERE t.digest = $1 AND t.kind = 'access' AND t.expires_at > $2",
        )
        .bind(digest_of(access))
        .bind(now_ms())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// A new pair of tokens for an agent.
    ///
    /// # Errors
    /// `Declined` when the agent was forgotten meanwhile.
    pub async fn open_agent_tokens(
        &self,
        agent: Uuid,
        lives: TokenLives,
    ) -> Result<TokenPair, StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                let pair = self.pair(tx, &agent.to_string(), lives).await?;
                Ok(pair)
            })
            .await
    }

    /// The next pair of tokens for a refresh token, which opens nothing afterwards; `None` when it
    /// is unknown, used or too old.
    ///
    /// # Errors
    /// `NoEntropy` when the operating system gives no random numbers, and then the refresh token
    /// is not used up; `Unavailable` when the database cannot be read or written.
    pub async fn renew_agent_tokens(
        &self,
        refresh: &str,
        lives: TokenLives,
    ) -> Result<Option<TokenPair>, StoreError> {
        // Wrong ones, which anybody can send, do not hold up who writes.
        let known = "SELECT 1 FROM livechat_tokens WHERE digest = $1 AND kind = 'refresh'";
        let known = sqlx::query(known).bind(digest_of(refresh));
        if known.fetch_optional(&self.inner.readers).await?.is_none() {
            return Ok(None);
        }
        self.inner
            .writer
            .write(async |tx| {
                let agent: Option<String> = sqlx::query_scalar(
                    "DELETE FROM livechat_tokens \
             WHERE digest = $1 AND kind = 'refresh' AND expires_at > $2 RETURNING agent_id",
                )
                .bind(digest_of(refresh))
                .bind(now_ms())
                .fetch_optional(&mut *tx)
                .await?;
                let Some(agent) = agent else { return Ok(None) };
                let pair = self.pair(tx, &agent, lives).await?;
                Ok(Some(pair))
            })
            .await
    }

    /// Makes two tokens. What ended, and what is more than an agent may have, is forgotten on the way.
    async fn pair(
        &self,
        tx: &mut SqliteConnection,
        agent: &str,
        lives: TokenLives,
    ) -> Result<TokenPair, StoreError> {
        sqlx::query("DELETE FROM livechat_tokens WHERE expires_at <= $1")
            .bind(now_ms())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "DELETE FROM livechat_tokens WHERE agent_id = $1 AND digest NOT IN (SELECT digest \
             FROM livechat_tokens WHERE agent_id = $1 ORDER BY ordinal DESC LIMIT $2)",
        )
        .bind(agent)
        .bind(TOKENS - 2)
        .execute(&mut *tx)
        .await?;
        let access = self.token(tx, agent, "access", lives.access_ms).await?;
        let refresh = self.token(tx, agent, "refresh", lives.refresh_ms).await?;
        Ok(TokenPair { access, refresh })
    }

    async fn token(
        &self,
        tx: &mut SqliteConnection,
        agent: &str,
        kind: &'static str,
        life_ms: i64,
    ) -> Result<String, StoreError> {
        let token = format!("r{}_{}", &kind[..1], BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
        let now = now_ms();
        sqlx::query(
            "INSERT INTO livechat_tokens (digest, kind, agent_id, ordinal, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(digest_of(&token))
        .bind(kind)
        .bind(agent)
        .bind(self.next_ordinal())
        .bind(now)
        .bind(now.saturating_add(life_ms))
        .execute(tx)
        .await?;
        Ok(token)
    }
}

fn read(row: &SqliteRow) -> Result<AgentRow, StoreError> {
    Ok(AgentRow {
        id: room_columns::id(row, "id")?,
        site: SiteId(row.try_get("site_id")?),
        email: row.try_get("email")?,
        password: row.try_get("password")?,
        manages_settings: row.try_get("manages_settings")?,
    })
}
