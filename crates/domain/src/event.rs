//! What people in a session are told. Values only; their JSON shapes live in the doors.

mod names;

use crate::chat::{Caption, ChatMessage};
use crate::grant::Grant;
use crate::id::{LegId, MemberId, ProjectId, RecordingId, RoomId, SessionId, WaiterId};
use crate::layout::{CanvasPlan, Position, Reservation};
use crate::line::LineQuality;
use crate::lobby::{Dismissal, Waiting};
use crate::playback::{PlaybackEvent, PlaybackView};
use crate::room::RoomSettings;
use crate::stream::{StreamEvent, StreamView};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What someone in a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A person who takes part.
    Member,
    /// A person who looks on; in nobody's list but their own.
    Audience,
    /// A member's screen share.
    Screen,
    /// A member's further camera or microphone.
    Device,
}

impl MemberKind {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Audience => "audience",
            Self::Screen => "screen",
            Self::Device => "device",
        }
    }
}

/// Somebody as others see them at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    /// Who.
    pub id: MemberId,
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Display name.
    pub name: Arc<str>,
    /// What they are.
    pub kind: MemberKind,
    /// The member a screen or device belongs to.
    pub parent: Option<MemberId>,
    /// The seat asked for.
    pub requested: Position,
    /// The seat held; `None` is off the canvas.
    pub current: Option<Reservation>,
    /// On the canvas with the camera on.
    pub visible: bool,
    /// Nothing comes from them any more, not even a sign of life: a cut cable, a killed page. Their
    /// seat is kept for a while.
    pub media_lost: bool,
    /// Microphone off.
    pub audio_muted: bool,
    /// Camera off.
    pub video_muted: bool,
    /// Hears nothing.
    pub deaf: bool,
    /// Hand up.
    pub handraised: bool,
    /// Since when, milliseconds since 1970 UTC: no two of a session are the same, and whoever raised
    /// theirs first is first in the line.
    pub hand_raised_at_ms: Option<i64>,
    /// −50…50.
    pub input_volume: i32,
    /// −50…50.
    pub output_volume: i32,
    /// 0…100.
    pub input_sensitivity: i32,
    /// The application's words about the member.
    pub meta: Map<String, Value>,
}

/// Where a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingState {
    /// It runs.
    Recording,
    /// It leaves out what happens.
    Paused,
    /// It is over.
    Completed,
}

impl RecordingState {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Completed => "completed",
        }
    }
}

/// A recording at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingView {
    /// Which.
    pub id: RecordingId,
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Where it stands.
    pub state: RecordingState,
    /// How long it ran without its pauses, milliseconds; once it is over.
    pub duration_ms: Option<u64>,
    /// When it began, milliseconds since 1970 UTC.
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// Whether it ended because it could not be written.
    pub failed: bool,
}

/// What is told of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingEvent {
    /// It began.
    Started,
    /// It was paused or goes on.
    Updated,
    /// It is over.
    Ended,
}

impl RecordingEvent {
    /// The name it goes by, in history and behind `video.` on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "recording.started",
            Self::Updated => "recording.updated",
            Self::Ended => "recording.ended",
        }
    }
}

/// A session as those in it see it at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// Its room.
    pub room: RoomId,
    /// Its project.
    pub project: ProjectId,
    /// Channel name events carry.
    pub event_channel: Arc<str>,
    /// Where previews of it are to be seen, if they are made.
    pub preview_url: Option<Arc<str>>,
    /// What the room said when the session began, with later live changes.
    pub settings: RoomSettings,
    /// Whether the room exists only as long as this session.
    pub auto_created: bool,
    /// The layout in force.
    pub layout: Arc<str>,
    /// Whether newcomers are kept out.
    pub locked: bool,
    /// Whether muted members are kept off the canvas.
    pub hide_video_muted: bool,
    /// Room meta in force.
    pub meta: Map<String, Value>,
    /// People looking on.
    pub audience_count: u32,
    /// Whether anybody records, paused or not.
    pub is_recording: bool,
    /// Recordings that are not over, for those who may know of them.
    pub recordings: Vec<RecordingView>,
    /// Playbacks that are not over, for those who may know of them.
    pub playbacks: Vec<PlaybackView>,
    /// Streams that are not over, for those who may know of them.
    pub streams: Vec<StreamView>,
    /// Whether there are any.
    pub is_streaming: bool,
    /// Those taking part, in the order they came.
    pub members: Vec<MemberView>,
    /// When the session began, milliseconds since 1970 UTC.
    pub started_at_ms: i64,
}

