//! Facts as the frames that tell them (wire protocol §2.3 and §9). One client's mistake must not
//! become another's: every event carries its entities in full, because a malformed one ends the
//! client's event pump for good.

use crate::authorization::Authorization;
use crate::entities::{Caption, MemberName, TalkingMember};
use crate::json::{
    Detail, chat_message, layout, line_quality, member, object, playback, recording, seconds,
    session, stream, waiting,
};
use crate::shape::value;
use rotunda_domain::{
    Event, LineView, MemberId, MemberView, PlaybackEvent, ProjectId, RecordingEvent, RoomId,
    SessionId, SessionView, StreamEvent,
};
use rotunda_hub::Dispatch;
use serde_json::{Map, Value, json};

/// What every event frame carries around its parameters.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// Name of the frame; the client acknowledges under it.
    pub id: &'a str,
    /// What kind of event.
    pub event_type: &'a str,
    /// On which channel.
    pub channel: &'a str,
    /// When, milliseconds since 1970 UTC.
    pub at_epoch_ms: i64,
    /// In which project.
    pub project: ProjectId,
    /// From which server.
    pub node_id: &'a str,
}

impl Envelope<'_> {
    /// The frame with `params` in it. Times on the wire are seconds, as floats.
    pub fn around(&self, params: Value) -> String {
        json!({
            "jsonrpc": "2.0",
            "id": self.id,
            "method": "signalwire.event",
            "params": {
                "event_type": self.event_type,
                "event_channel": self.channel,
                "timestamp": seconds(self.at_epoch_ms),
                "project_id": self.project.0,
                "node_id": self.node_id,
                "params": params,
            },
        })
        .to_string()
    }
}

/// The frame of a room's event.
pub fn frame(dispatch: &Dispatch, id: &str, node_id: &str, detail: Detail) -> String {
    let (event_type, params) = shape(&dispatch.event, dispatch.project, detail);
    let envelope = Envelope {
        id,
        event_type,
        channel: &dispatch.channel,
        at_epoch_ms: dispatch.at_epoch_ms,
        project: dispatch.project,
        node_id,
    };
    envelope.around(Value::Object(params))
}

/// The frame that tells somebody of their new standing.
pub fn auth_state(
    dispatch: &Dispatch,
    id: &str,
    node_id: &str,
    authorization: &Authorization<'_>,
) -> String {
    let (event_type, mut params) = shape(&dispatch.event, dispatch.project, Detail::Published);
    params.insert("authorization".into(), value(authorization));
    let envelope = Envelope {
        id,
        event_type,
        channel: &dispatch.channel,
        at_epoch_ms: dispatch.at_epoch_ms,
        project: dispatch.project,
        node_id,
    };
    envelope.around(Value::Object(params))
}

fn shape(event: &Event, project: ProjectId, detail: Detail) -> (&'static str, Map<String, Value>) {
    match event {
        Event::RoomSubscribed { call_id, member, session } => {
            ("video.room.subscribed", subscribed(&call_id.0, *member, session, detail))
        }
        Event::RoomShown(view) => ("video.room.subscribed", whole_room(view, detail)),
        Event::RoomStarted(view) => ("video.room.started", whole_room(view, detail)),
        Event::RoomEnded(view) => ("video.room.ended", whole_room(view, detail)),
        Event::RoomUpdated { session, updated } => {
            ("video.room.updated", room_updated(session, updated))
        }
        Event::MemberJoined(view) => {
            ("video.member.joined", about(view, member(view, project, detail)))
        }
        Event::MemberLeft(view) => {
            ("video.member.left", about(view, member(view, project, detail)))
        }
        Event::MemberUpdated { member: view, updated } => {
            let mut entity = object(member(view, project, detail));
            entity.insert("updated".into(), json!(updated));
            ("video.member.updated", about(view, Value::Object(entity)))
        }
        Event::MemberTalking { room, session, member, talking } => {
            ("video.member.talking", talk(*room, *session, *member, *talking))
        }
        Event::NetworkQuality(view) => ("video.member.network_quality", network_quality(view)),
        Event::ChatMessage { room, session, message } => {
            let mut params = base(*room, *session);
            params.extend(chat_message(message));
            ("video.chat.message", params)
        }
        Event::Caption { room, session, from, name, caption } => {
            let mut params = base(*room, *session);
            params.extend(object(value(&Caption {
                member_id: from.map(|from| from.0),
                name: name.clone(),
                text: &caption.text,
                r#final: caption.is_final,
                lang: &caption.lang,
            })));
            ("video.captions.pushed", params)
        }
        Event::LobbyUpdated { room, session, waiting: line } => {
            let mut params = base(*room, *session);
            let line: Vec<_> = line.iter().map(waiting).collect();
            params.insert("waiting".into(), json!(line));
            ("video.lobby.updated", params)
        }
        Event::LobbyAdmitted { room, session, id } => {
            let mut params = base(*room, *session);
            params.insert("id".into(), json!(id.0));
            ("video.lobby.admitted", params)
        }
        Event::LobbyDenied { room, session, id, why } => {
            let mut params = base(*room, *session);
            params.insert("id".into(), json!(id.0));
            params.insert("reason".into(), json!(why.as_str()));
            params.insert("retry_after".into(), json!(why.retry_after_s()));
            ("video.lobby.denied", params)
        }
        Event::LayoutChanged(view) => {
            let mut params = base(view.room, view.session);
            params.insert("layout".into(), layout(view));
            ("video.layout.changed", params)
        }
        Event::Recording(reported, view) => {
            let mut params = base(view.room, view.session);
            params.insert("recording".into(), recording(view));
            let event_type = match reported {
                RecordingEvent::Started => "video.recording.started",
                RecordingEvent::Updated => "video.recording.updated",
                RecordingEvent::Ended => "video.recording.ended",
            };
            (event_type, params)
        }
        Event::RoleChanged { room, session, member, promoted, .. } => {
            let mut params = base(*room, *session);
            params.insert("member_id".into(), json!(member.0));
            (if *promoted { "video.member.promoted" } else { "video.member.demoted" }, params)
        }
        Event::Stream(reported, view) => {
            let mut params = base(view.room, view.session);
            params.insert("stream".into(), stream(view));
            let name = match reported {
                StreamEvent::Started => "video.stream.started",
                StreamEvent::Connected => "video.stream.connected",
                StreamEvent::Interrupted => "video.stream.interrupted",
                StreamEvent::Moved => "video.stream.moved",
                StreamEvent::Ended => "video.stream.ended",
            };
            (name, params)
        }
        Event::Playback(reported, view) => {
            let mut params = base(view.room, view.session);
            params.insert("playback".into(), playback(view));
            let name = match reported {
                PlaybackEvent::Started => "video.playback.started",
                PlaybackEvent::Updated => "video.playback.updated",
                PlaybackEvent::Ended => "video.playback.ended",
            };
            (name, params)
        }
        Event::Digits { room, session, member, digits } => {
            let mut params = base(*room, *session);
            params.insert("member_id".into(), json!(member.0));
            params.insert("digits".into(), json!(digits));
            ("video.member.digits", params)
        }
        Event::AudienceCount { room, session, total } => {
            let mut params = base(*room, *session);
            params.insert("total".into(), json!(total));
            ("video.room.audience_count", params)
        }
    }
}

