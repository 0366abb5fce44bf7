//! Changing somebody's standing, and asking for it.

use super::super::Session;
use super::super::participant::Voice;
use crate::id::MemberId;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{
    Caller, IdentityView, Insiders, NotificationKind, RankChange, Ranks, Recipients, RoomRight,
    VideochatReply,
};
use std::sync::Arc;

impl Session {
    /// Moderators may change everything; who presents may pass that on, and give and take voices.
    pub(super) fn change_participant(
        &mut self,
        now: Now,
        caller: &Caller,
        target: &str,
        change: RankChange,
    ) -> Result<VideochatReply, Refusal> {
        let own = self.ranks_of(&caller.user);
        let moderates = caller.right == RoomRight::Manage || own.moderates();
        let is_presenters = change.panelist.is_none() && change.co_presenter.is_none();
        if !(moderates || own.presenter && is_presenters) {
            return Err(Refusal::NotPermitted);
        }
        self.only_native("changing permissions")?;
        let user = self.user_meant(target)?;
        let ranks = self.ranks_of(&user);
        let is_owner_touched = ranks.owner && change.voice == Some(false);
        if change.owner.is_some_and(|owner| owner != ranks.owner) || is_owner_touched {
            return Err(Refusal::NotPermitted);
        }
        if change.voice.is_some() {
            let own = self.members.iter().filter(|m| m.parent().is_none());
            own.filter(|m| m.participant.user == user)
                .try_for_each(super::super::Member::can_change)?;
        }
        self.give_ranks(&user, changed(ranks, change));
        if let Some(voice) = change.voice {
            self.tell_voice(&user, voice);
        }
        self.revoice(now);
        if self.videochat.board.is_some() && self.arrange() {
            self.announce_layout();
        }
        Ok(VideochatReply::Done)
    }

    /// The user of that name, or the one in the seat of that id.
    fn user_meant(&self, target: &str) -> Result<Arc<str>, Refusal> {
        if let Some(participant) =
            self.participants().find(|participant| *participant.user == *target)
        {
            return Ok(participant.user.clone());
        }
        let seat: Option<MemberId> = target.parse().ok();
        let member = seat.and_then(|id| self.member(id)).filter(|m| m.parent().is_none());
        let reserved = self.videochat.reserved.iter().find(|one| Some(one.id) == seat);
        let participant = member.map(|m| &m.participant).or(reserved.map(|one| &one.participant));
        let participant = participant.filter(|participant| !participant.watches);
        participant.map(|participant| participant.user.clone()).ok_or(Refusal::UNKNOWN_MEMBER)
    }

    /// One presents at a time.
    fn give_ranks(&mut self, user: &str, ranks: Ranks) {
        let mut touched = Vec::new();
        for (id, participant) in self.participants_mut() {
            let before = participant.ranks;
            if *participant.user == *user {
                participant.ranks = ranks;
            } else if ranks.presenter {
                participant.ranks.presenter = false;
            }
            if participant.ranks != before {
                touched.push(id);
            }
        }
        touched.into_iter().for_each(|id| self.touch(id));
    }

    /// A moderator's word: no setting takes it back.
    fn tell_voice(&mut self, user: &str, voice: bool) {
        self.videochat.voices_given += 1;
        let number = self.videochat.voices_given;
        let mut touched = Vec::new();
        for (id, participant) in self.participants_mut().filter(|(_, one)| *one.user == *user) {
            (participant.voice, participant.voice_no) = (Voice::Decided(voice), number);
            touched.push(id);
        }
        if voice {
            self.videochat.requests.retain(|one| **one != *user);
        }
        touched.into_iter().for_each(|id| self.touch(id));
    }

    /// A promotion or demotion by the SDK is the same word.
    pub(in crate::session) fn override_voice(&mut self, id: MemberId, voice: bool) {
        let Some(user) = self.member(id).map(|m| m.participant.user.clone()) else { return };
        self.tell_voice(&user, voice);
    }

    /// A demotion takes the ranks with it, or they would give the voice back.
    pub(in crate::session) fn clear_ranks(&mut self, id: MemberId) {
        let Some(user) = self.member(id).map(|m| m.participant.user.clone()) else { return };
        self.give_ranks(&user, Ranks::default());
    }

    /// Whoever has a seat and no voice may ask; asking twice is no news.
    pub(super) fn ask_voice(&mut self, caller: &Caller) -> Result<VideochatReply, Refusal> {
        self.only_native("asking for promotion")?;
        let seat = self.seat_of(&caller.user).filter(|seat| !seat.speaks);
        let seat = seat.ok_or(Refusal::NotPermitted)?;
        if !self.videochat.requests.contains(&caller.user) {
            self.videochat.requests.push(caller.user.clone());
            self.touch(seat.id);
            let recipients = Recipients::Only(self.insiders(&caller.user));
            self.notify(
                NotificationKind::PromotionRequested(IdentityView { asks: true, ..seat }),
                recipients,
            );
        }
        Ok(VideochatReply::Done)
    }

    /// Whoever has no seat any more asks for nothing.
    pub(in crate::session) fn forget_absent_askers(&mut self) {
        let mut requests = std::mem::take(&mut self.videochat.requests);
        requests.retain(|user| self.participants().any(|participant| participant.user == *user));
        self.videochat.requests = requests;
    }

    pub(super) fn decline_voice(
        &mut self,
        caller: &Caller,
        user: &str,
    ) -> Result<VideochatReply, Refusal> {
        let own = self.ranks_of(&caller.user);
        let decides = caller.right == RoomRight::Manage || own.moderates() || own.presenter;
        if !decides && *caller.user != *user {
            return Err(Refusal::NotPermitted);
        }
        let before = self.videochat.requests.len();
        self.videochat.requests.retain(|one| **one != *user);
        if self.videochat.requests.len() == before {
            return Err(Refusal::NotFound("nobody of that name asked"));
        }
        if let Some(seat) = self.seat_of(user) {
            self.touch(seat.id);
            let recipients = Recipients::Only(self.insiders(user));
            self.notify(
                NotificationKind::PromotionDeclined(IdentityView { asks: false, ..seat }),
                recipients,
            );
        }
        Ok(VideochatReply::Done)
    }

    /// The first seat of a user that is known to others.
    fn seat_of(&self, user: &str) -> Option<IdentityView> {
        self.identities().into_iter().find(|seat| *seat.user == *user)
    }

    /// Those who are told of `user` when others are not.
    pub(super) fn insiders(&self, user: &str) -> Insiders {
        let ranked = self.participants().filter(|participant| participant.ranks.any());
        let ranked = ranked.map(|participant| participant.user.clone());
        Insiders(ranked.chain([Arc::from(user)]).collect())
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
