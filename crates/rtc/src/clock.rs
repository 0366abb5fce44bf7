//! One receiver's RTP clock and sequence: starts at random, never runs backwards, and keeps the
//! true spacing of what it is fed. It refuses to know what is sent.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Instant;

/// One sent timestamp after another at least this far: 1 ms of the video clock.
pub(crate) const CATCH_UP_STEP: u64 = 90;

/// A source clock this far (10 s) from where wall time says it should be is another clock.
const FOREIGN_SECONDS: u64 = 10;

#[derive(Debug)]
pub(crate) struct OutClock {
    ticks_per_second: u64,
    seq: u64,
    /// Added (wrapping) to a source timestamp.
    offset: Option<u64>,
    last: Option<(u64, Instant)>,
}

impl OutClock {
    pub fn new(ticks_per_second: u64) -> Self {
        // Below 2^15, as RFC 3711 advises, so that an early loss cannot confuse the rollover count.
        Self { ticks_per_second, seq: random() % (1 << 15), offset: None, last: None }
    }

    /// The latest timestamp.
    pub fn last(&self) -> Option<u64> {
        self.last.map(|(ts, _)| ts)
    }

    pub fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Prepares for a source that stands at `source`, with `lead` ticks of older pictures to be
    /// sent before it.
    pub fn anchor(&mut self, source: u64, lead: u64, now: Instant) {
        let Some((last, _)) = self.last else {
            // High enough that no lead can make it negative; the wire carries the low 32 bits.
            self.offset = Some(((1 << 40) + (random() >> 32)).wrapping_sub(source));
            return;
        };
        let expected = self.expected(now).unwrap_or(last);
        let kept = self.offset.map(|o| source.wrapping_add(o));
        if kept.is_some_and(|out| out > last + lead && self.near(out, expected)) {
            return;
        }
        let out = expected.max(last + lead + CATCH_UP_STEP);
        self.offset = Some(out.wrapping_sub(source));
    }

    /// The timestamp to send for `source`: later than every one before it.
    pub fn stamp(&mut self, source: u64, now: Instant) -> u64 {
        if self.offset.is_none() {
            self.anchor(source, 0, now);
        }
        let mut out = source.wrapping_add(self.offset.unwrap_or(0));
        if let (Some((last, _)), Some(expected)) = (self.last, self.expected(now))
            && (out <= last || !self.near(out, expected))
        {
            out = expected.max(last + CATCH_UP_STEP);
            self.offset = Some(out.wrapping_sub(source));
        }
        self.last = Some((out, now));
        out
    }

    /// Timestamps for `n` pictures sent at once, the newest of which stands at `source`: 1 ms
    /// apart, ending with that one's true time.
    pub fn catch_up(&mut self, source: u64, n: u64, now: Instant) -> Vec<u64> {
        self.anchor(source, n * CATCH_UP_STEP, now);
        let end = source.wrapping_add(self.offset.unwrap_or(0));
        self.last = Some((end, now));
        (0..n).rev().map(|back| end - back * CATCH_UP_STEP).collect()
    }

    fn expected(&self, now: Instant) -> Option<u64> {
        let (last, at) = self.last?;
        let gone = now.saturating_duration_since(at).as_micros() as u64;
        Some(last + gone * self.ticks_per_second / 1_000_000)
    }

    fn near(&self, a: u64, b: u64) -> bool {
        a.abs_diff(b) <= FOREIGN_SECONDS * self.ticks_per_second
    }
}

/// Not for secrets: the standard library seeds its hasher at random.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
