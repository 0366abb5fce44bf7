//! One connection as a state machine: frames, deliveries, answers and moments go in; frames to
//! write, calls to make and at most one farewell come out.
//!
//! Requests are carried out one after the other, so that replies keep their order. While a call is
//! with the hub, deliveries stay in the inbox ([`Peer::takes_deliveries`]): the events a request
//! causes can therefore never overtake its reply. Nothing else waits for a call: pings go out,
//! acknowledgements come in, and a call that takes too long is answered without the hub.

mod close_reason;
mod connect;
mod heartbeat;
mod lost;
mod outbox;
mod pending;
mod receipts;
mod replies;
mod requests;

pub use close_reason::CloseReason;
pub use outbox::FrameText;
#[cfg(test)]
pub(crate) use replies::said;

use crate::call::{Call, HubCall};
use crate::error::{Response, TOO_MANY};
use crate::events::{self, Envelope};
use crate::frame::{self, Frame, Request};
use crate::json::{Detail, seconds};
use crate::options::SignalOptions;
use heartbeat::Heartbeat;
use outbox::Outbox;
use pending::{Late, Pending, Reason};
use receipts::Receipts;
use rotunda_domain::{Event, Now, ProjectId};
use rotunda_hub::Delivery;
use rotunda_throttle::Bucket;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Answers of the client are paced too, only wider: a whole room's events may be acknowledged.
const ANSWERS_PER_REQUEST: u32 = 10;
/// With so many bytes unsent no more deliveries are taken: the inbox is the queue for events.
const ENOUGH_UNSENT: usize = 64 * 1024;
/// Bytes of requests that may wait.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// One connection.
#[derive(Debug)]
pub struct Peer {
    /// What the logs call it, and the beginning of every id it gives.
    name: String,
    options: Arc<SignalOptions>,
    ids: u64,
    auth_state: AuthState,
    requests: Bucket<Duration>,
    answers: Bucket<Duration>,
    waiting: VecDeque<Request>,
    waiting_bytes: usize,
    pending: Option<Pending>,
    late: Vec<Late>,
    calls: u64,
    outgoing: Option<Call>,
    /// Calls nobody waits for; one per late invite at most.
    cleanup: VecDeque<Call>,
    heartbeat: Option<Heartbeat>,
    outbox: Outbox,
    receipts: Receipts,
    /// What its client named.
    detail: Detail,
    /// The client was told once that its protocol string is unknown.
    was_refused: bool,
    /// The page's `Origin`, if it is one.
    origin: Option<String>,
    close_reason: Option<CloseReason>,
    address: Option<IpAddr>,
}

/// Whether we know who it is.
#[derive(Debug)]
enum AuthState {
    /// No token was accepted yet.
    Stranger {
        until_ms: u64,
    },
    Connected(Known),
}

/// What is known of a connected peer.
#[derive(Clone, Debug)]
struct Known {
    protocol: Arc<str>,
    project: ProjectId,
    /// It speaks for an application, which has no legs.
    is_application: bool,
}

impl Peer {
    /// A connection that was just opened. `name` must be unique among connections.
    pub fn new(now: Now, name: String, options: Arc<SignalOptions>) -> Self {
        let (rate, burst) = (options.requests_per_second, options.requests_burst);
        let wide = |n: u32| n.saturating_mul(ANSWERS_PER_REQUEST);
        Self {
            name,
            ids: 0,
            auth_state: AuthState::Stranger { until_ms: now.mono_ms + ms(options.connect_within) },
            requests: Bucket::per_second(burst, rate),
            answers: Bucket::per_second(wide(burst), wide(rate)),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            pending: None,
            late: Vec::new(),
            calls: 0,
            outgoing: None,
            cleanup: VecDeque::new(),
            heartbeat: None,
            outbox: Outbox::default(),
            receipts: Receipts::default(),
            detail: Detail::default(),
            was_refused: false,
            origin: None,
            close_reason: None,
            address: None,
            options,
        }
    }

    /// The page that opened it, by its `Origin`; a program has none.
    pub fn on_page(self, origin: Option<String>) -> Self {
        Self { origin, ..self }
    }

