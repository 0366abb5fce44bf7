//! Coming back to a seat that was kept: a reloaded page, a socket that was away.

use super::Session;
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::id::{LegId, LegKey, MemberId};
use crate::output::Output;
use crate::refusal::Refusal;

impl Session {
    /// The seat, the mutes and everything else stay; lock and limit are not asked, because nobody
    /// new comes in (REST reference §6).
    pub(super) fn come_back(
        &mut self,
        actor: Actor,
        leg: LegKey,
        call_id: LegId,
        wants_roster: bool,
    ) -> Result<Reply, Refusal> {
        let Actor::Member(id) = actor else { return Err(Refusal::NotPermitted) };
        let member = self.member_mut(id).ok_or(Refusal::UNKNOWN_MEMBER)?;
        member.wants_roster = wants_roster;
        let old = member.move_to(leg, call_id);
        let treat = Output::Treat(super::admit::treatment(member));
        self.put(treat);
        self.put(Output::Release(old));
        Ok(Reply::Done)
    }

    /// The new leg is up: its client is told where it is; others see at most the picture return.
    pub(super) fn returned(&mut self, leg: LegKey) {
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        if !std::mem::take(&mut member.is_returning) {
            return;
        }
        member.media_lost = false;
        member.gone_until_ms = None;
        let (id, call_id) = (member.id(), member.call_id().clone());
        let (is_audience, wants_roster) = (member.is_audience(), member.wants_roster);
        let layout_is_new = self.arrange();
        let mut session = Box::new(self.view());
        let others: Vec<_> = session.members.iter().filter(|m| m.id != id).cloned().collect();
        if is_audience && let Some(own) = self.member(id).map(|m| self.see(m)) {
            session.members.push(own);
        }
        self.tell(To::Only(id), Event::RoomSubscribed { call_id, member: id, session });
        if wants_roster {
            for member in others {
                self.tell(To::Only(id), Event::MemberUpdated { member, updated: Vec::new() });
            }
        }
        if layout_is_new {
            self.announce_layout();
        } else {
            self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        }
    }

    /// Instead of the events that were lost: the layout and every member as they are now.
    pub(super) fn make_good(&mut self, id: MemberId) {
        self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        for member in self.roster() {
            self.tell(To::Only(id), Event::MemberUpdated { member, updated: Vec::new() });
        }
    }
}
