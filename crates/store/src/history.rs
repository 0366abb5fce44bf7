//! Writing the history: every change of a session's state goes in one transaction with the event
//! that tells of it. Writing the same line twice changes nothing, because a writer who saw an
//! error cannot know whether the commit went through.

use crate::deliveries::{self, NewDelivery};
use crate::recordings::{self, Finished};
use crate::room_columns::{self, bind_window, room_columns, room_places};
use crate::sessions::read_session;
use crate::{EventRow, MemberRow, RecordingRow, SessionRow, SessionStatus, Store, StoreError};
use rotunda_domain::{MemberId, ProjectId, RecordingId, Room, RoomSettings, SessionId};
use serde_json::json;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

/// The event that tells of a session whose server is about to be started again.
pub const INTERRUPTED: &str = "room.interrupted";

/// A line of history.
#[derive(Clone, Debug, PartialEq)]
pub enum HistoryWrite {
    /// A session began.
    SessionStarted(Box<SessionRow>, EventRow),
    /// Fields of a session changed.
    SessionChanged {
        /// Its project.
        project: ProjectId,
        /// Which.
        session: SessionId,
        /// What is true of it now.
        settings: Box<RoomSettings>,
        /// Whether newcomers are kept out.
        locked: bool,
        /// What tells of it.
        event: EventRow,
        /// Whether the event is kept, too.
        is_reported: bool,
    },
    /// Somebody came, or came back.
    MemberJoined(ProjectId, MemberRow, EventRow),
    /// Somebody went.
    MemberLeft {
        /// The project.
        project: ProjectId,
        /// The session.
        session: SessionId,
        /// Who.
        member: MemberId,
        /// When, milliseconds since 1970 UTC.
        at_ms: i64,
        /// What tells of it.
        event: EventRow,
    },
    /// A recording began, was paused, goes on, or is over.
    Recording(Box<RecordingRow>, EventRow),
    /// A recording's file is whole.
    RecordingFinished {
        /// Which.
        recording: RecordingId,
        /// What it turned out to be.
        finished: Finished,
        /// Where it is to be pushed once nothing changes it any more.
        push: Option<Box<NewDelivery>>,
        /// What tells of it.
        event: EventRow,
    },
    /// A session is over, and with it everybody's part in it.
    SessionEnded {
        /// Its project.
        project: ProjectId,
        /// Which.
        session: SessionId,
        /// When, milliseconds since 1970 UTC.
        at_ms: i64,
        /// What tells of it.
        event: EventRow,
    },
    /// Something happened that changes no state.
    Event(EventRow),
}

impl HistoryWrite {
    /// The event that tells of it.
    pub fn event(&self) -> &EventRow {
        match self {
            Self::SessionStarted(_, event)
            | Self::MemberJoined(_, _, event)
            | Self::Recording(_, event)
            | Self::RecordingFinished { event, .. }
            | Self::SessionChanged { event, .. }
            | Self::MemberLeft { event, .. }
            | Self::SessionEnded { event, .. }
            | Self::Event(event) => event,
        }
    }

    /// Whether it changes no state but only the list of events.
    pub fn is_event_only(&self) -> bool {
        matches!(self, Self::Event(_))
    }
}

