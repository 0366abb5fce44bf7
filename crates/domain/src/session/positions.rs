//! Who is to sit where, asked apart from the layout.

use super::Session;
use crate::command::{Actor, Reply, Target};
use crate::id::MemberId;
use crate::layout::Position;
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;

impl Session {
    /// Places several at once, or nobody.
    pub(super) fn set_positions(
        &mut self,
        actor: Actor,
        positions: &[(Target, Position)],
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::SetPosition))?;
        let requested = self.resolve_positions(actor, positions)?;
        self.place(requested);
        Ok(Reply::Done)
    }

    pub(super) fn set_member_position(
        &mut self,
        actor: Actor,
        target: Target,
        position: Position,
    ) -> Result<Reply, Refusal> {
        let id = self.authorize_target(actor, target, Verb::SetPosition)?;
        self.place(vec![(id, position)]);
        Ok(Reply::Done)
    }

    fn place(&mut self, requested: Vec<(MemberId, Position)>) {
        let moved = self.set_requested(requested);
        let layout_is_new = self.arrange();
        self.announce_moves(&moved);
        if layout_is_new {
            self.announce_layout();
        }
    }
}
