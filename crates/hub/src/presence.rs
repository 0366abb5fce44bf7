//! Connections: what a client holds beyond any one socket.
//!
//! A connection is named by its protocol string and guarded by a secret; its legs and its seat
//! belong to it, never to a socket. While no socket is there, what the client should hear waits.

use crate::link::Delivery;
use crate::session_task::SessionHandle;
use crate::unconfirmed::Unconfirmed;
use rotunda_domain::{Grant, LegId, LegKey, MemberId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Deliveries that may wait for a socket to write them, and for a socket to come back. When the
/// first is full the socket is closed: it does not read. When the second is full all of it is
/// dropped but what no present state could replace (see [`Delivery::is_vital`]), and the client gets
/// the present state instead when it returns.
pub(crate) const QUEUE: usize = 256;

/// A seat in a session.
#[derive(Clone)]
pub(crate) struct Seat {
    pub session: SessionHandle,
    pub member: MemberId,
}

/// What a socket claims to be the continuation of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nothing: a fresh connection.
    None,
    /// This connection, proved by its secret.
    Proved,
    /// Another connection, without its secret; this one is bound to nothing.
    Unproved,
}

pub(crate) struct State {
    pub grant: Grant,
    socket: u64,
    sender: Option<mpsc::Sender<Delivery>>,
    backlog: VecDeque<Delivery>,
    unconfirmed: Unconfirmed,
    overflowed: bool,
    /// What the latest socket claimed to take up again.
    pub claim: Claim,
    /// Promoted or demoted: the next main leg is expected under a fresh call id.
    pub awaits_leg: bool,
    pub seat: Option<Seat>,
    pub legs: HashMap<LegId, LegKey>,
}

/// One connection.
pub(crate) struct Presence {
    pub protocol: Arc<str>,
    pub secret: Arc<str>,
    state: Mutex<State>,
}

/// What a new socket of a connection gets.
pub(crate) struct Taken {
    pub socket: u64,
    pub inbox: mpsc::Receiver<Delivery>,
    pub unconfirmed: Unconfirmed,
    /// Whether deliveries were lost while there was no socket.
    pub overflowed: bool,
}

impl Presence {
    pub fn new(protocol: Arc<str>, secret: Arc<str>, grant: Grant) -> Self {
        let state = State {
            grant,
            socket: 0,
            sender: None,
            backlog: VecDeque::new(),
            unconfirmed: Unconfirmed::default(),
            overflowed: false,
            claim: Claim::None,
            awaits_leg: false,
            seat: None,
            legs: HashMap::new(),
        };
        Self { protocol, secret, state: Mutex::new(state) }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the connection a socket; the one before, if any, is closed by losing its inbox. What
    /// that one was given and its client did not confirm comes first.
    pub fn take_socket(&self, grant: Grant, claim: Claim, is_renewal: bool) -> Taken {
        let mut state = self.lock();
        state.claim = claim;
        if !is_renewal {
            state.recover();
        }
        // Room for the whole backlog, so that nothing of it is lost here.
        let (sender, inbox) = mpsc::channel(2 * QUEUE);
        for delivery in std::mem::take(&mut state.backlog) {
            state.unconfirmed.given(delivery.clone());
            let _ = sender.try_send(delivery);
        }
        state.grant = grant;
        state.sender = Some(sender);
        state.socket += 1;
        let overflowed = std::mem::take(&mut state.overflowed);
        let unconfirmed = state.unconfirmed.clone();
        Taken { socket: state.socket, inbox, unconfirmed, overflowed }
    }

    /// The socket is gone; answers false for one that was replaced already.
    pub fn lose_socket(&self, socket: u64) -> bool {
        let mut state = self.lock();
        if state.socket != socket {
            return false;
        }
        state.sender = None;
        true
    }

    pub fn has_socket(&self) -> bool {
        self.lock().sender.is_some()
    }

    /// The person holds another grant, and is to come back on a leg nobody has named yet.
    pub fn change_standing(&self, grant: Grant) {
        let mut state = self.lock();
        state.grant = grant;
        state.awaits_leg = true;
    }

    /// Hands something to the socket, or keeps it until there is one.
    pub fn deliver(&self, delivery: Delivery) {
        let mut state = self.lock();
        let delivery = match &state.sender {
            Some(sender) => match sender.try_send(delivery.clone()) {
                Ok(()) => return state.unconfirmed.given(delivery),
                Err(mpsc::error::TrySendError::Full(delivery)) => {
                    tracing::warn!("a client does not read; its socket is closed");
                    state.sender = None;
                    delivery
                }
                Err(mpsc::error::TrySendError::Closed(delivery)) => delivery,
            },
            None => delivery,
        };
        state.keep(delivery);
    }
}

impl State {
    /// Puts what the last socket's client did not confirm before what came since; the next socket
    /// begins a list of its own.
    fn recover(&mut self) {
        let later = std::mem::take(&mut self.backlog);
        let list = std::mem::take(&mut self.unconfirmed);
        // After an overflow the events before it are stale, too.
        list.take().into_iter().chain(later).for_each(|delivery| self.keep(delivery));
    }

    fn keep(&mut self, delivery: Delivery) {
        if self.backlog.len() >= QUEUE {
            self.overflowed = true;
            self.backlog.retain(Delivery::is_vital);
        }
        if self.overflowed && !delivery.is_vital() {
            return;
        }
        // Vital ones alone: legs do not end by the hundred, so this is a room gone mad.
        if self.backlog.len() >= QUEUE {
            self.backlog.pop_front();
        }
        self.backlog.push_back(delivery);
    }
}

/// All connections by protocol string.
#[derive(Default)]
pub(crate) struct Presences {
    by_protocol: Mutex<HashMap<Arc<str>, Arc<Presence>>>,
}

impl Presences {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Presence>>> {
        self.by_protocol.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, protocol: &str) -> Option<Arc<Presence>> {
        self.lock().get(protocol).cloned()
    }

    pub fn add(&self, presence: Arc<Presence>) {
        self.lock().insert(presence.protocol.clone(), presence);
    }

    pub fn remove(&self, protocol: &str) {
        self.lock().remove(protocol);
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }
}

#[cfg(test)]
#[path = "presence_tests.rs"]
mod tests;
