//! Connections: what a client holds beyond any one socket.
//!
//! A connection is named by its protocol string and taken up again by what we stated of it; its legs
//! and its seat belong to it, never to a socket. While no socket is there, what the client should
//! hear waits.
//!
//! Who somebody is now — member or audience, what they may do, send and receive — is one value, and
//! it is the seat's: the token says how somebody comes in and when they must go, and with the seat
//! goes all that was granted in it.

use crate::auth::{FormerSeat, Seal};
use crate::connections::delivery::Delivery;
use crate::connections::door::Door;
use crate::connections::entitlement::entitle;
use crate::connections::inbox::{Inbox, Taken};
use crate::connections::leg_places::LegOwner;
use crate::connections::offer::{self, Ways};
use crate::connections::recipient::Recipient;
use crate::connections::whip_state::{Direction, WhipWhep};
use crate::sessions::handle::SessionHandle;
use rotunda_domain::{Grant, LegId, LegKey, LinkId, MemberId, SessionId, WaiterId};
use rotunda_engine::LegRequest;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// A seat in a session.
#[derive(Clone)]
pub(crate) struct Seat {
    pub session: SessionHandle,
    pub member: MemberId,
    /// Who its holder is now; the rules change it.
    grant: Arc<Grant>,
}

/// One of a connection's legs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    pub key: LegKey,
    /// The person, or their screen or device.
    pub member: MemberId,
    /// Which peer connection of the client's it goes to (see [`offer::fingerprint`]).
    pub fingerprint: Option<Arc<str>>,
}

/// What a socket claims to be the continuation of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nothing: a fresh connection.
    None,
    /// This connection, proved by what was stated of it.
    Proved,
    /// Another connection, without the proof; this one is bound to nothing.
    Unproved,
}

pub(crate) struct State {
    /// What the latest token says.
    token: Arc<Grant>,
    seal: Option<Seal>,
    /// Where the client is, as its latest socket or request had it.
    pub address: Option<IpAddr>,
    inbox: Inbox,
    /// What the latest socket claimed to take up again.
    pub claim: Claim,
    /// Promoted or demoted: the next main leg is expected under a fresh call id.
    pub awaits_leg: bool,
    pub seat: Option<Seat>,
    /// The seat of a connection that is forgotten, which this one's client still takes itself to be
    /// in. It serves one coming in: afterwards only its session's id still means this one.
    pub former: Option<FormerSeat>,
    former_session: Option<SessionId>,
    pub legs: HashMap<LegId, Leg>,
    /// What the main leg was offered for, of sound and picture.
    pub ways: [Ways; 2],
    /// Whether microphone and camera are off.
    muted: [bool; 2],
    /// What its client named of [`Event::BY_NAME`](rotunda_domain::Event::BY_NAME) when it joined.
    pub names: HashSet<&'static str>,
    pub door: Door,
}

impl State {
    /// Who somebody is: as the seat has it, else as the token says.
    pub fn grant(&self) -> Arc<Grant> {
        self.seat.as_ref().map_or(&self.token, |seat| &seat.grant).clone()
    }

    /// Whether `session` is the one of the seat, or the one the client still takes it to be.
    pub fn is_in(&self, session: &str) -> bool {
        let seat = self.seat.as_ref().map(|seat| seat.session.id);
        let former = self.former.as_ref().map(FormerSeat::session).or(self.former_session);
        seat.into_iter().chain(former).any(|id| id.to_string() == session)
    }

    /// A token was shown again: of it count only the times, and what names it.
    fn show(&mut self, token: Grant) {
        if let Some(seat) = &mut self.seat {
            Arc::make_mut(&mut seat.grant).set_terms(token.terms());
        }
        self.token = Arc::new(token);
    }

    /// What the client is to show when it wants its seat back.
    fn seat_to_state(&self) -> Option<FormerSeat> {
        let Some(seat) = &self.seat else { return self.former.clone() };
        let mut legs: Vec<_> = self.legs.iter().collect();
        legs.sort_by_key(|(_, leg)| leg.member != seat.member);
        let legs = legs.into_iter().map(|(call, _)| call.0.clone()).collect();
        let (session, member) = (seat.session.id, seat.member);
        Some(FormerSeat::new(session, member, legs, self.ways, self.muted))
    }
}

/// One connection, or a leg that came without one and is remembered like one.
pub(crate) struct Connection {
    pub protocol: Arc<str>,
    /// What is known of a leg that came without a connection; nobody takes its deliveries.
    pub whip_whep: Option<WhipWhep>,
    state: Mutex<State>,
    /// Where it is remembered.
    home: Weak<Connections>,
}

