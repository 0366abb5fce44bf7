//! Seats: kept for a token, or at a vendor; and how many there are with those of the members.

use super::Videochat;
use crate::command::Admission;
use crate::grant::JoinAs;
use crate::id::MemberId;
use crate::refusal::Refusal;
use crate::session::member::Member;
use crate::session::participant::{ParticipantState, Voice};
use crate::time::Now;
use crate::videochat::{Caller, Ranks, RoomRight, SeatGranted, SeatRequest};
use std::sync::Arc;

/// A seat that nobody of this server's own members sits in.
#[derive(Clone, Debug)]
pub(in crate::session) struct Reserved {
    id: MemberId,
    name: Arc<str>,
    participant: ParticipantState,
    /// When it is given up, on the clock that never jumps, if ever.
    until_ms: Option<u64>,
    /// Taken, at a vendor; else it waits for its token.
    is_taken: bool,
}

impl Reserved {
    pub fn id(&self) -> MemberId {
        self.id
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub fn participant(&self) -> &ParticipantState {
        &self.participant
    }

    /// Whether others know of it: somebody is in it, or was a moment ago.
    pub fn is_known(&self) -> bool {
        self.is_taken && !self.participant.watches
    }

    /// Taken, and nobody is there.
    pub fn is_away(&self) -> bool {
        self.is_taken && self.until_ms.is_some()
    }
}

/// A seat taken back, and where it stood.
#[derive(Debug)]
pub(in crate::session) struct Withdrawn(usize, Reserved);

#[derive(Debug, Default)]
pub(super) struct Seats {
    /// In the order in which they were given.
    reserved: Vec<Reserved>,
    /// How many seats were given so far; each has its number.
    given: u32,
}

impl Seats {
    pub fn get(&self, id: MemberId) -> Option<&Reserved> {
        self.reserved.iter().find(|seat| seat.id == id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Reserved> {
        self.reserved.iter()
    }

    fn get_mut(&mut self, id: MemberId) -> Option<&mut Reserved> {
        self.reserved.iter_mut().find(|seat| seat.id == id)
    }

    /// Those with a seat, of members and others, in no order.
    pub fn participants_mut<'a>(
        &'a mut self,
        members: &'a mut [Member],
    ) -> impl Iterator<Item = (MemberId, &'a mut ParticipantState)> {
        let members = members.iter_mut().filter(|m| m.parent().is_none());
        let members = members.map(|m| (m.id(), &mut m.participant));
        let reserved = self.reserved.iter_mut().map(|seat| (seat.id, &mut seat.participant));
        members.chain(reserved).filter(|(_, participant)| !participant.watches)
    }
}

impl Videochat {
    /// Takes back the seat that the user did not use and that this request is to replace.
    pub fn withdraw_unused(&mut self, user: &str, request: &SeatRequest) -> Option<Withdrawn> {
        let is_unused = |seat: &Reserved| {
            !request.is_back
                && !seat.is_taken
                && *seat.participant.user == *user
                && seat.participant.watches == request.watches
        };
        let at = self.seats.reserved.iter().position(is_unused)?;
        Some(Withdrawn(at, self.seats.reserved.remove(at)))
    }

    /// The seat that was to be replaced is theirs again.
    pub fn restore(&mut self, Withdrawn(at, seat): Withdrawn) {
        self.seats.reserved.insert(at, seat);
    }

    /// The seat that `caller` would have. A further seat of a user has what the others have.
    pub fn seat_for(
        &self,
        now: Now,
        members: &[Member],
        caller: &Caller,
        request: SeatRequest,
    ) -> Reserved {
        let (ranks, voice) = match request.watches {
            true => (Ranks::default(), Voice::Decided(false)),
            false => self.rank_and_voice(members, caller),
        };
        let participant = ParticipantState {
            user: caller.user.clone(),
            uid: self.seats.given + 1,
            ranks,
            voice,
            voice_no: 0,
            watches: request.watches,
        };
        let until_ms = Some(now.mono_ms.saturating_add(self.defaults.reservation_ms));
        let SeatRequest { id, name, .. } = request;
        Reserved { id, name, participant, until_ms, is_taken: false }
    }

    fn rank_and_voice(&self, members: &[Member], caller: &Caller) -> (Ranks, Voice) {
        let other = self.participants(members).find(|one| one.user == caller.user);
        let (ranks, voice) = match (other, caller.right >= RoomRight::Contribute) {
            (Some(other), _) => (other.ranks, other.voice),
            (None, true) => (Ranks::default(), Voice::Auto(false)),
            (None, false) => (Ranks::default(), Voice::Decided(false)),
        };
        (Ranks { owner: caller.right == RoomRight::Manage, ..ranks }, voice)
    }

