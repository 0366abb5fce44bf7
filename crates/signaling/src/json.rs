//! The JSON shapes of people, sessions and canvases (wire protocol §9.6). Shapes only: what is
//! said when is the business of `events` and of the replies.

use crate::entities::{
    ChatMessage, Layer, Layout, LineQuality, LineWay, Member, Playback, Recording, RoomLink,
    Session, Stream, Waiting,
};
use crate::shape::{Percent, Seat, Sometimes, Word, value};
use rotunda_domain::{
    CanvasPlan, Event, LayoutView, LinkView, LobbyState, MemberView, PlaybackFault, PlaybackView,
    ProjectId, RecordingView, SessionView, Shown, StreamView, line::Way,
};
use serde_json::{Map, Value};
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
    value(&entity(view, project, detail))
}

fn entity(view: &MemberView, project: ProjectId, detail: Detail) -> Member<'_> {
    let is_asked = detail == Detail::Hands;
    Member {
        id: view.id.0,
        room_id: view.room.0,
        room_session_id: view.session.0,
        scope_id: project.0,
        name: view.name.clone(),
        r#type: Word(view.kind),
        parent_id: view.parent.map(|parent| parent.0),
        requested_position: Word(view.requested),
        current_position: Word(Seat(view.current)),
        visible: view.visible,
        media_lost: view.media_lost,
        audio_muted: view.audio_muted,
        video_muted: view.video_muted,
        deaf: view.deaf,
        handraised: view.handraised,
        input_volume: view.input_volume,
        output_volume: view.output_volume,
        input_sensitivity: view.input_sensitivity,
        meta: &view.meta,
        hand_raised_at: Sometimes(is_asked.then(|| view.hand_raised_at_ms.map(seconds))),
    }
}

/// A session, in full (§9.5). What this version cannot do yet is said as "off" and as empty lists,
/// because the client's event pump dies for good of a missing one.
pub fn session(view: &SessionView, detail: Detail) -> Map<String, Value> {
    let shown = |m| entity(m, view.project, detail);
    object(value(&Session {
        id: view.id.0,
        room_session_id: view.id.0,
        room_id: view.room.0,
        project_id: view.project.0,
        event_channel: view.event_channel.clone(),
        name: &view.settings.name,
        display_name: &view.settings.display_name,
        layout_name: view.layout.clone(),
        locked: view.locked,
        recording: view.is_recording,
        streaming: view.is_streaming,
        hide_video_muted: view.hide_video_muted,
        prioritize_handraise: view.settings.prioritize_handraise,
        // A session has settled it; only a session that was never opened has not.
        logos_visible: view.settings.logos_visible.unwrap_or(true),
        blind_mode: view.settings.blind_mode,
        silent_mode: view.settings.silent_mode,
        meeting_mode: !view.settings.has_tones(),
        meta: &view.meta,
        audience_count: view.audience_count,
        preview_url: view.preview_url.as_deref(),
        recordings: view.recordings.iter().map(of_recording).collect(),
        playbacks: view.playbacks.iter().map(of_playback).collect(),
        streams: view.streams.iter().map(of_stream).collect(),
        members: view.members.iter().map(shown).collect(),
    }))
}

/// A recording; times are seconds, as floats.
pub fn recording(view: &RecordingView) -> Value {
    value(&of_recording(view))
}

fn of_recording(view: &RecordingView) -> Recording {
    Recording {
        id: view.id.0,
        room_id: view.room.0,
        room_session_id: view.session.0,
        state: Word(view.state),
        duration: view.duration_ms.map(|ms| ms as f64 / 1000.0),
        started_at: seconds(view.started_at_ms),
        ended_at: view.ended_at_ms.map(seconds),
        error: Sometimes(view.failed.then_some("the recording could not be written")),
    }
}

/// A playback. `error` says why it ended, unless it was stopped or came to its end, and
/// `error_message` the same for people; both are ours.
pub fn playback(view: &PlaybackView) -> Value {
    value(&of_playback(view))
}

fn of_playback(view: &PlaybackView) -> Playback {
    Playback {
        id: view.id.0,
        room_id: view.room.0,
        room_session_id: view.session.0,
        state: Word(view.state),
        url: view.url.clone(),
        volume: view.volume,
        position: view.position_ms,
        seekable: view.seekable,
        started_at: seconds(view.started_at_ms),
        ended_at: view.ended_at_ms.map(seconds),
        error: view.fault.map(|fault| fault.to_string()),
        error_message: view.fault.map(PlaybackFault::words),
    }
}

