//! How often somebody did something of late, and how long they have to wait when it was too often.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names remembered; when there are more the oldest counts are dropped, which gives tries back to
/// some rather than memory to all.
const REMEMBERED: usize = 10_000;

/// Counts by name, each for a window that begins with the first of them.
#[derive(Debug)]
pub struct Tally {
    most: u32,
    window: Duration,
    counts: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Tally {
    /// Lets everybody do it `most` times in `window`.
    pub fn new(most: u32, window: Duration) -> Self {
        Self { most, window, counts: Mutex::default() }
    }

    /// Counts one of `who`; answers how long to wait when it is one too many.
    pub fn count(&self, who: &str, now: Instant) -> Option<Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.retain(|_, (_, since)| now.duration_since(*since) < self.window);
            if counts.len() >= REMEMBERED {
                counts.clear();
            }
        }
        let (tries, since) = counts.entry(who.to_owned()).or_insert((0, now));
        if now.duration_since(*since) >= self.window {
            (*tries, *since) = (0, now);
        }
        *tries = tries.saturating_add(1);
        (*tries > self.most).then(|| self.window - now.duration_since(*since))
    }

    /// Takes back all of `who`'s.
    pub fn forget(&self, who: &str) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);

    #[test]
    fn one_too_many_in_a_window_waits_and_a_new_window_begins_anew() {
        let tally = Tally::new(10, WINDOW);
        let begin = Instant::now();
        let tries: Vec<_> = (0..11).map(|_| tally.count("ann", begin)).collect();
        assert!(tries[..10].iter().all(Option::is_none) && tries[10] == Some(WINDOW));
        assert_eq!(tally.count("ben", begin), None);
        assert_eq!(tally.count("ann", begin + WINDOW / 4), Some(WINDOW * 3 / 4));
        assert_eq!(tally.count("ann", begin + WINDOW), None);
    }

    #[test]
    fn who_is_forgotten_begins_anew_and_no_crowd_is_remembered_whole() {
        let tally = Tally::new(1, WINDOW);
        let now = Instant::now();
        assert_eq!((tally.count("ann", now), tally.count("ann", now)), (None, Some(WINDOW)));
        tally.forget("ann");
        assert_eq!(tally.count("ann", now), None);
        (0..=REMEMBERED).for_each(|n| _ = tally.count(&n.to_string(), now));
        assert!(tally.counts.lock().unwrap().len() <= REMEMBERED);
    }
}
