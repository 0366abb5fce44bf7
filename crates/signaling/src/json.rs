//! The JSON shapes of people, sessions and canvases (wire protocol §9.6). Shapes only: what is
//! said when is the business of `events` and of the replies.

use rotunda_domain::{
    CanvasPlan, ChatMessage, Event, LayoutView, LineQuality, MemberView, PlaybackFault,
    PlaybackView, ProjectId, RecordingView, SessionView, Shown, StreamView, line::Way,
};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// How much is written of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What the published SDK knows.
    #[default]
    Published,
    /// Also since when a hand is up, for whoever named [`Event::HAND_RAISED_AT`].
    Hands,
}

impl Detail {
    /// What whoever named these is written.
    pub fn of(names: &HashSet<&'static str>) -> Self {
        if names.contains(Event::HAND_RAISED_AT) { Self::Hands } else { Self::Published }
    }
}

/// Somebody, in full. `scope_id` is the project's, as in the connect result; nothing reads it.
pub fn member(view: &MemberView, project: ProjectId, detail: Detail) -> Value {
    let current = view.current.map_or_else(|| "off-canvas".to_owned(), |seat| seat.to_string());
    let mut entity = json!({
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "scope_id": project.0,
        "name": &*view.name,
        "type": view.kind.as_str(),
        "parent_id": view.parent.map(|parent| parent.0),
        "requested_position": view.requested.to_string(),
        "current_position": current,
        "visible": view.visible,
        "media_lost": view.media_lost,
        "audio_muted": view.audio_muted,
        "video_muted": view.video_muted,
        "deaf": view.deaf,
        "handraised": view.handraised,
        "input_volume": view.input_volume,
        "output_volume": view.output_volume,
        "input_sensitivity": view.input_sensitivity,
        "meta": view.meta,
    });
    if detail == Detail::Hands {
        entity["hand_raised_at"] = json!(view.hand_raised_at_ms.map(seconds));
    }
    entity
}

/// A session, in full (§9.5). What this version cannot do yet is said as "off" and as empty lists,
/// because the client's event pump dies for good of a missing one.
pub fn session(view: &SessionView, detail: Detail) -> Map<String, Value> {
    let shown = |m: &MemberView| member(m, view.project, detail);
    let members: Vec<Value> = view.members.iter().map(shown).collect();
    let recordings: Vec<Value> = view.recordings.iter().map(recording).collect();
    object(json!({
        "id": view.id.0,
        "room_session_id": view.id.0,
        "room_id": view.room.0,
        "project_id": view.project.0,
        "event_channel": &*view.event_channel,
        "name": view.settings.name,
        "display_name": view.settings.display_name,
        "layout_name": &*view.layout,
        "locked": view.locked,
        "recording": view.is_recording,
        "streaming": view.is_streaming,
        "hide_video_muted": view.hide_video_muted,
        "prioritize_handraise": view.settings.prioritize_handraise,
        // A session has settled it; only a session that was never opened has not.
        "logos_visible": view.settings.logos_visible.unwrap_or(true),
        "blind_mode": view.settings.blind_mode,
        "silent_mode": view.settings.silent_mode,
        "meeting_mode": !view.settings.has_tones(),
        "meta": view.meta,
        "audience_count": view.audience_count,
        "preview_url": view.preview_url.as_deref(),
        "recordings": recordings,
        "playbacks": view.playbacks.iter().map(playback).collect::<Vec<_>>(),
        "streams": view.streams.iter().map(stream).collect::<Vec<_>>(),
        "members": members,
    }))
}

/// A recording; times are seconds, as floats.
pub fn recording(view: &RecordingView) -> Value {
    let mut entity = json!({
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "state": view.state.as_str(),
        "duration": view.duration_ms.map(|ms| ms as f64 / 1000.0),
        "started_at": seconds(view.started_at_ms),
        "ended_at": view.ended_at_ms.map(seconds),
    });
    if view.failed {
        entity["error"] = json!("the recording could not be written");
    }
    entity
}

