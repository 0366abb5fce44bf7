//! Who has a recording's file in hand just now, so that nothing takes it from under them.

use rotunda_domain::RecordingId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Counts = HashMap<RecordingId, usize>;

/// Files in somebody's hand; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leases {
    counts: Arc<Mutex<Counts>>,
}

/// A file is in use until this is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    leases: Leases,
    recording: RecordingId,
}

impl Leases {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one in hand; others may do so at the same time.
    pub fn take(&self, recording: RecordingId) -> Lease {
        *self.lock().entry(recording).or_default() += 1;
        Lease { leases: self.clone(), recording }
    }

    /// Whether anybody has it in hand.
    pub fn has(&self, recording: RecordingId) -> bool {
        self.lock().contains_key(&recording)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut counts = self.leases.lock();
        if let Some(count) = counts.get_mut(&self.recording) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.recording);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_file_is_in_use_until_the_last_one_lets_go() {
        let (leases, one) = (Leases::default(), RecordingId(Uuid::from_u128(1)));
        let first = leases.take(one);
        let second = leases.take(one);
        drop(first);
        assert!(leases.has(one) && !leases.has(RecordingId(Uuid::from_u128(2))));
        drop(second);
        assert!(!leases.has(one));
    }
}
