//! What becomes of a call: the reply it was made for, and what follows from it.

use super::pending::{Late, Reason};
use super::{CloseReason, Peer};
use crate::call::{Answer, Call, HubCall};
use crate::error::Response;
use crate::json::{self, Detail};
use crate::verto::wrapped;
use rotunda_domain::{LegId, Now, Refusal, Reply, SessionView};
use rotunda_hub::{ConnectRefused, LegAction, Renewed};
use serde_json::{Value, json};

/// Calls the hub may be late with before the connection is given up.
const LATE_MAX: usize = 4;

impl Peer {
    /// The hub answered call `number`.
    pub fn handle_answer(&mut self, now: Now, number: u64, answer: Answer) {
        match self.pending.take_if(|pending| pending.number == number) {
            Some(pending) => self.settle(now, pending.reason, answer),
            None => self.too_late(number, &answer),
        }
    }

    fn settle(&mut self, now: Now, reason: Reason, answer: Answer) {
        match (reason, answer) {
            (Reason::Connect { id }, Answer::Connected(Ok(accepted))) => {
                self.welcome(now, id, accepted);
            }
            (Reason::Renew { id }, Answer::Connected(Ok(accepted))) => {
                self.connected(now, &id, &accepted);
            }
            (Reason::Connect { id }, Answer::Connected(Err(refused))) => {
                self.not_connected(now, &id, refused);
            }
            (Reason::Renew { id }, Answer::Connected(Err(refused))) => {
                self.not_renewed(now, &id, refused);
            }
            (Reason::Room { id, resolves_true }, Answer::Executed(outcome)) => {
                let (project, detail) = (self.project(), self.detail);
                let say = |reply| said(reply, (project, detail), resolves_true);
                self.reply(now, &id, outcome.map_or_else(Response::from, say));
            }
            (Reason::Rooms { id }, Answer::Listed(outcome)) => {
                self.reply(now, &id, outcome.map_or_else(Response::from, listed));
            }
            (Reason::Digits { id }, Answer::Executed(outcome)) => {
                self.reply(now, &id, outcome.map_or_else(Response::from, |_| Response::ok()));
            }
            (Reason::Invite { id, inner, call_id }, Answer::Agreed(outcome)) => {
                self.invited(now, &id, &inner, call_id, outcome);
            }
            (Reason::Update { id, inner, call_id }, Answer::Renewed(outcome)) => {
                let state = |renewed: Renewed| {
                    let held = hold_state(renewed.is_held);
                    json!({"action": "updateMedia", "holdState": held, "sdp": renewed.sdp})
                };
                self.modified(now, &id, &inner, &call_id, outcome.map(state));
            }
            (Reason::Hold { id, inner, call_id, held }, Answer::Executed(outcome)) => {
                let action = if held { "hold" } else { "unhold" };
                let state = |_| json!({"action": action, "holdState": hold_state(held)});
                self.modified(now, &id, &inner, &call_id, outcome.map(state));
            }
            (Reason::Bye { call_id }, Answer::Ended(outcome)) => self.ended(&call_id, outcome),
            (reason, _) => self.fail(now, reason),
        }
    }

    /// CALL CREATED goes first, then the answer: a refusal after it would be a different message.
    fn invited(
        &mut self,
        now: Now,
        id: &Value,
        inner: &Value,
        call_id: LegId,
        outcome: Result<String, Refusal>,
    ) {
        let leg = &call_id;
        let created = json!({"callID": call_id.0, "message": "CALL CREATED"});
        match outcome {
            Err(Refusal::Cleared { code, cause }) => {
                tracing::info!(connection = self.name, %leg, why = cause, "leg cleared");
                self.reply(now, id, wrapped(&self.options.node_id, inner, created));
                let bye = json!({"callID": call_id.0, "causeCode": code, "cause": cause});
                self.tell_leg(now, "verto.bye", bye);
            }
            Err(refusal) => {
                tracing::info!(connection = self.name, %leg, why = %refusal, "invite refused");
                self.reply(now, id, refusal.into());
            }
            Ok(sdp) => {
                tracing::debug!(connection = self.name, %leg, "leg answered");
                self.reply(now, id, wrapped(&self.options.node_id, inner, created));
                self.tell_leg(now, "verto.answer", json!({"callID": call_id.0, "sdp": sdp}));
            }
        }
    }

    /// The client reads the answer of a renegotiation out of the reply, not out of an event.
    fn modified(
        &mut self,
        now: Now,
        id: &Value,
        inner: &Value,
        call_id: &LegId,
        outcome: Result<Value, Refusal>,
    ) {
        let response = outcome.map_or_else(Response::from, |state| {
            let mut result = json::object(json!({"callID": call_id.0}));
            result.extend(json::object(state));
            wrapped(&self.options.node_id, inner, Value::Object(result))
        });
        self.reply(now, id, response);
    }

    fn ended(&self, leg: &LegId, outcome: Result<(), Refusal>) {
        match outcome {
            Ok(()) => tracing::info!(connection = self.name, %leg, "leg hung up"),
            Err(why) => tracing::info!(connection = self.name, %leg, %why, "nothing to hang up"),
        }
    }

