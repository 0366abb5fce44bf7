//! Connections, as the signalling door asks for them: who speaks, on which socket, for which seat.
//! Their legs are the business of `legs.rs`.

use crate::Hub;
use crate::auth::{FormerSeat, Seal, TokenRefused};
use crate::clock;
use crate::link::{ConnectRefused, Connection, Credential, Link, Who};
use crate::presence::{Claim, Presence};
use rotunda_domain::videochat::{LiveStreamRequest, VideochatCommand};
use rotunda_domain::{
    Actor, Command, Grant, Outcome, Play, Refusal, Reply, RoomSettings, StreamTarget,
};
use std::sync::Arc;

pub(crate) const NO_CONNECTION: Refusal = Refusal::NotFound("no such connection");
pub(crate) const NO_SESSION: Refusal = Refusal::NotFound("no such room session");

impl Hub {
    /// Accepts a client, new or returning.
    ///
    /// A known protocol string without the statement that goes with it is accepted without being
    /// bound to what it names (wire protocol §3.4): a stolen string alone opens nothing.
    ///
    /// # Errors
    /// [`ConnectRefused`].
    pub async fn connect(&self, connection: Connection) -> Result<Link, ConnectRefused> {
        let now = clock::now();
        let token = match &connection.credential {
            Credential::RoomToken(token) => token,
            Credential::ApiToken { project, token } => {
                let protocol = connection.protocol.as_deref();
                let address = connection.address;
                return self.connect_application((project, token), protocol, address).await;
            }
        };
        let bearer =
            self.count_refused(self.open_bearer(token, now.epoch_s()).await, connection.address);
        let bearer = bearer.map_err(|refused| match refused {
            TokenRefused::Unavailable(_) => ConnectRefused::Broken,
            TokenRefused::TooOften { retry_after_s } => ConnectRefused::TooOften(retry_after_s),
            refused => ConnectRefused::BadToken(refused.to_string()),
        })?;
        let seal = bearer.seal(connection.origin.as_deref());
        let settings = self.room_of(&bearer.grant).await?;
        let (presence, claim) = self.presence_of(&connection, &bearer.grant, &seal)?;
        presence.lock().address = connection.address;
        let is_renewal = connection.is_renewal;
        Ok(link(&presence, settings, (bearer.grant, seal), claim, is_renewal))
    }

    /// The room as it is, or as the token would make it.
    async fn room_of(&self, token: &Grant) -> Result<RoomSettings, ConnectRefused> {
        let room = self.store().room_by_name(token.project, &token.room_name).await;
        let room = room.map_err(|error| {
            tracing::error!(%error, "the room was not looked up");
            ConnectRefused::Broken
        })?;
        Ok(room.map_or_else(|| rotunda_domain::entry::room_from(token), |room| room.settings))
    }

    /// The connection a client means, or a new one.
    ///
    /// A string we never gave is refused once. One of a connection that is forgotten is not: the
    /// client may hold it in memory and send nothing else, so it is let in as new, with the seat it
    /// takes itself to be in if it shows what we stated of that.
    fn presence_of(
        &self,
        connection: &Connection,
        token: &Grant,
        seal: &Seal,
    ) -> Result<(Arc<Presence>, Claim), ConnectRefused> {
        let anew = |former, claim| (self.new_presence(token, seal, former), claim);
        let Some(protocol) = &connection.protocol else { return Ok(anew(None, Claim::None)) };
        let state = connection.authorization_state.as_deref().unwrap_or_default();
        let stated = seal.read(protocol, state);
        let same_room = |p: &Arc<Presence>| {
            let held = p.lock().grant();
            (held.project, &held.room_name) == (token.project, &token.room_name)
        };
        let known = self.inner.presences.get(protocol).filter(|p| p.whip_whep.is_none());
        match (known.filter(same_room), stated) {
            (Some(known), Some(_)) => Ok((known, Claim::Proved)),
            (Some(known), None) if connection.is_renewal => Ok((known, Claim::Proved)),
            (Some(_), None) => Ok(anew(None, Claim::Unproved)),
            (None, Some(former)) => Ok(anew(former, Claim::None)),
            (None, None) if connection.was_refused || seal.has_named(protocol) => {
                Ok(anew(None, Claim::None))
            }
            (None, None) => Err(ConnectRefused::UnknownProtocol),
        }
    }

