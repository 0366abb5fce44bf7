//! Durable rooms.

use crate::only_if::after;
use crate::page::Place;
use crate::room_columns::{self, bind_window, room_columns, room_places};
use crate::write::Verdict;
use crate::{EventRow, ListPage, OnlyIf, Page, Store, StoreError, now_ms};
use rotunda_domain::{ProjectId, Room, RoomId, RoomSettings};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

const BY_ID: &str = concat!(
    "SELECT id, project_id, ordinal, created_at, updated_at, ",
    room_columns!(),
    " FROM rooms WHERE project_id = $1 AND id = $2"
);
const BY_NAME: &str = concat!(
    "SELECT id, project_id, ordinal, created_at, updated_at, ",
    room_columns!(),
    " FROM rooms WHERE project_id = $1 AND name = $2"
);

/// Lists of rooms differ in direction only; the filters are off when null.
macro_rules! list {
    ($compare:literal, $order:literal) => {
        concat!(
            "SELECT id, project_id, ordinal, created_at, updated_at, ",
            room_columns!(),
            " FROM rooms WHERE project_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM conferences WHERE room_id = rooms.id) \
             AND (CAST($2 AS BIGINT) IS NULL OR join_from >= $2) \
             AND (CAST($3 AS BIGINT) IS NULL OR join_until <= $3) \
             AND (ordinal ",
            $compare,
            " $4 OR (ordinal = $4 AND id ",
            $compare,
            " $5)) ORDER BY ordinal ",
            $order,
            ", id ",
            $order,
            " LIMIT $6"
        )
    };
}

/// Which rooms of a project are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomQuery {
    /// Only rooms with a `join_from` at or after this, seconds since 1970 UTC.
    pub starts_after: Option<i64>,
    /// Only rooms with a `join_until` at or before this.
    pub ends_before: Option<i64>,
}

impl Store {
    /// Makes a room.
    ///
    /// # Errors
    /// `NotUnique` when the project has a room of this name.
    pub async fn create_room(
        &self,
        project: ProjectId,
        settings: RoomSettings,
    ) -> Result<Room, StoreError> {
        let room = room_of(project, settings);
        self.inner
            .writer
            .write(async |tx| {
                self.insert_room(tx, &room).await?;
                Ok(room)
            })
            .await
    }

    /// Writes a new room and tells of it.
    pub(crate) async fn insert_room(
        &self,
        tx: &mut SqliteConnection,
        room: &Room,
    ) -> Result<(), StoreError> {
        let insert = concat!(
            "INSERT INTO rooms (",
            room_columns!(),
            ", id, project_id, ordinal, created_at, updated_at) VALUES (",
            room_places!(),
            ", $25, $26, $27, $28, $29)"
        );
        room_columns::bind(sqlx::query(insert), &room.settings)
            .bind(room.id.to_string())
            .bind(room.project.to_string())
            .bind(self.next_ordinal())
            .bind(room.created_at_ms)
            .bind(room.updated_at_ms)
            .execute(&mut *tx)
            .await?;
        let created = event("room.created", room, room.created_at_ms);
        self.append_about(tx, &created, Some(room)).await
    }

    /// The room with this id.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a room is not
    /// as this version writes it, such as its quality.
    pub async fn room_by_id(
        &self,
        project: ProjectId,
        id: RoomId,
    ) -> Result<Option<Room>, StoreError> {
        let row = sqlx::query(BY_ID)
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The room with this name.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a room is not
    /// as this version writes it, such as its quality.
    pub async fn room_by_name(
        &self,
        project: ProjectId,
        name: &str,
    ) -> Result<Option<Room>, StoreError> {
        let row = sqlx::query(BY_NAME)
            .bind(project.to_string())
            .bind(name)
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Changes a room by what `change` does to its settings, unless that refuses: the inner result
    /// is its. Two changes at once follow one another, so neither undoes the other's fields. The
    /// name and the id stay. The row of a running session takes over what acts at once: the
    /// window and the member limit.
    ///
    /// # Errors
    /// `NotFound` when there is no such room.
    pub async fn change_room<E>(
        &self,
        project: ProjectId,
        id: RoomId,
        change: impl FnOnce(&mut RoomSettings) -> Result<(), E>,
    ) -> Result<Result<Room, E>, StoreError> {
        self.change_room_if(project, id, OnlyIf::Always, change).await
    }

    /// As [`Store::change_room`], of the room as its author has seen it.
    ///
    /// # Errors
    /// `NotFound` when there is no such room; `Outdated`.
    pub async fn change_room_if<E>(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
        change: impl FnOnce(&mut RoomSettings) -> Result<(), E>,
    ) -> Result<Result<Room, E>, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let mut room = lock_room(tx, project, id).await?;
            only_if.check(room.updated_at_ms)?;
            let before = room.settings.clone();
            if let Err(refusal) = change(&mut room.settings) {
                return Ok(Verdict::Undo(Err(refusal)));
            }
            room.settings.name.clone_from(&before.name);
            if room.settings == before {
                return Ok(Verdict::Undo(Ok(room)));
            }
            self.write_change(tx, &mut room).await?;
            Ok(Verdict::Keep(Ok(room)))
        };
        self.inner.writer.decide(work).await
    }

