//! Who sits where: explicit wishes first, then the seat one had, then the lowest free one;
//! on a layout too small for all, those who talk.

use super::catalog::{Layout, Slot};
use super::position::{Position, Reservation};
use crate::id::MemberId;

/// Someone who may be shown.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Who.
    pub member: MemberId,
    /// What they, or somebody for them, asked for.
    pub requested_position: Position,
    /// Where they sat before, raised hands left aside.
    pub before: Option<Reservation>,
    /// Where they sit now; another place than `before` only while hands are up.
    pub seat: Option<Reservation>,
    /// Whether this is a screen share.
    pub is_screen: bool,
    /// Whether this is a playback, which comes after a screen share where one is looked for.
    pub is_playback: bool,
    /// Whether this one holds the floor, that is, talked last.
    pub has_floor: bool,
    /// The number of this one's raised hand, where raised hands take the better seats.
    pub hand: Option<u64>,
}

/// Seats `people`, given in order of preference (join order), on `layout`; the answer names the
/// occupant of each slot, in the order of the slots.
pub fn assign(layout: &Layout, people: &[Candidate]) -> Vec<Option<MemberId>> {
    let mut seating = Seating { layout, taken: vec![None; layout.slots.len()] };
    seating.share(people);
    seating.seat_requested(people);
    seating.floor(people);
    seating.hands(people);
    seating.former(people);
    seating.lowest(people);
    seating.shares(people);
    seating.rotate(people);
    seating.taken
}

/// Whether the layout is a full layer for a share with places for cameras in front of it.
pub(crate) fn has_overlays(layout: &Layout) -> bool {
    let is_full = |slot: &Slot| slot.reservation == Reservation::FullScreen;
    layout.slots.len() > 2 && layout.slots.iter().any(is_full)
}

/// The screen that came last, else the playback.
fn newest_share<'a>(people: impl Iterator<Item = &'a Candidate> + Clone) -> Option<&'a Candidate> {
    let screen = people.clone().filter(|who| who.is_screen).last();
    screen.or_else(|| people.filter(|who| who.is_playback).last())
}

struct Seating<'a> {
    layout: &'a Layout,
    taken: Vec<Option<MemberId>>,
}

impl Seating<'_> {
    fn is_seated(&self, who: &Candidate) -> bool {
        self.taken.contains(&Some(who.member))
    }

    fn waits(&self, who: &Candidate) -> bool {
        who.requested_position != Position::OffCanvas && !self.is_seated(who)
    }

    fn free(&self, is_it: impl Fn(&Slot) -> bool) -> Option<usize> {
        (0..self.taken.len()).find(|&i| self.taken[i].is_none() && is_it(&self.layout.slots[i]))
    }

    /// The full layer of a share takes the newest screen, else the newest playback, whatever place
    /// that asked for: who shares now wants it seen.
    fn share(&mut self, people: &[Candidate]) {
        let newest = newest_share(people.iter().filter(|who| self.waits(who)));
        if let Some(base) = self.free(|slot| slot.reservation == Reservation::FullScreen)
            && let Some(screen) = newest
        {
            self.taken[base] = Some(screen.member);
        }
    }

    fn seat_requested(&mut self, people: &[Candidate]) {
        for who in people {
            if let Position::At(place) = who.requested_position
                && !self.is_seated(who)
                && let Some(seat) = self.free(|slot| slot.reservation == place)
            {
                self.taken[seat] = Some(who.member);
            }
        }
    }

    /// `reserved-1` of a layout that has one large cell: the newest share, else playback, else who has
    /// the floor, else the one who sat there, else the first. A layout made for a share leaves it to
    /// explicit wishes, unless it is the presenter's own.
    fn floor(&mut self, people: &[Candidate]) {
        if has_overlays(self.layout) {
            return;
        }
        let one = Reservation::Reserved(1);
        let Some(seat) = self.free(|slot| slot.reservation == one) else { return };
        let auto = || {
            people.iter().filter(|who| who.requested_position == Position::Auto && self.waits(who))
        };
        let chosen = newest_share(auto())
            .or_else(|| auto().find(|who| who.has_floor))
            .or_else(|| auto().find(|who| who.seat == Some(one)))
            .or_else(|| auto().find(|who| who.before == Some(one)))
            .or_else(|| auto().next());
        self.taken[seat] = chosen.map(|who| who.member);
    }

    /// Raised hands, oldest first, take the lowest seats that nobody was placed in.
    fn hands(&mut self, people: &[Candidate]) {
        let mut raised: Vec<_> = people.iter().filter(|who| who.hand.is_some()).collect();
        raised.sort_by_key(|who| who.hand);
        for who in raised {
            self.seat_lowest(who);
        }
    }

    fn seat_lowest(&mut self, who: &Candidate) {
        if self.waits(who)
            && let Some(seat) =
                self.free(|slot| matches!(slot.reservation, Reservation::Standard(_)))
        {
            self.taken[seat] = Some(who.member);
        }
    }

    /// The place one had before hands went up, else the one held now, so that nobody moves because
    /// another leaves.
    fn former(&mut self, people: &[Candidate]) {
        let before = people.iter().map(|who| (who, who.before));
        for (who, place) in before.chain(people.iter().map(|who| (who, who.seat))) {
            if self.waits(who)
                && let Some(place @ Reservation::Standard(_)) = place
                && let Some(seat) = self.free(|slot| slot.reservation == place)
            {
                self.taken[seat] = Some(who.member);
            }
        }
    }

    fn lowest(&mut self, people: &[Candidate]) {
        for who in people {
            self.seat_lowest(who);
        }
    }

    /// A share that a newer one took the full layer from sits wherever a place is left, where it sits
    /// already or else in the largest: in a layout made for shares all others are reserved.
    fn shares(&mut self, people: &[Candidate]) {
        let shares = || people.iter().filter(|who| who.is_screen || who.is_playback);
        for who in shares() {
            if self.waits(who)
                && let Some(seat) = self.free(|slot| Some(slot.reservation) == who.seat)
            {
                self.taken[seat] = Some(who.member);
            }
        }
        for who in shares() {
            if self.waits(who)
                && let Some(seat) = self.largest_free()
            {
                self.taken[seat] = Some(who.member);
            }
        }
    }

    /// Of equals the first.
    fn largest_free(&self) -> Option<usize> {
        let size = |i: usize| self.layout.slots[i].cell.width * self.layout.slots[i].cell.height;
        let free = (0..self.taken.len()).rev().filter(|&i| self.taken[i].is_none());
        free.max_by(|a, b| size(*a).total_cmp(&size(*b)))
    }

    /// Nobody waits any longer while a standard place is free. Who has the floor and still waits
    /// takes that of the last one who asked for none in particular and has no hand up: those who
    /// talk come into the picture (REST reference §5.4).
    fn rotate(&mut self, people: &[Candidate]) {
        let is_standard = |slot: &Slot| matches!(slot.reservation, Reservation::Standard(_));
        let Some(who) = people.iter().find(|who| who.has_floor && self.waits(who)) else { return };
        let gives_way =
            |other: &&Candidate| other.requested_position == Position::Auto && other.hand.is_none();
        let yields = people.iter().rev().filter(gives_way);
        let seats = (0..self.taken.len()).filter(|&i| is_standard(&self.layout.slots[i]));
        let seat = yields
            .filter_map(|other| seats.clone().find(|&i| self.taken[i] == Some(other.member)))
            .next();
        if let Some(seat) = seat {
            self.taken[seat] = Some(who.member);
        }
    }
}

#[cfg(test)]
#[path = "seats_tests.rs"]
mod tests;