    fn new_presence(
        &self,
        token: &Grant,
        seal: &Seal,
        former: Option<FormerSeat>,
    ) -> Arc<Presence> {
        let presence = Presence::new(seal.new_protocol(), token.clone(), seal.clone());
        presence.lock().former = former;
        let presence = Arc::new(presence);
        self.inner.presences.add(presence.clone());
        presence
    }

    /// A socket of the connection closed: a timer starts, and nothing else.
    pub fn disconnect(&self, protocol: &str, socket: u64) {
        if let Some(application) = self.inner.applications.get(protocol) {
            return self.application_gone(application, socket);
        }
        let Some(presence) = self.inner.presences.get(protocol) else { return };
        if !presence.lose_socket(socket) {
            return;
        }
        let seat = presence.lock().seat.clone();
        match seat {
            Some(seat) => seat.session.tell(Outcome::SocketGone(seat.member)),
            None => self.inner.directory.forget_idle(presence),
        }
    }

    /// Runs a command for the connection's member, or for an application, in the session it names.
    ///
    /// # Errors
    /// `NotFound` when the connection has no seat in that session, or what the rules say.
    pub async fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> Result<Reply, Refusal> {
        let command = self.with_hindrance(command).await;
        if let Some(application) = self.inner.applications.get(protocol) {
            return self.execute_for(&application, room_session_id, command).await;
        }
        let presence = self.inner.presences.get(protocol).ok_or(NO_CONNECTION)?;
        let seat = {
            let state = presence.lock();
            state.seat.clone().filter(|_| state.is_in(room_session_id)).ok_or(NO_SESSION)?
        };
        seat.session.execute(Actor::Member(seat.member), command).await
    }

    /// What stands in the way of a command out in the world, for the rules to name in their turn.
    pub(crate) async fn with_hindrance(&self, command: Command) -> Command {
        match command {
            Command::StartRecording { recording, .. } => {
                Command::StartRecording { recording, hindrance: self.recording_hindrance().await }
            }
            Command::Play(play) => {
                let memory = self.memory_hindrance("playback");
                let engine = || self.inner.engine.playback_hindrance(&play.url).map(Refusal::from);
                let hindrance = memory.or_else(engine);
                Command::Play(Box::new(Play { hindrance, ..*play }))
            }
            Command::StartStream { stream, target } => {
                Command::StartStream { stream, target: self.reachable(target) }
            }
            Command::Videochat(caller, VideochatCommand::StartLiveStream(request)) => {
                let request =
                    LiveStreamRequest { target: self.reachable(request.target), ..request };
                Command::Videochat(caller, VideochatCommand::StartLiveStream(request))
            }
            command => command,
        }
    }

    fn reachable(&self, target: Result<StreamTarget, Refusal>) -> Result<StreamTarget, Refusal> {
        let target = target?;
        let engine = || self.inner.engine.stream_hindrance(&target).map(Refusal::from);
        let hindrance = self.memory_hindrance("stream").or_else(engine);
        hindrance.map_or(Ok(target), Err)
    }
}

/// Gives a connection its next socket.
fn link(
    presence: &Presence,
    room: RoomSettings,
    (token, seal): (Grant, Seal),
    claim: Claim,
    is_renewal: bool,
) -> Link {
    let taken = presence.take_socket(token.clone(), seal, claim, is_renewal);
    let (seat, grant, lost) = {
        let state = presence.lock();
        let grant = state.grant();
        let former = state.former.as_ref().filter(|_| state.seat.is_none());
        (state.seat.clone(), grant.clone(), former.and_then(|former| former.lost(&grant)))
    };
    if let Some(seat) = seat {
        seat.session.tell(Outcome::TokenShown(seat.member, token.terms()));
        seat.session.tell(Outcome::SocketBack(seat.member));
        if taken.overflowed {
            seat.session.tell(Outcome::Missed(seat.member));
        }
    }
    Link {
        protocol: presence.protocol.clone(),
        socket: taken.socket,
        authorization_state: presence.authorization_state(),
        lost,
        who: Who::Person {
            grant: Box::new(Arc::unwrap_or_clone(grant)),
            room_display_name: room.display_name,
            room_meta: room.meta.unwrap_or_default(),
        },
        inbox: taken.inbox,
        unconfirmed: taken.unconfirmed,
    }
}
