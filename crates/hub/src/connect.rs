//! Connections and legs, as the signalling door asks for them.

use crate::Hub;
use crate::auth::TokenRefused;
use crate::clock;
use crate::link::{ConnectRefused, Connection, Invite, LegRole, LegWish, Link};
use crate::presence::{Claim, Presence, Seat};
use crate::session_task::{Join, SessionHandle};
use rotunda_domain::event::MemberKind;
use rotunda_domain::{
    Actor, Admission, ChildAdmission, Command, Grant, JoinAs, LegId, LegKey, MemberId, Outcome,
    Refusal, Reply,
};
use rotunda_engine::{EngineRefusal, LegRequest};
use std::sync::Arc;
use uuid::Uuid;

const NO_CONNECTION: Refusal = Refusal::NotFound("no such connection");
const NO_CALL: Refusal = Refusal::NotFound("no such call");
const NO_SESSION: Refusal = Refusal::NotFound("no such room session");

impl Hub {
    /// Accepts a client, new or returning.
    ///
    /// A known protocol string with the wrong secret, or none, is accepted without being bound to
    /// what it names (wire protocol §3.4): a stolen string alone opens nothing.
    ///
    /// # Errors
    /// [`ConnectRefused`].
    pub async fn connect(&self, connection: Connection) -> Result<Link, ConnectRefused> {
        let now = clock::now();
        let opened = self.open_room_token(&connection.token, now.epoch_s()).await;
        let grant = opened.map_err(|refused| match refused {
            TokenRefused::Unavailable(_) => ConnectRefused::Broken,
            refused => ConnectRefused::BadToken(refused.to_string()),
        })?;
        let (presence, claim) = match &connection.protocol {
            None => (self.new_presence(&grant), Claim::None),
            Some(protocol) => {
                let known = self.inner.presences.get(protocol);
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
        self.link(presence, grant, claim).await
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
    ) -> Result<Link, ConnectRefused> {
        let room = self.store().room_by_name(grant.project, &grant.room_name).await;
        let room = room.map_err(|error| {
            tracing::error!(%error, "the room was not looked up");
            ConnectRefused::Broken
        })?;
        let settings =
            room.map_or_else(|| rotunda_domain::entry::room_from(&grant), |r| r.settings);
        let taken = presence.take_socket(grant.clone(), claim);
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
            grant,
            room_display_name: settings.display_name,
            room_meta: settings.meta.unwrap_or_default(),
            inbox: taken.inbox,
        })
    }

