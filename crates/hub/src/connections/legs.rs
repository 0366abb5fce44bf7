//! Legs, as the signalling door asks for them: a new seat, the same one on a new leg, a screen or a
//! device beside it, and their ends.

use crate::Hub;
use crate::auth::FormerSeat;
use crate::connections::connection::{Claim, Connection, Leg, Seat};
use crate::connections::leg_places::LegPlace;
use crate::connections::link::{Invite, LegAction, LegRole, NO_CONNECTION, NO_SESSION, Renewed};
use crate::connections::offer;
use crate::sessions::handle::{Join, SessionHandle};
use rotunda_domain::event::MemberKind;
use rotunda_domain::{
    Actor, Admission, ChildAdmission, Command, Grant, LegId, LegKey, MemberId, Refusal,
};
use rotunda_engine::{EngineRefusal, LegRequest};
use std::sync::Arc;
use uuid::Uuid;

const GIVEN_UP: &str =
    "the server has given this peer connection up: offer the same call by another one";
const NO_CALL: Refusal = Refusal::NotFound("no such call");

impl Hub {
    /// Answers an offer: a new seat, or the same one on a new leg.
    ///
    /// # Errors
    /// [`Refusal`], in the order reattach, window, existence, lock, limit, offer.
    pub async fn invite(&self, protocol: &str, invite: Invite) -> Result<String, Refusal> {
        let connection = self.inner.services.connections.get(protocol).ok_or(NO_CONNECTION)?;
        let is_main = invite.role == LegRole::Main;
        let (seat, is_awaited) = take_up(&connection, &invite)?;
        if is_main {
            connection.lock().names = invite.names.clone();
        }
        match seat {
            Some(seat) => match self.restart(&connection, &invite).await? {
                Some(sdp) => Ok(sdp),
                None if is_main => {
                    if !is_awaited {
                        self.end_children(&connection, &seat, &invite.call_id).await;
                    }
                    self.come_back(connection, seat, invite).await
                }
                None => self.add_child(connection, seat, invite).await,
            },
            None if is_main => self.come_in(connection, invite).await,
            None => Err(NO_SESSION),
        }
    }

    async fn add_child(
        &self,
        connection: Arc<Connection>,
        seat: Seat,
        invite: Invite,
    ) -> Result<String, Refusal> {
        if connection.lock().legs.contains_key(&invite.call_id) {
            return Err(Refusal::Conflict("there is a leg of that callID".into()));
        }
        let child = MemberId(Uuid::new_v4());
        let leg = self.inner.services.directory.next_leg();
        let place = self.leg_place(&connection, leg)?;
        place.enter(&seat.session.outcomes);
        if let Some(refusal) = self.memory_hindrance("join") {
            return Err(refusal);
        }
        let (session, member) = (seat.session, seat.member);
        let admission = ChildAdmission {
            member: child,
            leg,
            call_id: invite.call_id.clone(),
            kind: match invite.role {
                LegRole::Screen => MemberKind::Screen,
                _ => MemberKind::Device,
            },
            brings: invite.brings,
        };
        let request =
            LegRequest { owner: member, ..leg_request(&session, child, leg, &invite.sdp) };
        let own = Leg { key: leg, member: child, fingerprint: offer::fingerprint(&invite.sdp) };
        connection.lock().legs.insert(invite.call_id.clone(), own);
        let command = self.preflight(Command::AdmitChild(Box::new(admission))).await;
        let actor = Actor::Member(member);
        let (home, recipient) = (connection.clone(), connection);
        session
            .join(|reply| Join { actor, command, request, member, recipient, place, reply })
            .await
            .inspect(|_| home.tell_state())
            .inspect_err(|_| {
                home.lock().legs.remove(&invite.call_id);
            })
    }

    pub(crate) async fn come_in(
        &self,
        connection: Arc<Connection>,
        invite: Invite,
    ) -> Result<String, Refusal> {
        let answer = self.come_to_a_seat(connection, invite).await;
        rotunda_telemetry::figures().joins.one(word(answer.as_ref().err()));
        answer
    }

    async fn come_to_a_seat(
        &self,
        connection: Arc<Connection>,
        invite: Invite,
    ) -> Result<String, Refusal> {
        if let Some(refusal) = self.memory_hindrance("join") {
            return Err(refusal);
        }
        let (mut grant, former, let_in) = {
            let mut state = connection.lock();
            state.ways = offer::ways(&invite.sdp);
            let mut grant = Grant::clone(&state.grant());
            if let Some(name) = state.door.name() {
                grant.user_name = name.to_owned();
            }
            // As whom history knows who was let in, so that a removal holds over a restart.
            let let_in = state.door.place.as_ref().map(|place| MemberId(place.id().0));
            (grant, state.former.clone(), let_in)
        };
        if let Some([audio, video]) = former.as_ref().map(FormerSeat::muted) {
            // Nobody's microphone is opened by a restart.
            grant.join_audio_muted |= audio;
            grant.join_video_muted |= video;
        }
        if let Some(former) = &former {
            self.keep_again(&grant, former).await?;
        }
        // The seat kept for this token, the one its client takes itself to be in, or a new one.
        let kept = grant.identity.as_ref().map(|identity| identity.seat);
        let wanted = kept.or(former.as_ref().map(FormerSeat::member)).or(let_in);
        let seated = match self.sit_as(&connection, &invite, &grant, wanted).await {
            Err(Refusal::LOBBY) if self.let_in_again(&connection, &grant).await? => {
                self.sit_as(&connection, &invite, &grant, wanted).await
            }
            seated => seated,
        };
        seated.inspect(|_| connection.tell_state())
    }

