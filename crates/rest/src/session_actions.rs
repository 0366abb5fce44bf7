//! `/room_sessions/{id}/actions`: what the application does in a session that runs, by the commands of every
//! door. An extension; the reference has it on sockets only. It reads the form; the rules decide.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::body::Body;
use crate::error::{ApiError, FieldError};
use crate::fields::{Fields, string};
use crate::openapi_bodies::{ActionBody, PlainError, ValidationErrors};
use axum::extract::State;
use axum::http::StatusCode;
use rotunda_domain::command::{MediaKind, Promotion, RecordingChange, Target};
use rotunda_domain::{
    Command, MemberId, Play, PlaybackControl, PlaybackId, RecordingId, Refusal, StreamId,
    StreamTarget, WaiterId, Waiters,
};
use serde_json::{Map, Value};
use std::str::FromStr;
use uuid::Uuid;

/// Longest text of a field, in characters.
const TEXT_CHARS: usize = 2000;

type Read = fn(&mut Fields<'_>) -> Option<Command>;

/// What can be asked, by its name. A name that says nothing of whom is about the session.
const ACTIONS: [(&str, Read); 26] = [
    ("end", |_| Some(Command::End)),
    ("lock", |_| Some(Command::Lock(true))),
    ("unlock", |_| Some(Command::Lock(false))),
    ("set_layout", set_layout),
    ("audio_mute", |fields| mute(fields, MediaKind::Audio, true)),
    ("audio_unmute", |fields| mute(fields, MediaKind::Audio, false)),
    ("video_mute", |fields| mute(fields, MediaKind::Video, true)),
    ("video_unmute", |fields| mute(fields, MediaKind::Video, false)),
    ("deaf", |fields| Some(Command::Deafen(member(fields)?, true))),
    ("undeaf", |fields| Some(Command::Deafen(member(fields)?, false))),
    ("lowerhand", |fields| Some(Command::RaiseHand(member(fields)?, false))),
    ("promote", |fields| Some(Command::Promote(member(fields)?, Box::<Promotion>::default()))),
    ("demote", |fields| Some(Command::Demote(member(fields)?, None))),
    ("remove", remove),
    ("admit", |fields| answer(fields, true)),
    ("deny", |fields| answer(fields, false)),
    ("start_recording", |_| Some(start_recording())),
    ("pause_recording", |fields| recording(fields, RecordingChange::Pause)),
    ("resume_recording", |fields| recording(fields, RecordingChange::Resume)),
    ("stop_recording", |fields| recording(fields, RecordingChange::Stop)),
    ("start_stream", start_stream),
    ("stop_stream", |fields| Some(Command::StopStream(Some(StreamId(id(fields, "stream_id")?))))),
    ("play", play),
    ("pause_playback", |fields| playback(fields, PlaybackControl::Pause)),
    ("resume_playback", |fields| playback(fields, PlaybackControl::Resume)),
    ("stop_playback", |fields| playback(fields, PlaybackControl::Stop)),
];

#[utoipa::path(post, path = "/api/video/room_sessions/{id}/actions", tag = "Room sessions",
    operation_id = "act_in_room_session", params(("id" = Uuid, Path)), request_body = ActionBody,
    responses((status = 204), (status = 400, body = PlainError), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Do something in a running room session; an extension.
pub(crate) async fn act(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let session = id.id()?;
    let command = read(&body).map_err(|errors| door.invalid(errors))?;
    let done = door.hub.execute_of_project(caller.project, session, command).await;
    done.map_err(|refusal| door.refused(refusal))?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(body: &Map<String, Value>) -> Result<Command, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let names = ACTIONS.map(|(name, _)| name);
    let find = |text: &str| ACTIONS.iter().find(|(name, _)| *name == text).map(|(_, read)| *read);
    let read = fields.required_choice("action", &names, find);
    let command = read.and_then(|read| read(&mut fields));
    let errors = fields.into_errors();
    command.filter(|_| errors.is_empty()).ok_or(errors)
}

fn id<T: FromStr>(fields: &mut Fields<'_>, name: &'static str) -> Option<T> {
    fields.required(name, name, |value| {
        let not_one = || ("invalid_parameter", format!("{name} must be a UUID"));
        string(name, value)?.parse().map_err(|_| not_one())
    })
}

fn member(fields: &mut Fields<'_>) -> Option<Target> {
    Some(Target::Member(MemberId(id(fields, "member_id")?)))
}

fn mute(fields: &mut Fields<'_>, kind: MediaKind, muted: bool) -> Option<Command> {
    Some(Command::Mute { target: member(fields)?, kind, muted })
}

fn remove(fields: &mut Fields<'_>) -> Option<Command> {
    let keep_out = fields.flag("keep_out").value().unwrap_or(false);
    Some(Command::Remove { target: member(fields)?, keep_out })
}

fn answer(fields: &mut Fields<'_>, admits: bool) -> Option<Command> {
    let whom = Waiters::These(vec![WaiterId(id(fields, "waiter_id")?)]);
    Some(Command::AnswerLobby { whom, admits })
}

fn set_layout(fields: &mut Fields<'_>) -> Option<Command> {
    let name = fields.required_text("layout", TEXT_CHARS)?;
    Some(Command::SetLayout { name, positions: Vec::new() })
}

/// Ids are drawn at the door, because rules draw nothing; what hinders, the hub knows.
fn start_recording() -> Command {
    Command::StartRecording { recording: RecordingId(Uuid::new_v4()), hindrance: None }
}

fn recording(fields: &mut Fields<'_>, change: RecordingChange) -> Option<Command> {
    Some(Command::SetRecordingState(change, Some(RecordingId(id(fields, "recording_id")?))))
}

fn start_stream(fields: &mut Fields<'_>) -> Option<Command> {
    let target = StreamTarget::parse(&fields.required_text("url", TEXT_CHARS)?);
    Some(Command::StartStream { stream: StreamId(Uuid::new_v4()), target })
}

fn play(fields: &mut Fields<'_>) -> Option<Command> {
    Some(Command::Play(Box::new(Play {
        playback: PlaybackId(Uuid::new_v4()),
        url: fields.required_text("url", TEXT_CHARS)?.into(),
        volume: 0,
        position_ms: 0,
        positions: Vec::new(),
        layout: None,
        hindrance: None,
    })))
}

fn playback(fields: &mut Fields<'_>, control: PlaybackControl) -> Option<Command> {
    Some(Command::ControlPlayback(Some(PlaybackId(id(fields, "playback_id")?)), control))
}

impl Door {
    /// The answer to what the rules say.
    pub(crate) fn refused(&self, refusal: Refusal) -> ApiError {
        let code = match refusal {
            Refusal::NotFound(_) => return ApiError::NotFound,
            Refusal::Unavailable => return ApiError::Unavailable,
            Refusal::Broken => return ApiError::Broken,
            Refusal::Invalid(_) => "invalid_parameter",
            _ => "invalid_state",
        };
        let message = refusal.to_string();
        self.invalid(vec![FieldError { attribute: None, code, message }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(body: Value) -> Vec<(Option<&'static str>, &'static str)> {
        let read = read(body.as_object().expect("a body"));
        read.map_or_else(|e| e.iter().map(|e| (e.attribute, e.code)).collect(), |_| Vec::new())
    }

    #[test]
    fn an_action_asks_for_what_it_is_about_and_for_nothing_else() {
        let wrong = |name| vec![(Some(name), "invalid_parameter")];
        for (name, _) in ACTIONS {
            let whom = match name {
                "end" | "lock" | "unlock" | "start_recording" => None,
                "set_layout" => Some("layout"),
                "admit" | "deny" => Some("waiter_id"),
                "start_stream" | "play" => Some("url"),
                name if name.ends_with("_recording") => Some("recording_id"),
                "stop_stream" => Some("stream_id"),
                name if name.ends_with("_playback") => Some("playback_id"),
                _ => Some("member_id"),
            };
            assert_eq!(errors(json!({"action": name})), whom.map_or(Vec::new(), wrong), "{name}");
        }
        for body in [json!({}), json!({"action": "dance"}), json!({"action": " "})] {
            assert_eq!(errors(body), wrong("action"));
        }
        assert_eq!(errors(json!({"action": "remove", "member_id": "x"})), wrong("member_id"));
    }

    #[test]
    fn what_is_no_flag_is_named_beside_what_is_missing() {
        let body = json!({"action": "remove", "keep_out": "yes"});
        let both = [(Some("keep_out"), "not_a_boolean"), (Some("member_id"), "invalid_parameter")];
        assert_eq!(errors(body), both);
        let member_id = Uuid::nil();
        let body = json!({"action": "remove", "member_id": member_id, "keep_out": true});
        let read = read(body.as_object().expect("a body"));
        assert!(matches!(read, Ok(Command::Remove { keep_out: true, .. })));
    }
}
