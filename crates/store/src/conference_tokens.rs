//! Tokens of conferences (`vpt_` and 32 hex digits). They are shown whenever an application asks, so each is
//! made again of a random nonce and its project's key; what is kept beside the nonce is a digest. A reset
//! takes another nonce, and with it another link (`room_links.rs`): who came by the former one goes.

use crate::conferences::read_theme;
use crate::projects::random;
use crate::rooms::place;
use crate::sessions::beyond;
use crate::tokens::digest_of;
use crate::{EventRow, ListPage, Page, Store, StoreError, now_ms, room_columns};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::{ConferenceRole, ConferenceTokenId, LinkId, ProjectId, Room, RoomId, Theme};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::fmt;
use std::fmt::Write;
use uuid::Uuid;

/// What each of them begins with.
const PREFIX: &str = "vpt_";

macro_rules! select {
    () => {
        "SELECT conference_tokens.id AS id, conference_tokens.ordinal AS ordinal, project_id, room_id, \
         role, nonce, signing_key FROM conference_tokens \
         JOIN projects ON projects.id = project_id WHERE project_id = $1"
    };
}

macro_rules! list {
    ($direction:tt) => {
        concat!(
            "SELECT * FROM (",
            select!(),
            " AND room_id = $2) AS tokens WHERE TRUE",
            beyond!("$3", "$4", "$5", $direction)
        )
    };
}

/// A token of a conference.
#[derive(Clone, PartialEq, Eq)]
pub struct ConferenceTokenRow {
    /// Which; it stays when the token is reset.
    pub id: ConferenceTokenId,
    /// The conference's project.
    pub project: ProjectId,
    /// The conference.
    pub conference: RoomId,
    /// As what it lets in.
    pub role: ConferenceRole,
    /// The token itself.
    pub token: String,
}

impl fmt::Debug for ConferenceTokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, role, .. } = self;
        f.debug_struct("ConferenceTokenRow")
            .field("id", id)
            .field("role", role)
            .finish_non_exhaustive()
    }
}

/// What somebody who shows a conference's token comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConferenceVisit {
    /// The conference's project.
    pub project: ProjectId,
    /// Name of its room.
    pub room_name: String,
    /// What people read of it.
    pub display_name: String,
    /// Its colours.
    pub theme: Theme,
    /// As what the token lets in.
    pub role: ConferenceRole,
    /// What ends with the token.
    pub link: LinkId,
}

