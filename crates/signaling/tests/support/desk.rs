//! One peer on virtual time with a fake hub behind it: what the socket's task does, without I/O.

use super::{FakeHub, dispatch};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rotunda_domain::{LegId, Now};
use rotunda_hub::Delivery;
use rotunda_signaling::SignalOptions;
use rotunda_signaling::call::{Answer, Attachment, carry_out};
use rotunda_signaling::peer::Peer;
use std::sync::Arc;

type Outcome = (u64, (Answer, Option<Attachment>));

pub struct Desk {
    pub peer: Peer,
    pub hub: FakeHub,
    now: Now,
    line: Option<Attachment>,
    under_way: Vec<BoxFuture<'static, Outcome>>,
}

impl Desk {
    pub fn new(options: SignalOptions) -> Self {
        let now = Now { epoch_ms: 1_795_293_660_000, mono_ms: 1000 };
        Self {
            peer: Peer::new(now, "peer".into(), Arc::new(options)),
            hub: FakeHub::default(),
            now,
            line: None,
            under_way: Vec::new(),
        }
    }

    /// The client sends a frame.
    pub fn send(&mut self, text: &str) {
        self.peer.handle_text(self.now, text);
        self.settle();
    }

    /// The hub delivers a fact by its name, or ends a leg (`bye LEG`).
    pub fn deliver(&mut self, what: &str) {
        let delivery = match what.strip_prefix("bye ") {
            Some(leg) => {
                Delivery::Bye { call_id: LegId(leg.into()), code: 16, cause: "NORMAL_CLEARING" }
            }
            None => Delivery::Event(dispatch(what)),
        };
        self.hub.inbox("signalwire_sig1_1").try_send(delivery).expect("room in the inbox");
        self.settle();
    }

    /// Time passes.
    pub fn wait(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while self.peer.poll_timeout() <= end && self.peer.close_reason().is_none() {
            let to = self.peer.poll_timeout().max(self.now.mono_ms);
            self.set(to);
            self.peer.handle_tick(self.now);
            self.settle();
        }
        self.set(end);
    }

    fn set(&mut self, mono_ms: u64) {
        let passed = i64::try_from(mono_ms - self.now.mono_ms).expect("small");
        self.now = Now { epoch_ms: self.now.epoch_ms + passed, mono_ms };
    }

    /// Does what the socket's task does between two inputs.
    pub fn settle(&mut self) {
        loop {
            self.pass_on();
            while let Some(call) = self.peer.poll_call(self.now) {
                let (hub, number) = (self.hub.clone(), call.number);
                let run = async move { (number, carry_out(&hub, call).await) };
                self.under_way.push(run.boxed());
            }
            let Some((number, (answer, line))) = self.next_outcome() else { return };
            // What the call caused is in the inbox already; the peer must not take it yet.
            self.pass_on();
            self.peer.handle_answer(self.now, number, answer);
            self.line = line.or(self.line.take());
        }
    }

    fn pass_on(&mut self) {
        let Some(line) = &mut self.line else { return };
        while self.peer.takes_deliveries() {
            let Ok(delivery) = line.inbox.try_recv() else { return };
            self.peer.handle_delivery(self.now, delivery);
        }
    }

    fn next_outcome(&mut self) -> Option<Outcome> {
        let done = (0..self.under_way.len())
            .find_map(|i| Some((i, (&mut self.under_way[i]).now_or_never()?)));
        let (at, outcome) = done?;
        drop(self.under_way.remove(at));
        Some(outcome)
    }

    /// What the client reads now.
    pub fn frames(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            while let Some(frame) = self.peer.poll_frame(self.now) {
                frames.push(frame.as_ref().to_owned());
            }
            self.peer.handle_flushed();
            self.settle();
            if !self.peer.has_unsent() {
                return frames;
            }
        }
    }
}