    /// Takes that seat, or a new one where there is none or somebody sits in it.
    async fn sit_as(
        &self,
        connection: &Arc<Connection>,
        invite: &Invite,
        grant: &Grant,
        wanted: Option<MemberId>,
    ) -> Result<String, Refusal> {
        let fresh = || MemberId(Uuid::new_v4());
        let member = wanted.unwrap_or_else(fresh);
        match self.sit_down(connection, invite, grant, member).await {
            Err(Refusal::SEAT_TAKEN) => self.sit_down(connection, invite, grant, fresh()).await,
            seated => seated,
        }
    }

    async fn sit_down(
        &self,
        connection: &Arc<Connection>,
        invite: &Invite,
        grant: &Grant,
        member: MemberId,
    ) -> Result<String, Refusal> {
        let leg = self.inner.services.directory.next_leg();
        let place = self.leg_place(connection, leg)?;
        let admission = Admission {
            member,
            leg,
            call_id: invite.call_id.clone(),
            grant: grant.clone(),
            wants_roster: invite.wants_roster,
            can_return: connection.whip_whep.is_none(),
        };
        let audio_first = connection.whip_whep.is_none();
        let command = self.preflight(Command::Admit(Box::new(admission))).await;
        self.enter(grant, |session, reply| {
            let fingerprint = offer::fingerprint(&invite.sdp);
            connection.sit(session, &invite.call_id, Leg { key: leg, member, fingerprint });
            let request = leg_request(session, member, leg, &invite.sdp);
            place.enter(&session.outcomes);
            Join {
                actor: Actor::Member(member),
                command: command.clone(),
                request: LegRequest { audio_first, ..request },
                member,
                recipient: connection.clone(),
                place: place.clone(),
                reply,
            }
        })
        .await
        .inspect_err(|_| connection.stand_up(member))
    }