    /// A socket of the connection closed: a timer starts, and nothing else.
    pub fn disconnect(&self, protocol: &str, socket: u64) {
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

    /// Answers an offer: a new seat, or the same one on a new leg.
    ///
    /// # Errors
    /// [`Refusal`], in the order reattach, window, existence, lock, limit, offer.
    pub async fn invite(&self, protocol: &str, invite: Invite) -> Result<String, Refusal> {
        let presence = self.inner.presences.get(protocol).ok_or(NO_CONNECTION)?;
        let is_main = invite.role == LegRole::Main;
        let (seat, is_awaited) = {
            let mut state = presence.lock();
            let is_new = is_main && !state.legs.contains_key(&invite.call_id);
            match state.claim {
                Claim::Unproved => return Err(Refusal::OUT_OF_ORDER),
                Claim::Proved if is_new && !state.awaits_leg => return Err(Refusal::UNKNOWN_CALL),
                _ => {}
            }
            let is_awaited = is_main && std::mem::take(&mut state.awaits_leg);
            (state.seat.clone().filter(|seat| !seat.session.is_gone()), is_awaited)
        };
        match seat {
            Some(seat) if is_main => match self.restart(&presence, &invite).await? {
                Some(sdp) => Ok(sdp),
                None => {
                    if !is_awaited {
                        self.end_children(&presence, &seat, &invite.call_id).await;
                    }
                    self.come_back(presence, seat, invite).await
                }
            },
            Some(seat) => self.add_child(presence, seat, invite).await,
            None if is_main => self.come_in(presence, invite).await,
            None => Err(NO_SESSION),
        }
    }

    async fn add_child(
        &self,
        presence: Arc<Presence>,
        seat: Seat,
        invite: Invite,
    ) -> Result<String, Refusal> {
        let grant = presence.lock().grant.clone();
        let leg = self.inner.directory.next_leg();
        let child = MemberId(Uuid::new_v4());
        let (session, member) = (seat.session, seat.member);
        let admission = ChildAdmission {
            member: child,
            leg,
            call_id: invite.call_id.clone(),
            kind: match invite.role {
                LegRole::Screen => MemberKind::Screen,
                _ => MemberKind::Device,
            },
            layout: invite.layout,
            positions: invite.positions,
        };
        let request = LegRequest {
            takes_audio: true,
            takes_video: true,
            owner: member,
            ..leg_request(&session, &grant, child, leg, &invite.sdp)
        };
        presence.lock().legs.insert(invite.call_id.clone(), leg);
        let command = Command::AdmitChild(Box::new(admission));
        let actor = Actor::Member(member);
        let home = presence.clone();
        session
            .join(|reply| Join { actor, command, request, member, presence, reply })
            .await
            .inspect_err(|_| {
                home.lock().legs.remove(&invite.call_id);
            })
    }

    async fn come_in(&self, presence: Arc<Presence>, invite: Invite) -> Result<String, Refusal> {
        let grant = presence.lock().grant.clone();
        let member = MemberId(Uuid::new_v4());
        let leg = self.inner.directory.next_leg();
        let admission = Admission {
            member,
            leg,
            call_id: invite.call_id.clone(),
            grant: grant.clone(),
            wants_roster: invite.wants_roster,
        };
        self.enter(&grant, |session, reply| {
            presence.sit(session, member, &invite.call_id, leg);
            Join {
                actor: Actor::Member(member),
                command: Command::Admit(Box::new(admission.clone())),
                request: leg_request(session, &grant, member, leg, &invite.sdp),
                member,
                presence: presence.clone(),
                reply,
            }
        })
        .await
        .inspect_err(|_| presence.stand_up(member))
    }

    /// A known call offered again with the same fingerprint restarts ICE: the leg stays, and there
    /// is nothing to tell anybody. `None` for another fingerprint, which is a reloaded page.
    async fn restart(
        &self,
        presence: &Presence,
        invite: &Invite,
    ) -> Result<Option<String>, Refusal> {
        let known = presence.lock().legs.get(&invite.call_id).copied();
        let Some(leg) = known else { return Ok(None) };
        let (engine, sdp) = (self.inner.engine.clone(), invite.sdp.clone());
        let done = tokio::task::spawn_blocking(move || engine.renegotiate(leg, sdp)).await;
        match done.map_err(|_| Refusal::Broken)? {
            Ok(answer) => Ok(Some(answer.sdp)),
            Err(EngineRefusal::OtherFingerprint | EngineRefusal::UnknownLeg) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// A page that is loaded again has forgotten the screens and devices it had beside its main leg:
    /// nobody could end them any more.
    async fn end_children(&self, presence: &Presence, seat: &Seat, main: &LegId) {
        let legs: Vec<LegKey> = {
            let state = presence.lock();
            state.legs.iter().filter(|(call, _)| *call != main).map(|(_, leg)| *leg).collect()
        };
        for leg in legs {
            // Refused only when it ended meanwhile.
            let _ = seat.session.execute(Actor::Member(seat.member), Command::HangUp(leg)).await;
        }
    }

    async fn come_back(
        &self,
        presence: Arc<Presence>,
        seat: Seat,
        invite: Invite,
    ) -> Result<String, Refusal> {
        let grant = presence.lock().grant.clone();
        let leg = self.inner.directory.next_leg();
        presence.lock().legs.insert(invite.call_id.clone(), leg);
        let (session, member) = (seat.session, seat.member);
        let command =
            Command::Return { leg, call_id: invite.call_id, wants_roster: invite.wants_roster };
        let request = leg_request(&session, &grant, member, leg, &invite.sdp);
        let actor = Actor::Member(member);
        session.join(|reply| Join { actor, command, request, member, presence, reply }).await
    }

    /// Answers a further offer of a leg.
    ///
    /// # Errors
    /// `NotFound` for a leg that is not the connection's, or what the engine says.
    pub async fn modify(
        &self,
        protocol: &str,
        call_id: &LegId,
        sdp: String,
    ) -> Result<String, Refusal> {
        let (_, leg) = self.leg(protocol, call_id)?;
        let engine = self.inner.engine.clone();
        let done = tokio::task::spawn_blocking(move || engine.renegotiate(leg, sdp)).await;
        Ok(done.map_err(|_| Refusal::Broken)??.sdp)
    }

    /// Does with a leg what its client wishes.
    ///
    /// # Errors
    /// `NotFound` for a leg that is not the connection's, or what the rules say.
    pub async fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        wish: LegWish,
    ) -> Result<(), Refusal> {
        let (seat, leg) = self.leg(protocol, call_id)?;
        let command = match wish {
            LegWish::HangUp => Command::HangUp(leg),
            LegWish::HangUpAll => Command::HangUpAll(leg),
            LegWish::Digits(digits) => Command::Digits(digits),
        };
        seat.session.execute(Actor::Member(seat.member), command).await.map(drop)
    }

    /// Runs a command for the connection's member in the session it names.
    ///
    /// # Errors
    /// `NotFound` when the connection has no seat in that session, or what the rules say.
    pub async fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> Result<Reply, Refusal> {
        let presence = self.inner.presences.get(protocol).ok_or(NO_CONNECTION)?;
        let seat = presence.lock().seat.clone().ok_or(NO_SESSION)?;
        if seat.session.id.to_string() != room_session_id {
            return Err(NO_SESSION);
        }
        seat.session.execute(Actor::Member(seat.member), command).await
    }

    fn leg(&self, protocol: &str, call_id: &LegId) -> Result<(Seat, LegKey), Refusal> {
        let presence = self.inner.presences.get(protocol).ok_or(NO_CONNECTION)?;
        let state = presence.lock();
        let leg = state.legs.get(call_id).copied().ok_or(NO_CALL)?;
        let seat = state.seat.clone().ok_or(NO_CALL)?;
        Ok((seat, leg))
    }
}

fn leg_request(
    session: &SessionHandle,
    grant: &Grant,
    member: MemberId,
    leg: LegKey,
    sdp: &str,
) -> LegRequest {
    let is_member = grant.join_as == JoinAs::Member;
    LegRequest {
        session: session.id,
        leg,
        member,
        owner: member,
        sdp: sdp.to_owned(),
        may_send: is_member,
        takes_audio: is_member && grant.media_allowed.audio(),
        takes_video: is_member && grant.media_allowed.video(),
    }
}

impl Presence {
    fn sit(&self, session: &SessionHandle, member: MemberId, call_id: &LegId, leg: LegKey) {
        let mut state = self.lock();
        state.seat = Some(Seat { session: session.clone(), member });
        state.legs.insert(call_id.clone(), leg);
    }

    /// The seat was not granted.
    fn stand_up(&self, member: MemberId) {
        let mut state = self.lock();
        if state.seat.as_ref().is_some_and(|seat| seat.member == member) {
            state.seat = None;
            state.legs.clear();
        }
    }
}
