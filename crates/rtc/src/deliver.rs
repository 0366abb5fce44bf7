//! Pictures to one leg, counted.

use std::time::Instant;

use crate::counters::{Tally, one};
use crate::leg::Leg;

/// Sends the next portion of what a newcomer has to catch up with, if it is due.
pub(crate) fn catch_up(leg: &mut Leg, tally: &Tally, now: Instant) {
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
