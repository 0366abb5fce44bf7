//! Pictures to one leg, counted.

use std::time::Instant;

use crate::counters::{Tally, one};
use crate::leg::{Hold, Leg};

/// Sends the next portion of what a leg has to catch up with, if it is due. While the socket takes nothing
/// the leg stands in a row with the others that have something.
pub(crate) fn catch_up(leg: &mut Leg, tally: &Tally, is_full: bool, now: Instant) {
    if is_full {
        let is_due = leg.receiver.catch_up.deadline().is_some_and(|at| at <= now);
        if is_due && leg.hold == Hold::No {
            leg.hold = Hold::Asked;
        }
        return;
    }
    for due in leg.receiver.catch_up.portion(now) {
        let written = leg.write_picture(&due.picture, due.packets.clone(), due.ts, due.wallclock);
        if due.packets.end == due.picture.packets.len() {
            sent(tally, written);
        }
    }
}

/// Counts a picture that was written, or that was not.
pub(crate) fn sent(tally: &Tally, written: bool) {
    one(if written { &tally.pictures_out } else { &tally.pictures_skipped });
}
