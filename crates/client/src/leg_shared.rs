//! What a leg's task writes down and its handle reads.

use crate::journal::Beat;
use crate::seen::LegFacts;
use rotunda_codec::Frame;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the task and the handle share.
pub(crate) struct Shared {
    pub facts: Mutex<LegFacts>,
    /// The last decoded picture.
    pub frame: Mutex<Option<Frame>>,
    pub beat: Beat,
}

impl Shared {
    pub fn facts(&self) -> MutexGuard<'_, LegFacts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn frame(&self) -> MutexGuard<'_, Option<Frame>> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
