//! How often somebody may do something: a bucket for each, filled again at a steady rate.
//!
//! The buckets are `governor`'s. Its own keyed stores grow with every key they ever saw; here there is
//! room for so many, and the one nobody asked about for longest goes first. The clock is given from
//! outside.

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use lru::LruCache;
use std::fmt;
use std::hash::Hash;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Keys remembered: some megabytes at most.
pub(crate) const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Where limits have their time from: milliseconds on a clock that never jumps.
#[derive(Clone)]
pub struct Ticks(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Ticks {
    /// A clock that is read by `read`.
    pub fn new(read: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Milliseconds now.
    pub(crate) fn ms(&self) -> u64 {
        (self.0)()
    }
}

impl Default for Ticks {
    /// The machine's clock.
    fn default() -> Self {
        Self::new(|| crate::now().mono_ms)
    }
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticks")
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(Duration::from_millis(self.ms()))
    }
}

/// Whether a bucket is to be emptied by one, or only looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Use {
    Look,
    Take,
}

/// The states of the keys asked about last.
struct Recent<K: Hash + Eq>(Mutex<LruCache<K, Nanos>>);

impl<K: Hash + Eq> Recent<K> {
    /// No change is made in two steps, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, LruCache<K, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> StateStore for Recent<K> {
    type Key = (Use, K);

    fn measure_and_replace<T, F, E>(&self, (how, key): &Self::Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.lock();
        let (outcome, new) = measure(states.get(key).copied())?;
        if *how == Use::Take {
            states.put(key.clone(), new);
        }
        Ok(outcome)
    }
}

/// Buckets by key.
pub struct Limiter<K: Hash + Eq + Clone> {
    buckets: RateLimiter<(Use, K), Recent<K>, Ticks, NoOpMiddleware<Nanos>>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Lets each key do it `most` times at once, and again as often in `window`.
    pub fn new(most: NonZeroU32, window: Duration, clock: Ticks) -> Self {
        let each = (window / most.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(each).map(|quota| quota.allow_burst(most));
        let quota = quota.unwrap_or_else(|| Quota::per_second(most));
        let states = Recent(Mutex::new(LruCache::new(REMEMBERED)));
        Self { buckets: RateLimiter::new(quota, states, clock) }
    }

    /// Does it once.
    ///
    /// # Errors
    /// How long to wait, when the bucket is empty.
    pub fn take(&self, who: &K) -> Result<(), Duration> {
        self.ask(Use::Take, who)
    }

    /// Whether it may be done.
    ///
    /// # Errors
    /// How long to wait.
    pub fn look(&self, who: &K) -> Result<(), Duration> {
        self.ask(Use::Look, who)
    }

    fn ask(&self, how: Use, who: &K) -> Result<(), Duration> {
        let asked = self.buckets.check_key(&(how, who.clone()));
        let now = self.buckets.clock().now();
        asked.map_err(|refused| refused.earliest_possible().duration_since(now).into())
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Limiter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limiter")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A clock that a test moves.
    pub(crate) fn hands() -> (Arc<AtomicU64>, Ticks) {
        let ms = Arc::new(AtomicU64::new(0));
        let read = ms.clone();
        (ms, Ticks::new(move || read.load(Ordering::Relaxed)))
    }

    fn limiter() -> (Arc<AtomicU64>, Limiter<u32>) {
        let (ms, clock) = hands();
        let most = NonZeroU32::new(10).unwrap();
        (ms, Limiter::new(most, Duration::from_secs(60), clock))
    }

    #[test]
    fn ten_at_once_then_one_each_six_seconds_and_nobody_waits_for_another() {
        let (ms, limiter) = limiter();
        assert!((0..10).all(|_| limiter.take(&1).is_ok()));
        assert_eq!(limiter.take(&1), Err(Duration::from_secs(6)));
        assert_eq!(limiter.take(&2), Ok(()));
        ms.store(5_999, Ordering::Relaxed);
        assert_eq!(limiter.take(&1), Err(Duration::from_millis(1)));
        ms.store(6_000, Ordering::Relaxed);
        assert_eq!((limiter.look(&1), limiter.look(&1)), (Ok(()), Ok(())), "looking takes nothing");
        assert_eq!(limiter.take(&1), Ok(()));
        assert!(limiter.look(&1).is_err());
    }

    #[test]
    fn of_a_crowd_the_one_asked_about_longest_ago_is_forgotten_and_nobody_else() {
        let (_, limiter) = limiter();
        for who in [1, 2] {
            (0..10).for_each(|_| limiter.take(&who).unwrap());
        }
        assert!(limiter.look(&1).is_err());
        let crowd = u32::try_from(REMEMBERED.get()).unwrap() - 1;
        (0..crowd).for_each(|n| limiter.take(&(100 + n)).unwrap());
        assert!(limiter.look(&1).is_err(), "asked about after the other");
        assert!(limiter.look(&2).is_ok(), "forgotten");
    }
}
