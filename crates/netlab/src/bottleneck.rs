//! The narrowest place of a link: a queue, of which one packet after the other passes at the rate.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::{Packet, Settings};

/// What waits there. The first of them is on the line already.
pub(crate) struct Bottleneck<P> {
    waiting: VecDeque<P>,
    bytes: usize,
    /// When the first of them has passed.
    passed: Option<Instant>,
}

/// How long so many bytes take at a rate of bits a second; at no rate, no time.
fn airtime(bytes: usize, rate: u64) -> Duration {
    match rate {
        0 => Duration::ZERO,
        rate => Duration::from_secs_f64(bytes as f64 * 8.0 / rate as f64),
    }
}

impl<P: Packet> Bottleneck<P> {
    pub fn new() -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, passed: None }
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When the first one has passed.
    pub fn passed(&self) -> Option<Instant> {
        self.passed
    }

    /// How long what waits takes at the present rate.
    pub fn length(&self, rate: u64) -> Duration {
        airtime(self.bytes, rate)
    }

    /// Puts a packet at the end; none where that would make the queue too long. A single packet always
    /// has room, however short the queue is.
    pub fn push(&mut self, packet: P, settings: &Settings, now: Instant) -> bool {
        let bytes = self.bytes + packet.size();
        if !self.waiting.is_empty() && airtime(bytes, settings.rate) > settings.queue {
            return false;
        }
        if self.waiting.is_empty() {
            self.passed = Some(now + airtime(bytes, settings.rate));
        }
        self.bytes = bytes;
        self.waiting.push_back(packet);
        true
    }

    /// The next one that has passed by `now`, and when it did. What is on the line keeps the time it
    /// was given when the rate changes.
    pub fn pop(&mut self, rate: u64, now: Instant) -> Option<(P, Instant)> {
        let passed = self.passed.filter(|passed| *passed <= now)?;
        let packet = self.waiting.pop_front()?;
        self.bytes -= packet.size();
        self.passed = self.waiting.front().map(|next| passed + airtime(next.size(), rate));
        Some((packet, passed))
    }
}
