//! Changing who speaks and who has a rank, asking for it, and the legs that follow.

use super::super::Session;
use super::state::Follow;
use crate::command::Promotion;
use crate::id::MemberId;
use crate::permission::Permissions;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{Caller, RankChange, Ranks, VideochatReply};

impl Session {
    /// Asks the settings anew who speaks, and sees to it that everybody's leg is as they say.
    pub(in crate::session) fn revoice(&mut self, now: Now) {
        let following = self.videochat.revoice(now, &mut self.members);
        if self.is_over {
            return;
        }
        for follow in following {
            match follow {
                Follow::Lower(id) => self.lower(now, id, None),
                Follow::Raise { member, moderates } => {
                    let permissions = Some(Permissions::of_videochat(moderates));
                    self.raise(now, member, Promotion { permissions, ..Promotion::default() });
                }
            }
        }
    }

    pub(super) fn change_participant(
        &mut self,
        now: Now,
        caller: &Caller,
        target: &str,
        change: RankChange,
    ) -> Result<VideochatReply, Refusal> {
        self.videochat.change_participant(&mut self.members, caller, target, change)?;
        self.revoice(now);
        if self.videochat.board_in_use() && self.arrange() {
            self.announce_layout();
        }
        Ok(VideochatReply::Done)
    }

    /// A promotion or demotion by the SDK is a moderator's word too.
    pub(in crate::session) fn override_voice(&mut self, id: MemberId, voice: bool) {
        let Some(user) = self.member(id).map(|m| m.participant.user.clone()) else { return };
        self.videochat.decide_voice(&mut self.members, &user, voice);
    }

    /// A demotion takes the ranks with it, or they would give the voice back.
    pub(in crate::session) fn clear_ranks(&mut self, id: MemberId) {
        let Some(user) = self.member(id).map(|m| m.participant.user.clone()) else { return };
        self.videochat.give_ranks(&mut self.members, &user, Ranks::default());
    }

    pub(super) fn ask_voice(&mut self, caller: &Caller) -> Result<VideochatReply, Refusal> {
        let news = self.videochat.ask_voice(&self.members, caller)?;
        self.notify_all(news);
        Ok(VideochatReply::Done)
    }

    pub(super) fn decline_voice(
        &mut self,
        caller: &Caller,
        user: &str,
    ) -> Result<VideochatReply, Refusal> {
        let news = self.videochat.decline_voice(&self.members, caller, user)?;
        self.notify_all(news);
        Ok(VideochatReply::Done)
    }
}