impl Connection {
    pub fn new(protocol: Arc<str>, token: Grant, seal: Seal) -> Self {
        Self::with(protocol, token, Some(seal), None)
    }

    /// A leg without a connection.
    pub fn whip_whep(id: Arc<str>, token: Grant, whip_whep: WhipWhep) -> Self {
        Self::with(id, token, None, Some(whip_whep))
    }

    fn with(
        protocol: Arc<str>,
        token: Grant,
        seal: Option<Seal>,
        whip_whep: Option<WhipWhep>,
    ) -> Self {
        let state = State {
            token: Arc::new(token),
            seal,
            address: None,
            inbox: Inbox::default(),
            claim: Claim::None,
            awaits_leg: false,
            seat: None,
            former: None,
            former_session: None,
            legs: HashMap::new(),
            ways: Default::default(),
            muted: [false; 2],
            names: HashSet::new(),
            door: Door::default(),
        };
        Self { protocol, whip_whep, state: Mutex::new(state), home: Weak::new() }
    }

    /// Whose its legs are.
    pub fn leg_owner(&self) -> LegOwner {
        let state = self.lock();
        let (project, token) = (state.token.project, state.token.token_id.as_str().into());
        LegOwner { project, token, address: state.address }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the connection a socket, for the bearer of `token`; the one before, if any, is closed
    /// by losing its inbox. What that one was given and its client did not confirm comes first.
    pub fn take_socket(&self, token: Grant, seal: Seal, claim: Claim, is_renewal: bool) -> Taken {
        let mut state = self.lock();
        if !is_renewal {
            state.claim = claim;
        }
        state.seal = Some(seal);
        state.show(token);
        state.inbox.take_socket(is_renewal)
    }

    /// The socket is gone; answers false for one that was replaced already.
    pub fn lose_socket(&self, socket: u64) -> bool {
        self.lock().inbox.lose_socket(socket)
    }

    pub fn has_socket(&self) -> bool {
        self.lock().inbox.has_socket()
    }

    /// Whether the client is not known to have heard that its seat was taken from it.
    pub fn owes_farewell(&self) -> bool {
        self.lock().inbox.owes_farewell()
    }

    /// Takes the seat, as whoever the token says.
    pub fn sit(&self, session: &SessionHandle, call: &LegId, leg: Leg) {
        let mut state = self.lock();
        let grant = state.token.clone();
        state.muted = [grant.join_audio_muted, grant.join_video_muted];
        state.seat = Some(Seat { session: session.clone(), member: leg.member, grant });
        state.awaits_leg = false;
        state.legs.insert(call.clone(), leg);
    }

    /// The seat was not granted, or is given up, and with it all that was granted in it.
    pub fn stand_up(&self, member: MemberId) {
        let mut state = self.lock();
        if state.seat.as_ref().is_some_and(|seat| seat.member == member) {
            state.seat = None;
            state.awaits_leg = false;
            state.legs.clear();
        }
    }

    /// What takes this connection, and the seat it has now, up again.
    pub fn authorization_state(&self) -> Arc<str> {
        let state = self.lock();
        let Some(seal) = &state.seal else { return "".into() };
        seal.state(&self.protocol, state.seat_to_state(), state.door.place.clone())
    }

    /// Closes the socket of a client that is to come no more, after what it has to hear.
    pub fn end(&self) {
        self.lock().inbox.drop_socket();
    }

    /// Hands the client what takes its seat up again, as it is now.
    pub fn tell_state(&self) {
        self.deliver(Delivery::AuthorizationState(self.authorization_state()));
    }

    /// A connection without seat and socket is forgotten: at once if its client has nothing to hear,
    /// which is then as if the server had been started anew, else after some time.
    pub fn forget_idle(self: Arc<Self>) {
        let Some(home) = self.home.upgrade().filter(|_| !self.has_socket()) else { return };
        if self.whip_whep.is_some() || !self.owes_farewell() {
            return home.remove(&self.protocol);
        }
        let (memory, home) = (home.memory, Arc::downgrade(&home));
        rotunda_telemetry::spawn("connection forgotten", async move {
            tokio::time::sleep(memory).await;
            let Some(home) = home.upgrade() else { return };
            if !self.has_socket() && self.lock().seat.is_none() {
                home.remove(&self.protocol);
            }
        });
    }
}

impl Recipient for Connection {
    /// Where no socket can come it is for nobody.
    fn deliver(&self, delivery: Delivery) {
        let mut state = self.lock();
        let hears = delivery.by_name().is_none_or(|name| state.names.contains(name));
        if self.whip_whep.is_none() && hears {
            state.inbox.deliver(delivery);
        }
    }

