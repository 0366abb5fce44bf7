//! Links that open a room. The key is known at one moment only; what is kept of it is a digest, as of
//! API tokens (`tokens.rs`). What a role may do is not this file's business.

use crate::projects::random;
use crate::tokens::digest_of;
use crate::{Store, StoreError, now_ms, room_columns};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
pub use rotunda_domain::LinkTerms;
use rotunda_domain::{LinkId, LinkRole, ProjectId, RoomId};
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "id, project_id, room_id, role, expires_at, max_uses, uses, created_at"
    };
}

/// A link without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Which.
    pub id: LinkId,
    /// The room's project.
    pub project: ProjectId,
    /// The room it opens.
    pub room: RoomId,
    /// As what it lets in.
    pub role: LinkRole,
    /// From when on it opens nothing, seconds since 1970 UTC.
    pub expires_at: Option<i64>,
    /// How often it may be exchanged for a token.
    pub max_uses: Option<u32>,
    /// How often it was.
    pub uses: u32,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

/// A link at the only moment its key is known.
#[derive(Clone)]
pub struct NewLink {
    /// What is kept of it.
    pub row: LinkRow,
    /// The 128 bits behind the `#`; nobody can read them again.
    pub key: String,
}

impl fmt::Debug for NewLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLink").field("row", &self.row).finish_non_exhaustive()
    }
}

/// What came of using a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkUse {
    /// It was counted.
    Counted,
    /// There is no such link any more.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was used as often as it may be.
    UsedUp,
}

impl Store {
    /// Makes a link to a room; `None` when it has `most` of them already.
    ///
    /// # Errors
    /// `Declined` when there is no such room.
    pub async fn create_link(
        &self,
        project: ProjectId,
        room: RoomId,
        terms: LinkTerms,
        most: usize,
    ) -> Result<Option<NewLink>, StoreError> {
        let key = BASE64_URL_SAFE_NO_PAD.encode(random::<16>()?);
        let LinkTerms { role, expires_at, max_uses } = terms;
        let (id, created_at_ms) = (LinkId(Uuid::new_v4()), now_ms());
        let row = LinkRow { id, project, room, role, expires_at, max_uses, uses: 0, created_at_ms };
        let insert = "INSERT INTO room_links (id, project_id, room_id, digest, role, expires_at, \
             max_uses, uses, ordinal, created_at) \
             SELECT $1, $2, $3, $4, $5, $6, $7, 0, $8, $9 \
             WHERE (SELECT COUNT(*) FROM room_links WHERE room_id = $3) < $10";
        let query = sqlx::query(insert)
            .bind(id.to_string())
            .bind(project.to_string())
            .bind(room.to_string())
            .bind(digest_of(&key))
            .bind(role.as_str())
            .bind(expires_at)
            .bind(max_uses)
            .bind(self.next_ordinal())
            .bind(created_at_ms)
            .bind(i64::try_from(most).unwrap_or(i64::MAX));
        let done = self.inner.writer.execute(query).await?;
        Ok((done.rows_affected() > 0).then_some(NewLink { row, key }))
    }

