//! Seats: asked for, given, and given up.

use super::super::Session;
use super::super::member::Member;
use super::state::Reserved;
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{Caller, RoomRight, SeatRequest, VideochatReply};

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
        if self.banned.has_user(&caller.user) {
            return Err(Refusal::REMOVED);
        }
        let unused = self.videochat.withdraw_unused(&caller.user, &request);
        let (seat, yielding) = match self.seat_for(now, caller, request) {
            Ok(found) => found,
            Err(refusal) => {
                unused.into_iter().for_each(|seat| self.videochat.restore(seat));
                return Err(refusal);
            }
        };
        let id = seat.id();
        self.videochat.keep(seat);
        self.put_out(yielding);
        self.revoice(now);
        let granted = self.videochat.granted(id).ok_or(Refusal::Broken)?;
        Ok(VideochatReply::Seat(Box::new(granted)))
    }

    /// The seat, and the half-open joins that give way to it: one of all seats and one of those who
    /// speak at most.
    fn seat_for(
        &self,
        now: Now,
        caller: &Caller,
        request: SeatRequest,
    ) -> Result<(Reserved, Vec<MemberId>), Refusal> {
        let watches = request.watches;
        let yielding = if watches { self.check_watcher(caller)? } else { self.check_seat(caller)? };
        let seat = self.videochat.seat_for(now, &self.members, caller, request);
        if watches {
            return Ok((seat, Vec::from_iter(yielding)));
        }
        let speakers = self.videochat.speakers_with(now, &self.members, &seat, yielding);
        let over = speakers.saturating_sub(self.settings.max_members) as usize;
        let speaks = |m: &Member| m.kind() == MemberKind::Member && Some(m.id()) != yielding;
        let speaker = self.who_gives_way(over, &caller.user, speaks).ok_or_else(full)?;
        Ok((seat, yielding.into_iter().chain(speaker).collect()))
    }

    fn check_watcher(&self, caller: &Caller) -> Result<Option<MemberId>, Refusal> {
        self.may_stream().map_err(|_| Refusal::NotPermitted)?;
        let over = self.videochat.watchers_over(&self.members, self.options.max_audience);
        self.who_gives_way(over, &caller.user, Member::is_audience).ok_or_else(full)
    }

    fn check_seat(&self, caller: &Caller) -> Result<Option<MemberId>, Refusal> {
        if caller.right < RoomRight::Comment {
            return Err(Refusal::NotPermitted);
        }
        let most = self.options.max_audience;
        let most = self.videochat.seats_allowed().map_or(most, |cap| cap.min(most));
        let over = self.videochat.seats_over(&self.members, most);
        let has_seat = |m: &Member| !m.participant.watches;
        self.who_gives_way(over, &caller.user, has_seat).ok_or_else(full)
    }

    /// Gives up the seats whose time is up.
    pub(in crate::session) fn give_up_seats(&mut self, now: Now) {
        for id in self.videochat.seats_due(now) {
            self.give_up_seat(now, id);
        }
    }

    fn give_up_seat(&mut self, now: Now, id: MemberId) {
        self.videochat.give_up_seat(id);
        self.revoice(now);
    }

    /// Said of a seat here, it is known already. Said twice, it is no news.
    pub(super) fn seat_connected(
        &mut self,
        now: Now,
        caller: &Caller,
        id: MemberId,
    ) -> Result<VideochatReply, Refusal> {
        self.videochat.own_seat(&self.members, caller, id)?;
        if self.videochat.seat_connected(id) {
            self.begin(now);
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
        match self.videochat.own_seat(&self.members, caller, id) {
            // Both the client and the vendor may say it.
            Err(Refusal::NotFound(_)) => return Ok(VideochatReply::Done),
            other => other?,
        }
        if !self.videochat.is_native() {
            self.give_up_seat(now, id);
        }
        Ok(VideochatReply::Done)
    }

    pub(super) fn seat_lost(
        &mut self,
        now: Now,
        caller: &Caller,
        id: MemberId,
    ) -> Result<VideochatReply, Refusal> {
        self.videochat.own_seat(&self.members, caller, id)?;
        self.videochat.seat_lost(id, self.grace_ends_ms(now));
        Ok(VideochatReply::Done)
    }
}

fn full() -> Refusal {
    Refusal::LimitReached("the videochat is full".into())
}