impl Store {
    /// Writes a new token of a conference.
    pub(crate) async fn insert_conference_token(
        &self,
        tx: &mut SqliteConnection,
        room: &Room,
        role: ConferenceRole,
    ) -> Result<(), StoreError> {
        let nonce = hex(&random::<16>()?);
        let key: String = sqlx::query_scalar("SELECT signing_key FROM projects WHERE id = $1")
            .bind(room.project.to_string())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::NotFound)?;
        let insert = "INSERT INTO conference_tokens (id, project_id, room_id, role, link_id, nonce, \
             digest, ordinal, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        sqlx::query(insert)
            .bind(Uuid::new_v4().to_string())
            .bind(room.project.to_string())
            .bind(room.id.to_string())
            .bind(role.as_str())
            .bind(Uuid::new_v4().to_string())
            .bind(nonce.clone())
            .bind(digest_of(&token_of(&key, &nonce)?))
            .bind(self.next_ordinal())
            .bind(room.created_at_ms)
            .execute(tx)
            .await?;
        Ok(())
    }

    /// A page of a conference's tokens, the moderator's first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column is not as this version
    /// writes it.
    pub async fn tokens_of_conference(
        &self,
        project: ProjectId,
        conference: RoomId,
        page: Page,
    ) -> Result<ListPage<ConferenceTokenRow>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list!(newer) } else { list!(older) };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(conference.to_string())
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        let rows: Result<Vec<_>, StoreError> =
            rows.iter().map(|row| Ok((place(row)?, read(row)?))).collect();
        Ok(page.cut(rows?))
    }

    /// One token of a conference.
    ///
    /// # Errors
    /// As [`Store::tokens_of_conference`].
    pub async fn conference_token(
        &self,
        project: ProjectId,
        id: ConferenceTokenId,
    ) -> Result<Option<ConferenceTokenRow>, StoreError> {
        let row = sqlx::query(concat!(select!(), " AND conference_tokens.id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Replaces a token by another one, and answers that.
    ///
    /// # Errors
    /// `NotFound` when the project has no such token.
    pub async fn reset_conference_token(
        &self,
        project: ProjectId,
        id: ConferenceTokenId,
    ) -> Result<ConferenceTokenRow, StoreError> {
        let found = self.conference_token(project, id).await?.ok_or(StoreError::NotFound)?;
        let key = self.signing_key(project).await?.ok_or(StoreError::NotFound)?;
        let nonce = hex(&random::<16>()?);
        let token = token_with(&key.0, &nonce);
        let work = async |tx: &mut SqliteConnection| {
            let update = "UPDATE conference_tokens SET link_id = $1, nonce = $2, digest = $3 \
                 WHERE project_id = $4 AND id = $5";
            let done = sqlx::query(update)
                .bind(Uuid::new_v4().to_string())
                .bind(nonce)
                .bind(digest_of(&token))
                .bind(project.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await?;
            if done.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            let payload = json!({ "conference_token_id": id.0, "name": found.role.as_str() });
            let event = EventRow::new(project, "conference_token.reset", payload, now_ms());
            self.append(tx, &EventRow { room: Some(found.conference), ..event }).await?;
            Ok(ConferenceTokenRow { token, ..found })
        };
        self.inner.writer.write(work).await
    }

    /// What somebody comes to by a conference's token; `None` for what is none. Who guesses reads, and does
    /// not take the line of those who write.
    ///
    /// # Errors
    /// As [`Store::tokens_of_conference`].
    pub async fn conference_by_token(
        &self,
        token: &str,
    ) -> Result<Option<ConferenceVisit>, StoreError> {
        let select = "SELECT conference_tokens.project_id AS project_id, name, display_name, theme, role, \
             link_id FROM conference_tokens JOIN rooms ON rooms.id = conference_tokens.room_id \
             JOIN conferences ON conferences.room_id = rooms.id WHERE digest = $1";
        let row = sqlx::query(select).bind(digest_of(token));
        row.fetch_optional(&self.inner.readers).await?.as_ref().map(read_visit).transpose()
    }
}

/// Whether `text` has the form of a conference's token; no key of a link has it.
pub fn is_conference_token(text: &str) -> bool {
    text.len() == PREFIX.len() + 32 && text.starts_with(PREFIX)
}

/// The token that a nonce stands for, under a project's key as it is stored.
fn token_of(signing_key: &str, nonce: &str) -> Result<String, StoreError> {
    let key = BASE64_URL_SAFE_NO_PAD.decode(signing_key);
    let key = key.map_err(|_| StoreError::Unreadable { column: "signing_key" })?;
    Ok(token_with(&key, nonce))
}

/// HMAC-SHA-256 of words that nothing else is signed for, its first 128 bits.
fn token_with(key: &[u8], nonce: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, format!("conference token {nonce}").as_bytes());
    format!("{PREFIX}{}", hex(&tag.as_ref()[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read(row: &SqliteRow) -> Result<ConferenceTokenRow, StoreError> {
    let (key, nonce): (String, String) = (row.try_get("signing_key")?, row.try_get("nonce")?);
    Ok(ConferenceTokenRow {
        id: ConferenceTokenId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        conference: RoomId(room_columns::id(row, "room_id")?),
        role: read_role(row)?,
        token: token_of(&key, &nonce)?,
    })
}

fn read_visit(row: &SqliteRow) -> Result<ConferenceVisit, StoreError> {
    Ok(ConferenceVisit {
        project: ProjectId(room_columns::id(row, "project_id")?),
        room_name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        theme: read_theme(row)?,
        role: read_role(row)?,
        link: LinkId(room_columns::id(row, "link_id")?),
    })
}

fn read_role(row: &SqliteRow) -> Result<ConferenceRole, StoreError> {
    let role: String = row.try_get("role")?;
    ConferenceRole::parse(&role).ok_or(StoreError::Unreadable { column: "role" })
}
