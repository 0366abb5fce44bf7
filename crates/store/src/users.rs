//! People: those kept here, and the sessions by which they, or those an application speaks for, call.
//!
//! A session's id is stored as a digest, a password as its Argon2id string; the store hashes no
//! password itself.

use crate::projects::random;
use crate::tokens::digest_of;
use crate::{EventRow, Store, StoreError, now_ms, room_columns};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::ProjectId;
use rotunda_domain::videochat::RoomRight;
use serde_json::{Map, Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Rights by room, each named by its id or its name.
pub type RoomRights = BTreeMap<String, RoomRight>;

/// What somebody may do in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// The project.
    pub project: ProjectId,
    /// The application's name for the user, or a stored user's id.
    pub user: String,
    /// For people.
    pub name: String,
    /// Whether everything in the project is theirs.
    pub is_admin: bool,
    /// Rights in single rooms.
    pub rooms: RoomRights,
    /// When it ends, milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// Somebody kept here.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: Uuid,
    /// The project they belong to.
    pub project: ProjectId,
    /// For people.
    pub name: String,
    /// An Argon2id string.
    pub password: String,
    /// Whether everything in the project is theirs.
    pub is_admin: bool,
    /// Rights in single rooms.
    pub rooms: RoomRights,
}

impl Store {
    /// Keeps somebody who may sign in.
    ///
    /// # Errors
    /// `NotUnique` when the login is taken in the project, `Declined` when there is no project.
    pub async fn create_user(&self, login: &str, user: &UserRow) -> Result<(), StoreError> {
        let now = now_ms();
        self.inner.writer.write(async |tx| {
        sqlx::query(
            "INSERT INTO users (id, project_id, login, name, password, is_admin, rooms, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(user.id.to_string())
        .bind(user.project.to_string())
        .bind(login)
        .bind(&user.name)
        .bind(&user.password)
        .bind(user.is_admin)
        .bind(written(&user.rooms))
        .bind(now)
        .execute(&mut *tx)
        .await?;
        let payload = json!({ "user_id": user.id, "login": login });
        self.append(tx, &EventRow::new(user.project, "user.created", payload, now)).await?;
        Ok(())
        }).await
    }

    /// The user of that login.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// right a word this version does not know.
    pub async fn user_by_login(
        &self,
        project: ProjectId,
        login: &str,
    ) -> Result<Option<UserRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE project_id = $1 AND login = $2")
            .bind(project.to_string())
            .bind(login)
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read_user).transpose()
    }

    /// The project's users by login, each with it.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// right a word this version does not know.
    pub async fn users(&self, project: ProjectId) -> Result<Vec<(String, UserRow)>, StoreError> {
        let rows = sqlx::query("SELECT * FROM users WHERE project_id = $1 ORDER BY login")
            .bind(project.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("login")?, read_user(row)?))).collect()
    }

    /// Forgets a user and their sessions.
    ///
    /// # Errors
    /// `NotFound` when the project has nobody of this login.
    pub async fn delete_user(&self, project: ProjectId, login: &str) -> Result<(), StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let gone = "DELETE FROM users WHERE project_id = $1 AND login = $2 RETURNING id";
            let gone = sqlx::query(gone).bind(project.to_string()).bind(login);
            let row = gone.fetch_optional(&mut *tx).await?.ok_or(StoreError::NotFound)?;
            let id: Uuid = room_columns::id(&row, "id")?;
            let payload = json!({ "user_id": id, "login": login });
            self.append(tx, &EventRow::new(project, "user.deleted", payload, now_ms())).await
        };
        self.inner.writer.write(work).await
    }

    /// Opens a session; answers its id, which is nowhere else. `account` is the stored user whose
    /// row says what they may from then on. Sessions that ended are forgotten on the way.
    ///
    /// # Errors
    /// `Declined` when there is no such project or account; `NoEntropy` when the operating system
    /// gives no random numbers; `Unavailable` when the database cannot be written.
    pub async fn open_user_session(
        &self,
        session: &UserSession,
        account: Option<Uuid>,
    ) -> Result<String, StoreError> {
        let id = format!("us_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
        let now = now_ms();
        self.inner
            .writer
            .write(async |tx| {
                sqlx::query("DELETE FROM user_sessions WHERE expires_at <= $1")
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(
            "INSERT INTO user_sessions (digest, project_id, account, user_id, name, is_admin, \
             rooms, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(digest_of(&id))
        .bind(session.project.to_string())
        .bind(account.map(|account| account.to_string()))
        .bind(&session.user)
        .bind(&session.name)
        .bind(session.is_admin)
        .bind(written(&session.rooms))
        .bind(now)
        .bind(session.expires_at_ms)
        .execute(&mut *tx)
        .await?;
                Ok(id)
            })
            .await
    }

    /// The session of that id, if it goes on; what a stored user may is what their row says now.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// right a word this version does not know.
    pub async fn user_session(&self, id: &str) -> Result<Option<UserSession>, StoreError> {
        let row = sqlx::query(
            "SELECT s.project_id, s.user_id, s.expires_at, COALESCE(u.name, s.name) AS name, \
             COALESCE(u.is_admin, s.is_admin) AS is_admin, COALESCE(u.rooms, s.rooms) AS rooms \
             FROM user_sessions s LEFT JOIN users u ON u.id = s.account \
             WHERE s.digest = $1 AND s.expires_at > $2",
        )
        .bind(digest_of(id))
        .bind(now_ms())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// Which of these sessions, named by the SHA-256 of their ids in hex, are kept.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn user_sessions_among(
        &self,
        digests: impl Iterator<Item = &str>,
    ) -> Result<HashSet<String>, StoreError> {
        let digests = Value::from_iter(digests).to_string();
        let kept = sqlx::query_scalar(
            "SELECT digest FROM user_sessions WHERE digest IN (SELECT value FROM json_each($1))",
        );
        let kept: Vec<String> = kept.bind(digests).fetch_all(&self.inner.readers).await?;
        Ok(kept.into_iter().collect())
    }

    /// Ends a session; ending it twice changes nothing.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn close_user_session(&self, id: &str) -> Result<(), StoreError> {
        self.inner
            .writer
            .execute(sqlx::query("DELETE FROM user_sessions WHERE digest = $1").bind(digest_of(id)))
            .await?;
        Ok(())
    }
}

