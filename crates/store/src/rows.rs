//! Rows of a session's history as values.

use rotunda_domain::{MemberId, ProjectId, RecordingId, RoomId, RoomSettings, SessionId};
use serde_json::Value;
use uuid::Uuid;

/// Whether a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// It does.
    InProgress,
    /// It is over.
    Completed,
}

impl SessionStatus {
    /// The spelling on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "in-progress" => Some(Self::InProgress),
            "completed" => Some(Self::Completed),
            _ => None,
        }
    }
}

/// A session, running or over.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// Its project.
    pub project: ProjectId,
    /// Its room, which may be gone.
    pub room: RoomId,
    /// Whether the room lived only as long as the session.
    pub auto_created: bool,
    /// What the room said when the session began, with later live changes.
    pub settings: RoomSettings,
    /// Frames a second of its canvas.
    pub fps: u32,
    /// Whether newcomers are kept out.
    pub locked: bool,
    /// Whether it goes on.
    pub status: SessionStatus,
    /// When it began, milliseconds since 1970 UTC.
    pub start_ms: i64,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// When the row was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When the row was changed last.
    pub updated_at_ms: i64,
}

/// Somebody's part in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub id: MemberId,
    /// The session.
    pub session: SessionId,
    /// Display name.
    pub name: String,
    /// `member`, `screen` or `device`.
    pub kind: String,
    /// When they came, milliseconds since 1970 UTC; the first time, when they came twice.
    pub join_ms: i64,
    /// When they went.
    pub leave_ms: Option<i64>,
}

/// Where a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingStatus {
    /// It runs.
    Recording,
    /// It leaves out what happens.
    Paused,
    /// It is over, and its file is being finished.
    Processing,
    /// Its file is whole.
    Completed,
}

impl RecordingStatus {
    const ALL: [Self; 4] = [Self::Recording, Self::Paused, Self::Processing, Self::Completed];

    /// The spelling on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Processing => "processing",
            Self::Completed => "completed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a recording's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingPlace {
    /// In the folder of this machine.
    Local,
    /// In object storage.
    Remote,
}

impl RecordingPlace {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Local, Self::Remote].into_iter().find(|place| place.as_str() == text)
    }
}

/// A recording of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// Which.
    pub id: RecordingId,
    /// Its project.
    pub project: ProjectId,
    /// The session that was recorded.
    pub session: SessionId,
    /// Where it stands.
    pub status: RecordingStatus,
    /// When it began, milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// When it ended.
    pub finished_ms: Option<i64>,
    /// How long it plays, once it is completed.
    pub duration_ms: Option<i64>,
    /// How large its file is, once it is completed.
    pub bytes: Option<i64>,
    /// Whether the file can be sought in without reading all of it.
    pub is_seekable: bool,
    /// Where the file is.
    pub place: RecordingPlace,
    /// When the row was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When the row was changed last.
    pub updated_at_ms: i64,
}

/// Something that happened; never changed, and deleted with its whole session only.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its own id.
    pub id: Uuid,
    /// The project it happened in.
    pub project: ProjectId,
    /// The room it is about.
    pub room: Option<RoomId>,
    /// The session it happened in.
    pub session: Option<SessionId>,
    /// The member it is about.
    pub member: Option<MemberId>,
    /// The recording it is about.
    pub recording: Option<Uuid>,
    /// `info`, `warning` or `error`.
    pub level: String,
    /// What happened, for example `member.joined`.
    pub name: String,
    /// The facts, as a JSON object.
    pub payload: Value,
    /// When, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

impl EventRow {
    /// An event about the project alone; the caller fills in what else it is about.
    pub fn new(project: ProjectId, name: &str, payload: Value, created_at_ms: i64) -> Self {
        Self {
            id: Uuid::new_v4(),
            project,
            room: None,
            session: None,
            member: None,
            recording: None,
            level: "info".into(),
            name: name.into(),
            payload,
            created_at_ms,
        }
    }
}
