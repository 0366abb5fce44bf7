//! What a receiver says its line takes (REMB), and when that may be believed. A browser derives it from
//! what arrived, so that it sinks with whatever is sent and says nothing of a line that is calm. Shortly
//! after an alarm, when far more was sent than came through, it tells sooner than any report how little
//! that was. Time is an argument.

use std::time::{Duration, Instant};

/// An alarm makes what is said within this long believable.
const BELIEVED: Duration = Duration::from_millis(1_200);
/// A browser says so many tenths of what came through, and less at each step while the jam lasts: seen were
/// five to eight.
const TAKEN_TENTHS: u64 = 7;
/// It says no more of it than this.
const MOST_TENTHS: u64 = 8;
/// No line that jams takes more.
const MOST_BPS: u64 = 100_000_000;
/// What was said longer ago is of another time.
const FRESH: Duration = Duration::from_millis(500);

/// On a calm line it is said about once a second.
const RECENT: Duration = Duration::from_millis(1_500);

/// One receiver's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Estimate {
    said: Option<(u64, Instant)>,
    alarmed: Option<Instant>,
}

impl Estimate {
    /// The receiver says that its line takes so many bits a second. True if that may be believed.
    pub fn said(&mut self, bps: u64, now: Instant) -> bool {
        self.said = Some((bps.min(MOST_BPS), now));
        self.is_alarm_new(now)
    }

    /// What the receiver said last, in bits a second.
    pub fn last(&self) -> Option<u64> {
        self.said.map(|(bps, _)| bps)
    }

    /// The same, if that was lately.
    pub fn last_of(&self, now: Instant) -> Option<u64> {
        let is_recent = |at: Instant| now.saturating_duration_since(at) < RECENT;
        self.said.filter(|(_, at)| is_recent(*at)).map(|(bps, _)| bps)
    }

    /// Bits a second that came through lately, at least; 0 if nothing was said lately.
    pub fn came_through(&self, now: Instant) -> u64 {
        self.last_of(now).map_or(0, |bps| bps.saturating_mul(10) / MOST_TENTHS)
    }

    /// The line is jammed for certain, and less is sent from now on.
    pub fn alarmed(&mut self, now: Instant) {
        self.alarmed = Some(now);
    }

    /// Whether the alarm is so new that what is said is of what was sent before it.
    pub fn is_alarm_new(&self, now: Instant) -> bool {
        self.alarmed.is_some_and(|at| now.saturating_duration_since(at) < BELIEVED)
    }

    /// Whether the receiver says that its line takes more than what is sent: then what it loses is lost by
    /// chance, however much that is.
    pub fn denies_jam(&self, sent_bps: u64, now: Instant) -> bool {
        let is_recent = |at: Instant| now.saturating_duration_since(at) < RECENT;
        self.said.is_some_and(|(said, at)| is_recent(at) && said > sent_bps)
    }

    /// Bits a second that the line takes, by what was said if that may be believed.
    pub fn takes(&self, now: Instant) -> Option<u64> {
        let is_fresh = |at: Instant| now.saturating_duration_since(at) < FRESH;
        let said = self.said.filter(|(_, at)| self.is_alarm_new(now) && is_fresh(*at));
        said.map(|(bps, _)| bps.saturating_mul(10) / TAKEN_TENTHS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_that_the_line_takes_more_is_in_no_jam() {
        let (mut estimate, now) = (Estimate::default(), Instant::now());
        assert!(!estimate.denies_jam(0, now), "nothing was said");
        estimate.said(2_300_000, now);
        assert!(estimate.denies_jam(1_900_000, now) && !estimate.denies_jam(2_400_000, now));
        assert!(!estimate.denies_jam(1_900_000, now + RECENT));
        assert_eq!(estimate.came_through(now), 2_875_000);
        assert_eq!(estimate.came_through(now + RECENT), 0);
    }

    #[test]
    fn it_is_believed_after_an_alarm_alone_and_not_for_long() {
        let (mut estimate, now) = (Estimate::default(), Instant::now());
        assert!(!estimate.said(1, now));
        assert_eq!(estimate.takes(now), None, "on a calm line it says nothing");
        estimate.alarmed(now);
        let soon = now + Duration::from_millis(300);
        assert!(estimate.said(210_000, soon));
        assert_eq!(estimate.takes(soon), Some(300_000));
        assert_eq!(estimate.takes(soon + FRESH), None, "it may be another by now");
        assert!(estimate.said(u64::MAX, soon) && estimate.takes(soon).is_some());
        assert!(!estimate.said(1, now + BELIEVED));
    }
}