fn written(rooms: &RoomRights) -> String {
    let fields = rooms.iter().map(|(room, right)| (room.clone(), json!(right.as_str())));
    Value::Object(fields.collect::<Map<_, _>>()).to_string()
}

fn read_rooms(row: &SqliteRow) -> Result<RoomRights, StoreError> {
    let unreadable = || StoreError::Unreadable { column: "rooms" };
    let text: String = row.try_get("rooms")?;
    let map: Map<String, Value> = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let right =
        |(room, right): (String, Value)| Some((room, right.as_str().and_then(RoomRight::parse)?));
    map.into_iter().map(|field| right(field).ok_or_else(unreadable)).collect()
}

fn read_session(row: &SqliteRow) -> Result<UserSession, StoreError> {
    Ok(UserSession {
        project: ProjectId(room_columns::id(row, "project_id")?),
        user: row.try_get("user_id")?,
        name: row.try_get("name")?,
        is_admin: row.try_get("is_admin")?,
        rooms: read_rooms(row)?,
        expires_at_ms: row.try_get("expires_at")?,
    })
}

fn read_user(row: &SqliteRow) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: room_columns::id(row, "id")?,
        project: ProjectId(room_columns::id(row, "project_id")?),
        name: row.try_get("name")?,
        password: row.try_get("password")?,
        is_admin: row.try_get("is_admin")?,
        rooms: read_rooms(row)?,
    })
}
