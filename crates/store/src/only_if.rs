//! Changes that are done only to the state their author has seen. A state is known by the time of its last change,
//! which grows with each (`after`).

use crate::{StoreError, now_ms};

/// On which states of an object something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnlyIf {
    /// On every one.
    #[default]
    Always,
    /// Where it was last changed at one of these times, milliseconds since 1970 UTC.
    ChangedAt(Vec<i64>),
}

impl OnlyIf {
    /// Refuses a state that is not meant.
    pub(crate) fn check(&self, updated_at_ms: i64) -> Result<(), StoreError> {
        match self {
            Self::ChangedAt(times) if !times.contains(&updated_at_ms) => Err(StoreError::Outdated),
            Self::Always | Self::ChangedAt(_) => Ok(()),
        }
    }
}

/// The time of a change: now, and later than the change before.
pub(crate) fn after(updated_at_ms: i64) -> i64 {
    now_ms().max(updated_at_ms + 1)
}
