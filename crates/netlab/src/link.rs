//! One direction of a link.

use std::time::{Duration, Instant};

use crate::Settings;
use crate::bottleneck::Bottleneck;
use crate::dice::Dice;
use crate::flights::Flights;
use crate::loss::Loss;

/// Most packets that are in a link at once; what comes above it is dropped like what finds the queue
/// full. At 100 Mbit/s of full packets these are eight seconds.
const PACKETS: usize = 65_536;

/// What a link carries.
pub trait Packet: Clone {
    /// Bytes on the line.
    fn size(&self) -> usize;

    /// Whether a firewall that knows TCP only throws it away.
    fn is_udp(&self) -> bool {
        true
    }
}

/// Bytes as UDP carries them; what they say is not looked at.
impl Packet for Vec<u8> {
    fn size(&self) -> usize {
        self.len()
    }
}

/// What a link did since it was made or since [`Link::take_counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that were sent into it.
    pub taken: u64,
    /// Their bytes.
    pub taken_bytes: u64,
    /// Packets that came out, copies among them.
    pub given: u64,
    /// Their bytes.
    pub given_bytes: u64,
    /// Packets that the loss took.
    pub lost: u64,
    /// Packets that found the queue full.
    pub overflowed: u64,
    /// UDP, where only TCP may pass.
    pub refused: u64,
    /// How long the queue was at its longest, at the rate of that moment.
    pub longest_queue: Duration,
}

/// One direction of a link: packets go in by [`send`](Self::send) and come out, later or never, by
/// [`receive`](Self::receive). Times may not run backwards from call to call.
pub struct Link<P> {
    settings: Settings,
    dice: Dice,
    loss: Loss,
    bottleneck: Bottleneck<P>,
    flights: Flights<P>,
    counts: Counts,
}

impl<P: Packet> Link<P> {
    /// An empty link. The same seed and the same packets at the same times meet the same fate.
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            dice: Dice::new(seed),
            loss: Loss::default(),
            bottleneck: Bottleneck::new(),
            flights: Flights::new(),
            counts: Counts::default(),
        }
    }

    /// What it does to packets at present.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Does other things to packets from now on. Those under way arrive as they would have; those in
    /// the queue pass at the new rate, but for the one on the line.
    pub fn set(&mut self, settings: Settings, now: Instant) {
        self.advance(now);
        self.settings = settings;
        self.loss.end();
    }

    /// Takes a packet in.
    pub fn send(&mut self, packet: P, now: Instant) {
        self.advance(now);
        self.counts.taken += 1;
        self.counts.taken_bytes += packet.size() as u64;
        if self.settings.tcp_only && packet.is_udp() {
            self.counts.refused += 1;
        } else if self.loss.takes(&self.settings, &mut self.dice) {
            self.counts.lost += 1;
        } else {
            if self.dice.falls(self.settings.duplicates) {
                self.enqueue(packet.clone(), now);
            }
            self.enqueue(packet, now);
        }
    }

    /// The next packet that has arrived by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<P> {
        self.advance(now);
        let packet = self.flights.pop(now)?;
        self.counts.given += 1;
        self.counts.given_bytes += packet.size() as u64;
        Some(packet)
    }

    /// When to call [`receive`](Self::receive) next: something may arrive then, not earlier. Nothing
    /// is under way when there is none.
    pub fn deadline(&self) -> Option<Instant> {
        self.bottleneck.passed().into_iter().chain(self.flights.due()).min()
    }

    /// The counts so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The counts so far, which begin anew.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    fn enqueue(&mut self, packet: P, now: Instant) {
        let is_full = self.bottleneck.len() + self.flights.len() >= PACKETS;
        if is_full || !self.bottleneck.push(packet, &self.settings, now) {
            self.counts.overflowed += 1;
            return;
        }
        let length = self.bottleneck.length(self.settings.rate);
        self.counts.longest_queue = self.counts.longest_queue.max(length);
        self.advance(now);
    }

    /// What has passed the bottleneck by `now` is on its way.
    fn advance(&mut self, now: Instant) {
        while let Some((packet, passed)) = self.bottleneck.pop(self.settings.rate, now) {
            let due = passed + self.settings.delay + self.jitter();
            self.flights.push(packet, due, !self.settings.reorder);
        }
    }

    fn jitter(&mut self) -> Duration {
        if self.settings.jitter.is_zero() {
            return Duration::ZERO;
        }
        self.settings.jitter.mul_f64(2.0 * self.dice.roll())
    }
}
