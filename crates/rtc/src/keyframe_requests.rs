//! Coalesces requests for a key frame: the first after a quiet half second is served at once, the
//! others wait for the end of the window and are served as one. It refuses to know who asks.

use std::time::{Duration, Instant};

/// At most one key frame request per this long.
pub(crate) const WINDOW: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    served: Option<Instant>,
    pending: bool,
}

impl KeyframeRequests {
    /// Somebody asks; true if it is to be passed on now.
    pub fn ask(&mut self, now: Instant) -> bool {
        self.pending = true;
        self.due(now)
    }

    /// True if a waiting request is to be passed on now.
    pub fn due(&mut self, now: Instant) -> bool {
        let due = self.deadline().is_some_and(|at| at <= now);
        if due || (self.pending && self.served.is_none()) {
            self.pending = false;
            self.served = Some(now);
            return true;
        }
        false
    }

    /// What was to be passed on was not: it waits for another window.
    pub fn put_off(&mut self) {
        self.pending = true;
    }

    /// A key frame came: whoever waited for one has it.
    pub fn satisfied(&mut self) {
        self.pending = false;
    }

    /// When `due` wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.served.filter(|_| self.pending).map(|served| served + WINDOW)
    }

    /// When a request was last passed on.
    pub fn last_served(&self) -> Option<Instant> {
        self.served
    }
}
