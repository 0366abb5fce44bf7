//! Whether anybody sees what somebody sends. A layout that flickers costs no key frames: who has no cell is
//! decoded for a while longer.
//!
//! A value; time is an argument. It refuses to know what is done about it.

use std::time::{Duration, Instant};

/// So long is decoded on of somebody who has no cell any more. Who is back by then, as when people speak in
/// turn in a layout of few cells, is there without a key frame; and of nobody is one asked for more often.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether one member's pictures are needed.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    gone_since: Option<Instant>,
}

impl Sight {
    /// Whether they are at `now`, of somebody who has a cell or has none.
    pub fn is_needed(&mut self, now: Instant, has_cell: bool) -> bool {
        if has_cell {
            self.gone_since = None;
            return true;
        }
        let since = *self.gone_since.get_or_insert(now);
        now.saturating_duration_since(since) < PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_cell_is_needed_for_two_seconds_more_and_again_at_once_with_one() {
        let (mut sight, start) = (Sight::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert!(sight.is_needed(at(0), true));
        assert!(sight.is_needed(at(100), false) && sight.is_needed(at(2_099), false));
        assert!(!sight.is_needed(at(2_100), false) && !sight.is_needed(at(60_000), false));
        assert!(sight.is_needed(at(60_050), true));
        assert!(sight.is_needed(at(60_100), false), "patience begins anew");
    }

    #[test]
    fn a_cell_that_comes_and_goes_is_one_that_stays() {
        let (mut sight, start) = (Sight::default(), Instant::now());
        let is_there = |n: u64| n.is_multiple_of(19);
        assert!((0..1_000).all(|n| {
            let now = start + Duration::from_millis(n * 100);
            sight.is_needed(now, is_there(n))
        }));
    }
}
