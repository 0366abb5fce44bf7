//! Recordings: their rows, and what becomes of them. Where the bytes are is the caller's business.

use crate::room_columns;
use crate::sessions::{beyond, cut, read_event};
use crate::{
    EventRow, ListPage, Page, RecordingPlace, RecordingRow, RecordingStatus, Store, StoreError,
};
use rotunda_domain::{ProjectId, RecordingId, SessionId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

macro_rules! select {
    () => {
        "SELECT id, project_id, session_id, status, started_at, finished_at, duration_ms, \
         size_bytes, is_seekable, place, ordinal, created_at, updated_at FROM recordings "
    };
}

macro_rules! list_recordings {
    ($direction:tt) => {
        concat!(
            select!(),
            "WHERE project_id = $1 AND (CAST($2 AS TEXT) IS NULL OR session_id = $2)",
            beyond!("$3", "$4", "$5", $direction)
        )
    };
}

macro_rules! list_events {
    ($direction:tt) => {
        concat!(
            "SELECT id, project_id, room_id, session_id, member_id, recording_id, level, name, \
             payload, ordinal, created_at FROM events WHERE project_id = $1 AND recording_id = $2",
            beyond!("$3", "$4", "$5", $direction)
        )
    };
}

/// What a file turned out to be when it was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How long it plays, milliseconds.
    pub duration_ms: i64,
    /// How large it is.
    pub bytes: i64,
}

impl Store {
    /// A page of the project's recordings, or of one session's, newest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID, or a
    /// status or place is a word this version does not know.
    pub async fn recordings(
        &self,
        project: ProjectId,
        session: Option<SessionId>,
        page: Page,
    ) -> Result<ListPage<RecordingRow>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list_recordings!(newer) } else { list_recordings!(older) };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(session.map(|id| id.to_string()))
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        cut(page, &rows, read)
    }

    /// One recording, whosever it is; the caller checks the project.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID, or a
    /// status or place is a word this version does not know.
    pub async fn recording(&self, id: RecordingId) -> Result<Option<RecordingRow>, StoreError> {
        let row = sqlx::query(concat!(select!(), "WHERE id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// A page of what happened to a recording, newest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// payload no JSON.
    pub async fn recording_events(
        &self,
        project: ProjectId,
        id: RecordingId,
        page: Page,
    ) -> Result<ListPage<EventRow>, StoreError> {
        let bounds = page.bounds();
        let rows =
            sqlx::query(if bounds.newer { list_events!(newer) } else { list_events!(older) })
                .bind(project.to_string())
                .bind(id.to_string())
                .bind(bounds.ordinal)
                .bind(bounds.id.to_string())
                .bind(bounds.limit)
                .fetch_all(&self.inner.readers)
                .await?;
        cut(page, &rows, read_event)
    }

    /// Those a crash left unfinished, oldest first; they are `processing` from now on, because
    /// nobody records them any more.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written or read; `Unreadable` when an id is no
    /// UUID, or a status or place is a word this version does not know. Their status is
    /// changed by then, perhaps; the same call gives them all again.
    pub async fn take_up_recordings(&self, now_ms: i64) -> Result<Vec<RecordingRow>, StoreError> {
        self.inner
            .writer
            .execute(
                sqlx::query(
                    "UPDATE recordings SET status = 'processing', updated_at = $1 \
             WHERE status IN ('recording', 'paused')",
                )
                .bind(now_ms),
            )
            .await?;
        self.recordings_where(concat!(select!(), "WHERE status = 'processing' ORDER BY ordinal"))
            .await
    }

    /// Finished files, wherever they are, oldest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID, or a
    /// status or place is a word this version does not know.
    pub async fn completed_recordings(&self) -> Result<Vec<RecordingRow>, StoreError> {
        self.recordings_where(concat!(select!(), "WHERE status = 'completed' ORDER BY ordinal"))
            .await
    }

    async fn recordings_where(&self, sql: &'static str) -> Result<Vec<RecordingRow>, StoreError> {
        let rows = sqlx::query(sql).fetch_all(&self.inner.readers).await?;
        rows.iter().map(read).collect()
    }

    /// The file of a completed recording was written anew, or moved.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; a recording that is not there, or not
    /// completed, is no error.
    pub async fn move_recording(
        &self,
        id: RecordingId,
        bytes: i64,
        is_seekable: bool,
        place: RecordingPlace,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.inner.writer.execute(sqlx::query(
            "UPDATE recordings SET size_bytes = $1, is_seekable = $2, place = $3, updated_at = $4 \
             WHERE id = $5 AND status = 'completed'",
        )
        .bind(bytes)
        .bind(is_seekable)
        .bind(place.as_str())
        .bind(now_ms)
        .bind(id.to_string())).await?;
        Ok(())
    }

    /// Forgets a completed recording, and that it was or is to be brought anywhere; answers where
    /// its file is, or `None` for one that is not completed or not there.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; `Unreadable` when its place is a word
    /// this version does not know. Nothing is forgotten then.
    pub async fn delete_recording(
        &self,
        id: RecordingId,
    ) -> Result<Option<RecordingPlace>, StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                let sql =
                    "DELETE FROM recordings WHERE id = $1 AND status = 'completed' RETURNING place";
                let gone = sqlx::query(sql).bind(id.to_string()).fetch_optional(&mut *tx).await?;
                let place = gone.as_ref().map(place).transpose()?;
                if place.is_some() {
                    sqlx::query("DELETE FROM deliveries WHERE recording_id = $1")
                        .bind(id.to_string())
                        .execute(&mut *tx)
                        .await?;
                }
                Ok(place)
            })
            .await
    }

    /// Takes a line of a recording's life: a later state never gives way to an earlier one.
    pub(crate) async fn keep_recording(
        &self,
        tx: &mut SqliteConnection,
        row: &RecordingRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO recordings (id, project_id, session_id, status, started_at, finished_at, \
             is_seekable, place, ordinal, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, FALSE, 'local', $7, $8, $9) \
             ON CONFLICT (id) DO UPDATE SET status = excluded.status, \
             finished_at = excluded.finished_at, updated_at = excluded.updated_at \
             WHERE recordings.status IN ('recording', 'paused')",
        )
        .bind(row.id.to_string())
        .bind(row.project.to_string())
        .bind(row.session.to_string())
        .bind(row.status.as_str())
        .bind(row.started_ms)
        .bind(row.finished_ms)
        .bind(self.next_ordinal())
        .bind(row.created_at_ms)
        .bind(row.updated_at_ms)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// A recording as this transaction sees it.