    /// The same, of a client at `address`, if that is known.
    pub fn at(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// A text frame came.
    pub fn handle_text(&mut self, now: Now, text: &str) {
        if self.close_reason.is_some() {
            return;
        }
        match frame::read(text, self.options.json_depth_max) {
            Ok(Frame::Request(request)) => self.queue(now, request),
            Ok(Frame::Response(id)) => self.acknowledged(now, &id),
            Err(_) if !self.requests.take(moment(now)) => self.too_many(now, &Value::Null),
            Err(malformed) => self.reply(now, &malformed.id, malformed.response),
        }
    }

    /// The socket's other end broke the rules, or was lost.
    pub fn handle_end(&mut self, why: CloseReason) {
        self.close_reason.get_or_insert(why);
        // Nobody is left to be answered, but who hung up has hung up.
        self.waiting.retain(requests::is_bye);
    }

    /// Something for the client came out of the inbox.
    pub fn handle_delivery(&mut self, now: Now, delivery: Delivery) {
        let shared = self.write_delivery(now, delivery);
        // Whatever it took, the last frame's acknowledgement is the delivery's.
        self.receipts.delivered(self.ids, shared);
    }

    /// Gives the frame if its text is shared with other sockets.
    fn write_delivery(&mut self, now: Now, delivery: Delivery) -> Option<Arc<str>> {
        match delivery {
            Delivery::Event(dispatch) => {
                self.note(&dispatch.event);
                if let Event::RoleChanged { grant, view, .. } = &dispatch.event {
                    self.tell_role(now, &dispatch, grant, view);
                    return None;
                }
                let id = self.next_id();
                let detail = self.detail;
                let write = || events::frame(&dispatch, &id, &self.options.node_id, detail).into();
                let text = match detail {
                    Detail::Published => &dispatch.text,
                    Detail::Hands => &dispatch.text_with_hands,
                };
                let text = text.get_or_init(write).clone();
                self.outbox.push(now.mono_ms, FrameText::Shared(text.clone()));
                Some(text)
            }
            Delivery::Bye { call_id, code, cause } => {
                tracing::info!(connection = self.name, leg = %call_id, code, "leg ended by us");
                let params = json!({"callID": call_id.0, "cause": cause, "causeCode": code});
                self.tell_leg(now, "verto.bye", params);
                None
            }
            Delivery::AuthorizationState(state) => {
                self.tell_state(now, &state);
                None
            }
        }
    }

    /// Time passed; to be called at [`Self::poll_timeout`] at the latest.
    pub fn handle_tick(&mut self, now: Now) {
        self.beat(now);
        if self.pending.as_ref().is_some_and(|pending| pending.until_ms <= now.mono_ms) {
            self.give_up_waiting(now);
        }
        if self.outbox.is_stuck(now.mono_ms, ms(self.options.write_within)) {
            self.handle_end(CloseReason::TooSlow);
        }
        self.end_stranger(now);
    }

    /// Sends a stranger away whose time is up; a token that is being looked at is waited for.
    fn end_stranger(&mut self, now: Now) {
        if let AuthState::Stranger { until_ms } = self.auth_state
            && until_ms <= now.mono_ms
            && self.pending.is_none()
        {
            self.handle_end(CloseReason::NeverConnected);
        }
    }

    /// When [`Self::handle_tick`] is due next, on the clock of [`Now::mono_ms`].
    pub fn poll_timeout(&self) -> u64 {
        let stranger = match (&self.auth_state, &self.pending) {
            (AuthState::Stranger { until_ms }, None) => Some(*until_ms),
            _ => None,
        };
        let heartbeat =
            self.heartbeat.as_ref().map(|heartbeat| heartbeat.due(ms(self.options.pong_within)));
        let stuck = self.outbox.stuck_at(ms(self.options.write_within));
        let pending = self.pending.as_ref().map(|pending| pending.until_ms);
        [stranger, heartbeat, stuck, pending].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// The next call to make, if it is time for one. Whatever may be delivered is to be delivered
    /// first, so that a client that never stops asking still hears what happens.
    pub fn poll_call(&mut self, now: Now) -> Option<Call> {
        if let Some(call) = self.cleanup.pop_front() {
            return Some(call);
        }
        while self.outgoing.is_none() && self.pending.is_none() {
            // Tokens that wait in a queue do not make their time longer.
            self.end_stranger(now);
            let request = self.waiting.pop_front()?;
            self.waiting_bytes -= request.bytes;
            self.carry_out(now, request);
        }
        self.outgoing.take()
    }

    /// The next frame to write; the one before has been taken by the socket.
    pub fn poll_frame(&mut self, now: Now) -> Option<FrameText> {
        self.outbox.pop(now.mono_ms)
    }

    /// Everything that was given out by [`Self::poll_frame`] has left.
    pub fn handle_flushed(&mut self) {
        self.outbox.flushed();
    }

    /// Whether there is something to write or to flush.
    pub fn has_unsent(&self) -> bool {
        self.outbox.is_waiting()
    }

    /// Whether deliveries may be taken from the inbox now.
    pub fn takes_deliveries(&self) -> bool {
        self.pending.is_none() && self.close_reason.is_none() && self.outbox.bytes() < ENOUGH_UNSENT
    }

    /// How many deliveries, from the first on, the client is known to have.
    pub fn confirmed(&self) -> u64 {
        self.receipts.confirmed()
    }

    /// Whether a token was accepted.
    pub fn is_connected(&self) -> bool {
        matches!(self.auth_state, AuthState::Connected(_))
    }

    /// Why the connection is to be closed, once it is.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason
    }

    /// What the logs call this connection.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn queue(&mut self, now: Now, request: Request) {
        if self.is_pong(now, &request) {
            return;
        }
        let bytes = self.waiting_bytes + request.bytes;
        let is_full =
            self.waiting.len() >= self.options.requests_waiting_max || bytes > WAITING_BYTES_MAX;
        if !self.requests.take(moment(now)) || is_full {
            return self.too_many(now, &request.id);
        }
        self.waiting_bytes = bytes;
        self.waiting.push_back(request);
    }

