//! Who talks, and who holds the floor.

use super::Session;
use crate::event::{Event, To};
use crate::id::{LegKey, MemberId};

impl Session {
    /// A muted member never talks; un-muting while there is sound says so again, because the
    /// engine reports talking anew after each mute.
    pub(super) fn talking(&mut self, id: MemberId, talking: bool) {
        let Some(member) = self.member_mut(id).filter(|m| !m.is_audience()) else { return };
        if !member.is_here() {
            member.talks_already = talking;
            return;
        }
        let cannot = member.audio_muted || member.is_media_lost();
        if member.talking == talking || (talking && cannot) {
            return;
        }
        member.talking = talking;
        let event = Event::MemberTalking {
            room: self.origin.room,
            session: self.origin.session,
            member: id,
            talking,
        };
        self.tell(To::Everyone, event);
        self.pass_floor();
        if self.arrange() {
            self.announce_layout();
        }
    }

    /// Whoever talked before they were announced is told of afterwards: the engine says it once.
    pub(super) fn tell_early_talk(&mut self, leg: LegKey) {
        let member = self.members.iter_mut().find(|m| m.leg() == leg && m.is_listed());
        let Some(member) = member.filter(|m| m.talks_already) else { return };
        member.talks_already = false;
        let id = member.id();
        self.talking(id, true);
    }

    /// The floor passes on only when its holder is silent or gone, so that two who talk do not make
    /// the large cell flicker; in silence whoever talked last keeps it.
    pub(super) fn pass_floor(&mut self) {
        let holder = self.floor.and_then(|id| self.member(id));
        if !holder.is_some_and(|m| m.talking) {
            let talks = self.members.iter().find(|m| m.talking);
            self.floor = talks.or(holder).map(|m| m.id());
        }
    }
}