/// A stream; times are seconds, as floats. `health` and `error` are ours: how it does and why not.
pub fn stream(view: &StreamView) -> Value {
    value(&of_stream(view))
}

fn of_stream(view: &StreamView) -> Stream {
    Stream {
        id: view.id.0,
        room_id: view.room.0,
        room_session_id: view.session.0,
        state: Word(view.state()),
        url: view.target.as_str().to_owned(),
        duration: view.duration_ms.map(|ms| ms as f64 / 1000.0),
        started_at: seconds(view.started_at_ms),
        ended_at: view.ended_at_ms.map(seconds),
        health: view.health.as_str(),
        error: view.health.why().map(str::to_owned),
    }
}

/// A message of the chat. `to` is there where it is for one person, `deleted` once it was.
pub fn chat_message(message: &rotunda_domain::ChatMessage) -> Map<String, Value> {
    object(value(&ChatMessage {
        id: message.id.0,
        from: message.from.map(|from| from.0),
        name: message.name.clone(),
        text: message.text.clone(),
        at: seconds(message.at_ms),
        to: Sometimes(message.to.map(|to| to.0)),
        deleted: Sometimes(message.is_deleted.then_some(true)),
    }))
}

/// Somebody who waits to be let in.
pub fn waiting(waiting: &rotunda_domain::Waiting) -> Value {
    value(&Waiting {
        id: waiting.id.0,
        name: waiting.name.clone(),
        since: seconds(waiting.since_ms),
    })
}

/// What a knock is answered; whoever waits is told where.
pub fn lobby_state(state: &LobbyState) -> Map<String, Value> {
    let LobbyState::Waiting(shown) = state else {
        return Map::from_iter([("state".to_owned(), Value::from("admitted"))]);
    };
    let mut entity = object(waiting(shown));
    entity.insert("state".into(), "waiting".into());
    entity
}

/// The canvas: one layer per cell, the empty ones included, as it is drawn, in percent.
pub fn layout(view: &LayoutView) -> Value {
    value(&Layout {
        id: view.plan.layout.clone(),
        name: view.plan.layout.clone(),
        room_id: view.room.0,
        room_session_id: view.session.0,
        layers: layers(&view.plan),
    })
}

/// A layer is visible when somebody is in it with the camera on: the client's own overlay hides
/// by this alone (§9.3).
fn layers(plan: &CanvasPlan) -> Vec<Layer> {
    let layer = |(index, planned): (usize, &rotunda_domain::PlannedCell)| {
        let cell = plan.percent(planned);
        Layer {
            layer_index: index,
            z_index: planned.z,
            x: Percent(cell.x),
            y: Percent(cell.y),
            width: Percent(cell.width),
            height: Percent(cell.height),
            member_id: planned.member().map(|member| member.0),
            reservation: Word(planned.reservation),
            position: Word(planned.reservation),
            playing_file: matches!(planned.shown, Shown::Playing(_)),
            visible: matches!(planned.shown, Shown::Camera(_) | Shown::Playing(_)),
        }
    };
    plan.cells.iter().enumerate().map(layer).collect()
}

/// A link of the room.
pub fn room_link(link: &LinkView) -> Value {
    value(&RoomLink {
        id: link.id.0,
        role: Word(link.terms.role),
        expires_at: link.terms.expires_at,
        max_uses: link.terms.max_uses,
        uses: link.uses,
        created_at: seconds(link.created_at_ms),
        key: Sometimes(link.key.as_ref().map(|key| key.0.clone())),
    })
}

/// How good a line is; what nobody has reported is null.
pub fn line_quality(line: &rotunda_domain::LineQuality) -> Value {
    value(&LineQuality {
        level: Word(line.level),
        picture: Word(line.picture),
        over_tcp: line.is_over_tcp,
        round_trip_ms: line.round_trip_ms,
        down: one_way(&line.down),
        up: one_way(&line.up),
    })
}

fn one_way(way: &Way) -> LineWay {
    LineWay {
        loss_percent: way.lost_per_mille.map(|lost| f64::from(lost) / 10.0),
        jitter_ms: way.jitter_ms,
        kbps: way.kbps,
    }
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
