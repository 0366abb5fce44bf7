//! Puts RTP times of different streams on one scale, by when their packets came.
//!
//! Each packet gives a bound: it cannot have come before it was sent. The tightest bound is the
//! path without queueing, so the scale does not shake with the machine's load.

use std::time::Instant;

/// Maps the RTP times of one stream to microseconds after `origin`.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    hz: i64,
    origin: Instant,
    least: Option<i64>,
}

impl Timeline {
    /// For a stream of this clock; streams to be compared share the `origin`.
    pub fn new(hz: u32, origin: Instant) -> Self {
        Self { hz: i64::from(hz), origin, least: None }
    }

    fn own_us(&self, rtp: u64) -> i64 {
        (i128::from(rtp) * 1_000_000 / i128::from(self.hz)) as i64
    }

    /// A packet of this time came.
    pub fn note(&mut self, rtp: u64, arrived: Instant) {
        let at = arrived.saturating_duration_since(self.origin).as_micros() as i64;
        let offset = at - self.own_us(rtp);
        self.least = Some(self.least.map_or(offset, |least| least.min(offset)));
    }

    /// When a packet of this time comes at the earliest; `None` before any came.
    pub fn us(&self, rtp: u64) -> Option<i64> {
        self.least.map(|least| self.own_us(rtp) + least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn one_packet_in_time_is_enough() {
        let origin = Instant::now();
        let mut line = Timeline::new(90_000, origin);
        assert_eq!(line.us(0), None);
        for (n, late_ms) in [(0u64, 30), (1, 5), (2, 80)] {
            let came = origin + Duration::from_millis(1000 + n * 40 + late_ms);
            line.note(7_000 + n * 3600, came);
        }
        assert_eq!(line.us(7_000 + 3 * 3600), Some(1_125_000));
    }
}