    /// The link with this key to a room of this name, over or not. Who guesses reads, and does not take
    /// the line of those who write.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn link_by_key(
        &self,
        room_name: &str,
        key: &str,
    ) -> Result<Option<LinkRow>, StoreError> {
        let select = concat!(
            "SELECT ",
            columns!(),
            " FROM room_links WHERE digest = $1 \
             AND room_id IN (SELECT id FROM rooms WHERE name = $2)"
        );
        let row = sqlx::query(select).bind(digest_of(key)).bind(room_name.to_owned());
        row.fetch_optional(&self.inner.readers).await?.as_ref().map(read).transpose()
    }

    /// Counts a use of a link, if it opens its room at `now_epoch_s`. Of many at once exactly as many are
    /// counted as may be.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn use_link(
        &self,
        project: ProjectId,
        id: LinkId,
        now_epoch_s: i64,
    ) -> Result<LinkUse, StoreError> {
        let update = "UPDATE room_links SET uses = uses + 1 WHERE project_id = $1 AND id = $2 \
             AND (expires_at IS NULL OR expires_at > $3) AND (max_uses IS NULL OR uses < max_uses)";
        let ids = (project.to_string(), id.to_string());
        let query = sqlx::query(update).bind(ids.0.clone()).bind(ids.1.clone()).bind(now_epoch_s);
        if self.inner.writer.execute(query).await?.rows_affected() > 0 {
            return Ok(LinkUse::Counted);
        }
        let select = "SELECT expires_at FROM room_links WHERE project_id = $1 AND id = $2";
        let query = sqlx::query_scalar(select).bind(ids.0).bind(ids.1);
        let expires_at: Option<Option<i64>> = query.fetch_optional(&self.inner.readers).await?;
        Ok(match expires_at {
            None => LinkUse::Unknown,
            Some(at) if at.is_some_and(|at| at <= now_epoch_s) => LinkUse::Expired,
            Some(_) => LinkUse::UsedUp,
        })
    }

    /// The links of a room, oldest first, those that are over too.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn links_of_room(
        &self,
        project: ProjectId,
        room: RoomId,
    ) -> Result<Vec<LinkRow>, StoreError> {
        let select = concat!(
            "SELECT ",
            columns!(),
            " FROM room_links WHERE project_id = $1 AND room_id = $2 ORDER BY ordinal"
        );
        let query = sqlx::query(select).bind(project.to_string()).bind(room.to_string());
        query.fetch_all(&self.inner.readers).await?.iter().map(read).collect()
    }

    /// Which of these links there are; a conference's token is one, too.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn links_among(
        &self,
        links: impl Iterator<Item = LinkId>,
    ) -> Result<HashSet<LinkId>, StoreError> {
        let ids = Value::from_iter(links.map(|link| link.to_string())).to_string();
        let select = "SELECT id FROM room_links WHERE id IN (SELECT value FROM json_each($1)) \
             UNION ALL SELECT link_id FROM conference_tokens \
             WHERE link_id IN (SELECT value FROM json_each($1))";
        let rows = sqlx::query(select).bind(ids).fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| Ok(LinkId(room_columns::id(row, "id")?))).collect()
    }

    /// Revokes a link: it is as if it had never been.
    ///
    /// # Errors
    /// `NotFound` when the project has no such link.
    pub async fn delete_link(&self, project: ProjectId, id: LinkId) -> Result<(), StoreError> {
        let delete = "DELETE FROM room_links WHERE project_id = $1 AND id = $2";
        let query = sqlx::query(delete).bind(project.to_string()).bind(id.to_string());
        let done = self.inner.writer.execute(query).await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Revokes a link of this room.
    ///
    /// # Errors
    /// `NotFound` when the room has no such link.
    pub async fn delete_link_of(
        &self,
        project: ProjectId,
        room: RoomId,
        id: LinkId,
    ) -> Result<(), StoreError> {
        let delete = "DELETE FROM room_links WHERE project_id = $1 AND room_id = $2 AND id = $3";
        let query = sqlx::query(delete).bind(project.to_string()).bind(room.to_string());
        let done = self.inner.writer.execute(query.bind(id.to_string())).await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }
}

fn read(row: &SqliteRow) -> Result<LinkRow, StoreError> {
    let role: String = row.try_get("role")?;
    Ok(LinkRow {
        id: LinkId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        room: RoomId(room_columns::id(row, "room_id")?),
        role: LinkRole::parse(&role).ok_or(StoreError::Unreadable { column: "role" })?,
        expires_at: row.try_get("expires_at")?,
        max_uses: row.try_get("max_uses")?,
        uses: row.try_get("uses")?,
        created_at_ms: row.try_get("created_at")?,
    })
}