    fn regrant(&self, grant: Grant) {
        let mut state = self.lock();
        let Some(seat) = &mut state.seat else { return };
        seat.grant = Arc::new(grant);
        state.awaits_leg = true;
    }

    fn entitle(&self, request: LegRequest, is_child: bool) -> LegRequest {
        let is_whip = |one: &WhipWhep| one.direction == Direction::Whip;
        let only_sends = self.whip_whep.as_ref().is_some_and(is_whip);
        entitle(request, &self.lock().grant(), only_sends, is_child)
    }

    fn moved(&self, call: &LegId, leg: LegKey, member: MemberId, sdp: &str) {
        let mut state = self.lock();
        if state.seat.as_ref().is_some_and(|seat| seat.member == member) {
            state.awaits_leg = false;
            state.ways = offer::ways(sdp);
            let fingerprint = offer::fingerprint(sdp);
            state.legs.insert(call.clone(), Leg { key: leg, member, fingerprint });
        }
    }

    /// The client hears what takes its seat up again as it is now.
    fn muted(&self, member: MemberId, muted: [bool; 2]) {
        let is_news = {
            let mut state = self.lock();
            let is_own = state.seat.as_ref().is_some_and(|seat| seat.member == member);
            is_own && std::mem::replace(&mut state.muted, muted) != muted
        };
        if is_news {
            self.tell_state();
        }
    }

    /// The client is in its seat: what it was before is not what it is to be the next time.
    fn settled(&self) {
        let mut state = self.lock();
        if let Some(former) = state.former.take() {
            state.former_session = Some(former.session());
        }
    }

    fn released(&self, call: &LegId, leg: LegKey) {
        let mut state = self.lock();
        if state.legs.get(call).is_some_and(|own| own.key == leg) {
            state.legs.remove(call);
        }
    }

    fn left(self: Arc<Self>, member: MemberId) {
        self.lock().door.place = None;
        self.stand_up(member);
        self.forget_idle();
    }

    fn waited(self: Arc<Self>, waiter: WaiterId, admitted_in: Option<SessionId>) {
        self.stop_waiting(waiter, admitted_in);
    }
}

/// All connections by protocol string.
pub(crate) struct Connections {
    by_protocol: Mutex<HashMap<Arc<str>, Arc<Connection>>>,
    /// How long one without seat and socket is remembered.
    memory: Duration,
}

impl Connections {
    pub fn new(memory: Duration) -> Arc<Self> {
        Arc::new(Self { by_protocol: Mutex::default(), memory })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Connection>>> {
        self.by_protocol.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, protocol: &str) -> Option<Arc<Connection>> {
        self.lock().get(protocol).cloned()
    }

    /// Remembers a connection until it is forgotten.
    pub fn add(self: &Arc<Self>, connection: Connection) -> Arc<Connection> {
        let connection = Arc::new(Connection { home: Arc::downgrade(self), ..connection });
        self.remember(connection.clone());
        connection
    }

    pub(crate) fn remember(&self, connection: Arc<Connection>) {
        self.lock().insert(connection.protocol.clone(), connection);
    }

    pub fn remove(&self, protocol: &str) {
        self.lock().remove(protocol);
    }

    /// Closes all sockets; nothing is delivered any more.
    pub fn close_all(&self) {
        let all: Vec<_> = self.lock().values().cloned().collect();
        all.iter().for_each(|connection| connection.lock().inbox.close());
    }

    /// Closes the sockets of those without a seat whose token's time of removal is past; the seats of
    /// others end by their session's clock.
    pub fn end_removed(&self, now_epoch_s: i64) {
        let all: Vec<_> = self.lock().values().cloned().collect();
        for connection in all {
            let mut state = connection.lock();
            let is_over = state.token.window.remove_at.is_some_and(|at| at <= now_epoch_s);
            if is_over && state.seat.is_none() && state.inbox.has_socket() {
                tracing::info!("a connection without a seat is to be gone by its token");
                state.inbox.drop_socket();
            }
        }
    }

    /// Those who came by a link and have a seat or a socket, with their link.
    pub fn by_link(&self) -> Vec<(LinkId, Arc<Connection>)> {
        let all: Vec<_> = self.lock().values().cloned().collect();
        let link = |connection: Arc<Connection>| {
            let state = connection.lock();
            let is_used = state.seat.is_some() || state.inbox.has_socket();
            let link = state.grant().link.filter(|_| is_used);
            drop(state);
            link.map(|link| (link, connection))
        };
        all.into_iter().filter_map(link).collect()
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn seated(&self) -> usize {
        let all: Vec<_> = self.lock().values().cloned().collect();
        all.iter().filter(|connection| connection.lock().seat.is_some()).count()
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
