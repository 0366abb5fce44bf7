//! Connections: what a client holds beyond any one socket.
//!
//! A connection is named by its protocol string and guarded by a secret; its legs and its seat
//! belong to it, never to a socket. While no socket is there, what the client should hear waits.

use crate::bare::Bare;
use crate::inbox::{Inbox, Taken};
use crate::leg_places::LegOwner;
use crate::link::Delivery;
use crate::session_task::SessionHandle;
use rotunda_domain::{Grant, LegId, LegKey, MemberId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Where the client is, as its latest socket or request had it.
    pub address: Option<IpAddr>,
    inbox: Inbox,
    /// What the latest socket claimed to take up again.
    pub claim: Claim,
    /// Promoted or demoted: the next main leg is expected under a fresh call id.
    pub awaits_leg: bool,
    pub seat: Option<Seat>,
    pub legs: HashMap<LegId, LegKey>,
}

/// One connection, or a leg that came without one and is remembered like one.
pub(crate) struct Presence {
    pub protocol: Arc<str>,
    pub secret: Arc<str>,
    /// What is known of a leg that came without a connection; nobody takes its deliveries.
    pub bare: Option<Bare>,
    state: Mutex<State>,
}

impl Presence {
    pub fn new(protocol: Arc<str>, secret: Arc<str>, grant: Grant) -> Self {
        Self::with(protocol, secret, grant, None)
    }

    /// A leg without a connection.
    pub fn bare(id: Arc<str>, secret: Arc<str>, grant: Grant, bare: Bare) -> Self {
        Self::with(id, secret, grant, Some(bare))
    }

    fn with(protocol: Arc<str>, secret: Arc<str>, grant: Grant, bare: Option<Bare>) -> Self {
        let state = State {
            grant,
            address: None,
            inbox: Inbox::default(),
            claim: Claim::None,
            awaits_leg: false,
            seat: None,
            legs: HashMap::new(),
        };
        Self { protocol, secret, bare, state: Mutex::new(state) }
    }

    /// Whose its legs are.
    pub fn leg_owner(&self) -> LegOwner {
        let state = self.lock();
        let token = state.grant.token_id.as_str().into();
        LegOwner { project: state.grant.project, token, address: state.address }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the connection a socket; the one before, if any, is closed by losing its inbox. What
    /// that one was given and its client did not confirm comes first.
    pub fn take_socket(&self, grant: Grant, claim: Claim, is_renewal: bool) -> Taken {
        let mut state = self.lock();
        state.claim = claim;
        state.grant = grant;
        state.inbox.take_socket(is_renewal)
    }

    /// The socket is gone; answers false for one that was replaced already.
    pub fn lose_socket(&self, socket: u64) -> bool {
        self.lock().inbox.lose_socket(socket)
    }

    pub fn has_socket(&self) -> bool {
        self.lock().inbox.has_socket()
    }

    /// The person holds another grant, and is to come back on a leg nobody has named yet.
    pub fn change_standing(&self, grant: Grant) {
        let mut state = self.lock();
        state.grant = grant;
        state.awaits_leg = true;
    }

    /// Hands something to the socket, or keeps it until there is one; where none can come it is
    /// for nobody.
    pub fn deliver(&self, delivery: Delivery) {
        if self.bare.is_some() {
            return;
        }
        self.lock().inbox.deliver(delivery);
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

    /// Closes the sockets of those without a seat whose token's time of removal is past; the seats of
    /// others end by their session's clock.
    pub fn end_removed(&self, now_epoch_s: i64) {
        let all: Vec<_> = self.lock().values().cloned().collect();
        for presence in all {
            let mut state = presence.lock();
            let is_over = state.grant.window.remove_at.is_some_and(|at| at <= now_epoch_s);
            if is_over && state.seat.is_none() && state.inbox.has_socket() {
                tracing::info!("a connection without a seat is to be gone by its token");
                state.inbox.close();
            }
        }
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn seated(&self) -> usize {
        let all: Vec<_> = self.lock().values().cloned().collect();
        all.iter().filter(|presence| presence.lock().seat.is_some()).count()
    }
}

#[cfg(test)]
#[path = "presence_tests.rs"]
mod tests;
