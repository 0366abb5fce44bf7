//! Reading the history: sessions, who was in them, what happened.

use crate::room_columns::{self, maybe_id, room_columns};
use crate::rooms::place;
use crate::{EventRow, ListPage, MemberRow, Page, SessionRow, SessionStatus, Store, StoreError};
use rotunda_domain::{MemberId, ProjectId, RoomId, SessionId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

macro_rules! select {
    () => {
        concat!(
            "SELECT id, project_id, room_id, auto_created, fps, locked, status, start_time, \
             end_time, ordinal, created_at, updated_at, ",
            room_columns!(),
            " FROM sessions "
        )
    };
}

/// The end of every list's statement: strictly beyond a place, in one of the two directions.
macro_rules! beyond {
    ($ordinal:literal, $id:literal, $limit:literal, newer) => {
        beyond!(@ $ordinal, $id, $limit, " > ", " ASC")
    };
    ($ordinal:literal, $id:literal, $limit:literal, older) => {
        beyond!(@ $ordinal, $id, $limit, " < ", " DESC")
    };
    (@ $ordinal:literal, $id:literal, $limit:literal, $compare:literal, $order:literal) => {
        concat!(
            " AND (ordinal", $compare, $ordinal, " OR (ordinal = ", $ordinal, " AND id", $compare,
            $id, ")) ORDER BY ordinal", $order, ", id", $order, " LIMIT ", $limit
        )
    };
}

pub(crate) use beyond;

macro_rules! list_sessions {
    ($direction:tt) => {
        concat!(
            select!(),
            "WHERE project_id = $1 \
             AND (CAST($2 AS TEXT) IS NULL OR (room_id = $2 AND auto_created = FALSE)) \
             AND (CAST($3 AS TEXT) IS NULL OR name = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR LOWER(name) LIKE $4 ESCAPE '!') \
             AND (CAST($5 AS TEXT) IS NULL OR status = $5)",
            beyond!("$6", "$7", "$8", $direction)
        )
    };
}

macro_rules! list_members {
    ($direction:tt) => {
        concat!(
            "SELECT id, session_id, name, kind, join_time, leave_time, ordinal FROM members \
             WHERE project_id = $1 AND session_id = $2",
            beyond!("$3", "$4", "$5", $direction)
        )
    };
}

macro_rules! list_events {
    ($direction:tt) => {
        concat!(
            "SELECT id, project_id, room_id, session_id, member_id, recording_id, level, name, \
             payload, ordinal, created_at FROM events WHERE project_id = $1 AND session_id = $2",
            beyond!("$3", "$4", "$5", $direction)
        )
    };
}

/// Which sessions of a project are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only those of this room; auto-created rooms cannot be asked for.
    pub room: Option<RoomId>,
    /// Only those of a room with exactly this name.
    pub room_name: Option<String>,
    /// Only those of a room whose name contains this, in whichever case.
    pub room_name_matches: Option<String>,
    /// Only those that go on, or that are over.
    pub status: Option<SessionStatus>,
}

impl Store {
    /// A page of the project's sessions, newest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a session is
    /// not as this version writes it, such as its status.
    pub async fn sessions(
        &self,
        project: ProjectId,
        filter: &SessionFilter,
        page: Page,
    ) -> Result<ListPage<SessionRow>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list_sessions!(newer) } else { list_sessions!(older) };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(filter.room.map(|room| room.to_string()))
            .bind(filter.room_name.clone())
            .bind(filter.room_name_matches.as_deref().map(containing))
            .bind(filter.status.map(SessionStatus::as_str))
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        cut(page, &rows, read_session)
    }

    /// One session.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a session is
    /// not as this version writes it, such as its status.
    pub async fn session(
        &self,
        project: ProjectId,
        id: SessionId,
    ) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query(concat!(select!(), "WHERE project_id = $1 AND id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// The session that goes on in a room, the newest should there be two.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a session is
    /// not as this version writes it, such as its status.
    pub async fn running_session(
        &self,
        project: ProjectId,
        room: RoomId,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            select!(),
            "WHERE project_id = $1 AND room_id = $2 AND status = 'in-progress' \
             ORDER BY ordinal DESC LIMIT 1"
        );
        let row = sqlx::query(sql)
            .bind(project.to_string())
            .bind(room.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// All sessions of the project that go on, oldest first; as many as the server runs.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column of a session is
    /// not as this version writes it, such as its status.
    pub async fn running_sessions(
        &self,
        project: ProjectId,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let sql =
            concat!(select!(), "WHERE project_id = $1 AND status = 'in-progress' ORDER BY ordinal");
        let rows =
            sqlx::query(sql).bind(project.to_string()).fetch_all(&self.inner.readers).await?;
        rows.iter().map(read_session).collect()
    }

    /// A page of those who took part in a session, newest first; empty for an unknown session.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn members(
        &self,
        project: ProjectId,
        session: SessionId,
        page: Page,
    ) -> Result<ListPage<MemberRow>, StoreError> {
        let sql = if page.bounds().newer { list_members!(newer) } else { list_members!(older) };
        let rows = self.of_session(sql, project, session, page).await?;
        cut(page, &rows, read_member)
    }

    /// A page of what happened in a session, newest first; empty for an unknown session.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// payload no JSON.
    pub async fn events(
        &self,
        project: ProjectId,
        session: SessionId,
        page: Page,
    ) -> Result<ListPage<EventRow>, StoreError> {
        let sql = if page.bounds().newer { list_events!(newer) } else { list_events!(older) };
        let rows = self.of_session(sql, project, session, page).await?;
        cut(page, &rows, read_event)
    }

    async fn of_session(
        &self,
        sql: &'static str,
        project: ProjectId,
        session: SessionId,
        page: Page,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let bounds = page.bounds();
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(session.to_string())
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        Ok(rows)
    }
}

/// A pattern for names that contain `part`, its own wildcards taken literally.
fn containing(part: &str) -> String {
    let literal: String = part
        .to_lowercase()
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c]))
        .collect();
    format!("%{literal}%")
}