/// The canvas as those in the session see it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutView {
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// What is shown where.
    pub plan: Arc<CanvasPlan>,
}

/// Somebody's line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineView {
    /// Whose.
    pub member: MemberId,
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Their name.
    pub name: Arc<str>,
    /// What they are.
    pub kind: MemberKind,
    /// How good it is.
    pub quality: LineQuality,
}

/// A fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The newcomer is in: their whole view of the session.
    RoomSubscribed {
        /// What the client calls the leg that connected.
        call_id: LegId,
        /// Who the newcomer is.
        member: MemberId,
        /// The session, the newcomer included.
        session: Box<SessionView>,
    },
    /// The session as an application sees it from the moment it listens.
    RoomShown(Box<SessionView>),
    /// The session began.
    RoomStarted(Box<SessionView>),
    /// Named fields of the session changed.
    RoomUpdated {
        /// The session.
        session: Box<SessionView>,
        /// Which fields, in the wire's spelling.
        updated: Vec<&'static str>,
    },
    /// The session is over.
    RoomEnded(Box<SessionView>),
    /// Somebody came.
    MemberJoined(MemberView),
    /// Somebody went.
    MemberLeft(MemberView),
    /// Named fields of somebody changed; none when the entity is only being made known.
    MemberUpdated {
        /// Who, in full.
        member: MemberView,
        /// Which fields, in the wire's spelling.
        updated: Vec<&'static str>,
    },
    /// Somebody began or ceased to talk.
    MemberTalking {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Who.
        member: MemberId,
        /// Began or ceased.
        talking: bool,
    },
    /// How good somebody's line is; people hear it whose client named the event.
    NetworkQuality(LineView),
    /// Something became of a recording; told to those who may record.
    Recording(RecordingEvent, RecordingView),
    /// Something became of a stream; its begin and end are told to those who may stream.
    Stream(StreamEvent, StreamView),
    /// The canvas is arranged anew.
    LayoutChanged(LayoutView),
    /// Somebody's standing changed: promoted or demoted. Only they are told.
    RoleChanged {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Who.
        member: MemberId,
        /// Up or down.
        promoted: bool,
        /// What they hold from now on.
        grant: Box<Grant>,
        /// The session, for the names in their authorization.
        view: Box<SessionView>,
    },
    /// Something became of a playback; told to those who may play.
    Playback(PlaybackEvent, PlaybackView),
    /// Somebody sent digits.
    Digits {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Who.
        member: MemberId,
        /// Which.
        digits: String,
    },
    /// Somebody wrote to others, or what they wrote was taken away; people hear it whose client named
    /// the event.
    ChatMessage {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// The message as it is now.
        message: ChatMessage,
    },
    /// What is said, in letters; people hear it whose client named the event.
    Caption {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Who pushed it; `None` is the application.
        from: Option<MemberId>,
        /// Their name.
        name: Arc<str>,
        /// What is said.
        caption: Caption,
    },
    /// Who waits to be let in; hosts hear it whose client named the event.
    LobbyUpdated {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// The whole line, the first first.
        waiting: Arc<[Waiting]>,
    },
    /// Somebody who waited may come in. Only they are told.
    LobbyAdmitted {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Their place.
        id: WaiterId,
    },
    /// Somebody waits no more and may not come in. Only they are told.
    LobbyDenied {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// Their place.
        id: WaiterId,
        /// Why.
        why: Dismissal,
    },
    /// How many people look on.
    AudienceCount {
        /// Room of the session.
        room: RoomId,
        /// The session.
        session: SessionId,
        /// People looking on.
        total: u32,
    },
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Everybody in the session whose leg was announced, audience too.
    Everyone,
    /// One person.
    Only(MemberId),
    /// Everybody but one.
    AllBut(MemberId),
    /// These people, and applications with them.
    Those(Arc<[MemberId]>),
    /// Somebody who waits to be let in, and is none of the session.
    Waiting(WaiterId),
}
