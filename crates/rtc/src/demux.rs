//! Which leg a datagram belongs to. It refuses to believe an address alone: the leg's peer
//! connection has the last word.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::LegKey;
use crate::outlet::Path;

/// A path on which nothing came for so long may be one that is no more. Sound comes fifty times a second.
const QUIET_PATH: Duration = Duration::from_millis(300);

/// The two ways to find a leg. Bounded by the legs and [`crate::leg::MAX_PATHS`] each.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    /// With when something came by it last.
    paths: HashMap<Path, (LegKey, Option<Instant>)>,
    ufrags: HashMap<String, LegKey>,
}

impl Demux {
    pub fn by_path(&self, path: Path) -> Option<LegKey> {
        self.paths.get(&path).map(|(key, _)| *key)
    }

    /// Something came by `path` that is its leg's.
    pub fn heard(&mut self, path: Path, now: Instant) {
        if let Some((_, last)) = self.paths.get_mut(&path) {
            *last = Some(now);
        }
    }

    /// Nothing came by `path` for some time.
    pub fn is_quiet(&self, path: Path, now: Instant) -> bool {
        let last = self.paths.get(&path).and_then(|(_, last)| *last);
        last.is_none_or(|last| now.saturating_duration_since(last) >= QUIET_PATH)
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
        self.paths.insert(path, (leg, None)).map(|(key, _)| key)
    }

    pub fn drop_path(&mut self, path: Path, leg: LegKey) {
        if self.by_path(path) == Some(leg) {
            self.paths.remove(&path);
        }
    }
}
