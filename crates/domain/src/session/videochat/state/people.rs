//! Those who have a seat, on this server or at a vendor: their ranks, and who may change them.

use super::Videochat;
use super::seats::Reserved;
use crate::id::MemberId;
use crate::refusal::Refusal;
use crate::session::member::Member;
use crate::session::participant::ParticipantState;
use crate::videochat::{Caller, Insiders, RankChange, Ranks, RoomRight};
use std::sync::Arc;

impl Videochat {
    /// All who have a seat, in no order.
    pub(super) fn participants<'a>(
        &'a self,
        members: &'a [Member],
    ) -> impl Iterator<Item = &'a ParticipantState> {
        self.participants_but(members, None)
    }

    /// The same, without the seat that somebody is to give up.
    pub(super) fn participants_but<'a>(
        &'a self,
        members: &'a [Member],
        gone: Option<MemberId>,
    ) -> impl Iterator<Item = &'a ParticipantState> {
        let stays = move |m: &&Member| m.parent().is_none() && Some(m.id()) != gone;
        let members = members.iter().filter(stays).map(|m| &m.participant);
        let reserved = self.seats.iter().map(Reserved::participant);
        members.chain(reserved).filter(|participant| !participant.watches)
    }

    /// Whoever is in that seat.
    fn participant_in<'a>(
        &'a self,
        members: &'a [Member],
        id: MemberId,
    ) -> Option<&'a ParticipantState> {
        let member = members.iter().find(|m| m.id() == id).map(|m| &m.participant);
        member.or_else(|| self.seats.get(id).map(Reserved::participant))
    }

    /// The ranks of a user; none for one who has no seat.
    pub(super) fn ranks_of(&self, members: &[Member], user: &str) -> Ranks {
        let own = self.participants(members).find(|participant| *participant.user == *user);
        own.map(|participant| participant.ranks).unwrap_or_default()
    }

    pub(super) fn moderates(&self, members: &[Member], caller: &Caller) -> bool {
        caller.right == RoomRight::Manage || self.ranks_of(members, &caller.user).moderates()
    }

    /// # Errors
    /// `NotPermitted` for all who do not moderate.
    pub fn only_moderators(&self, members: &[Member], caller: &Caller) -> Result<(), Refusal> {
        self.moderates(members, caller).then_some(()).ok_or(Refusal::NotPermitted)
    }

    /// Whether the caller may speak for the seat of that id.
    ///
    /// # Errors
    /// `NotFound`, `NotPermitted`.
    pub fn own_seat(
        &self,
        members: &[Member],
        caller: &Caller,
        id: MemberId,
    ) -> Result<(), Refusal> {
        let participant = self.participant_in(members, id).ok_or(Refusal::UNKNOWN_MEMBER)?;
        let may = participant.user == caller.user || caller.right == RoomRight::Manage;
        may.then_some(()).ok_or(Refusal::NotPermitted)
    }

    /// Those who are told of `user` when others are not.
    pub(super) fn insiders(&self, members: &[Member], user: &str) -> Insiders {
        let ranked = self.participants(members).filter(|participant| participant.ranks.any());
        let ranked = ranked.map(|participant| participant.user.clone());
        Insiders(ranked.chain([Arc::from(user)]).collect())
    }

    /// Moderators may change everything; who presents may pass that on, and give and take voices.
    ///
    /// # Errors
    /// `NotPermitted`; `Unsupported` at a vendor; `NotFound` for nobody of that name; and what stands
    /// in the way of a change that has not come to its end.
    pub fn change_participant(
        &mut self,
        members: &mut [Member],
        caller: &Caller,
        target: &str,
        change: RankChange,
    ) -> Result<(), Refusal> {
        let is_presenters = change.panelist.is_none() && change.co_presenter.is_none();
        let presents = self.ranks_of(members, &caller.user).presenter;
        if !(self.moderates(members, caller) || presents && is_presenters) {
            return Err(Refusal::NotPermitted);
        }
        self.only_native("changing permissions")?;
        let user = self.user_meant(members, target)?;
        let ranks = self.ranks_of(members, &user);
        let is_owner_touched = ranks.owner && change.voice == Some(false);
        if change.owner.is_some_and(|owner| owner != ranks.owner) || is_owner_touched {
            return Err(Refusal::NotPermitted);
        }
        if change.voice.is_some() {
            let own = members.iter().filter(|m| m.parent().is_none());
            own.filter(|m| m.participant.user == user).try_for_each(Member::can_change)?;
        }
        self.give_ranks(members, &user, changed(ranks, change));
        if let Some(voice) = change.voice {
            self.decide_voice(members, &user, voice);
        }
        Ok(())
    }

    /// The user of that name, or the one in the seat of that id.
    fn user_meant(&self, members: &[Member], target: &str) -> Result<Arc<str>, Refusal> {
        if let Some(known) = self.participants(members).find(|one| *one.user == *target) {
            return Ok(known.user.clone());
        }
        let is_child =
            |id: &MemberId| members.iter().any(|m| m.id() == *id && m.parent().is_some());
        let seat: Option<MemberId> = target.parse().ok();
        let seat = seat.filter(|id| !is_child(id));
        let participant = seat.and_then(|id| self.participant_in(members, id));
        let participant = participant.filter(|participant| !participant.watches);
        participant.map(|participant| participant.user.clone()).ok_or(Refusal::UNKNOWN_MEMBER)
    }

    /// One presents at a time.
    pub fn give_ranks(&mut self, members: &mut [Member], user: &str, ranks: Ranks) {
        for (id, participant) in self.seats.participants_mut(members) {
            let before = participant.ranks;
            if *participant.user == *user {
                participant.ranks = ranks;
            } else if ranks.presenter {
                participant.ranks.presenter = false;
            }
            if participant.ranks != before {
                self.reports.touch(id);
            }
        }
    }
}

fn changed(ranks: Ranks, change: RankChange) -> Ranks {
    Ranks {
        owner: ranks.owner,
        panelist: change.panelist.unwrap_or(ranks.panelist),
        presenter: change.presenter.unwrap_or(ranks.presenter),
        co_presenter: change.co_presenter.unwrap_or(ranks.co_presenter),
    }
}
