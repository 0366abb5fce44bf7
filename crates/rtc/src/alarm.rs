//! Notices a jam before a report tells of it: what a receiver asks to be sent again is known within one
//! round trip. It refuses to know packets and what is done about it; time is an argument.

use std::time::{Duration, Instant};

/// Packets are counted for this long.
const WINDOW: Duration = Duration::from_millis(400);
/// A window as young as this says nothing: what is asked for again is of pictures before it, of which none is
/// counted in it.
const YOUNG: Duration = Duration::from_millis(100);
/// Fewer repeats than this within a window say nothing.
const FEW: u32 = 6;

/// Of what was sent, in per cent, at most so much comes through when it rings.
const MOST_THROUGH: u64 = 45;

/// One receiver's count of what is sent and what is asked for again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alarm {
    began: Option<Instant>,
    fresh: u32,
    repeats: u32,
    bytes: usize,
    /// Bytes of the window before.
    before: usize,
}

impl Alarm {
    /// A packet of a picture leaves, for the first time or again. Gives what the line takes in bits a
    /// second, by guess, once more than `per_cent` of the packets of this window are asked for again.
    pub fn sent(
        &mut self,
        (is_repeat, bytes): (bool, usize),
        per_cent: u32,
        now: Instant,
    ) -> Option<u64> {
        let began = *self.began.get_or_insert(now);
        if now.saturating_duration_since(began) >= WINDOW {
            self.begin(now);
        }
        if is_repeat {
            self.repeats += 1;
        } else {
            self.fresh += 1;
            self.bytes += bytes;
        }
        let is_old = self.began.is_some_and(|at| now.saturating_duration_since(at) >= YOUNG);
        let is_much =
            is_old && self.repeats > FEW && self.repeats * 100 > (self.fresh + FEW) * per_cent;
        if !is_repeat || !is_much {
            return None;
        }
        // What is asked for again now was sent in the window before, or in this one; and some of it was
        // asked for twice, so that this is the most that can have come through.
        let sent = self.bytes.max(self.before) as u64 * 8 * 1000 / WINDOW.as_millis() as u64;
        self.begin(now);
        Some(sent * MOST_THROUGH / 100)
    }

    fn begin(&mut self, now: Instant) {
        let before = self.bytes;
        *self = Self { began: Some(now), before, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 160 packets a second of which `lost` per cent are asked for again, for `ms`.
    fn rings_after(lost: u32, ms: u64) -> Option<(u64, u64)> {
        let (mut alarm, began) = (Alarm::default(), Instant::now());
        for n in 0..ms * 160 / 1000 {
            let at = n * 1000 / 160;
            let now = began + Duration::from_millis(at);
            alarm.sent((false, 1200), 80, now);
            let is_lost = (n as u32 * 37) % 100 < lost;
            if let Some(bps) = is_lost.then(|| alarm.sent((true, 1200), 80, now)).flatten() {
                return Some((at, bps));
            }
        }
        None
    }

    #[test]
    fn a_line_that_loses_most_is_noticed_within_half_a_second() {
        let (at, bps) = rings_after(95, 2000).unwrap();
        assert!(at < 500 && bps < 900_000, "{at} ms, {bps} bit/s");
    }

    #[test]
    fn loss_of_half_is_left_to_the_reports() {
        assert_eq!(rings_after(50, 60_000), None);
    }

    #[test]
    fn a_picture_that_was_lost_just_before_a_window_begins_rings_no_alarm() {
        let (mut alarm, began) = (Alarm::default(), Instant::now());
        let at = |ms: u64| began + Duration::from_millis(ms);
        (0..64).for_each(|n| assert_eq!(alarm.sent((false, 1200), 90, at(n * 6)), None));
        // Its eight packets are asked for again before the next picture is sent.
        (0..8).for_each(|n| assert_eq!(alarm.sent((true, 1200), 90, at(401 + n)), None, "{n}"));
    }
}
