//! Putting one's own leg on hold: nothing is sent to it, nothing of it is taken, and the seat and
//! everything else stay.

use super::Session;
use crate::command::{Actor, Reply};
use crate::id::{LegKey, MemberId};
use crate::output::Output;
use crate::refusal::Refusal;

impl Session {
    /// Only whoever has the leg may hold it; it needs no permission, because one could hang up too.
    /// A leg that is held already is done and nobody is told.
    pub(super) fn hold_leg(
        &mut self,
        actor: Actor,
        leg: LegKey,
        held: bool,
    ) -> Result<Reply, Refusal> {
        let member = self.by_leg(leg).ok_or(Refusal::NotFound("no such leg"))?;
        if !member.belongs_to(actor) {
            return Err(Refusal::NotPermitted);
        }
        let (id, was_visible) = (member.id(), self.member_view(member).visible);
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        if std::mem::replace(&mut member.is_held, held) == held {
            return Ok(Reply::Done);
        }
        let apply_media = Output::ApplyMedia(member.media());
        self.put(apply_media);
        self.put(Output::Hold { leg, held });
        self.tell_of_hold(id, was_visible);
        if held {
            self.talking(id, false);
        }
        Ok(Reply::Done)
    }

    /// Others see what there is to see: the mute image in the cell, or the picture back.
    fn tell_of_hold(&mut self, id: MemberId, was_visible: bool) {
        let layout_is_new = self.arrange();
        let seen = self.member(id).filter(|m| m.is_listed()).map(|m| self.member_view(m));
        if seen.is_some_and(|seen| seen.visible != was_visible) {
            self.announce(id, vec!["visible"]);
        }
        if layout_is_new {
            self.announce_layout();
        }
    }
}
