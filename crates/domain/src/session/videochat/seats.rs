//! Seats: kept for a token, taken with it, or at a vendor.

use super::super::Session;
use super::super::member::Member;
use super::super::participant::{ParticipantState, Voice};
use crate::command::Admission;
use crate::event::MemberKind;
use crate::grant::JoinAs;
use crate::id::MemberId;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{Caller, Ranks, RoomRight, SeatGranted, SeatRequest, VideochatReply};
use std::sync::Arc;

/// A seat that nobody of this server's own members sits in.
#[derive(Clone, Debug)]
pub(in crate::session) struct Reserved {
    pub id: MemberId,
    pub name: Arc<str>,
    pub participant: ParticipantState,
    /// When it is given up, on the clock that never jumps, if ever.
    pub until_ms: Option<u64>,
    /// Taken, at a vendor; else it waits for its token.
    pub is_taken: bool,
}

impl Session {
    /// Right, then limits, then the seat; all in one step, so that those who come at once cannot
    /// overshoot. A user who did not use the seat kept for them before has the new one instead.
    pub(super) fn reserve(
        &mut self,
        now: Now,
        caller: &Caller,
        request: SeatRequest,
    ) -> Result<VideochatReply, Refusal> {
        if self.member(request.id).is_some() {
            return Err(Refusal::SEAT_TAKEN);
        }
        let is_unused = |seat: &Reserved| {
            !request.is_back
                && !seat.is_taken
                && seat.participant.user == caller.user
                && seat.participant.watches == request.watches
        };
        let before = self.videochat.reserved.iter().position(is_unused);
        let before = before.map(|at| (at, self.videochat.reserved.remove(at)));
        let (seat, yielding) = match self.seat_for(now, caller, request) {
            Ok(found) => found,
            Err(refusal) => {
                before.into_iter().for_each(|(at, seat)| self.videochat.reserved.insert(at, seat));
                return Err(refusal);
            }
        };
        let id = seat.id;
        self.videochat.seats_given += 1;
        self.videochat.reserved.push(seat);
        self.put_out(yielding);
        self.revoice(now);
        let seat = self.videochat.reserved.iter().find(|seat| seat.id == id);
        let identity = seat.map(|seat| self.see_reserved(seat)).ok_or(Refusal::Broken)?;
        let (engine, mode) = (self.videochat.engine, self.videochat.settings.mode);
        Ok(VideochatReply::Seat(Box::new(SeatGranted { identity, engine, mode })))
    }

    /// The seat, and the half-open joins that give way to it: one of all seats and one of those who
    /// speak at most.
    fn seat_for(
        &self,
        now: Now,
        caller: &Caller,
        request: SeatRequest,
    ) -> Result<(Reserved, Vec<MemberId>), Refusal> {
        let (participant, yielding) = if request.watches {
            (self.participant_of_watcher(caller), self.check_watcher(caller)?)
        } else {
            let yielding = self.check_seat(caller)?;
            (self.participant_of(caller), yielding)
        };
        let until = now.mono_ms.saturating_add(self.options.videochat.reservation_ms);
        let (id, name) = (request.id, request.name);
        let seat = Reserved { id, name, participant, until_ms: Some(until), is_taken: false };
        if seat.participant.watches {
            return Ok((seat, Vec::from_iter(yielding)));
        }
        let speakers = self.speakers_with(now, &seat, yielding);
        let over = speakers.saturating_sub(self.settings.max_members) as usize;
        let speaks = |m: &Member| m.kind() == MemberKind::Member && Some(m.id()) != yielding;
        let speaker = self.who_gives_way(over, &caller.user, speaks).ok_or_else(full)?;
        Ok((seat, yielding.into_iter().chain(speaker).collect()))
    }

    fn check_watcher(&self, caller: &Caller) -> Result<Option<MemberId>, Refusal> {
        self.may_stream().map_err(|_| Refusal::NotPermitted)?;
        let waiting =
            self.videochat.reserved.iter().filter(|seat| seat.participant.watches).count();
        let there = self.members.iter().filter(|m| m.is_audience()).count();
        let over = (waiting + there + 1).saturating_sub(self.options.max_audience as usize);
        self.who_gives_way(over, &caller.user, Member::is_audience).ok_or_else(full)
    }

