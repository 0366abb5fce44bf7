//! The one place that reads the clocks for the rules.

use rotunda_domain::Now;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, on both clocks.
pub(crate) fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let mono = START.get_or_init(Instant::now).elapsed();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now {
        epoch_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        mono_ms: u64::try_from(mono.as_millis()).unwrap_or(u64::MAX),
    }
}
