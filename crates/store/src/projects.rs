//! Projects and the keys that sign their room tokens.

use crate::{EventRow, Store, StoreError, now_ms, room_columns};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::ProjectId;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::fmt;
use uuid::Uuid;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its id, the user name of Basic authentication.
    pub id: ProjectId,
    /// For the operator.
    pub name: String,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

/// The 512 random bits that sign a project's room tokens; made once, with the project.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(pub [u8; 64]);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl Store {
    /// Makes a project with the id given, or a random one.
    ///
    /// # Errors
    /// `NotUnique` when there is one with this id.
    pub async fn create_project(
        &self,
        id: Option<ProjectId>,
        name: &str,
    ) -> Result<ProjectRow, StoreError> {
        let id = id.unwrap_or_else(|| ProjectId(Uuid::new_v4()));
        let project = ProjectRow { id, name: name.into(), created_at_ms: now_ms() };
        let key = BASE64_URL_SAFE_NO_PAD.encode(random::<64>()?);
        self.inner
            .writer
            .write(async |tx| {
                sqlx::query(
            "INSERT INTO projects (id, name, signing_key, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(id.to_string())
        .bind(name)
        .bind(key)
        .bind(project.created_at_ms)
        .execute(&mut *tx)
        .await?;
                let event = EventRow::new(
                    id,
                    "project.created",
                    json!({ "name": name }),
                    project.created_at_ms,
                );
                self.append(tx, &event).await?;
                Ok(project)
            })
            .await
    }

    /// All projects, oldest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn projects(&self) -> Result<Vec<ProjectRow>, StoreError> {
        let rows =
            sqlx::query("SELECT id, name, created_at FROM projects ORDER BY created_at, rowid")
                .fetch_all(&self.inner.readers)
                .await?;
        rows.iter().map(read).collect()
    }

    /// The project with this id.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn project(&self, id: ProjectId) -> Result<Option<ProjectRow>, StoreError> {
        let row = sqlx::query("SELECT id, name, created_at FROM projects WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The oldest project, if there is any.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn first_project(&self) -> Result<Option<ProjectRow>, StoreError> {
        let row = sqlx::query(
            "SELECT id, name, created_at FROM projects ORDER BY created_at, rowid LIMIT 1",
        )
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The key that signs the project's room tokens; `None` when there is no such project.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when what is stored is not 64
    /// bytes in base64url.
    pub async fn signing_key(&self, project: ProjectId) -> Result<Option<SigningKey>, StoreError> {
        let text: Option<String> =
            sqlx::query_scalar("SELECT signing_key FROM projects WHERE id = $1")
                .bind(project.to_string())
                .fetch_optional(&self.inner.readers)
                .await?;
        let unreadable = StoreError::Unreadable { column: "signing_key" };
        let Some(text) = text else { return Ok(None) };
        let key = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|key| key.try_into().ok());
        key.map(|key| Some(SigningKey(key))).ok_or(unreadable)
    }
}

fn read(row: &SqliteRow) -> Result<ProjectRow, StoreError> {
    Ok(ProjectRow {
        id: ProjectId(room_columns::id(row, "id")?),
        name: row.try_get("name")?,
        created_at_ms: row.try_get("created_at")?,
    })
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StoreError::NoEntropy)?;
    Ok(bytes)
}