    fn check_seat(&self, caller: &Caller) -> Result<Option<MemberId>, Refusal> {
        if caller.right < RoomRight::Comment {
            return Err(Refusal::NotPermitted);
        }
        let most = self.options.max_audience;
        let most = self.seats_allowed().map_or(most, |cap| cap.min(most)) as usize;
        let over = (self.seats_taken() + 1).saturating_sub(most);
        let has_seat = |m: &Member| !m.participant.watches;
        self.who_gives_way(over, &caller.user, has_seat).ok_or_else(full)
    }

    /// Identities allowed, if there is a limit.
    pub(in crate::session) fn seats_allowed(&self) -> Option<u32> {
        let videochat = &self.videochat;
        let (engine, room_type) = (videochat.engine, videochat.room_type);
        videochat.settings.identity_cap(&self.options.videochat, engine, room_type)
    }

    /// Seats given: taken, kept through a grace time, or waiting for their token.
    pub(in crate::session) fn seats_taken(&self) -> usize {
        let members =
            self.members.iter().filter(|m| m.parent().is_none() && !m.participant.watches);
        let reserved = self.videochat.reserved.iter().filter(|seat| !seat.participant.watches);
        members.count() + reserved.count()
    }

    /// A further seat of a user has what the others have.
    fn participant_of(&self, caller: &Caller) -> ParticipantState {
        let others = self.participants().find(|participant| participant.user == caller.user);
        let (ranks, voice) = match (others, caller.right >= RoomRight::Contribute) {
            (Some(other), _) => (other.ranks, other.voice),
            (None, true) => (Ranks::default(), Voice::Auto(false)),
            (None, false) => (Ranks::default(), Voice::Decided(false)),
        };
        let owner = caller.right == RoomRight::Manage;
        ParticipantState {
            user: caller.user.clone(),
            uid: self.videochat.seats_given + 1,
            ranks: Ranks { owner, ..ranks },
            voice,
            voice_no: 0,
            watches: false,
        }
    }

    fn participant_of_watcher(&self, caller: &Caller) -> ParticipantState {
        ParticipantState {
            user: caller.user.clone(),
            uid: self.videochat.seats_given + 1,
            ranks: Ranks::default(),
            voice: Voice::Decided(false),
            voice_no: 0,
            watches: true,
        }
    }

    /// The standings of all seats, in no order.
    pub(super) fn participants(&self) -> impl Iterator<Item = &ParticipantState> {
        self.participants_but(None)
    }

    /// The same, without the seat that somebody is to give up.
    pub(super) fn participants_but(
        &self,
        gone: Option<MemberId>,
    ) -> impl Iterator<Item = &ParticipantState> {
        let stays = move |m: &&Member| m.parent().is_none() && Some(m.id()) != gone;
        let members = self.members.iter().filter(stays).map(|m| &m.participant);
        let reserved = self.videochat.reserved.iter().map(|seat| &seat.participant);
        members.chain(reserved).filter(|participant| !participant.watches)
    }

    pub(super) fn participants_mut(
        &mut self,
    ) -> impl Iterator<Item = (MemberId, &mut ParticipantState)> {
        let members = self.members.iter_mut().filter(|m| m.parent().is_none());
        let members = members.map(|m| (m.id(), &mut m.participant));
        let reserved = self.videochat.reserved.iter_mut();
        let all = members.chain(reserved.map(|seat| (seat.id, &mut seat.participant)));
        all.filter(|(_, participant)| !participant.watches)
    }

    pub(super) fn ranks_of(&self, user: &str) -> Ranks {
        let own = self.participants().find(|participant| *participant.user == *user);
        own.map(|participant| participant.ranks).unwrap_or_default()
    }

    /// What a newcomer is, once; a token of ours opens the seat kept for it and no other.
    ///
    /// # Errors
    /// `NotAdmitted` without a seat.
    pub(in crate::session) fn participant_at_the_door(
        &self,
        admission: &Admission,
    ) -> Result<ParticipantState, Refusal> {
        let Some(identity) = &admission.grant.identity else {
            // A player with a leg and nothing else looks at a stream, and has no seat.
            let watches = !admission.can_return && admission.grant.join_as == JoinAs::Audience;
            if watches && self.may_stream().is_err() {
                return Err(Refusal::NotAdmitted("streaming is switched off for this room"));
            }
            let uid = self.videochat.seats_given + 1;
            let participant = ParticipantState::of_room_token(admission.member, &admission.grant);
            return Ok(ParticipantState { uid, watches, ..participant });
        };
        let kept = self.videochat.reserved.iter().find(|seat| seat.id == identity.seat);
        let kept = kept.filter(|_| identity.seat == admission.member);
        let seat = kept.ok_or(Refusal::NotAdmitted("the token was used already or is too old"))?;
        Ok(seat.participant.clone())
    }

