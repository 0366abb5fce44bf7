//! A client that takes itself to be in a seat that is gone: its server was started anew, or it was away
//! for longer than a seat is kept.
//!
//! A page that was just loaded offers a leg by itself. An object of the SDK that lives on does not: it
//! holds its old leg and tries to restart ICE, for which Chromium gathers no candidates, so that it
//! would sit before a frozen picture until it gives up (wire protocol §6.7). What makes it build a new
//! leg is a change of its standing; it is told the standing it has, and comes in by that leg.
//!
//! To a page that was just loaded such an event would mean nothing, but which of the two it is must
//! be known all the same: screens and devices of the old leg are hung up, and a new page may use
//! their names. A `verto.ping` for the old leg, sent before the connect is answered, is answered by a
//! leg that exists; a new page makes its legs only afterwards.

use super::connect::signature;
use super::pending::{Pending, Probe, Reason};
use super::{FrameText, Peer};
use crate::authorization::Authorization;
use crate::call::ConnectResult;
use crate::error::Response;
use crate::events::Envelope;
use crate::frame::Request;
use crate::json::seconds;
use crate::shape::{Word, value};
use rotunda_domain::{JoinAs, Now};
use rotunda_hub::{LostSeat, Who};
use serde_json::{Value, json};

/// Longest time a connect waits for the client to say whether it holds the leg: two round trips of a
/// line by satellite or of a crowded cell, and less than the 10 s the client waits for its connect.
const PROBE_WITHIN_MS: u64 = 6_000;

impl Peer {
    /// Answers a connect, after it is known whether its client holds legs that are gone.
    pub(super) fn welcome(&mut self, now: Now, id: Value, accepted: Box<ConnectResult>) {
        let leg = accepted.lost.as_ref().filter(|_| self.receipts.are_sent);
        let (Some(leg), Who::Person { grant, .. }) = (leg.map(|lost| &lost.leg), &accepted.who)
        else {
            return self.connected(now, &id, &accepted);
        };
        let leg = leg.clone();
        let (event_id, ping_id) = (self.next_id(), self.next_id());
        let envelope = Envelope {
            id: &event_id,
            event_type: "webrtc.message",
            channel: &accepted.protocol,
            at_epoch_ms: now.epoch_ms,
            project: grant.project,
            node_id: &self.options.node_id,
        };
        let ping = envelope.around(json!({
            "jsonrpc": "2.0", "id": ping_id, "method": "verto.ping", "params": {"callID": leg.0},
        }));
        self.outbox.push(now.mono_ms, FrameText::Own(ping));
        let fence = self.next_id();
        let ping = json!({
            "jsonrpc": "2.0", "id": fence, "method": "signalwire.ping",
            "params": {"timestamp": seconds(now.epoch_ms)},
        });
        self.outbox.push(now.mono_ms, FrameText::Own(ping.to_string()));
        self.calls += 1;
        self.pending = Some(Pending {
            number: self.calls,
            until_ms: now.mono_ms + PROBE_WITHIN_MS,
            reason: Reason::Probe(Probe { id, accepted, leg, fence, is_held: false }),
        });
    }

    /// Whether the request is what a probe waits for; then it is answered.
    pub(super) fn is_pong(&mut self, now: Now, request: &Request) -> bool {
        let Some(Pending { reason: Reason::Probe(probe), .. }) = &mut self.pending else {
            return false;
        };
        let says = |path: &str| request.params.pointer(path).and_then(Value::as_str);
        if request.method != "video.message" || says("/message/method") != Some("verto.pong") {
            return false;
        }
        probe.is_held |= says("/message/params/callID") == Some(&*probe.leg.0);
        self.reply(now, &request.id, Response::ok());
        true
    }

    /// The client answered something of ours.
    pub(super) fn heard(&mut self, now: Now, id: &str) {
        let is_fence =
            |p: &mut Pending| matches!(&p.reason, Reason::Probe(probe) if probe.fence == id);
        if let Some(Pending { reason: Reason::Probe(probe), .. }) = self.pending.take_if(is_fence) {
            self.probed(now, probe);
        }
    }

    /// What there is to know of the client's legs is known.
    pub(super) fn probed(&mut self, now: Now, probe: Probe) {
        self.connected(now, &probe.id, &probe.accepted);
        if let Some(lost) = probe.accepted.lost.as_ref().filter(|_| probe.is_held) {
            self.ask_back(now, &probe.accepted, lost);
        }
    }

    /// The client is to come in anew, with what its old leg carried: whoever offered no camera is
    /// asked for none.
    fn ask_back(&mut self, now: Now, accepted: &ConnectResult, lost: &LostSeat) {
        let Who::Person { grant, room_display_name, room_meta } = &accepted.who else { return };
        for child in &lost.children {
            let bye = json!({"callID": child.0, "cause": "NORMAL_CLEARING", "causeCode": 16});
            self.tell_leg(now, "verto.bye", bye);
        }
        let who = (signature(&accepted.protocol), &*self.name);
        let authorization = value(&Authorization {
            audio_allowed: Word(lost.audio),
            video_allowed: Word(lost.video),
            ..Authorization::of(who, grant, (room_display_name, room_meta))
        });
        let event = match grant.join_as {
            JoinAs::Member => "video.member.promoted",
            JoinAs::Audience => "video.member.demoted",
        };
        let member = lost.member.to_string();
        self.tell(now, event, json!({"member_id": member, "authorization": authorization}));
    }
}
