//! Who has a recording's file in hand just now, so that nothing takes it from under them.

use rotunda_domain::RecordingId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Counts = HashMap<RecordingId, usize>;

/// Files in somebody's hand; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holds {
    counts: Arc<Mutex<Counts>>,
}

/// A file is in use until this is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    holds: Holds,
    recording: RecordingId,
}

impl Holds {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one in hand; others may do so at the same time.
    pub fn take(&self, recording: RecordingId) -> Hold {
        *self.lock().entry(recording).or_default() += 1;
        Hold { holds: self.clone(), recording }
    }

    /// Whether anybody has it in hand.
    pub fn has(&self, recording: RecordingId) -> bool {
        self.lock().contains_key(&recording)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut counts = self.holds.lock();
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
        let (holds, one) = (Holds::default(), RecordingId(Uuid::from_u128(1)));
        let first = holds.take(one);
        let second = holds.take(one);
        drop(first);
        assert!(holds.has(one) && !holds.has(RecordingId(Uuid::from_u128(2))));
        drop(second);
        assert!(!holds.has(one));
    }
}