fn base(room: RoomId, session: SessionId) -> Map<String, Value> {
    object(json!({"room_id": room.0, "room_session_id": session.0}))
}

fn about(view: &MemberView, entity: Value) -> Map<String, Value> {
    let mut params = base(view.room, view.session);
    params.insert("member".into(), entity);
    params
}

/// `room` repeats `room_session` in full: consumers read the one or the other (§9.5).
fn subscribed(
    call_id: &str,
    member: MemberId,
    view: &SessionView,
    detail: Detail,
) -> Map<String, Value> {
    let room = session(view, detail);
    object(json!({
        "call_id": call_id,
        "member_id": member.0,
        "room_session": room.clone(),
        "room": room,
    }))
}

fn whole_room(view: &SessionView, detail: Detail) -> Map<String, Value> {
    let room = session(view, detail);
    let mut params = base(view.room, view.id);
    params.insert("room_session".into(), Value::Object(room.clone()));
    params.insert("room".into(), Value::Object(room));
    params
}

/// `room` carries the changed fields and their names, and nothing that did not change. `room_session`
/// carries them among all of its fields but the members and what not everybody may know of: the
/// server SDK takes it for the whole of what is true of the session from then on, and finds the
/// channel to listen to in it.
fn room_updated(view: &SessionView, updated: &[&str]) -> Map<String, Value> {
    let mut full = session(view, Detail::Published);
    for not_reported in ["members", "recordings", "playbacks", "streams"] {
        full.remove(not_reported);
    }
    let mut room = base(view.room, view.id);
    for name in updated {
        if let Some(value) = full.get(*name) {
            room.insert((*name).into(), value.clone());
        }
    }
    room.insert("updated".into(), json!(updated));
    full.insert("updated".into(), json!(updated));
    let mut params = base(view.room, view.id);
    params.insert("room".into(), Value::Object(room));
    params.insert("room_session".into(), Value::Object(full));
    params
}

/// The one place of this shape: exactly these fields and no others, because applications compare
/// it strictly.
fn talk(room: RoomId, session: SessionId, member: MemberId, talking: bool) -> Map<String, Value> {
    let (room_id, room_session_id) = (room.0, session.0);
    let entity = TalkingMember { id: member.0, room_id, room_session_id, talking };
    let mut params = base(room, session);
    params.insert("member".into(), value(&entity));
    params
}

/// Exactly as small as [`talk`], with the figures beside the member.
fn network_quality(view: &LineView) -> Map<String, Value> {
    let (room_id, room_session_id) = (view.room.0, view.session.0);
    let entity = MemberName { id: view.member.0, room_id, room_session_id };
    let mut params = base(view.room, view.session);
    params.insert("member".into(), value(&entity));
    params.insert("network_quality".into(), line_quality(&view.quality));
    params
}
