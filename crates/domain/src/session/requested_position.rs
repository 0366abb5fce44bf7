//! Where somebody is to sit: what was asked for them, and what guests put over it while they are here.
//!
//! A guest, a share, a device or a playback, may seat others for as long as it stays. With it goes
//! what it asked for, so that nobody is left where only the guest wanted them.

use super::Session;
use crate::id::MemberId;
use crate::layout::{Position, Reservation};

/// Where one is to sit.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestedPosition {
    own: Position,
    /// The latest last; at most one of each guest.
    lent: Vec<Lent>,
}

/// What a guest asked for.
#[derive(Clone, Copy, Debug)]
struct Lent {
    guest: MemberId,
    position: Position,
    /// Where this one sat before.
    home: Option<Reservation>,
}

impl RequestedPosition {
    /// The seat asked for now.
    pub fn position(&self) -> Position {
        self.lent.last().map_or(self.own, |lent| lent.position)
    }

    /// Asked for this one for good: what guests asked for counts no more.
    pub fn set(&mut self, position: Position) {
        *self = Self { own: position, lent: Vec::new() };
    }

    fn lend(&mut self, guest: MemberId, position: Position, home: Option<Reservation>) {
        self.lent.push(Lent { guest, position, home });
    }

    /// A guest is gone; answers the seat to return to, if nothing of a guest is left.
    fn take_back(&mut self, guest: MemberId) -> Option<Reservation> {
        let at = self.lent.iter().position(|lent| lent.guest == guest)?;
        let gone = self.lent.remove(at);
        if let Some(next) = self.lent.get_mut(at) {
            next.home = gone.home;
        }
        gone.home.filter(|_| self.lent.is_empty())
    }
}

impl Session {
    /// Asks for these seats for good; answers whose changed.
    pub(super) fn set_requested(&mut self, requested: Vec<(MemberId, Position)>) -> Vec<MemberId> {
        self.change_requested(requested, |requested_position, position, _| {
            requested_position.set(position)
        })
    }

    /// Asks for these seats for as long as the guest is here; answers whose changed.
    pub(super) fn lend(
        &mut self,
        guest: MemberId,
        requested: Vec<(MemberId, Position)>,
    ) -> Vec<MemberId> {
        self.change_requested(requested, |requested_position, position, home| {
            requested_position.lend(guest, position, home)
        })
    }

    fn change_requested(
        &mut self,
        requested: Vec<(MemberId, Position)>,
        change: impl Fn(&mut RequestedPosition, Position, Option<Reservation>),
    ) -> Vec<MemberId> {
        let mut moved = Vec::new();
        for (id, position) in requested {
            let home = self.member(id).and_then(|m| m.home);
            let Some(requested_position) = self.requested_of(id) else { continue };
            let before = requested_position.position();
            change(requested_position, position, home);
            if requested_position.position() != before {
                moved.push(id);
            }
        }
        moved
    }

    fn requested_of(&mut self, id: MemberId) -> Option<&mut RequestedPosition> {
        if let Some(member) = self.members.iter_mut().find(|m| m.id() == id) {
            return Some(&mut member.requested_position);
        }
        let playback = self.playbacks.by_member_mut(id)?;
        Some(&mut playback.requested_position)
    }

    /// A guest is gone, and what it asked for others; answers whose seat is another one.
    pub(super) fn take_back(&mut self, guest: MemberId) -> Vec<MemberId> {
        let mut moved = Vec::new();
        for member in &mut self.members {
            let before = member.requested_position.position();
            if let Some(home) = member.requested_position.take_back(guest) {
                member.home = Some(home);
            }
            if member.requested_position.position() != before {
                moved.push(member.id());
            }
        }
        for playback in self.playbacks.iter_mut() {
            playback.requested_position.take_back(guest);
        }
        moved
    }
}
