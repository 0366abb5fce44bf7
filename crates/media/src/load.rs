//! How much a group of threads has to do, counted where it is done: the time it worked, and how late it
//! began.
//!
//! Both are needed. Threads that never rest work at their limit; and threads that seldom work but begin late
//! share their processors with somebody who has more to do.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What one group did since the start.
#[derive(Debug, Default)]
pub(crate) struct Load {
    worked_us: AtomicU64,
    late_us: AtomicU64,
    pieces: AtomicU64,
}

/// The same, read off at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    pub worked: Duration,
    pub late: Duration,
    pub pieces: u64,
}

impl Load {
    /// A piece of work began so `late`, and took so long.
    pub fn done(&self, late: Duration, took: Duration) {
        self.late_us.fetch_add(micros(late), Relaxed);
        self.worked_us.fetch_add(micros(took), Relaxed);
        self.pieces.fetch_add(1, Relaxed);
    }

    /// All that was done so far.
    pub fn read(&self) -> Work {
        Work {
            worked: Duration::from_micros(self.worked_us.load(Relaxed)),
            late: Duration::from_micros(self.late_us.load(Relaxed)),
            pieces: self.pieces.load(Relaxed),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Work {
    /// What was done between `before` and this.
    pub fn since(self, before: Self) -> Self {
        Self {
            worked: self.worked.saturating_sub(before.worked),
            late: self.late.saturating_sub(before.late),
            pieces: self.pieces.saturating_sub(before.pieces),
        }
    }

    /// Share of what `threads` threads can do in `time`, where a piece may begin so `late` on average.
    pub fn strain(self, threads: usize, time: Duration, late: Duration) -> f64 {
        let can = time.as_secs_f64() * threads.max(1) as f64;
        let busy = if can > 0.0 { self.worked.as_secs_f64() / can } else { 0.0 };
        let mean_late = self.late.as_secs_f64() / self.pieces.max(1) as f64;
        busy.max(mean_late / late.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn threads_that_never_rest_and_threads_that_begin_late_are_both_strained() {
        let load = Load::default();
        (0..100).for_each(|_| load.done(Duration::ZERO, 10 * MS));
        let first = load.read();
        assert!((first.strain(1, 1000 * MS, 40 * MS) - 1.0).abs() < 1e-6);
        assert!((first.strain(4, 1000 * MS, 40 * MS) - 0.25).abs() < 1e-6);
        (0..10).for_each(|_| load.done(80 * MS, MS));
        let second = load.read().since(first);
        assert!((second.strain(4, 1000 * MS, 40 * MS) - 2.0).abs() < 1e-6);
        assert!(second.since(second).strain(0, Duration::ZERO, MS) < 1e-6, "nothing was done");
    }
}
