//! Socket or media gone: the seat is kept for a while.

use super::Session;
use super::leave::Parting;
use crate::id::{LegKey, MemberId};
use crate::output::Cause;
use crate::time::Now;

impl Session {
    /// Until when a seat lost at `now` is kept, on the clock that never jumps.
    pub(super) fn grace_ends_ms(&self, now: Now) -> u64 {
        now.mono_ms.saturating_add(self.options.grace_ms)
    }

    /// The leg never came up: the client is told, and nobody else ever knew. Somebody who was here
    /// before and whose new leg failed keeps the seat for the grace time.
    pub(super) fn never_connected(&mut self, now: Now, leg: LegKey) {
        let Some(member) = self.by_leg(leg) else { return };
        if member.is_here() {
            self.media_lost(now, leg);
            return;
        }
        let id = member.id();
        self.part(now, id, Parting::ByUs(Cause::NormalClearing));
    }

    /// The picture gives way to the mute image and the seat is kept for the grace time. A leg that
    /// only waited for its client's farewell has waited long enough.
    pub(super) fn media_lost(&mut self, now: Now, leg: LegKey) {
        let until = self.grace_ends_ms(now);
        self.release_old(leg);
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        member.media_lost_until_ms.get_or_insert(until);
        let id = member.id();
        self.talking(id, false);
        if self.arrange() {
            self.announce_layout();
        }
    }

    pub(super) fn socket_gone(&mut self, now: Now, id: MemberId) {
        let until = self.grace_ends_ms(now);
        if let Some(member) = self.member_mut(id) {
            member.socket_gone_until_ms.get_or_insert(until);
        }
    }

    pub(super) fn socket_back(&mut self, id: MemberId) {
        if let Some(member) = self.member_mut(id) {
            member.socket_gone_until_ms = None;
        }
    }
}
