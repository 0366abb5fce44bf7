//! Answers, key for key: every key always there, `null` when unset.

use crate::dates::{write, write_ms};
use rotunda_domain::{Room, RoomSettings, StreamHealth};
use rotunda_hub::{EventRow, MemberRow, RecordingRow, SessionRow, SessionStatus, StreamRow};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct List<T> {
    pub(crate) links: Links,
    pub(crate) data: Vec<T>,
}

/// Where the list goes on; opaque addresses.
#[derive(Serialize, ToSchema)]
pub(crate) struct Links {
    #[serde(rename = "self")]
    pub(crate) itself: String,
    pub(crate) first: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prev: Option<String>,
}

/// A durable room.
#[derive(Serialize, ToSchema)]
#[schema(as = Room)]
pub(crate) struct RoomObject {
    id: Uuid,
    /// Allowed characters: A-Za-z0-9_-
    name: String,
    display_name: String,
    description: Option<String>,
    max_members: u32,
    /// `720p` or `1080p`.
    quality: &'static str,
    /// Frames a second of the canvas.
    fps: u32,
    join_from: Option<String>,
    join_until: Option<String>,
    remove_at: Option<String>,
    remove_after_seconds_elapsed: Option<u32>,
    layout: String,
    record_on_start: bool,
    tone_on_entry_and_exit: bool,
    room_join_video_off: bool,
    user_join_video_off: bool,
    enable_room_previews: bool,
    sync_audio_video: Option<bool>,
    audio_video_sync: Option<bool>,
    #[schema(value_type = Option<Object>)]
    meta: Option<Map<String, Value>>,
    prioritize_handraise: bool,
    /// `null` is as the operator says.
    logos_visible: Option<bool>,
    blind_mode: bool,
    silent_mode: bool,
    meeting_mode: bool,
    /// Ours: for whom the chat is, `off`, `members` or `all`.
    enable_chat: &'static str,
    /// Ours: whoever comes waits until a host lets them in.
    lobby: bool,
    /// Only where it was asked for, and in the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActiveSession>)]
    active_session: Option<Option<ActiveSession>>,
    created_at: String,
    updated_at: String,
}

/// A stream that stands with a room.
#[derive(Serialize, ToSchema)]
#[schema(as = Stream)]
pub(crate) struct StreamObject {
    id: Uuid,
    url: String,
    /// `rtmp`, with or without TLS.
    stream_type: &'static str,
    width: u32,
    height: u32,
    fps: u32,
    /// Ours: `idle` while no session of the room runs or somebody stopped it there; otherwise
    /// `connecting`, `live`, `retrying` or `failed`.
    state: &'static str,
    /// Ours: why it is tried again, or no more.
    error: Option<String>,
    created_at: String,
    updated_at: String,
}

impl StreamObject {
    pub(crate) fn new(
        row: StreamRow,
        (width, height): (u32, u32),
        fps: u32,
        health: Option<StreamHealth>,
    ) -> Self {
        Self {
            id: row.id.0,
            url: row.target.as_str().to_owned(),
            stream_type: "rtmp",
            width,
            height,
            fps,
            state: health.as_ref().map_or("idle", StreamHealth::as_str),
            error: health.as_ref().and_then(StreamHealth::why).map(str::to_owned),
            created_at: write_ms(row.created_at_ms),
            updated_at: write_ms(row.updated_at_ms),
        }
    }
}

