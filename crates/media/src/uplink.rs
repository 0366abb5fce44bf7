//! What each sender is asked to send: no more than its cell can show, and little while nothing moves; and of
//! somebody who sends their picture in several sizes, which is taken.
//!
//! Decoding costs by the pixel (0.155, 0.53, 1.6 ms a frame at 180p, 360p, 720p), so this is the
//! largest lever on a room's cost. Browsers follow the bitrate with their resolution.

use std::time::{Duration, Instant};

/// Steps of (cell height up to, bits a second).
const STEPS: [(u32, u64); 6] = [
    (100, 180_000),
    (190, 300_000),
    (280, 500_000),
    (370, 800_000),
    (560, 1_400_000),
    (u32::MAX, 2_500_000),
];

/// For somebody nobody sees, or whose camera is switched off here: the sound, and 50 kbit/s of a picture,
/// with which it is back at once and clear within seconds.
const UNSEEN_BPS: u64 = 80_000;

/// For a camera before which nothing moves: more than enough for a picture that is there already, and enough
/// for the first one that is another to come at once.
pub const STILL_BPS: u64 = 120_000;

/// For whoever sends more pixels than may be decoded: browsers make their picture smaller.
pub const EXCESS_BPS: u64 = 500_000;

/// A smaller request waits this long, so that a layout that flickers costs nobody quality.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Bits a second of picture and sound together, at most.
    pub bps: u64,
    /// Of a picture that is sent in several sizes, the smallest that is as high as this in pixels is to be
    /// taken; 0 for the smallest there is, `u32::MAX` for the largest.
    pub height: u32,
}

/// What a cell `height` pixels high asks for.
pub fn wanted(height: Option<u32>) -> Wanted {
    let Some(height) = height else { return Wanted { bps: UNSEEN_BPS, height: 0 } };
    let step = STEPS.iter().find(|(up_to, _)| height <= *up_to).unwrap_or(&STEPS[5]);
    Wanted { bps: step.1, height: step.0 }
}

/// One sender's request, with patience downwards.
#[derive(Debug, Default)]
pub struct Uplink {
    by_cell: Option<Wanted>,
    lower_since: Option<Instant>,
    asked: Option<Wanted>,
}

impl Uplink {
    /// The new request, if there is one at `now` for a cell of this height, and for no more than
    /// `most_bps`, which has had its patience already.
    pub fn ask(&mut self, now: Instant, height: Option<u32>, most_bps: u64) -> Option<Wanted> {
        let by_cell = self.by_cell(now, wanted(height));
        let ask = Wanted { bps: by_cell.bps.min(most_bps), ..by_cell };
        (self.asked.replace(ask) != Some(ask)).then_some(ask)
    }

    fn by_cell(&mut self, now: Instant, wanted: Wanted) -> Wanted {
        if let Some(before) = self.by_cell.filter(|before| wanted.bps < before.bps) {
            let since = *self.lower_since.get_or_insert(now);
            if now.saturating_duration_since(since) < PATIENCE {
                return before;
            }
        }
        self.lower_since = None;
        self.by_cell = Some(wanted);
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bps(asked: Option<Wanted>) -> Option<u64> {
        asked.map(|wanted| wanted.bps)
    }

    #[test]
    fn a_larger_cell_asks_for_more_at_once_and_a_smaller_one_for_less_after_a_while() {
        let start = Instant::now();
        let mut uplink = Uplink::default();
        assert_eq!(bps(uplink.ask(start, Some(360), u64::MAX)), Some(800_000));
        assert_eq!(bps(uplink.ask(start, Some(720), u64::MAX)), Some(2_500_000));
        assert_eq!(uplink.ask(start, Some(180), u64::MAX), None);
        let later = start + Duration::from_millis(1900);
        assert_eq!(uplink.ask(later, Some(180), u64::MAX), None);
        let smaller = uplink.ask(start + Duration::from_secs(2), Some(180), u64::MAX);
        assert_eq!(smaller, Some(Wanted { bps: 300_000, height: 190 }));
    }

    #[test]
    fn a_flickering_layout_asks_for_nothing() {
        let start = Instant::now();
        let mut uplink = Uplink::default();
        uplink.ask(start, Some(720), u64::MAX);
        for n in 0..100 {
            let height = if n % 2 == 0 { 180 } else { 720 };
            assert_eq!(
                uplink.ask(start + Duration::from_millis(n * 100), Some(height), u64::MAX),
                None
            );
        }
    }

    #[test]
    fn what_is_bound_is_asked_down_and_up_again_at_once() {
        let start = Instant::now();
        let mut uplink = Uplink::default();
        let still = |height| Some(Wanted { bps: STILL_BPS, height });
        assert_eq!(bps(uplink.ask(start, Some(360), u64::MAX)), Some(800_000));
        assert_eq!(uplink.ask(start, Some(360), STILL_BPS), still(370));
        assert_eq!(uplink.ask(start, Some(720), STILL_BPS), still(u32::MAX), "another size");
        assert_eq!(bps(uplink.ask(start, Some(720), u64::MAX)), Some(2_500_000));
    }

    #[test]
    fn requests_rise_with_the_cell_and_the_unseen_ask_for_least() {
        let heights = [90, 144, 180, 240, 360, 540, 720, 1080];
        let asked: Vec<_> = heights.iter().map(|h| wanted(Some(*h)).bps).collect();
        assert!(asked.is_sorted());
        assert!(wanted(None).bps < asked[0]);
        assert!(heights.iter().all(|h| wanted(Some(*h)).height >= *h));
    }
}
