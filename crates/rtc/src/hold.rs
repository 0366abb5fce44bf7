//! Stops pictures to a line that loses most of them before its report says so: what a receiver asks to
//! be sent again is known within one round trip. It refuses to know packets; time is an argument.

use std::time::{Duration, Instant};

/// Packets are counted for this long.
const WINDOW: Duration = Duration::from_millis(250);
/// Fewer repeats than this within a window say nothing.
const FEW: u32 = 8;
/// Of the packets of a window, in per cent, that must have been asked for again: chance, even in rows,
/// does not lose as many.
const MOST: u32 = 55;
/// How long pictures are held, unless a report comes sooner.
const AT_MOST: Duration = Duration::from_secs(1);

/// One receiver's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hold {
    began: Option<Instant>,
    fresh: u32,
    repeats: u32,
    until: Option<Instant>,
}

impl Hold {
    /// A packet of a picture leaves, for the first time or again.
    pub fn sent(&mut self, is_repeat: bool, now: Instant) {
        if self.began.is_none_or(|began| now.saturating_duration_since(began) >= WINDOW) {
            *self = Self { began: Some(now), until: self.until, ..Self::default() };
        }
        *(if is_repeat { &mut self.repeats } else { &mut self.fresh }) += 1;
        if self.repeats > FEW && self.repeats * 100 > (self.fresh + FEW) * MOST {
            self.until.get_or_insert(now + AT_MOST);
        }
    }

    /// A report has come: whoever reads it decides from here on.
    pub fn reported(&mut self) {
        *self = Self::default();
    }

    /// Whether pictures and repeats are held.
    pub fn is_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 160 packets a second of which `lost` per cent are asked for again, for `ms`.
    fn held_after(lost: u32, ms: u64) -> Option<u64> {
        let (mut hold, began) = (Hold::default(), Instant::now());
        for n in 0..ms * 160 / 1000 {
            let now = began + Duration::from_millis(n * 1000 / 160);
            hold.sent(false, now);
            if (n as u32 * 37) % 100 < lost {
                hold.sent(true, now);
            }
            if hold.is_on(now) {
                return Some(n * 1000 / 160);
            }
        }
        None
    }

    #[test]
    fn a_line_that_loses_most_is_held_within_a_quarter_second() {
        assert!(held_after(87, 2000).unwrap() < 250);
    }

    #[test]
    fn loss_of_a_third_holds_nothing() {
        assert_eq!(held_after(33, 60_000), None);
    }

    #[test]
    fn a_report_or_a_second_ends_it() {
        let (mut hold, now) = (Hold::default(), Instant::now());
        (0..40).for_each(|_| hold.sent(true, now));
        assert!(hold.is_on(now) && !hold.is_on(now + AT_MOST));
        hold.reported();
        assert!(!hold.is_on(now));
    }
}
