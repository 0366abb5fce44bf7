//! Whether a key frame is wanted of a sender, and when it was last asked for one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two requests for a key frame.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Wanted at first: every picture begins with one.
#[derive(Debug)]
pub(crate) struct KeyframeNeed {
    is_wanted: AtomicBool,
    asked_at: Mutex<Option<Instant>>,
}

impl Default for KeyframeNeed {
    fn default() -> Self {
        Self { is_wanted: AtomicBool::new(true), asked_at: Mutex::default() }
    }
}

impl KeyframeNeed {
    fn asked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.asked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Without one nothing more is shown, or nothing as it should be.
    pub fn want(&self) {
        self.is_wanted.store(true, Ordering::Relaxed);
    }

    /// What came can be shown.
    pub fn satisfy(&self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }

    /// The sender begins anew or falls silent: what was asked before counts no more.
    pub fn restart(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
        *self.asked_at() = None;
    }

    /// Whether to ask at `now`: when one is wanted, and not more than twice a second.
    pub fn take_request(&self, now: Instant) -> bool {
        if !self.is_wanted.load(Ordering::Relaxed) {
            return false;
        }
        let mut asked_at = self.asked_at();
        if asked_at.is_some_and(|at| now.saturating_duration_since(at) < ASK_EVERY) {
            return false;
        }
        *asked_at = Some(now);
        true
    }
}
