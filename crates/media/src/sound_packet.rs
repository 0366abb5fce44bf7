//! One member's Opus packets on their way to the decoder: in the order they were said in, however
//! they came, and never more than a bound.
//!
//! Values only. It refuses to know what is in a packet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Packets that may wait: a second of those of 10 ms.
pub(crate) const QUEUE: usize = 100;

/// RTP times further apart than this are no disorder but another count: a second.
pub(crate) const JUMP: u64 = 48_000;

/// One Opus packet.
#[derive(Clone, Debug)]
pub struct SoundPacket {
    /// The packet as it came.
    pub data: Arc<[u8]>,
    /// RTP time, extended, in 1/48000 s.
    pub rtp_time_48khz: u64,
    /// When it came.
    pub arrived: Instant,
    /// How loud the client says it is (RFC 6464), in dBov: 0 the loudest, −127 silence.
    pub level_dbov: Option<i8>,
}

/// Whether `time` is before `other`, on the same count.
pub(crate) fn is_before(time: u64, other: u64) -> bool {
    time < other && other - time < JUMP
}

/// What waits.
pub(crate) struct Packets {
    waiting: VecDeque<SoundPacket>,
}

impl Packets {
    pub fn new() -> Self {
        Self { waiting: VecDeque::with_capacity(QUEUE) }
    }

    /// Takes a packet in, once, at its place. Beyond `room` the oldest goes.
    pub fn put(&mut self, packet: SoundPacket, room: usize) {
        let time = packet.rtp_time_48khz;
        let later = |one: &&SoundPacket| is_before(time, one.rtp_time_48khz);
        let at = self.waiting.len() - self.waiting.iter().rev().take_while(later).count();
        if at.checked_sub(1).is_some_and(|before| self.waiting[before].rtp_time_48khz == time) {
            return;
        }
        self.waiting.insert(at, packet);
        if self.waiting.len() > room {
            self.waiting.pop_front();
        }
    }

    pub fn front(&self) -> Option<&SoundPacket> {
        self.waiting.front()
    }

    pub fn pop(&mut self) -> Option<SoundPacket> {
        self.waiting.pop_front()
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(times: &[u64], room: usize) -> Vec<u64> {
        let mut packets = Packets::new();
        for time in times {
            let (data, arrived) = (Arc::from([]), Instant::now());
            packets
                .put(SoundPacket { data, rtp_time_48khz: *time, arrived, level_dbov: None }, room);
        }
        std::iter::from_fn(|| packets.pop()).map(|packet| packet.rtp_time_48khz).collect()
    }

    #[test]
    fn packets_are_in_the_order_they_were_said_in_and_each_is_there_once() {
        assert_eq!(order(&[960, 2880, 1920, 0, 1920, 2880], 9), [0, 960, 1920, 2880]);
    }

    #[test]
    fn a_count_that_begins_anew_is_behind_what_waits() {
        assert_eq!(order(&[900_000, 900_960, 5, 965], 9), [900_000, 900_960, 5, 965]);
        assert_eq!(order(&[0, u64::MAX, 960, 1], 9), [0, u64::MAX, 1, 960]);
    }

    #[test]
    fn beyond_the_bound_the_oldest_goes() {
        assert_eq!(order(&[0, 960, 1920, 2880], 2), [1920, 2880]);
        let many: Vec<_> = (0..10_000).map(|n| n * 960).collect();
        assert_eq!(order(&many, QUEUE).len(), QUEUE);
    }
}
