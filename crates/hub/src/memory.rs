//! The gate before everything new: while memory is short nothing begins, so that what runs is not
//! killed. What has a seat keeps it and comes back to it.

use crate::Hub;
use rotunda_domain::Refusal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether memory is short; whoever measures it says so.
#[derive(Clone, Debug, Default)]
pub struct MemoryGate(Arc<AtomicBool>);

impl MemoryGate {
    /// From now on it is, or is no more.
    pub fn set_short(&self, is_short: bool) {
        self.0.store(is_short, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn is_short(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Hub {
    /// Why nothing of the kind may begin now, if so.
    pub(crate) fn memory_hindrance(&self, what: &'static str) -> Option<Refusal> {
        self.inner.options.memory.is_short().then(|| {
            rotunda_telemetry::figures().memory_refusals.one(what);
            Refusal::LimitReached("the server is short of memory: try again later".into())
        })
    }
}