impl Store {
    /// Writes lines of history in their order, all or none.
    ///
    /// # Errors
    /// `Unavailable` when it may succeed later; `Declined` when a line contradicts what is stored,
    /// for example a member of a session that is unknown.
    pub async fn keep(&self, lines: &[HistoryWrite]) -> Result<(), StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                for line in lines {
                    self.keep_one(tx, line).await?;
                }
                Ok(())
            })
            .await
    }

    async fn keep_one(
        &self,
        tx: &mut SqliteConnection,
        line: &HistoryWrite,
    ) -> Result<(), StoreError> {
        match line {
            HistoryWrite::SessionStarted(row, _) => self.start_session(tx, row).await?,
            HistoryWrite::SessionChanged {
                project,
                session,
                settings,
                locked,
                event,
                is_reported,
            } => {
                change_session(tx, *project, *session, settings, *locked, event).await?;
                if !is_reported {
                    return Ok(());
                }
            }
            HistoryWrite::MemberJoined(project, row, _) => self.join(tx, *project, row).await?,
            HistoryWrite::MemberLeft { project, session, member, at_ms, .. } => {
                leave(tx, *project, *session, Some(*member), *at_ms).await?;
            }
            HistoryWrite::SessionEnded { project, session, at_ms, .. } => {
                end_session(tx, *project, *session, *at_ms, *at_ms).await?;
            }
            HistoryWrite::Recording(row, _) => self.keep_recording(tx, row).await?,
            HistoryWrite::RecordingFinished { recording, finished, push, event } => {
                let at_ms = event.created_at_ms;
                let is_news = recordings::finish(tx, *recording, *finished, at_ms).await?;
                if let Some(push) = push.as_ref().filter(|_| is_news) {
                    deliveries::hold(tx, push, at_ms).await?;
                }
            }
            HistoryWrite::Event(_) => {}
        }
        self.append(tx, line.event()).await
    }

    /// Closes what a crash left open: sessions still in progress end at the time of their last
    /// event, and so does everybody's part in them; an event tells why. Answers how many. To be
    /// called before the first session of a new process starts.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read or written; `Unreadable` when the row of a
    /// session is not as this version writes it. No session is closed then.
    pub async fn close_left_open(&self, now_ms: i64) -> Result<u64, StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                // Takes the write lock before the first read; see `rooms::lock_room`.
                sqlx::query("UPDATE sessions SET status = status WHERE status = 'in-progress'")
                    .execute(&mut *tx)
                    .await?;
                let rows: Vec<SqliteRow> = sqlx::query(concat!(
            "SELECT id, project_id, room_id, auto_created, fps, locked, status, start_time, \
             end_time, ordinal, created_at, updated_at, ",
            room_columns!(),
            " FROM sessions WHERE status = 'in-progress'"
        ))
        .fetch_all(&mut *tx)
        .await?;
                for row in &rows {
                    self.close_one(tx, &read_session(row)?, now_ms).await?;
                }
                Ok(rows.len() as u64)
            })
            .await
    }

    async fn close_one(
        &self,
        tx: &mut SqliteConnection,
        session: &SessionRow,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(created_at) FROM events WHERE session_id = $1")
                .bind(session.id.to_string())
                .fetch_one(&mut *tx)
                .await?;
        let end_ms = last.unwrap_or(session.start_ms).max(session.start_ms);
        end_session(tx, session.project, session.id, end_ms, now_ms).await?;
        let payload = json!({ "reason": "restart" });
        let event = EventRow {
            room: Some(session.room),
            session: Some(session.id),
            level: "warning".into(),
            ..EventRow::new(session.project, "room.ended", payload, now_ms)
        };
        self.append(tx, &event).await
    }

    /// Whether somebody sat in a session when the end of the process ended it, and that was noted since
    /// `since_ms` (milliseconds since 1970 UTC): by the process that ended, or by the next at its start.
    ///
    /// # Errors
    /// [`StoreError`]: the database does not answer.
    pub async fn was_cut_off(
        &self,
        session: SessionId,
        member: MemberId,
        since_ms: i64,
    ) -> Result<bool, StoreError> {
        let gone = sqlx::query_scalar::<_, i64>(
            "SELECT (SELECT COUNT(*) FROM events AS e WHERE e.session_id = $1 AND e.member_id = $2 \
             AND e.name = 'member.left' AND e.ordinal < cut.at) FROM (SELECT MIN(ordinal) AS at \
             FROM events WHERE session_id = $1 AND created_at >= $3 AND (name = $4 OR \
             (name = 'room.ended' AND payload = $5))) AS cut WHERE cut.at IS NOT NULL",
        )
        .bind(session.to_string())
        .bind(member.to_string())
        .bind(since_ms)
        .bind(INTERRUPTED)
        .bind(json!({ "reason": "restart" }).to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        Ok(gone == Some(0))
    }

    /// Appends an event, in the transaction of what it tells of.
    pub(crate) async fn append(
        &self,
        tx: &mut SqliteConnection,
        event: &EventRow,
    ) -> Result<(), StoreError> {
        self.append_about(tx, event, None).await
    }

    /// The same of an event about a room's own settings; what is new is offered to endpoints.
    pub(crate) async fn append_about(
        &self,
        tx: &mut SqliteConnection,
        event: &EventRow,
        room: Option<&Room>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO events (id, project_id, room_id, session_id, member_id, recording_id, \
             level, name, payload, ordinal, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
        )
        .bind(event.id.to_string())
        .bind(event.project.to_string())
        .bind(event.room.map(|id| id.to_string()))
        .bind(event.session.map(|id| id.to_string()))
        .bind(event.member.map(|id| id.to_string()))
        .bind(event.recording.map(|id| id.to_string()))
        .bind(event.level.clone())
        .bind(event.name.clone())
        .bind(event.payload.to_string())
        .bind(self.next_ordinal())
        .bind(event.created_at_ms)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        self.offer(tx, event, room).await
    }

    async fn start_session(
        &self,
        tx: &mut SqliteConnection,
        row: &SessionRow,
    ) -> Result<(), StoreError> {
        let insert = concat!(
            "INSERT INTO sessions (",
            room_columns!(),
            ", id, project_id, room_id, auto_created, fps, locked, status, start_time, end_time, \
             ordinal, created_at, updated_at, of_conference) SELECT ",
            room_places!(),
            ", $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, \
             EXISTS (SELECT 1 FROM conferences WHERE room_id = $27) WHERE TRUE \
             ON CONFLICT (id) DO NOTHING"
        );
        room_columns::bind(sqlx::query(insert), &row.settings)
            .bind(row.id.to_string())
            .bind(row.project.to_string())
            .bind(row.room.to_string())
            .bind(row.auto_created)
            .bind(i64::from(row.fps))
            .bind(row.locked)
            .bind(row.status.as_str())
            .bind(row.start_ms)
            .bind(row.end_ms)
            .bind(self.next_ordinal())
            .bind(row.created_at_ms)
            .bind(row.updated_at_ms)
            .execute(tx)
            .await?;
        Ok(())
    }

    /// A member who comes back (promoted again, say) keeps the row: what counts is the first
    /// coming and the last going.
    async fn join(
        &self,
        tx: &mut SqliteConnection,
        project: ProjectId,
        row: &MemberRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO members (id, session_id, project_id, name, kind, join_time, leave_time, \
             ordinal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (session_id, id) DO UPDATE SET leave_time = NULL",
        )
        .bind(row.id.to_string())
        .bind(row.session.to_string())
        .bind(project.to_string())
        .bind(row.name.clone())
        .bind(row.kind.clone())
        .bind(row.join_ms)
        .bind(row.leave_ms)
        .bind(self.next_ordinal())
        .execute(tx)
        .await?;
        Ok(())
    }
}

