//! Who is signed in to operate the server. A session's key is a cookie's value: it is stored as a digest only.

use crate::admins::read_reach;
use crate::projects::random;
use crate::tokens::digest_of;
use crate::{Store, StoreError, now_ms, room_columns};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::admin::{Reach, SESSIONS};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::HashMap;
use uuid::Uuid;

macro_rules! select {
    () => {
        "SELECT s.id, s.admin_id, s.created_at, s.expires_at, a.name, a.projects, \
         a.password IS NOT NULL AS has_password, \
         (SELECT COUNT(*) FROM admin_passkeys p WHERE p.admin_id = a.id) AS passkeys \
         FROM admin_sessions s JOIN admins a ON a.id = s.admin_id WHERE s.expires_at > $1"
    };
}

/// Somebody who is signed in, as their account is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSession {
    /// Names the session when it is listed or revoked.
    pub id: Uuid,
    /// Who.
    pub admin: Uuid,
    /// Their name.
    pub name: String,
    /// What they may act on.
    pub reach: Reach,
    /// Whether they have a password.
    pub has_password: bool,
    /// How many passkeys they have.
    pub passkeys: u32,
    /// Since when, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Until when.
    pub expires_at_ms: i64,
}

impl Store {
    /// Signs an admin in; answers the session's key, which is nowhere else. Where they are signed in as often as they
    /// may be, the oldest session ends. Sessions that are over are forgotten on the way.
    ///
    /// # Errors
    /// `Declined` when there is no such admin; `NoEntropy` when the operating system gives no random numbers;
    /// `Unavailable` when the database cannot be written.
    pub async fn open_admin_session(
        &self,
        admin: Uuid,
        expires_at_ms: i64,
    ) -> Result<String, StoreError> {
        let key = BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?);
        let kept = i64::try_from(SESSIONS - 1).unwrap_or(i64::MAX);
        let over = "DELETE FROM admin_sessions WHERE expires_at <= $1 OR (admin_id = $2 AND \
             id NOT IN (SELECT id FROM admin_sessions WHERE admin_id = $2 AND expires_at > $1 \
             ORDER BY created_at DESC, id LIMIT $3))";
        let insert = "INSERT INTO admin_sessions (digest, id, admin_id, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)";
        let work = async |tx: &mut SqliteConnection| {
            let over = sqlx::query(over).bind(now_ms()).bind(admin.to_string()).bind(kept);
            over.execute(&mut *tx).await?;
            let insert = sqlx::query(insert).bind(digest_of(&key)).bind(Uuid::new_v4().to_string());
            let insert = insert.bind(admin.to_string()).bind(now_ms()).bind(expires_at_ms);
            insert.execute(&mut *tx).await?;
            Ok(())
        };
        self.inner.writer.write(work).await?;
        Ok(key)
    }

    /// Who is signed in by this key.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID.
    pub async fn admin_session(&self, key: &str) -> Result<Option<AdminSession>, StoreError> {
        let row = sqlx::query(concat!(select!(), " AND s.digest = $2"));
        let row = row.bind(now_ms()).bind(digest_of(key));
        row.fetch_optional(&self.inner.readers).await?.as_ref().map(read).transpose()
    }

    /// Who is signed in, by name, the oldest session first.
    ///
    /// # Errors
    /// As [`Store::admin_session`].
    pub async fn admin_sessions(&self) -> Result<Vec<AdminSession>, StoreError> {
        let rows = sqlx::query(concat!(select!(), " ORDER BY a.name, s.created_at, s.id"));
        rows.bind(now_ms()).fetch_all(&self.inner.readers).await?.iter().map(read).collect()
    }

    /// Which of these sessions go on, and what each may act on.
    ///
    /// # Errors
    /// As [`Store::admin_session`].
    pub async fn admin_sessions_among(
        &self,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Reach>, StoreError> {
        let ids = Value::from_iter(ids.map(|id| id.to_string())).to_string();
        let rows = concat!(select!(), " AND s.id IN (SELECT value FROM json_each($2))");
        let rows = sqlx::query(rows).bind(now_ms()).bind(ids).fetch_all(&self.inner.readers);
        rows.await?.iter().map(|row| Ok((room_columns::id(row, "id")?, read_reach(row)?))).collect()
    }

    /// Ends the session of this key; ending it twice changes nothing.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn close_admin_session(&self, key: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM admin_sessions WHERE digest = $1");
        self.inner.writer.execute(delete.bind(digest_of(key))).await?;
        Ok(())
    }

    /// Ends the session of this id. Whether there was one.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn revoke_admin_session(&self, id: Uuid) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM admin_sessions WHERE id = $1");
        let done = self.inner.writer.execute(delete.bind(id.to_string())).await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<AdminSession, StoreError> {
    Ok(AdminSession {
        id: room_columns::id(row, "id")?,
        admin: room_columns::id(row, "admin_id")?,
        name: row.try_get("name")?,
        reach: read_reach(row)?,
        has_password: row.try_get("has_password")?,
        passkeys: row.try_get("passkeys")?,
        created_at_ms: row.try_get("created_at")?,
        expires_at_ms: row.try_get("expires_at")?,
    })
}