    /// The hub broke, or takes too long: the client is told in the form its request wants.
    fn fail(&mut self, now: Now, reason: Reason) {
        match reason {
            Reason::Connect { id } | Reason::Renew { id } => {
                self.reply(now, &id, ConnectRefused::Broken.into());
                // A link may still come of it; only a closed socket ends in a known state.
                self.handle_end(CloseReason::Broken);
            }
            Reason::Room { id, .. }
            | Reason::Rooms { id }
            | Reason::Digits { id }
            | Reason::Invite { id, .. }
            | Reason::Update { id, .. }
            | Reason::Hold { id, .. } => {
                self.reply(now, &id, Refusal::Broken.into());
            }
            Reason::Probe(probe) => self.probed(now, probe),
            Reason::Bye { .. } => {}
        }
    }

    pub(super) fn give_up_waiting(&mut self, now: Now) {
        let Some(pending) = self.pending.take() else { return };
        if let Reason::Probe(probe) = pending.reason {
            return self.probed(now, probe);
        }
        tracing::error!(connection = self.name, "the hub did not answer in time");
        let leg = match &pending.reason {
            Reason::Invite { call_id, .. } => Some(call_id.clone()),
            _ => None,
        };
        self.late.push(Late { number: pending.number, leg });
        self.fail(now, pending.reason);
        if self.late.len() > LATE_MAX {
            self.handle_end(CloseReason::Broken);
        }
    }

    /// A leg that opened after its client was told "500" is closed again, outside the order of
    /// requests, because nobody waits for it.
    fn too_late(&mut self, number: u64, answer: &Answer) {
        let Some(at) = self.late.iter().position(|late| late.number == number) else { return };
        let late = self.late.swap_remove(at);
        if let (Some(leg), Answer::Agreed(Ok(_))) = (late.leg, answer) {
            self.calls += 1;
            let super::AuthState::Connected(known) = &self.auth_state else { return };
            let protocol = known.protocol.clone();
            self.cleanup.push_back(Call {
                number: self.calls,
                protocol,
                hub_call: HubCall::Bye(leg, LegAction::HangUp),
            });
        }
    }

    fn project(&self) -> rotunda_domain::ProjectId {
        match &self.auth_state {
            super::AuthState::Connected(known) => known.project,
            super::AuthState::Stranger { .. } => rotunda_domain::ProjectId(uuid::Uuid::nil()),
        }
    }
}

fn hold_state(held: bool) -> &'static str {
    if held { "held" } else { "active" }
}

/// The sessions of a project; who wants the members of one asks for it.
fn listed(views: Vec<SessionView>) -> Response {
    let rooms: Vec<_> = views.iter().map(|view| json::session(view, Detail::Published)).collect();
    Response::Result(json!({"code": "200", "message": "OK", "rooms": rooms}))
}

/// A reply of the rules as the flat object the SDK resolves with.
pub(crate) fn said(
    reply: Reply,
    (project, detail): (rotunda_domain::ProjectId, Detail),
    resolves_true: bool,
) -> Response {
    let mut result = json::object(json!({"code": "200", "message": "OK"}));
    if resolves_true {
        result.insert("result".into(), true.into());
    }
    match reply {
        // What the videochat answers, and how lines are, is asked for at other doors; what is allowed of links
        // is carried out before it is answered.
        Reply::Done | Reply::Videochat(_) | Reply::Lines(_) | Reply::LinksAllowed(_) => {}
        Reply::Members(members) => {
            let shown = |m| json::member(m, project, detail);
            let members: Vec<Value> = members.iter().map(shown).collect();
            result.insert("members".into(), members.into());
        }
        Reply::Session(view) => {
            result.insert("room".into(), Value::Object(json::session(&view, detail)));
        }
        Reply::Playback(view) => {
            result.insert("playback".into(), json::playback(&view));
        }
        Reply::Playbacks(views) => {
            let views: Vec<Value> = views.iter().map(json::playback).collect();
            result.insert("playbacks".into(), views.into());
        }
        Reply::Meta(meta) => {
            result.insert("meta".into(), Value::Object(meta));
        }
        Reply::Stream(view) => {
            result.insert("stream".into(), json::stream(&view));
        }
        Reply::Streams(views) => {
            let views: Vec<Value> = views.iter().map(json::stream).collect();
            result.insert("streams".into(), views.into());
        }
        Reply::Recording(view) => {
            result.insert("recording".into(), json::recording(&view));
        }
        Reply::Recordings(views) => {
            let views: Vec<Value> = views.iter().map(json::recording).collect();
            result.insert("recordings".into(), views.into());
        }
        Reply::ChatMessage(message) => {
            result.insert("chat_message".into(), Value::Object(json::chat_message(&message)));
        }
        Reply::ChatMessages(messages) => {
            let messages: Vec<_> = messages.iter().map(json::chat_message).collect();
            result.insert("messages".into(), json!(messages));
        }
        Reply::Lobby(state) => result.extend(json::lobby_state(&state)),
        Reply::LobbyLine(line) => {
            let line: Vec<_> = line.iter().map(json::waiting).collect();
            result.insert("waiting".into(), json!(line));
        }
        Reply::Link(link) => {
            result.insert("link".into(), json::room_link(&link));
        }
        Reply::Links(links) => {
            let links: Vec<_> = links.iter().map(json::room_link).collect();
            result.insert("links".into(), json!(links));
        }
        Reply::Layouts(names) => {
            result.insert("layouts".into(), json!(names));
        }
    }
    Response::Result(Value::Object(result))
}