    /// Writes a changed room, and what of it acts at once, and tells of it.
    pub(crate) async fn write_change(
        &self,
        tx: &mut SqliteConnection,
        room: &mut Room,
    ) -> Result<(), StoreError> {
        room.updated_at_ms = after(room.updated_at_ms);
        write_room(tx, room).await?;
        write_live(tx, room).await?;
        let changed = event("room.changed", room, room.updated_at_ms);
        self.append_about(tx, &changed, Some(room)).await
    }

    /// Deletes a room; its history stays.
    ///
    /// # Errors
    /// `NotFound` when there is no such room.
    pub async fn delete_room(&self, project: ProjectId, id: RoomId) -> Result<Room, StoreError> {
        self.delete_room_if(project, id, OnlyIf::Always).await
    }

    /// As [`Store::delete_room`], of the room as its author has seen it.
    ///
    /// # Errors
    /// `NotFound` when there is no such room; `Outdated`.
    pub async fn delete_room_if(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
    ) -> Result<Room, StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                let room = lock_room(tx, project, id).await?;
                only_if.check(room.updated_at_ms)?;
                sqlx::query("DELETE FROM rooms WHERE id = $1 AND project_id = $2")
                    .bind(id.to_string())
                    .bind(project.to_string())
                    .execute(&mut *tx)
                    .await?;
                self.append_about(tx, &event("room.deleted", &room, now_ms()), Some(&room)).await?;
                Ok(room)
            })
            .await
    }

    /// A page of the project's rooms, newest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a room is not
    /// as this version writes it, such as its quality.
    pub async fn rooms(
        &self,
        project: ProjectId,
        query: RoomQuery,
        page: Page,
    ) -> Result<ListPage<Room>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list!(">", "ASC") } else { list!("<", "DESC") };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(query.starts_after)
            .bind(query.ends_before)
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        let rows: Result<Vec<_>, StoreError> =
            rows.iter().map(|row| Ok((place(row)?, read(row)?))).collect();
        Ok(page.cut(rows?))
    }
}

/// A new room.
pub(crate) fn room_of(project: ProjectId, settings: RoomSettings) -> Room {
    let (id, now) = (RoomId(Uuid::new_v4()), now_ms());
    Room { id, project, settings, created_at_ms: now, updated_at_ms: now }
}

/// Reads a room that is about to be changed. The first statement writes, and changes nothing: so
/// the transaction holds the lock before it reads, in SQLite and in PostgreSQL alike.
pub(crate) async fn lock_room(
    tx: &mut SqliteConnection,
    project: ProjectId,
    id: RoomId,
) -> Result<Room, StoreError> {
    sqlx::query("UPDATE rooms SET updated_at = updated_at WHERE id = $1 AND project_id = $2")
        .bind(id.to_string())
        .bind(project.to_string())
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query(BY_ID)
        .bind(project.to_string())
        .bind(id.to_string())
        .fetch_optional(&mut *tx)
        .await?;
    read(&row.ok_or(StoreError::NotFound)?)
}

/// A room as this transaction sees it.
pub(crate) async fn room_in(
    tx: &mut SqliteConnection,
    project: ProjectId,
    id: RoomId,
) -> Result<Option<Room>, StoreError> {
    let found = sqlx::query(BY_ID).bind(project.to_string()).bind(id.to_string());
    found.fetch_optional(tx).await?.as_ref().map(read).transpose()
}

async fn write_room(tx: &mut SqliteConnection, room: &Room) -> Result<(), StoreError> {
    let update = concat!(
        "UPDATE rooms SET (",
        room_columns!(),
        ") = (",
        room_places!(),
        "), updated_at = $25 WHERE id = $26 AND project_id = $27"
    );
    room_columns::bind(sqlx::query(update), &room.settings)
        .bind(room.updated_at_ms)
        .bind(room.id.to_string())
        .bind(room.project.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

async fn write_live(tx: &mut SqliteConnection, room: &Room) -> Result<(), StoreError> {
    let update = "UPDATE sessions SET max_members = $1, join_from = $2, join_until = $3, \
         remove_at = $4, remove_after_s = $5, lobby = $6, updated_at = $7 \
         WHERE room_id = $8 AND project_id = $9 AND status = 'in-progress'";
    let statement = sqlx::query(update).bind(i64::from(room.settings.max_members));
    bind_window(statement, room.settings.window)
        .bind(room.settings.lobby)
        .bind(room.updated_at_ms)
        .bind(room.id.to_string())
        .bind(room.project.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

fn event(name: &str, room: &Room, at_ms: i64) -> EventRow {
    let payload = json!({ "room": { "id": room.id.0, "name": room.settings.name } });
    EventRow { room: Some(room.id), ..EventRow::new(room.project, name, payload, at_ms) }
}

pub(crate) fn read(row: &SqliteRow) -> Result<Room, StoreError> {
    Ok(Room {
        id: RoomId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        settings: room_columns::read(row)?,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}

/// Where a row of any list stands.
pub(crate) fn place(row: &SqliteRow) -> Result<Place, StoreError> {
    Ok(Place { ordinal: row.try_get("ordinal")?, id: room_columns::id(row, "id")? })
}
