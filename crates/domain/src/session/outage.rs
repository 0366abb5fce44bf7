//! What others are told of a member whose media path is lost, and when they are told that it is back.
//!
//! A loss is told at once. So is the end of one, unless the path was back a moment ago already: then
//! it first has to hold, or a bad link would make everybody's tile flicker and fill the history.

/// How long a path that came back a moment ago already has to hold before that is told.
const HOLDS_MS: u64 = 3_000;
/// What counts as a moment ago.
const LATELY_MS: u64 = 10_000;

/// Whether others know that nothing comes from somebody.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outage {
    is_reported: bool,
    /// When the end of it is told, on the clock that never jumps, should the path hold until then.
    ends_at_ms: Option<u64>,
    /// When the path last came back, told or not.
    back_at_ms: Option<u64>,
}

impl Outage {
    /// Whether others know of one.
    pub fn is_reported(self) -> bool {
        self.is_reported
    }

    /// Nothing comes any more; answers whether that is news.
    pub fn begin(&mut self) -> bool {
        self.ends_at_ms = None;
        !std::mem::replace(&mut self.is_reported, true)
    }

    /// Something comes again; answers whether that is to be told now.
    pub fn end(&mut self, now_ms: u64) -> bool {
        let before = self.back_at_ms.replace(now_ms);
        let is_first = before.is_none_or(|at| now_ms.saturating_sub(at) >= LATELY_MS);
        if is_first || !self.is_reported {
            return self.over(now_ms);
        }
        self.ends_at_ms.get_or_insert(now_ms.saturating_add(HOLDS_MS));
        false
    }

    /// There is another path, or this one has held; answers whether that is news.
    pub fn over(&mut self, now_ms: u64) -> bool {
        self.back_at_ms = Some(now_ms);
        self.ends_at_ms = None;
        std::mem::take(&mut self.is_reported)
    }

    /// When its end is told, on the clock that never jumps, if the path holds.
    pub fn due_ms(self) -> Option<u64> {
        self.ends_at_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_comes_and_goes_is_reported_once_until_it_holds() {
        let mut outage = Outage::default();
        assert!(outage.begin());
        assert!(!outage.begin(), "told once");
        assert!(outage.end(2_000), "the first return is told at once");
        let mut reported = 0;
        for second in (3..60).step_by(3) {
            reported += u32::from(outage.begin());
            reported += u32::from(outage.end(second * 1_000));
            assert_eq!(outage.due_ms(), Some(second * 1_000 + HOLDS_MS));
        }
        assert_eq!(reported, 1, "that it is lost again, and no more");
        assert!(outage.over(60_000));
        assert!(!outage.is_reported() && outage.due_ms().is_none());
    }

    #[test]
    fn a_loss_long_after_the_last_is_like_the_first() {
        let mut outage = Outage::default();
        outage.begin();
        assert!(outage.end(1_000));
        outage.begin();
        assert!(outage.end(1_000 + LATELY_MS));
    }
}
