//! The two clocks a rule may be told about; the domain itself never reads one.

/// A moment, as the caller saw it on both clocks.
///
/// Windows and removal times are promises about the calendar, so they follow `epoch_ms`, which may
/// jump. Grace times and other waits follow `mono_ms`, which never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970-01-01 UTC.
    pub epoch_ms: i64,
    /// Milliseconds on a clock that only goes forward; its origin is the process's own.
    pub mono_ms: u64,
}

impl Now {
    /// Whole seconds since 1970-01-01 UTC.
    pub fn epoch_s(&self) -> i64 {
        self.epoch_ms.div_euclid(1000)
    }
}