    /// A known call offered again with the same fingerprint restarts ICE: the leg stays, and there
    /// is nothing to tell anybody. `None` for another fingerprint, which is a reloaded page.
    ///
    /// # Errors
    /// `Conflict` when the leg is given up already: what comes in its place has another certificate, of
    /// which the peer connection that offers can make nothing.
    async fn restart(
        &self,
        connection: &Connection,
        invite: &Invite,
    ) -> Result<Option<String>, Refusal> {
        let known = connection.lock().legs.get(&invite.call_id).cloned();
        let Some(Leg { key: leg, fingerprint, .. }) = known else { return Ok(None) };
        let is_same_peer = fingerprint.is_some() && fingerprint == offer::fingerprint(&invite.sdp);
        let (engine, sdp) = (self.inner.services.engine.clone(), invite.sdp.clone());
        let done = tokio::task::spawn_blocking(move || engine.renegotiate(leg, sdp)).await;
        match done.map_err(|_| Refusal::Broken)? {
            Ok(answer) => Ok(Some(answer.sdp)),
            Err(EngineRefusal::UnknownLeg) if is_same_peer => {
                Err(Refusal::Conflict(GIVEN_UP.into()))
            }
            Err(EngineRefusal::OtherFingerprint | EngineRefusal::UnknownLeg) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// A page that is loaded again has forgotten the screens and devices it had beside its main leg:
    /// nobody could end them any more.
    async fn end_children(&self, connection: &Connection, seat: &Seat, main: &LegId) {
        let legs: Vec<LegKey> = {
            let state = connection.lock();
            state.legs.iter().filter(|(call, _)| *call != main).map(|(_, leg)| leg.key).collect()
        };
        for leg in legs {
            // Refused only when it ended meanwhile.
            let actor = Actor::Member(seat.member);
            let _ = self.command(&seat.session, actor, Command::HangUp(leg)).await;
        }
    }

    async fn come_back(
        &self,
        connection: Arc<Connection>,
        seat: Seat,
        invite: Invite,
    ) -> Result<String, Refusal> {
        let (session, member) = (seat.session, seat.member);
        let leg = self.inner.services.directory.next_leg();
        let command =
            Command::Reattach { leg, call_id: invite.call_id, wants_roster: invite.wants_roster };
        let command = self.preflight(command).await;
        let request = leg_request(&session, member, leg, &invite.sdp);
        let actor = Actor::Member(member);
        let owner = connection.leg_owner();
        let place = self.inner.legs.take_over(leg, owner, crate::now().mono_ms);
        let place = Arc::new(place);
        place.enter(&session.outcomes);
        let (home, recipient) = (connection.clone(), connection);
        session
            .join(|reply| Join { actor, command, request, member, recipient, place, reply })
            .await
            .inspect(|_| home.tell_state())
    }

    /// A place for a leg nobody had before.
    fn leg_place(&self, connection: &Connection, leg: LegKey) -> Result<Arc<LegPlace>, Refusal> {
        let (owner, now) = (connection.leg_owner(), crate::now().mono_ms);
        self.inner.legs.take(&*self.inner.services.engine, leg, owner, now).map(Arc::new)
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
    ) -> Result<Renewed, Refusal> {
        let (_, leg) = self.leg(protocol, call_id)?;
        let engine = self.inner.services.engine.clone();
        let done = tokio::task::spawn_blocking(move || engine.renegotiate(leg, sdp)).await;
        let answer = done.map_err(|_| Refusal::Broken)??;
        Ok(Renewed { sdp: answer.sdp, is_held: answer.is_held })
    }

    /// Does with a leg what its client wishes.
    ///
    /// # Errors
    /// `NotFound` for a leg that is not the connection's, or what the rules say.
    pub async fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        action: LegAction,
    ) -> Result<(), Refusal> {
        let (seat, leg) = self.leg(protocol, call_id)?;
        let command = match action {
            LegAction::HangUp => Command::HangUp(leg),
            LegAction::HangUpAll => Command::HangUpAll(leg),
            LegAction::Hold(held) => Command::Hold(leg, held),
            LegAction::Digits(digits) => Command::Digits(digits),
        };
        self.command(&seat.session, Actor::Member(seat.member), command).await.map(drop)
    }

    fn leg(&self, protocol: &str, call_id: &LegId) -> Result<(Seat, LegKey), Refusal> {
        let connection = self.inner.services.connections.get(protocol).ok_or(NO_CONNECTION)?;
        let state = connection.lock();
        let leg = state.legs.get(call_id).ok_or(NO_CALL)?.key;
        let seat = state.seat.clone().ok_or(NO_CALL)?;
        Ok((seat, leg))
    }
}

/// As `/metrics` calls the answer to who asks for a seat.
fn word(refusal: Option<&Refusal>) -> &'static str {
    match refusal {
        None => "granted",
        Some(Refusal::NotPermitted) => "not_permitted",
        Some(Refusal::NotAdmitted(_)) => "not_admitted",
        Some(Refusal::NotFound(_)) => "not_found",
        Some(Refusal::Invalid(_)) => "bad_offer",
        Some(Refusal::LimitReached(_)) => "limit_reached",
        Some(Refusal::Conflict(_) | Refusal::Cleared { .. }) => "conflict",
        Some(Refusal::Unsupported(_)) => "unsupported",
        Some(Refusal::Unavailable) => "unavailable",
        Some(Refusal::Broken) => "broken",
    }
}

/// The seat an invite means, and whether the leg was asked for; refuses one that may not be.
fn take_up(connection: &Connection, invite: &Invite) -> Result<(Option<Seat>, bool), Refusal> {
    let is_main = invite.role == LegRole::Main;
    let state = connection.lock();
    let seat = state.seat.clone().filter(|seat| !seat.session.is_gone());
    let own = state.seat.as_ref().map(|seat| seat.member);
    let is_own = |leg: &Leg| Some(leg.member) == own;
    let is_known = state.legs.get(&invite.call_id).is_some_and(is_own);
    let is_stray = is_main && !state.awaits_leg && !is_known;
    match state.claim {
        Claim::Unproved => return Err(Refusal::OUT_OF_ORDER),
        // Who was let in has had no call yet.
        Claim::Proved if is_stray && state.door.place.is_none() => {
            return Err(Refusal::UNKNOWN_CALL);
        }
        // Who would have the second leg would lose the first without a word.
        Claim::None if is_stray && seat.is_some() => {
            let text = "this connection has a call already: hang it up first, or offer it anew";
            return Err(Refusal::Conflict(text.into()));
        }
        _ => {}
    }
    Ok((seat, is_main && state.awaits_leg))
}

/// A leg on which nothing may flow yet: see [`crate::connections::entitlement`].
fn leg_request(session: &SessionHandle, member: MemberId, leg: LegKey, sdp: &str) -> LegRequest {
    LegRequest {
        session: session.id,
        leg,
        member,
        person: Arc::default(),
        owner: member,
        sdp: sdp.to_owned(),
        may_send: false,
        may_receive_audio: false,
        may_receive_video: false,
        takes_audio: false,
        takes_video: false,
        audio_first: true,
    }
}
