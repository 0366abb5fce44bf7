//! Streams that stand with a room.

use crate::only_if::after;
use crate::{OnlyIf, Store, StoreError, now_ms, room_columns};
use rotunda_domain::{ProjectId, RoomId, RoomStreamId, StreamTarget};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, project_id, room_id, url, created_at, updated_at FROM room_streams WHERE ",
            $which
        )
    };
}

/// A stream that stands with a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// Which.
    pub id: RoomStreamId,
    /// The room's project.
    pub project: ProjectId,
    /// The room.
    pub room: RoomId,
    /// Where it goes.
    pub target: StreamTarget,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was changed last.
    pub updated_at_ms: i64,
}

impl Store {
    /// Adds a stream to a room; `None` when it has `most` of them already.
    ///
    /// # Errors
    /// `Declined` when there is no such room.
    pub async fn create_stream(
        &self,
        project: ProjectId,
        room: RoomId,
        target: StreamTarget,
        most: usize,
    ) -> Result<Option<StreamRow>, StoreError> {
        let now = now_ms();
        let id = RoomStreamId(Uuid::new_v4());
        let row = StreamRow { id, project, room, target, created_at_ms: now, updated_at_ms: now };
        let insert = "INSERT INTO room_streams \
             (id, project_id, room_id, url, ordinal, created_at, updated_at) \
             SELECT $1, $2, $3, $4, $5, $6, $6 \
             WHERE (SELECT COUNT(*) FROM room_streams WHERE room_id = $3) < $7";
        let done = self
            .inner
            .writer
            .execute(
                sqlx::query(insert)
                    .bind(id.to_string())
                    .bind(project.to_string())
                    .bind(room.to_string())
                    .bind(row.target.as_str())
                    .bind(self.next_ordinal())
                    .bind(now)
                    .bind(i64::try_from(most).unwrap_or(i64::MAX)),
            )
            .await?;
        Ok((done.rows_affected() == 1).then_some(row))
    }

    /// The streams of a room, oldest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or an
    /// address no [`StreamTarget`].
    pub async fn streams_of_room(
        &self,
        project: ProjectId,
        room: RoomId,
    ) -> Result<Vec<StreamRow>, StoreError> {
        let rows = sqlx::query(select!("project_id = $1 AND room_id = $2 ORDER BY ordinal"))
            .bind(project.to_string())
            .bind(room.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// One stream of the project.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or an
    /// address no [`StreamTarget`].
    pub async fn stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
    ) -> Result<Option<StreamRow>, StoreError> {
        let row = sqlx::query(select!("project_id = $1 AND id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Lets a stream go elsewhere.
    ///
    /// # Errors
    /// `NotFound` when the project has no such stream; `Outdated`.
    pub async fn change_stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
        target: &StreamTarget,
        only_if: OnlyIf,
    ) -> Result<StreamRow, StoreError> {
        let update =
            "UPDATE room_streams SET url = $1, updated_at = $2 WHERE project_id = $3 AND id = $4";
        let work = async |tx: &mut SqliteConnection| {
            let row = lock(tx, project, id).await?;
            only_if.check(row.updated_at_ms)?;
            let (target, updated_at_ms) = (target.clone(), after(row.updated_at_ms));
            sqlx::query(update)
                .bind(target.as_str())
                .bind(updated_at_ms)
                .bind(project.to_string())
                .bind(id.to_string())
                .execute(tx)
                .await?;
            Ok(StreamRow { target, updated_at_ms, ..row })
        };
        self.inner.writer.write(work).await
    }

    /// Deletes a stream; answers what it was.
    ///
    /// # Errors
    /// `NotFound` when the project has no such stream; `Outdated`.
    pub async fn delete_stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
        only_if: OnlyIf,
    ) -> Result<StreamRow, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let row = lock(tx, project, id).await?;
            only_if.check(row.updated_at_ms)?;
            sqlx::query("DELETE FROM room_streams WHERE project_id = $1 AND id = $2")
                .bind(project.to_string())
                .bind(id.to_string())
                .execute(tx)
                .await?;
            Ok(row)
        };
        self.inner.writer.write(work).await
    }
}

/// Reads a stream that is about to be changed; the first statement writes, and changes nothing (`rooms.rs`).
async fn lock(
    tx: &mut SqliteConnection,
    project: ProjectId,
    id: RoomStreamId,
) -> Result<StreamRow, StoreError> {
    let touch = "UPDATE room_streams SET updated_at = updated_at WHERE project_id = $1 AND id = $2";
    sqlx::query(touch).bind(project.to_string()).bind(id.to_string()).execute(&mut *tx).await?;
    let row = sqlx::query(select!("project_id = $1 AND id = $2"))
        .bind(project.to_string())
        .bind(id.to_string())
        .fetch_optional(tx)
        .await?;
    read(&row.ok_or(StoreError::NotFound)?)
}

fn read(row: &SqliteRow) -> Result<StreamRow, StoreError> {
    let url: String = row.try_get("url")?;
    let target = StreamTarget::parse(&url).map_err(|_| StoreError::Unreadable { column: "url" })?;
    Ok(StreamRow {
        id: RoomStreamId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        room: RoomId(room_columns::id(row, "room_id")?),
        target,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}
