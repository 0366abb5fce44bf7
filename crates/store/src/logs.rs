//! The log of a project: its sessions once more, each with whether it was a conference's.

use crate::room_columns::room_columns;
use crate::sessions::{beyond, cut, read_session};
use crate::{ListPage, Page, SessionRow, Store, StoreError};
use rotunda_domain::{ProjectId, SessionId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    () => {
        concat!(
            "SELECT id, project_id, room_id, auto_created, fps, locked, status, start_time, \
             end_time, ordinal, created_at, updated_at, of_conference, ",
            room_columns!(),
            " FROM sessions WHERE project_id = $1"
        )
    };
}

macro_rules! list {
    ($direction:tt) => {
        concat!(
            select!(),
            " AND (CAST($2 AS BIGINT) IS NULL OR created_at >= $2) \
             AND (CAST($3 AS BIGINT) IS NULL OR created_at < $3)",
            beyond!("$4", "$5", "$6", $direction)
        )
    };
}

/// Which entries are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only those of this time or later, milliseconds since 1970 UTC.
    pub from_ms: Option<i64>,
    /// Only those of before this time.
    pub before_ms: Option<i64>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// The session; its id is the entry's.
    pub session: SessionRow,
    /// Whether its room was a conference when it began.
    pub of_conference: bool,
}

impl Store {
    /// A page of the project's log, newest first.
    ///
    /// # Errors
    /// As [`Store::sessions`].
    pub async fn logs(
        &self,
        project: ProjectId,
        query: LogQuery,
        page: Page,
    ) -> Result<ListPage<LogRow>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list!(newer) } else { list!(older) };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(query.from_ms)
            .bind(query.before_ms)
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        cut(page, &rows, read)
    }

    /// One entry of the log.
    ///
    /// # Errors
    /// As [`Store::sessions`].
    pub async fn log(
        &self,
        project: ProjectId,
        id: SessionId,
    ) -> Result<Option<LogRow>, StoreError> {
        let row = sqlx::query(concat!(select!(), " AND id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<LogRow, StoreError> {
    let of_conference = row.try_get("of_conference")?;
    Ok(LogRow { session: read_session(row)?, of_conference })
}