pub(crate) async fn recording_in(
    tx: &mut SqliteConnection,
    id: RecordingId,
) -> Result<Option<RecordingRow>, StoreError> {
    let row = sqlx::query(concat!(select!(), "WHERE id = $1")).bind(id.to_string());
    row.fetch_optional(tx).await?.as_ref().map(read).transpose()
}

/// The file is whole: true length and size. False for one that was so before.
pub(crate) async fn finish(
    tx: &mut SqliteConnection,
    id: RecordingId,
    finished: Finished,
    at_ms: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE recordings SET status = 'completed', duration_ms = $1, size_bytes = $2, \
         finished_at = COALESCE(finished_at, started_at + $1), updated_at = $3 \
         WHERE id = $4 AND status <> 'completed'",
    )
    .bind(finished.duration_ms)
    .bind(finished.bytes)
    .bind(at_ms)
    .bind(id.to_string())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

fn place(row: &SqliteRow) -> Result<RecordingPlace, StoreError> {
    let place: String = row.try_get("place")?;
    RecordingPlace::parse(&place).ok_or(StoreError::Unreadable { column: "place" })
}

fn read(row: &SqliteRow) -> Result<RecordingRow, StoreError> {
    let status: String = row.try_get("status")?;
    Ok(RecordingRow {
        id: RecordingId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        session: SessionId(room_columns::id(row, "session_id")?),
        status: RecordingStatus::parse(&status)
            .ok_or(StoreError::Unreadable { column: "status" })?,
        started_ms: row.try_get("started_at")?,
        finished_ms: row.try_get("finished_at")?,
        duration_ms: row.try_get("duration_ms")?,
        bytes: row.try_get("size_bytes")?,
        is_seekable: row.try_get("is_seekable")?,
        place: place(row)?,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}