async fn change_session(
    tx: &mut SqliteConnection,
    project: ProjectId,
    session: SessionId,
    settings: &RoomSettings,
    locked: bool,
    event: &EventRow,
) -> Result<(), StoreError> {
    let statement = sqlx::query(
        "UPDATE sessions SET max_members = $1, join_from = $2, join_until = $3, remove_at = $4, \
         remove_after_s = $5, locked = $6, updated_at = $7 WHERE id = $8 AND project_id = $9",
    )
    .bind(i64::from(settings.max_members));
    bind_window(statement, settings.window)
        .bind(locked)
        .bind(event.created_at_ms)
        .bind(session.to_string())
        .bind(project.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

async fn end_session(
    tx: &mut SqliteConnection,
    project: ProjectId,
    session: SessionId,
    end_ms: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE sessions SET status = $1, end_time = $2, updated_at = $3 \
         WHERE id = $4 AND project_id = $5 AND status = 'in-progress'",
    )
    .bind(SessionStatus::Completed.as_str())
    .bind(end_ms)
    .bind(now_ms)
    .bind(session.to_string())
    .bind(project.to_string())
    .execute(&mut *tx)
    .await?;
    leave(tx, project, session, None, end_ms).await
}

/// Notes that one member, or everybody, went; who is gone already stays as they are.
async fn leave(
    tx: &mut SqliteConnection,
    project: ProjectId,
    session: SessionId,
    member: Option<MemberId>,
    at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE members SET leave_time = $1 WHERE session_id = $2 AND project_id = $3 \
         AND leave_time IS NULL AND (CAST($4 AS TEXT) IS NULL OR id = $4)",
    )
    .bind(at_ms)
    .bind(session.to_string())
    .bind(project.to_string())
    .bind(member.map(|id| id.to_string()))
    .execute(tx)
    .await?;
    Ok(())
}
