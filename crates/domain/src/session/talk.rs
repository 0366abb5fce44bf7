//! Who talks, and who holds the floor.

use super::Session;
use crate::event::{Event, To};
use crate::id::MemberId;

impl Session {
    /// A muted member never talks; un-muting while there is sound says so again, because the
    /// engine reports talking anew after each mute.
    pub(super) fn talking(&mut self, id: MemberId, talking: bool) {
        let Some(member) = self.member_mut(id).filter(|m| m.is_listed()) else { return };
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
