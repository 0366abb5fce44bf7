//! How often something may happen: a bucket of tokens, on a clock it is handed. It refuses to know
//! what is counted.

use std::ops::{Add, Sub};
use std::time::{Duration, Instant};

/// Lets through a burst, and then as many as its rate. It is full at first, and never fuller.
///
/// `T` is a moment of a clock that does not jump: an [`Instant`], or how long it is since a beginning
/// that stays the same. A moment before the latest one adds nothing.
#[derive(Clone, Debug)]
pub struct Bucket<T = Instant> {
    /// What a nanosecond adds.
    gain: u128,
    /// What one token takes: so many are added while one token is gained.
    price: u128,
    most: u128,
    left: u128,
    /// The latest moment, and when `left` was reckoned.
    seen: Option<T>,
}

impl<T> Bucket<T>
where
    T: Copy + Ord + Add<Duration, Output = T> + Sub<Output = Duration>,
{
    /// `burst` tokens at once, and then one per `interval`.
    pub fn every(burst: u32, interval: Duration) -> Self {
        Self::full(burst, 1, interval)
    }

    /// `burst` tokens at once, and then `rate` each second, evenly; a `rate` of 0 is none.
    pub fn per_second(burst: u32, rate: u32) -> Self {
        Self::full(burst, rate, Duration::from_secs(1))
    }

    fn full(burst: u32, tokens: u32, each: Duration) -> Self {
        let price = each.as_nanos();
        let most = price.saturating_mul(burst.into());
        Self { gain: tokens.into(), price, most, left: most, seen: None }
    }

    /// Takes a token, if there is one at `now`.
    pub fn take(&mut self, now: T) -> bool {
        self.fill(now);
        let left = self.left.checked_sub(self.price);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    fn fill(&mut self, now: T) {
        let seen = *self.seen.get_or_insert(now);
        if now > seen {
            let gained = (now - seen).as_nanos().saturating_mul(self.gain);
            self.left = self.left.saturating_add(gained).min(self.most);
            self.seen = Some(now);
        }
    }

    /// When there is a token again, as far as the last [`Bucket::take`] saw; nothing where that is
    /// never, or none was ever asked for.
    pub fn ready_at(&self) -> Option<T> {
        let missing = self.price.saturating_sub(self.left);
        let wait = missing.checked_add(self.gain.checked_sub(1)?)? / self.gain;
        Some(self.seen? + Duration::from_nanos(u64::try_from(wait).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(5);

    fn taken(bucket: &mut Bucket<Duration>, tries: usize, at: Duration) -> usize {
        (0..tries).filter(|_| bucket.take(at)).count()
    }

    #[test]
    fn a_burst_is_let_through_and_then_only_the_rate() {
        let mut bucket = Bucket::per_second(400, 200);
        assert_eq!(taken(&mut bucket, 500, START), 400);
        assert_eq!(taken(&mut bucket, 500, START + Duration::from_secs(1)), 200);
        assert_eq!(taken(&mut bucket, 5000, START + Duration::from_secs(3600)), 400);
    }

    #[test]
    fn a_rate_that_divides_no_second_loses_nothing() {
        let mut bucket = Bucket::per_second(2, 3);
        let ticks = (0..10_000).map(|n| START + Duration::from_millis(n * 100));
        assert_eq!(ticks.filter(|now| bucket.take(*now)).count(), 2 + 2999, "of 999.9 s");
    }

    #[test]
    fn one_per_interval_comes_on_the_dot_and_what_passed_of_the_next_is_kept() {
        let mut bucket = Bucket::every(2, Duration::from_millis(20));
        assert_eq!(bucket.ready_at(), None, "nothing was asked for");
        assert_eq!(taken(&mut bucket, 3, START), 2);
        let due = START + Duration::from_millis(20);
        assert_eq!(bucket.ready_at(), Some(due));
        assert!(!bucket.take(due - Duration::from_nanos(1)));
        assert_eq!(bucket.ready_at(), Some(due));
        assert_eq!(taken(&mut bucket, 3, due + Duration::from_millis(15)), 1);
        assert!(bucket.take(due + Duration::from_millis(20)));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::per_second(1, 1);
        assert!(bucket.take(START));
        assert!(!bucket.take(Duration::ZERO));
        assert!(!bucket.take(START));
        assert!(bucket.take(START + Duration::from_secs(1)));
    }

    #[test]
    fn without_a_rate_the_burst_is_all() {
        let mut bucket = Bucket::per_second(1, 0);
        assert_eq!(taken(&mut bucket, 3, START), 1);
        assert_eq!((taken(&mut bucket, 3, Duration::MAX), bucket.ready_at()), (0, None));
    }

    #[test]
    fn an_instant_is_a_moment_too() {
        let (mut bucket, now) = (Bucket::every(1, Duration::from_secs(4)), Instant::now());
        assert!(bucket.take(now) && !bucket.take(now));
        assert_eq!(bucket.ready_at(), Some(now + Duration::from_secs(4)));
    }
}
