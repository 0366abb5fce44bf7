//! How many bits a second were sent to one receiver, by what was counted now and then.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Readings of what was sent that are kept, two in a second.
const READINGS: usize = 5;

/// What has been sent of one kind, at several times, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    readings: VecDeque<(Instant, u64)>,
}

impl Sent {
    /// So many bytes had been sent at `now`.
    pub fn read(&mut self, bytes: u64, now: Instant) {
        if self.readings.len() == READINGS {
            self.readings.pop_front();
        }
        self.readings.push_back((now, bytes));
    }

    /// Bits a second between two readings, `from` and `to` before now, as far as there are any.
    pub fn bps(&self, (from, to): (Duration, Duration), now: Instant) -> u64 {
        let age = |reading: &&(Instant, u64)| now.saturating_duration_since(reading.0);
        let first = self.readings.iter().find(|reading| age(reading) <= from);
        let last = self.readings.iter().rev().find(|reading| age(reading) >= to);
        let last = last.or(self.readings.back());
        let Some((first, last)) = first.zip(last).filter(|(first, last)| first.0 < last.0) else {
            return 0;
        };
        let micros = (last.0 - first.0).as_micros().max(1_000) as u64;
        last.1.saturating_sub(first.1).saturating_mul(8_000_000) / micros
    }
}