    /// Seats that wait for tokens of others who will speak.
    pub(in crate::session) fn voices_kept_but(&self, id: MemberId) -> usize {
        let others = self.videochat.reserved.iter().filter(|seat| seat.id != id);
        others.filter(|seat| seat.participant.speaks()).count()
    }

    /// Somebody sits down; the seat kept for them is theirs.
    pub(in crate::session) fn seated(&mut self, id: MemberId) {
        let before = self.videochat.reserved.len();
        self.videochat.reserved.retain(|seat| seat.id != id);
        let was_kept = self.videochat.reserved.len() < before;
        self.videochat.seats_given += u32::from(!was_kept);
    }

    /// Gives up the seats whose time is up.
    pub(in crate::session) fn give_up_seats(&mut self, now: Now) {
        let is_due = |seat: &Reserved| seat.until_ms.is_some_and(|until| until <= now.mono_ms);
        let due = self.videochat.reserved.iter().filter(|seat| is_due(seat)).map(|seat| seat.id);
        for id in due.collect::<Vec<_>>() {
            self.forget_seat(now, id);
        }
    }

    pub(in crate::session) fn seats_due_mono_ms(&self) -> Option<u64> {
        self.videochat.reserved.iter().filter_map(|seat| seat.until_ms).min()
    }

    fn forget_seat(&mut self, now: Now, id: MemberId) {
        self.videochat.reserved.retain(|seat| seat.id != id);
        self.touch(id);
        self.revoice(now);
    }

    /// The seat of that id, if the caller may speak for it.
    fn own_seat(&self, caller: &Caller, id: MemberId) -> Result<(), Refusal> {
        let member = self.member(id).map(|m| &m.participant);
        let reserved = self.videochat.reserved.iter().find(|seat| seat.id == id);
        let participant = member.or(reserved.map(|seat| &seat.participant));
        let participant = participant.ok_or(Refusal::UNKNOWN_MEMBER)?;
        let may = participant.user == caller.user || caller.right == RoomRight::Manage;
        may.then_some(()).ok_or(Refusal::NotPermitted)
    }

    /// Said of a seat here, it is known already: legs tell it better. Said twice, it is no news.
    pub(super) fn seat_connected(
        &mut self,
        now: Now,
        caller: &Caller,
        id: MemberId,
    ) -> Result<VideochatReply, Refusal> {
        self.own_seat(caller, id)?;
        let is_native = self.is_native();
        let seat = self.videochat.reserved.iter_mut().find(|seat| seat.id == id);
        if let Some(seat) = seat.filter(|_| !is_native) {
            (seat.is_taken, seat.until_ms) = (true, None);
            self.begin(now);
            self.touch(id);
            self.revoice(now);
        }
        Ok(VideochatReply::Done)
    }

    pub(super) fn seat_left(
        &mut self,
        now: Now,
        caller: &Caller,
        id: MemberId,
    ) -> Result<VideochatReply, Refusal> {
        match self.own_seat(caller, id) {
            // Both the client and the vendor may say it.
            Err(Refusal::NotFound(_)) => return Ok(VideochatReply::Done),
            other => other?,
        }
        if !self.is_native() {
            self.forget_seat(now, id);
        }
        Ok(VideochatReply::Done)
    }

    pub(super) fn seat_lost(
        &mut self,
        now: Now,
        caller: &Caller,
        id: MemberId,
    ) -> Result<VideochatReply, Refusal> {
        self.own_seat(caller, id)?;
        let until = self.grace_ends_ms(now);
        if let Some(seat) = self.videochat.reserved.iter_mut().find(|seat| seat.id == id) {
            seat.until_ms.get_or_insert(until);
        }
        self.touch(id);
        Ok(VideochatReply::Done)
    }
}

fn full() -> Refusal {
    Refusal::LimitReached("the videochat is full".into())
}
