//! Who talks, and who holds the floor.

use super::Session;
use crate::event::{Event, To};
use crate::id::MemberId;

impl Session {
    /// A muted member never talks; un-muting while there is sound says so again, because the
    /// engine reports talking anew after each mute.
    pub(super) fn talking(&mut self, id: MemberId, talking: bool) {
        let Some(member) = self.member_mut(id).filter(|m| m.is_listed()) else { return };
        if member.talking == talking || (talking && member.audio_muted) {
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
        if talking && !self.floor_is_talking() {
            self.floor = Some(id);
            if self.arrange() {
                self.announce_layout();
            }
        }
    }

    /// The floor passes on only when its holder is silent, so that two who talk do not make the
    /// large cell flicker.
    fn floor_is_talking(&self) -> bool {
        self.floor.and_then(|id| self.member(id)).is_some_and(|m| m.talking)
    }
}