impl RoomObject {
    pub(crate) fn new(room: Room, fps: u32, active: Option<Option<ActiveSession>>) -> Self {
        let settings = room.settings;
        Self {
            id: room.id.0,
            name: settings.name,
            display_name: settings.display_name,
            description: settings.description,
            max_members: settings.max_members,
            quality: settings.quality.as_str(),
            fps,
            join_from: settings.window.join_from.map(write),
            join_until: settings.window.join_until.map(write),
            remove_at: settings.window.remove_at.map(write),
            remove_after_seconds_elapsed: settings.window.remove_after_s,
            layout: settings.layout,
            record_on_start: settings.record_on_start,
            tone_on_entry_and_exit: settings.tone_on_entry_and_exit,
            room_join_video_off: settings.room_join_video_off,
            user_join_video_off: settings.user_join_video_off,
            enable_room_previews: settings.enable_room_previews,
            sync_audio_video: settings.audio_video_sync,
            audio_video_sync: settings.audio_video_sync,
            meta: settings.meta,
            prioritize_handraise: settings.prioritize_handraise,
            logos_visible: settings.logos_visible,
            blind_mode: settings.blind_mode,
            silent_mode: settings.silent_mode,
            meeting_mode: settings.meeting_mode,
            enable_chat: settings.enable_chat.as_str(),
            lobby: settings.lobby,
            active_session: active,
            created_at: write_ms(room.created_at_ms),
            updated_at: write_ms(room.updated_at_ms),
        }
    }
}

/// What a session and a room's active session have in common.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionCore {
    id: Uuid,
    /// `null` when the room was made for this session only.
    room_id: Option<Uuid>,
    name: String,
    display_name: String,
    join_from: Option<String>,
    join_until: Option<String>,
    remove_at: Option<String>,
    remove_after_seconds_elapsed: Option<u32>,
    layout: String,
    max_members: u32,
    fps: u32,
    quality: &'static str,
    start_time: String,
    end_time: Option<String>,
    /// Seconds.
    duration: Option<i64>,
    /// `in-progress` or `completed`.
    status: &'static str,
    record_on_start: bool,
    enable_room_previews: bool,
    /// A small moving picture of the session (animated WebP) that needs no login, while it goes on
    /// and if the room wants it.
    preview_url: Option<String>,
}

impl SessionCore {
    fn new(row: &SessionRow, preview_url: Option<String>) -> Self {
        let settings: &RoomSettings = &row.settings;
        Self {
            id: row.id.0,
            room_id: (!row.auto_created).then_some(row.room.0),
            name: settings.name.clone(),
            display_name: settings.display_name.clone(),
            join_from: settings.window.join_from.map(write),
            join_until: settings.window.join_until.map(write),
            remove_at: settings.window.remove_at.map(write),
            remove_after_seconds_elapsed: settings.window.remove_after_s,
            layout: settings.layout.clone(),
            max_members: settings.max_members,
            fps: row.fps,
            quality: settings.quality.as_str(),
            start_time: write_ms(row.start_ms),
            end_time: row.end_ms.map(write_ms),
            duration: row.end_ms.map(|end| seconds(row.start_ms, end)),
            status: row.status.as_str(),
            record_on_start: settings.record_on_start,
            enable_room_previews: settings.enable_room_previews,
            preview_url,
        }
    }
}

/// The session that goes on in a room.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActiveSession {
    #[serde(flatten)]
    core: SessionCore,
    audio_video_sync: bool,
    sync_audio_video: bool,
}

impl ActiveSession {
    pub(crate) fn new(row: &SessionRow, preview_url: Option<String>) -> Option<Self> {
        let sync = row.settings.audio_video_sync.unwrap_or(false);
        (row.status == SessionStatus::InProgress).then(|| Self {
            core: SessionCore::new(row, preview_url),
            audio_video_sync: sync,
            sync_audio_video: sync,
        })
    }
}

/// A session, running or over.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomSession)]
pub(crate) struct SessionObject {
    #[serde(flatten)]
    core: SessionCore,
    tone_on_entry_and_exit: bool,
    room_join_video_off: bool,
    user_join_video_off: bool,
    locked: bool,
    created_at: String,
    updated_at: String,
    prioritize_handraise: bool,
    sync_audio_video: Option<bool>,
    audio_video_sync: Option<bool>,
    cost_in_dollars: f64,
    locked_cover: Option<String>,
}