    fn too_many(&mut self, now: Now, id: &Value) {
        let rate = self.options.requests_per_second;
        let message = format!(
            "Too many requests: at most {rate} a second. This one was not carried out; send it again"
        );
        self.reply(now, id, Response::error(TOO_MANY, message));
    }

    /// An answer of the client: to a ping, or the acknowledgement of an event.
    fn acknowledged(&mut self, now: Now, id: &Value) {
        if !self.answers.take(moment(now)) {
            self.handle_end(CloseReason::Flood);
        }
        let Some(id) = id.as_str() else { return };
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.answered(&self.name, id);
        }
        let number = id.strip_prefix(&*self.name).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|number| number.parse().ok());
        self.heard(now, id);
        match number {
            Some(number) => self.receipts.acknowledged(number),
            None => self.receipts.acknowledged_shared(id),
        }
    }

    fn beat(&mut self, now: Now) {
        let Some(heartbeat) = &mut self.heartbeat else { return };
        if heartbeat.is_lost(now.mono_ms, ms(self.options.pong_within)) {
            self.handle_end(CloseReason::NoPong);
        } else if heartbeat.is_due(now.mono_ms) {
            let id = heartbeat.sent(&self.name, now.mono_ms, ms(self.options.ping_every));
            let params = json!({"timestamp": seconds(now.epoch_ms)});
            let frame = json!({
                "jsonrpc": "2.0", "id": id, "method": "signalwire.ping", "params": params,
            });
            self.outbox.push(now.mono_ms, FrameText::Own(frame.to_string()));
        }
    }

    /// Queues a reply. Replies are the one thing a client can make grow at will, so it is here that
    /// one who asks and never reads is sent away.
    fn reply(&mut self, now: Now, id: &Value, response: Response) {
        if self.outbox.bytes() > self.options.unsent_bytes_max {
            return self.handle_end(CloseReason::TooSlow);
        }
        self.outbox.push(now.mono_ms, FrameText::Own(response.frame(id)));
    }

    /// Queues an event of ours that concerns this connection alone.
    fn tell(&mut self, now: Now, event_type: &str, params: Value) {
        let AuthState::Connected(known) = &self.auth_state else { return };
        let known = known.clone();
        let id = self.next_id();
        let envelope = Envelope {
            id: &id,
            event_type,
            channel: &known.protocol,
            at_epoch_ms: now.epoch_ms,
            project: known.project,
            node_id: &self.options.node_id,
        };
        let text = envelope.around(params);
        self.outbox.push(now.mono_ms, FrameText::Own(text));
    }

    /// Queues a message for one leg; `params` must hold its `callID`, by which legs filter.
    fn tell_leg(&mut self, now: Now, method: &str, params: Value) {
        let id = self.next_id();
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.tell(now, "webrtc.message", message);
    }

    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("{}-{}", self.name, self.ids)
    }

    /// Begins a call; its answer is awaited until the client would give up.
    fn call(&mut self, now: Now, hub_call: HubCall, pending: Reason) {
        self.calls += 1;
        let number = self.calls;
        let protocol = match &self.auth_state {
            AuthState::Connected(known) => known.protocol.clone(),
            AuthState::Stranger { .. } => "".into(),
        };
        let until_ms = now.mono_ms + ms(self.options.call_within);
        self.pending = Some(Pending { number, until_ms, reason: pending });
        self.outgoing = Some(Call { number, protocol, hub_call });
    }

    fn note(&self, event: &Event) {
        if let Event::RoomSubscribed { call_id, member, session } = event {
            let (connection, session) = (&self.name, session.id);
            tracing::debug!(connection, %session, %member, leg = %call_id, "member announced");
        }
    }
}

/// Now, as buckets count it.
fn moment(now: Now) -> Duration {
    Duration::from_millis(now.mono_ms)
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}
