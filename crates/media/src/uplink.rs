//! What each sender is asked to send: no more than its cell can show, and little while nothing moves.
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

/// What a cell `height` pixels high asks for.
pub fn wanted_bps(height: Option<u32>) -> u64 {
    let Some(height) = height else { return UNSEEN_BPS };
    STEPS.iter().find(|(up_to, _)| height <= *up_to).map_or(STEPS[5].1, |(_, bps)| *bps)
}

/// One sender's request, with patience downwards.
#[derive(Debug, Default)]
pub struct Uplink {
    by_cell: Option<u64>,
    lower_since: Option<Instant>,
    asked: Option<u64>,
}

impl Uplink {
    /// The new request, if there is one at `now` for a cell of this height, and for no more than
    /// `most_bps`, which has had its patience already.
    pub fn ask(&mut self, now: Instant, height: Option<u32>, most_bps: u64) -> Option<u64> {
        let bps = self.by_cell(now, wanted_bps(height)).min(most_bps);
        (self.asked.replace(bps) != Some(bps)).then_some(bps)
    }

    fn by_cell(&mut self, now: Instant, wanted: u64) -> u64 {
        let before = self.by_cell.unwrap_or(0);
        if wanted < before {
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

    #[test]
    fn a_larger_cell_asks_for_more_at_once_and_a_smaller_one_for_less_after_a_while() {
        let start = Instant::now();
        let mut uplink = Uplink::default();
        assert_eq!(uplink.ask(start, Some(360), u64::MAX), Some(800_000));
        assert_eq!(uplink.ask(start, Some(720), u64::MAX), Some(2_500_000));
        assert_eq!(uplink.ask(start, Some(180), u64::MAX), None);
        let later = start + Duration::from_millis(1900);
        assert_eq!(uplink.ask(later, Some(180), u64::MAX), None);
        assert_eq!(uplink.ask(start + Duration::from_secs(2), Some(180), u64::MAX), Some(300_000));
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
        assert_eq!(uplink.ask(start, Some(360), u64::MAX), Some(800_000));
        assert_eq!(uplink.ask(start, Some(360), STILL_BPS), Some(STILL_BPS));
        assert_eq!(uplink.ask(start, Some(720), STILL_BPS), None);
        assert_eq!(uplink.ask(start, Some(720), u64::MAX), Some(2_500_000));
    }

    #[test]
    fn requests_rise_with_the_cell_and_the_unseen_ask_for_least() {
        let heights = [90, 144, 180, 240, 360, 540, 720, 1080];
        let asked: Vec<_> = heights.iter().map(|h| wanted_bps(Some(*h))).collect();
        assert!(asked.is_sorted());
        assert!(wanted_bps(None) < asked[0]);
    }
}
