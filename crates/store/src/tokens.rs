//! API tokens: shown once, kept as digests.
//!
//! A secret of ours has 256 random bits, so its SHA-256 needs no salt and no slow hash: there is
//! nothing to guess, and every REST request can afford the check. Whoever gives a secret of their
//! own choice answers for its strength.

use crate::projects::random;
use crate::{EventRow, Store, StoreError, now_ms, room_columns};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::ProjectId;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::fmt;
use uuid::Uuid;

/// An API token without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiTokenRow {
    /// Names the token when it is to be revoked.
    pub id: Uuid,
    /// Its project.
    pub project: ProjectId,
    /// What it opens, for example `video`.
    pub scopes: Vec<String>,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

/// A token at the only moment its secret is known.
#[derive(Clone)]
pub struct NewApiToken {
    /// What is kept of it.
    pub row: ApiTokenRow,
    /// The password of Basic authentication; nobody can read it again.
    pub secret: String,
}

impl fmt::Debug for NewApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiToken").field("row", &self.row).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes an API token with a random secret.
    ///
    /// # Errors
    /// `Declined` when there is no such project.
    pub async fn create_api_token(
        &self,
        project: ProjectId,
        scopes: &[String],
    ) -> Result<NewApiToken, StoreError> {
        let secret = format!("rt_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
        let row = self.insert_token(project, scopes, &secret).await?;
        Ok(NewApiToken { row, secret })
    }

    /// Sees to it that `secret` is an API token of the project: makes it, or finds it as it is.
    ///
    /// # Errors
    /// `TokenRevoked` when it once was one; `Declined` when there is no such project.
    pub async fn ensure_api_token(
        &self,
        project: ProjectId,
        scopes: &[String],
        secret: &str,
    ) -> Result<ApiTokenRow, StoreError> {
        match self.token_by_secret(project, secret).await? {
            Some(row) if row.revoked_at_ms.is_some() => Err(StoreError::TokenRevoked),
            Some(row) => Ok(row),
            None => self.insert_token(project, scopes, secret).await,
        }
    }

    /// The token with this secret, unless it is unknown or revoked.
    ///
    /// The digest is looked up whole and compared again in constant time: what a guess's digest
    /// has in common with a stored one tells nothing about the secret.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn verify_api_token(
        &self,
        project: ProjectId,
        secret: &str,
    ) -> Result<Option<ApiTokenRow>, StoreError> {
        let row = self.token_by_secret(project, secret).await?;
        Ok(row.filter(|row| row.revoked_at_ms.is_none()))
    }

    /// Whether there is a token of this id that nobody revoked.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn is_api_token_valid(&self, id: Uuid) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT id FROM api_tokens WHERE id = $1 AND revoked_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        Ok(row.is_some())
    }

    /// The project's tokens, oldest first, revoked ones too.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn api_tokens(&self, project: ProjectId) -> Result<Vec<ApiTokenRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, project_id, digest, scopes, created_at, revoked_at FROM api_tokens \
             WHERE project_id = $1 ORDER BY created_at, id",
        )
        .bind(project.to_string())
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Revokes a token, whatever its project; from the next request on it opens nothing. Revoking
    /// twice changes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no such token.
    pub async fn revoke_api_token(&self, id: Uuid) -> Result<(), StoreError> {
        let now = now_ms();
        self.inner
            .writer
            .write(async |tx| {
                let revoked = sqlx::query(
                    "UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 \
             RETURNING project_id",
                )
                .bind(now)
                .bind(id.to_string())
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(StoreError::NotFound)?;
                let project = ProjectId(room_columns::id(&revoked, "project_id")?);
                let payload = json!({ "api_token_id": id });
                let event = EventRow::new(project, "api_token.revoked", payload, now);
                self.append(tx, &event).await?;
                Ok(())
            })
            .await
    }

    async fn insert_token(
        &self,
        project: ProjectId,
        scopes: &[String],
        secret: &str,
    ) -> Result<ApiTokenRow, StoreError> {
        let (id, now) = (Uuid::new_v4(), now_ms());
        self.inner
            .writer
            .write(async |tx| {
                sqlx::query(
                    "INSERT INTO api_tokens (id, project_id, digest, scopes, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id.to_string())
                .bind(project.to_string())
                .bind(digest_of(secret))
                .bind(scopes.join(","))
                .bind(now)
                .execute(&mut *tx)
                .await?;
                let payload = json!({ "api_token_id": id, "scopes": scopes });
                self.append(tx, &EventRow::new(project, "api_token.created", payload, now)).await?;
                let scopes = scopes.to_vec();
                Ok(ApiTokenRow { id, project, scopes, created_at_ms: now, revoked_at_ms: None })
            })
            .await
    }

    async fn token_by_secret(
        &self,
        project: ProjectId,
        secret: &str,
    ) -> Result<Option<ApiTokenRow>, StoreError> {
        let digest = digest_of(secret);
        let row = sqlx::query(
            "SELECT id, project_id, digest, scopes, created_at, revoked_at FROM api_tokens \
             WHERE project_id = $1 AND digest = $2",
        )
        .bind(project.to_string())
        .bind(digest.clone())
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let stored: String = row.try_get("digest")?;
        let same = verify_slices_are_equal(stored.as_bytes(), digest.as_bytes()).is_ok();
        if same { read(&row).map(Some) } else { Ok(None) }
    }
}

pub(crate) fn digest_of(secret: &str) -> String {
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(row: &SqliteRow) -> Result<ApiTokenRow, StoreError> {
    let scopes: String = row.try_get("scopes")?;
    Ok(ApiTokenRow {
        id: room_columns::id(row, "id")?,
        project: ProjectId(room_columns::id(row, "project_id")?),
        scopes: scopes.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        created_at_ms: row.try_get("created_at")?,
        revoked_at_ms: row.try_get("revoked_at")?,
    })
}
