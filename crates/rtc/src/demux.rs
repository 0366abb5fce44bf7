//! Which leg a datagram belongs to. It refuses to believe an address alone: the leg's peer
//! connection has the last word.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::LegKey;
use crate::outlet::Path;

/// Lets through a burst, then one per interval.
#[derive(Debug)]
pub(crate) struct Bucket {
    burst: u32,
    every: Duration,
    left: u32,
    filled: Option<Instant>,
}

impl Bucket {
    pub fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every, left: burst, filled: None }
    }

    pub fn take(&mut self, now: Instant) -> bool {
        let filled = *self.filled.get_or_insert(now);
        let gained = now.saturating_duration_since(filled).as_micros() / self.every.as_micros();
        if gained > 0 {
            let gained = u32::try_from(gained).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(gained).min(self.burst);
            let is_full = self.left == self.burst;
            let step = self.every.checked_mul(gained).filter(|_| !is_full);
            self.filled = Some(step.map_or(now, |step| filled + step));
        }
        let granted = self.left > 0;
        self.left -= u32::from(granted);
        granted
    }

    /// When the next is let through after none was.
    pub fn ready_at(&self) -> Option<Instant> {
        self.filled.map(|filled| filled + self.every)
    }
}

/// The two ways to find a leg. Bounded by the legs and [`crate::leg::MAX_PATHS`] each.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    paths: HashMap<Path, LegKey>,
    ufrags: HashMap<String, LegKey>,
}

impl Demux {
    pub fn by_path(&self, path: Path) -> Option<LegKey> {
        self.paths.get(&path).copied()
    }

    pub fn by_ufrag(&self, ufrag: &str) -> Option<LegKey> {
        self.ufrags.get(ufrag).copied()
    }

    pub fn add_ufrag(&mut self, ufrag: &str, leg: LegKey) {
        self.ufrags.insert(ufrag.to_owned(), leg);
    }

    pub fn drop_ufrag(&mut self, ufrag: &str) {
        self.ufrags.remove(ufrag);
    }

    pub fn add_path(&mut self, path: Path, leg: LegKey) -> Option<LegKey> {
        self.paths.insert(path, leg)
    }

    pub fn drop_path(&mut self, path: Path, leg: LegKey) {
        if self.paths.get(&path) == Some(&leg) {
            self.paths.remove(&path);
        }
    }
}