pub(crate) fn cut<T>(
    page: Page,
    rows: &[SqliteRow],
    read: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<ListPage<T>, StoreError> {
    let rows: Result<Vec<_>, StoreError> =
        rows.iter().map(|row| Ok((place(row)?, read(row)?))).collect();
    Ok(page.cut(rows?))
}

pub(crate) fn read_session(row: &SqliteRow) -> Result<SessionRow, StoreError> {
    let status: String = row.try_get("status")?;
    Ok(SessionRow {
        id: SessionId(room_columns::id(row, "id")?),
        project: ProjectId(room_columns::id(row, "project_id")?),
        room: RoomId(room_columns::id(row, "room_id")?),
        auto_created: row.try_get("auto_created")?,
        settings: room_columns::read(row)?,
        fps: room_columns::number(row, "fps")?,
        locked: row.try_get("locked")?,
        status: SessionStatus::parse(&status).ok_or(StoreError::Unreadable { column: "status" })?,
        start_ms: row.try_get("start_time")?,
        end_ms: row.try_get("end_time")?,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}

/// A session as this transaction sees it.
pub(crate) async fn session_in(
    tx: &mut SqliteConnection,
    id: SessionId,
) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(concat!(select!(), "WHERE id = $1")).bind(id.to_string());
    row.fetch_optional(tx).await?.as_ref().map(read_session).transpose()
}

/// Somebody's part in a session as this transaction sees it.
pub(crate) async fn member_in(
    tx: &mut SqliteConnection,
    session: SessionId,
    id: MemberId,
) -> Result<Option<MemberRow>, StoreError> {
    let sql = "SELECT id, session_id, name, kind, join_time, leave_time FROM members \
         WHERE session_id = $1 AND id = $2";
    let row = sqlx::query(sql).bind(session.to_string()).bind(id.to_string());
    row.fetch_optional(tx).await?.as_ref().map(read_member).transpose()
}

fn read_member(row: &SqliteRow) -> Result<MemberRow, StoreError> {
    Ok(MemberRow {
        id: MemberId(room_columns::id(row, "id")?),
        session: SessionId(room_columns::id(row, "session_id")?),
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        join_ms: row.try_get("join_time")?,
        leave_ms: row.try_get("leave_time")?,
    })
}

pub(crate) fn read_event(row: &SqliteRow) -> Result<EventRow, StoreError> {
    let payload: String = row.try_get("payload")?;
    let optional = |column| -> Result<Option<Uuid>, StoreError> { maybe_id(row, column) };
    Ok(EventRow {
        id: room_columns::id(row, "id")?,
        project: ProjectId(room_columns::id(row, "project_id")?),
        room: optional("room_id")?.map(RoomId),
        session: optional("session_id")?.map(SessionId),
        member: optional("member_id")?.map(MemberId),
        recording: optional("recording_id")?,
        level: row.try_get("level")?,
        name: row.try_get("name")?,
        payload: serde_json::from_str(&payload)
            .map_err(|_| StoreError::Unreadable { column: "payload" })?,
        created_at_ms: row.try_get("created_at")?,
    })
}
