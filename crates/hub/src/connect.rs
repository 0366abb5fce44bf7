//! Connections, as the signalling door asks for them: who speaks, on which socket, for which seat.
//! Their legs are the business of `legs.rs`.

use crate::Hub;
use crate::auth::TokenRefused;
use crate::link::{ConnectRefused, Connection, Credential, Link, Who};
use crate::presence::{Claim, Presence};
use rotunda_domain::videochat::{LiveStreamWish, VideochatCommand};
use rotunda_domain::{Actor, Command, Grant, Outcome, Play, Refusal, Reply, StreamTarget};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const NO_CONNECTION: Refusal = Refusal::NotFound("no such connection");
pub(crate) const NO_SESSION: Refusal = Refusal::NotFound("no such room session");

impl Hub {
    /// Accepts a client, new or returning.
    ///
    /// A known protocol string with the wrong secret, or none, is accepted without being bound to
    /// what it names (wire protocol §3.4): a stolen string alone opens nothing.
    ///
    /// # Errors
    /// [`ConnectRefused`].
    pub async fn connect(&self, connection: Connection) -> Result<Link, ConnectRefused> {
        let token = match &connection.credential {
            Credential::RoomToken(token) => token,
            Credential::ApiToken { project, token } => {
                let protocol = connection.protocol.as_deref();
                let address = connection.address;
                return self.connect_application((project, token), protocol, address).await;
            }
        };
        let opened = self.open_shown_token(token, connection.address).await;
        let grant = opened.map_err(|refused| match refused {
            TokenRefused::Unavailable(_) => ConnectRefused::Broken,
            TokenRefused::TooOften { retry_after_s } => ConnectRefused::TooOften(retry_after_s),
            refused => ConnectRefused::BadToken(refused.to_string()),
        })?;
        let (presence, claim) = match &connection.protocol {
            None => (self.new_presence(&grant), Claim::None),
            Some(protocol) => {
                let known = self.inner.presences.get(protocol).filter(|p| p.bare.is_none());
                let same_room = |p: &Arc<Presence>| {
                    let held = &p.lock().grant;
                    (held.project, &held.room_name) == (grant.project, &grant.room_name)
                };
                let known = known.filter(same_room).ok_or(ConnectRefused::UnknownProtocol)?;
                let proof = connection.authorization_state.as_deref().unwrap_or_default();
                let is_own = aws_lc_rs::constant_time::verify_slices_are_equal(
                    proof.as_bytes(),
                    known.secret.as_bytes(),
                );
                match is_own {
                    Ok(()) => (known, Claim::Proved),
                    Err(_) => (self.new_presence(&grant), Claim::Unproved),
                }
            }
        };
        presence.lock().address = connection.address;
        self.link(presence, grant, claim, connection.is_renewal).await
    }

    fn new_presence(&self, grant: &Grant) -> Arc<Presence> {
        let signature = Uuid::new_v4().simple().to_string();
        let protocol = format!("signalwire_{}_{}", &signature[..12], Uuid::new_v4());
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let presence = Arc::new(Presence::new(protocol.into(), secret.into(), grant.clone()));
        self.inner.presences.add(presence.clone());
        presence
    }

    async fn link(
        &self,
        presence: Arc<Presence>,
        grant: Grant,
        claim: Claim,
        is_renewal: bool,
    ) -> Result<Link, ConnectRefused> {
        let room = self.store().room_by_name(grant.project, &grant.room_name).await;
        let room = room.map_err(|error| {
            tracing::error!(%error, "the room was not looked up");
            ConnectRefused::Broken
        })?;
        let settings =
            room.map_or_else(|| rotunda_domain::entry::room_from(&grant), |r| r.settings);
        let taken = presence.take_socket(grant.clone(), claim, is_renewal);
        let seat = presence.lock().seat.clone();
        if let Some(seat) = seat {
            seat.session.tell(Outcome::SocketBack(seat.member));
            if taken.overflowed {
                seat.session.tell(Outcome::Missed(seat.member));
            }
        }
        Ok(Link {
            protocol: presence.protocol.clone(),
            socket: taken.socket,
            authorization_state: presence.secret.clone(),
            who: Who::Person {
                grant: Box::new(grant),
                room_display_name: settings.display_name,
                room_meta: settings.meta.unwrap_or_default(),
            },
            inbox: taken.inbox,
            unconfirmed: taken.unconfirmed,
        })
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
        let seat = presence.lock().seat.clone().ok_or(NO_SESSION)?;
        if seat.session.id.to_string() != room_session_id {
            return Err(NO_SESSION);
        }
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
            Command::Videochat(caller, VideochatCommand::StartLiveStream(wish)) => {
                let wish = LiveStreamWish { target: self.reachable(wish.target), ..wish };
                Command::Videochat(caller, VideochatCommand::StartLiveStream(wish))
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
