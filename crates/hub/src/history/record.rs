//! What the hub hands over to be written.

use rotunda_domain::{ProjectId, Quality, Record};

/// A record as the hub hands it over.
#[derive(Clone, Debug)]
pub struct HistoryRecord {
    /// Project of the session.
    pub project: ProjectId,
    /// When it happened, milliseconds since 1970 UTC.
    pub at_epoch_ms: i64,
    /// What happened.
    pub record: Record,
}

/// The rates that clients of REST know: it promises one of them.
const KNOWN: [u32; 2] = [20, 30];

/// Frames a second by quality, as the operator set them.
#[derive(Clone, Copy, Debug)]
pub struct Fps {
    /// Of a 720p canvas.
    pub p720: u32,
    /// Of a 1080p canvas.
    pub p1080: u32,
}

impl Fps {
    /// Of a canvas of this quality, as rooms and sessions are to report it: 20 or 30, whichever is nearer,
    /// and 20 for what lies between, which promises no more than there is.
    pub fn of(self, quality: Quality) -> u32 {
        let set = match quality {
            Quality::P720 => self.p720,
            Quality::P1080 => self.p1080,
        };
        if set.abs_diff(KNOWN[1]) < set.abs_diff(KNOWN[0]) { KNOWN[1] } else { KNOWN[0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_of_two_rates_is_reported() {
        for (set, reported) in [(1, 20), (20, 20), (25, 20), (26, 30), (30, 30), (60, 30)] {
            assert_eq!(Fps { p720: set, p1080: 30 }.of(Quality::P720), reported, "{set}");
        }
    }
}
