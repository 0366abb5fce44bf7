//! How many requests in what time: a bucket of tokens, on a clock it is told.

/// A bucket that fills at a steady rate up to its size.
#[derive(Debug)]
pub struct Bucket {
    per_second: u64,
    /// Thousandths of a token, so that every millisecond adds a whole number.
    size_milli: u64,
    left_milli: u64,
    seen_ms: u64,
}

impl Bucket {
    /// A full bucket of `size` tokens that gets `per_second` new ones each second.
    pub fn new(per_second: u32, size: u32, now_ms: u64) -> Self {
        let size_milli = u64::from(size) * 1000;
        Self { per_second: per_second.into(), size_milli, left_milli: size_milli, seen_ms: now_ms }
    }

    /// Takes a token if there is one.
    pub fn take(&mut self, now_ms: u64) -> bool {
        let passed = now_ms.saturating_sub(self.seen_ms);
        self.seen_ms = self.seen_ms.max(now_ms);
        let filled = self.left_milli.saturating_add(passed.saturating_mul(self.per_second));
        self.left_milli = filled.min(self.size_milli);
        let Some(left) = self.left_milli.checked_sub(1000) else { return false };
        self.left_milli = left;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_only_the_rate() {
        let mut bucket = Bucket::new(200, 400, 0);
        assert_eq!((0..500).filter(|_| bucket.take(0)).count(), 400);
        assert_eq!((0..500).filter(|_| bucket.take(1000)).count(), 200);
        assert_eq!((0..5000).filter(|_| bucket.take(3_600_000)).count(), 400);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::new(1, 1, 5000);
        assert!(bucket.take(5000));
        assert!(!bucket.take(0));
        assert!(!bucket.take(5000));
    }
}