impl SessionObject {
    pub(crate) fn new(row: SessionRow, preview_url: Option<String>) -> Self {
        Self {
            core: SessionCore::new(&row, preview_url),
            tone_on_entry_and_exit: row.settings.tone_on_entry_and_exit,
            room_join_video_off: row.settings.room_join_video_off,
            user_join_video_off: row.settings.user_join_video_off,
            locked: row.locked,
            created_at: write_ms(row.created_at_ms),
            updated_at: write_ms(row.updated_at_ms),
            prioritize_handraise: row.settings.prioritize_handraise,
            sync_audio_video: row.settings.audio_video_sync,
            audio_video_sync: row.settings.audio_video_sync,
            cost_in_dollars: 0.0,
            locked_cover: None,
        }
    }
}

/// Somebody's part in a session; a screen share or further device has its own.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomSessionMember)]
pub(crate) struct MemberObject {
    id: Uuid,
    room_session_id: Uuid,
    name: Option<String>,
    join_time: Option<String>,
    leave_time: Option<String>,
    /// Seconds.
    duration: Option<i64>,
    cost_in_dollars: f64,
}

impl MemberObject {
    pub(crate) fn new(row: MemberRow) -> Self {
        Self {
            id: row.id.0,
            room_session_id: row.session.0,
            name: Some(row.name),
            join_time: Some(write_ms(row.join_ms)),
            leave_time: row.leave_ms.map(write_ms),
            duration: row.leave_ms.map(|leave| seconds(row.join_ms, leave)),
            cost_in_dollars: 0.0,
        }
    }
}

/// Something that happened in a session.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomSessionEvent)]
pub(crate) struct EventObject {
    id: Uuid,
    project_id: Uuid,
    room_id: Option<Uuid>,
    room_session_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_recording_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_participant_id: Option<Uuid>,
    level: String,
    name: String,
    #[schema(value_type = Object)]
    payload: Value,
    created_at: String,
}

impl EventObject {
    pub(crate) fn new(row: EventRow) -> Self {
        Self {
            id: row.id,
            project_id: row.project.0,
            room_id: row.room.map(|id| id.0),
            room_session_id: row.session.map(|id| id.0),
            room_recording_id: row.recording,
            room_participant_id: row.member.map(|id| id.0),
            level: row.level,
            name: row.name,
            payload: row.payload,
            created_at: write_ms(row.created_at_ms),
        }
    }
}

impl EventObject {
    /// When it happened, and what is to be said of it.
    pub(crate) fn into_facts(self) -> (String, Value) {
        (self.created_at, self.payload)
    }
}

/// A recording of a session.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomRecording)]
pub(crate) struct RecordingObject {
    id: Uuid,
    room_session_id: Uuid,
    /// `recording`, `paused`, `processing` or `completed`.
    status: &'static str,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// Seconds.
    duration: Option<i64>,
    size_in_bytes: Option<i64>,
    /// MIME type.
    format: Option<&'static str>,
    cost_in_dollars: f64,
    /// A link that is good for `media_ttl` seconds; once the recording is completed.
    uri: Option<String>,
    created_at: String,
    updated_at: String,
}

impl RecordingObject {
    pub(crate) fn new(row: RecordingRow, uri: Option<String>) -> Self {
        Self {
            id: row.id.0,
            room_session_id: row.session.0,
            status: row.status.as_str(),
            started_at: Some(write_ms(row.started_ms)),
            finished_at: row.finished_ms.map(write_ms),
            duration: row.duration_ms.map(|ms| (ms + 500) / 1000),
            size_in_bytes: row.bytes,
            format: Some("video/mp4"),
            cost_in_dollars: 0.0,
            uri,
            created_at: write_ms(row.created_at_ms),
            updated_at: write_ms(row.updated_at_ms),
        }
    }
}

/// A room token.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomToken)]
pub(crate) struct TokenObject {
    /// A JWT for the browser SDK.
    pub(crate) token: String,
}

/// Whole seconds between two times in milliseconds.
fn seconds(from_ms: i64, to_ms: i64) -> i64 {
    (to_ms - from_ms).max(0) / 1000
}