    /// Keeps a seat for its token.
    pub fn keep(&mut self, seat: Reserved) {
        self.seats.given += 1;
        self.seats.reserved.push(seat);
    }

    /// What is answered about a seat that is kept.
    pub fn granted(&self, id: MemberId) -> Option<SeatGranted> {
        let identity = self.see_reserved(self.seats.get(id)?);
        Some(SeatGranted { identity, engine: self.engine, mode: self.settings.mode })
    }

    /// Whether any seat is kept, or taken at a vendor.
    pub fn keeps_seats(&self) -> bool {
        !self.seats.reserved.is_empty()
    }

    /// How many too many there would be with one more of those who watch, of whom there may be `most`.
    pub fn watchers_over(&self, members: &[Member], most: u32) -> usize {
        let waiting = self.seats.iter().filter(|seat| seat.participant.watches).count();
        let there = members.iter().filter(|m| m.is_audience()).count();
        (waiting + there + 1).saturating_sub(most as usize)
    }

    /// The same of seats: taken, kept through a grace time, or waiting for their token.
    pub fn seats_over(&self, members: &[Member], most: u32) -> usize {
        let members = members.iter().filter(|m| m.parent().is_none() && !m.participant.watches);
        let reserved = self.seats.iter().filter(|seat| !seat.participant.watches);
        (members.count() + reserved.count() + 1).saturating_sub(most as usize)
    }

    /// What a newcomer is, once; a token of ours opens the seat kept for it and no other.
    ///
    /// # Errors
    /// `NotAdmitted` without a seat.
    pub fn participant_at_the_door(
        &self,
        admission: &Admission,
    ) -> Result<ParticipantState, Refusal> {
        let Some(identity) = &admission.grant.identity else {
            // A player with a leg and nothing else looks at a stream, and has no seat.
            let watches = !admission.can_return && admission.grant.join_as == JoinAs::Audience;
            if watches && self.may_stream().is_err() {
                return Err(Refusal::NotAdmitted("streaming is switched off for this room"));
            }
            let uid = self.seats.given + 1;
            let participant = ParticipantState::of_room_token(admission.member, &admission.grant);
            return Ok(ParticipantState { uid, watches, ..participant });
        };
        let kept = self.seats.get(identity.seat);
        let kept = kept.filter(|_| identity.seat == admission.member);
        let seat = kept.ok_or(Refusal::NotAdmitted("the token was used already or is too old"))?;
        Ok(seat.participant.clone())
    }

    /// Seats that wait for tokens of others who will speak.
    pub fn voices_kept_but(&self, id: MemberId) -> usize {
        let others = self.seats.iter().filter(|seat| seat.id != id);
        others.filter(|seat| seat.participant.speaks()).count()
    }

    /// Somebody sits down; the seat kept for them is theirs.
    pub fn seated(&mut self, id: MemberId) {
        let before = self.seats.reserved.len();
        self.seats.reserved.retain(|seat| seat.id != id);
        let was_kept = self.seats.reserved.len() < before;
        self.seats.given += u32::from(!was_kept);
    }

    /// Seats whose time is up.
    pub fn seats_due(&self, now: Now) -> Vec<MemberId> {
        let is_due = |seat: &&Reserved| seat.until_ms.is_some_and(|until| until <= now.mono_ms);
        self.seats.iter().filter(is_due).map(Reserved::id).collect()
    }

    /// When the next is given up.
    pub fn seats_due_mono_ms(&self) -> Option<u64> {
        self.seats.iter().filter_map(|seat| seat.until_ms).min()
    }

    pub fn give_up_seat(&mut self, id: MemberId) {
        self.seats.reserved.retain(|seat| seat.id != id);
        self.touch(id);
    }

    /// The seats kept for somebody who comes in no more; others hear nothing of those that wait.
    pub fn give_up_seats_of(&mut self, user: &str) {
        self.seats.reserved.retain(|seat| seat.is_taken || *seat.participant.user != *user);
    }

    /// The seats kept for those who would only watch.
    pub fn give_up_watchers(&mut self) {
        self.seats.reserved.retain(|seat| !seat.participant.watches);
    }

    /// Somebody is in a seat, says its client. Of a seat here that is known already: legs tell it
    /// better. Answers whether it is one at a vendor.
    pub fn seat_connected(&mut self, id: MemberId) -> bool {
        let is_native = self.is_native();
        let Some(seat) = self.seats.get_mut(id).filter(|_| !is_native) else { return false };
        (seat.is_taken, seat.until_ms) = (true, None);
        self.touch(id);
        true
    }

    /// Nobody is there any more; it is given up at `until_ms`, or when that was said before.
    pub fn seat_lost(&mut self, id: MemberId, until_ms: u64) {
        if let Some(seat) = self.seats.get_mut(id) {
            seat.until_ms.get_or_insert(until_ms);
        }
        self.touch(id);
    }
}