/// A playback. `error` says why it ended, unless it was stopped or came to its end, and
/// `error_message` the same for people; both are ours.
pub fn playback(view: &PlaybackView) -> Value {
    json!({
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "state": view.state.as_str(),
        "url": &*view.url,
        "volume": view.volume,
        "position": view.position_ms,
        "seekable": view.seekable,
        "started_at": seconds(view.started_at_ms),
        "ended_at": view.ended_at_ms.map(seconds),
        "error": view.fault.map(|fault| fault.to_string()),
        "error_message": view.fault.map(PlaybackFault::words),
    })
}

/// A stream; times are seconds, as floats. `health` and `error` are ours: how it does and why not.
pub fn stream(view: &StreamView) -> Value {
    json!({
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "state": view.state(),
        "url": view.target.as_str(),
        "duration": view.duration_ms.map(|ms| ms as f64 / 1000.0),
        "started_at": seconds(view.started_at_ms),
        "ended_at": view.ended_at_ms.map(seconds),
        "health": view.health.as_str(),
        "error": view.health.why(),
    })
}

/// A message of the chat. `to` is there where it is for one person, `deleted` once it was.
pub fn chat_message(message: &ChatMessage) -> Map<String, Value> {
    let mut entity = object(json!({
        "id": message.id.0,
        "from": message.from.map(|from| from.0),
        "name": &*message.name,
        "text": &*message.text,
        "at": seconds(message.at_ms),
    }));
    if let Some(to) = message.to {
        entity.insert("to".into(), json!(to.0));
    }
    if message.is_deleted {
        entity.insert("deleted".into(), true.into());
    }
    entity
}

/// The canvas: one layer per cell, the empty ones included, as it is drawn, in percent.
pub fn layout(view: &LayoutView) -> Value {
    json!({
        "id": &*view.plan.layout,
        "name": &*view.plan.layout,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "layers": layers(&view.plan),
    })
}

/// A layer is visible when somebody is in it with the camera on: the client's own overlay hides
/// by this alone (§9.3).
fn layers(plan: &CanvasPlan) -> Vec<Value> {
    let layer = |(index, planned): (usize, &rotunda_domain::PlannedCell)| {
        let (place, cell) = (planned.reservation.to_string(), plan.percent(planned));
        json!({
            "layer_index": index,
            "z_index": planned.z,
            "x": number(cell.x),
            "y": number(cell.y),
            "width": number(cell.width),
            "height": number(cell.height),
            "member_id": planned.member().map(|member| member.0),
            "reservation": place,
            "position": place,
            "playing_file": matches!(planned.shown, Shown::Playing(_)),
            "visible": matches!(planned.shown, Shown::Camera(_) | Shown::Playing(_)),
        })
    };
    plan.cells.iter().enumerate().map(layer).collect()
}

/// Whole numbers as JavaScript writes them: 50, not 50.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e9 { json!(value as i64) } else { json!(value) }
}

/// How good a line is; what nobody has reported is null.
pub fn line_quality(line: &LineQuality) -> Value {
    json!({
        "level": line.level.as_str(),
        "picture": line.picture.as_str(),
        "over_tcp": line.is_over_tcp,
        "round_trip_ms": line.round_trip_ms,
        "down": one_way(&line.down),
        "up": one_way(&line.up),
    })
}

fn one_way(way: &Way) -> Value {
    json!({
        "loss_percent": way.lost_per_mille.map(|lost| f64::from(lost) / 10.0),
        "jitter_ms": way.jitter_ms,
        "kbps": way.kbps,
    })
}

/// The object a `json!({…})` is.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Milliseconds as the float of seconds the SDK reads.
pub fn seconds(epoch_ms: i64) -> f64 {
    epoch_ms as f64 / 1000.0
}
