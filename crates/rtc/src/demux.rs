//! Which leg a datagram belongs to. It refuses to believe an address alone: the leg's peer
//! connection has the last word.

use std::collections::HashMap;

use crate::LegKey;
use crate::outlet::Path;

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
