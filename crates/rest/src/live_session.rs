//! `/room_sessions/{id}/live`: who is in a running session and what runs in it, as it is now. An extension;
//! the reference tells of the past only.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::dates::write_ms;
use crate::error::ApiError;
use crate::openapi_bodies::PlainError;
use axum::Json;
use axum::extract::State;
use rotunda_domain::event::{MemberView, RecordingView, SessionView};
use rotunda_domain::{Command, PlaybackView, Reply, StreamView, Waiting};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A session that runs, at this moment.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveSession)]
pub(crate) struct LiveObject {
    id: Uuid,
    room_id: Uuid,
    name: String,
    display_name: String,
    /// Nobody else may join.
    locked: bool,
    layout: String,
    start_time: String,
    /// A small moving picture of the session, if its room wants it; needs no login.
    preview_url: Option<String>,
    /// How many look on.
    audience_count: u32,
    /// Those who take part, in the order they came, with their screens and devices.
    members: Vec<LiveMember>,
    /// Who waits in the lobby, the first first.
    waiting: Vec<LiveWaiter>,
    /// Those that are not over.
    recordings: Vec<LiveRecording>,
    /// Those that are not over.
    streams: Vec<LiveStream>,
    /// Those that are not over.
    playbacks: Vec<LivePlayback>,
}

/// Somebody who takes part.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveMember)]
struct LiveMember {
    id: Uuid,
    name: String,
    /// `member`, `screen` or `device`.
    r#type: &'static str,
    /// Whose screen or device it is.
    parent_id: Option<Uuid>,
    audio_muted: bool,
    video_muted: bool,
    deaf: bool,
    handraised: bool,
    /// Nothing comes from them any more.
    media_lost: bool,
}

/// Somebody who waits to be let in.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveWaiter)]
struct LiveWaiter {
    id: Uuid,
    name: String,
    since: String,
}

/// A recording that runs.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveRecording)]
struct LiveRecording {
    id: Uuid,
    /// `recording` or `paused`.
    state: &'static str,
    started_at: String,
}

/// A stream that runs.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveStream)]
struct LiveStream {
    id: Uuid,
    /// Where it goes, without its key.
    url: String,
    /// `connecting`, `live`, `retrying` or `failed`.
    state: &'static str,
    /// Why it does not go.
    error: Option<String>,
    started_at: String,
}

/// A film or sound that is played.
#[derive(Serialize, ToSchema)]
#[schema(as = LivePlayback)]
struct LivePlayback {
    id: Uuid,
    url: String,
    /// `playing` or `paused`.
    state: &'static str,
    /// −50 to 50.
    volume: i32,
    /// How far it is.
    position_ms: u64,
    started_at: String,
}

impl LiveObject {
    fn new(view: SessionView, line: &[Waiting]) -> Self {
        Self {
            id: view.id.0,
            room_id: view.room.0,
            name: view.settings.name,
            display_name: view.settings.display_name,
            locked: view.locked,
            layout: view.layout.to_string(),
            start_time: write_ms(view.started_at_ms),
            preview_url: view.preview_url.map(|url| url.to_string()),
            audience_count: view.audience_count,
            members: view.members.into_iter().map(LiveMember::from).collect(),
            waiting: line.iter().map(LiveWaiter::from).collect(),
            recordings: view.recordings.into_iter().map(LiveRecording::from).collect(),
            streams: view.streams.into_iter().map(LiveStream::from).collect(),
            playbacks: view.playbacks.into_iter().map(LivePlayback::from).collect(),
        }
    }
}

impl From<MemberView> for LiveMember {
    fn from(view: MemberView) -> Self {
        Self {
            id: view.id.0,
            name: view.name.to_string(),
            r#type: view.kind.as_str(),
            parent_id: view.parent.map(|id| id.0),
            audio_muted: view.audio_muted,
            video_muted: view.video_muted,
            deaf: view.deaf,
            handraised: view.handraised,
            media_lost: view.media_lost,
        }
    }
}

impl From<&Waiting> for LiveWaiter {
    fn from(waiting: &Waiting) -> Self {
        let since = write_ms(waiting.since_ms);
        Self { id: waiting.id.0, name: waiting.name.to_string(), since }
    }
}

impl From<RecordingView> for LiveRecording {
    fn from(view: RecordingView) -> Self {
        let started_at = write_ms(view.started_at_ms);
        Self { id: view.id.0, state: view.state.as_str(), started_at }
    }
}

impl From<StreamView> for LiveStream {
    fn from(view: StreamView) -> Self {
        Self {
            id: view.id.0,
            url: view.target.without_key(),
            state: view.health.as_str(),
            error: view.health.why().map(str::to_owned),
            started_at: write_ms(view.started_at_ms),
        }
    }
}

impl From<PlaybackView> for LivePlayback {
    fn from(view: PlaybackView) -> Self {
        Self {
            id: view.id.0,
            url: view.url.to_string(),
            state: view.state.as_str(),
            volume: view.volume,
            position_ms: view.position_ms,
            started_at: write_ms(view.started_at_ms),
        }
    }
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}/live", tag = "Room sessions",
    operation_id = "get_live_room_session", params(("id" = Uuid, Path)),
    responses((status = 200, body = LiveObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Who is in a running room session and what runs in it; an extension.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<LiveObject>, ApiError> {
    let id = id.id()?;
    let ask = async |command| {
        let asked = door.hub.execute_of_project(caller.project, id, command).await;
        asked.map_err(|refusal| door.refused(refusal))
    };
    match (ask(Command::Describe).await?, ask(Command::ListLobby).await?) {
        (Reply::Session(view), Reply::LobbyLine(line)) => Ok(Json(LiveObject::new(*view, &line))),
        _ => Err(ApiError::Broken),
    }
}
