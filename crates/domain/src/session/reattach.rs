//! Coming back to a seat that was kept: a reloaded page, a socket that was away.

use super::Session;
use super::member::{Change, Member};
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::id::{LegId, LegKey, MemberId};
use crate::output::Output;
use crate::refusal::Refusal;
use crate::time::Now;

impl Session {
    /// The seat, the mutes and everything else stay; lock and limit are not asked, because nobody
    /// new comes in (REST reference §6).
    pub(super) fn come_back(
        &mut self,
        now: Now,
        actor: Actor,
        leg: LegKey,
        call_id: LegId,
        wants_roster: bool,
    ) -> Result<Reply, Refusal> {
        let Actor::Member(id) = actor else { return Err(Refusal::NotPermitted) };
        let until = self.grace_ends_ms(now);
        let member = self.member_mut(id).filter(|m| m.parent().is_none());
        let member = member.ok_or(Refusal::UNKNOWN_MEMBER)?;
        member.wants_roster = wants_roster;
        // Who asks has a socket, and a lost media path is given the time to be replaced.
        member.socket_gone_until_ms = None;
        if member.is_media_lost() {
            member.media_lost_until_ms = Some(until);
        }
        let old = member.move_to(leg, call_id);
        let apply_media = Output::ApplyMedia(member.media());
        let useless = match member.change {
            // A reloaded page knows nothing of the legs before.
            Change::None => [Some(old), member.old_leg.take()],
            // The old leg goes on receiving until the new one is up; its client ends it itself.
            Change::Announced(_) => [member.old_leg.replace(old), None],
            // The new one never came up; here is another.
            Change::Coming => [Some(old), None],
        };
        if matches!(member.change, Change::Announced(_)) {
            member.change = Change::Coming;
        }
        self.put(apply_media);
        self.outputs.extend(useless.into_iter().flatten().map(Output::Release));
        // Nobody reports silence on a leg that is gone.
        self.talking(id, false);
        Ok(Reply::Done)
    }

    /// The new leg is up: its client is told where it is; others hear at most that media comes again.
    pub(super) fn returned(&mut self, now: Now, leg: LegKey) {
        let was_visible = self.by_leg(leg).is_some_and(|m| self.member_view(m).visible);
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        if !std::mem::take(&mut member.is_returning) {
            return;
        }
        member.media_lost_until_ms = None;
        let was_out = member.outage.over(now.mono_ms);
        let id = member.id();
        let change = member.change;
        self.touch(id);
        if change == Change::Coming {
            if let Some(member) = self.member_mut(id) {
                member.change = Change::None;
            }
            self.changed(now, id);
            return;
        }
        let layout_is_new = self.arrange();
        self.welcome(id, true);
        if was_out {
            self.tell_of_outage(id, was_visible);
        }
        if layout_is_new {
            self.announce_layout();
        } else {
            self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        }
    }

    /// Instead of the events that were lost: the layout and every member as they are now.
    pub(super) fn make_good(&mut self, id: MemberId) {
        if !self.member(id).is_some_and(Member::is_here) {
            return;
        }
        self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        for member in self.roster() {
            self.tell(To::Only(id), Event::MemberUpdated { member, updated: Vec::new() });
        }
        self.show_lobby(id);
    }
}
