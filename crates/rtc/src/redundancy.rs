//! Sound that carries what came before it (RED, RFC 2198): which packets a receiver is sent again with
//! each, and the payloads, made once for all who are sent the same. It refuses to know legs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::packetize::MAX_PAYLOAD;

/// Packets of a mix that are kept to be repeated.
pub const KEPT: usize = 8;
/// The last packets of a mix, the newest first; fewer after its beginning.
pub type Past = [Option<Arc<[u8]>>; KEPT];

/// One packet of sound.
const PACKET: Duration = Duration::from_millis(20);
/// Ticks of the RTP clock in it.
const STEP: usize = 960;
/// How many packets back each level repeats. Distances of 1 and 3 bridge rows of losses that 1 and 2 do
/// not, at the same price.
const LEVELS: [&[u8]; 4] = [&[], &[1], &[1, 3], &[1, 2, 4]];
/// Random loss from which on the first, second and third level are worth their bits.
const WORTH: [f32; 3] = [0.01, 0.04, 0.12];
/// Taken back one level at a time, each after this long.
const LOWERED_EVERY: Duration = Duration::from_secs(10);
/// What a probe of so many repetitions repeats.
const PROBE: [u8; KEPT] = [1, 2, 3, 4, 5, 6, 7, 8];
/// The most bytes one repeated packet may have (10 bits).
const LONGEST_BLOCK: usize = 0x3ff;

/// One receiver's level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redundancy {
    level: usize,
    lowered: Option<Instant>,
    probe: u8,
}

impl Redundancy {
    /// Follows the line: `random` is its random loss, `most` the level it has room for.
    pub fn follow(&mut self, random: f32, most: usize, now: Instant) {
        let wanted = WORTH.iter().filter(|worth| random >= **worth).count().min(most);
        if most < self.level {
            self.level = most;
        }
        if wanted >= self.level {
            self.level = wanted;
            self.lowered = Some(now);
        } else if self.lowered.is_none_or(|at| now.saturating_duration_since(at) >= LOWERED_EVERY) {
            self.level -= 1;
            self.lowered = Some(now);
        }
    }

    /// Sends so many repetitions whatever the loss; 0 ends that.
    pub fn probe(&mut self, repetitions: u8) {
        self.probe = repetitions.min(KEPT as u8);
    }

    /// How far back what the line's loss makes worth repeating lies.
    pub fn reach(&self) -> Duration {
        let farthest = LEVELS[self.level].last().copied().unwrap_or(0);
        u32::from(farthest) * PACKET
    }

    /// How many packets back each repeated one lies; empty for none.
    pub fn distances(&self) -> &'static [u8] {
        let probe = &PROBE[..usize::from(self.probe)];
        if probe.len() > LEVELS[self.level].len() { probe } else { LEVELS[self.level] }
    }
}

/// The payloads of one packet of a mix that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    made: Vec<Made>,
}

#[derive(Debug)]
struct Made {
    opus: u8,
    distances: &'static [u8],
    payload: Arc<[u8]>,
}

impl Repeats {
    /// The payload for a receiver that calls Opus `opus` and is sent again what lies `distances` back.
    pub fn payload(
        &mut self,
        opus: u8,
        distances: &'static [u8],
        (newest, past): (&[u8], &Past),
    ) -> Arc<[u8]> {
        let is_it = |made: &&Made| made.opus == opus && made.distances == distances;
        if let Some(made) = self.made.iter().find(is_it) {
            return made.payload.clone();
        }
        let payload: Arc<[u8]> = joined(opus, distances, newest, past).into();
        self.made.push(Made { opus, distances, payload: payload.clone() });
        payload
    }
}

/// Blocks oldest first (RFC 2198 §3); those that are not there, or would not fit, are left out.
fn joined(opus: u8, distances: &[u8], newest: &[u8], past: &Past) -> Vec<u8> {
    let mut room = MAX_PAYLOAD.saturating_sub(newest.len() + 1);
    let mut blocks: Vec<(usize, &[u8])> = Vec::with_capacity(distances.len());
    for distance in distances {
        let block = past.get(usize::from(*distance) - 1).and_then(Option::as_deref);
        let fits = |block: &&[u8]| block.len() <= LONGEST_BLOCK && block.len() + 4 <= room;
        if let Some(block) = block.filter(fits) {
            room -= block.len() + 4;
            blocks.push((usize::from(*distance) * STEP, block));
        }
    }
    let mut out = Vec::with_capacity(MAX_PAYLOAD - room);
    for (offset, block) in blocks.iter().rev() {
        let header = 0x8000_0000
            | u32::from(opus & 0x7f) << 24
            | (*offset as u32) << 10
            | block.len() as u32;
        out.extend_from_slice(&header.to_be_bytes());
    }
    out.push(opus & 0x7f);
    blocks.iter().rev().for_each(|(_, block)| out.extend_from_slice(block));
    out.extend_from_slice(newest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(n: usize, len: usize) -> Past {
        std::array::from_fn(|i| (i < n).then(|| Arc::from(vec![i as u8 + 1; len])))
    }

    #[test]
    fn blocks_stand_oldest_first_with_their_distance_and_length() {
        let made = joined(111, &[1, 3], &[0; 2], &past(8, 3));
        let header = |offset: u32| (0x8000_0000 | 111 << 24 | offset << 10 | 3).to_be_bytes();
        let expected = [&header(2880)[..], &header(960), &[111], &[3; 3], &[1; 3], &[0; 2]];
        assert_eq!(made, expected.concat());
    }

    #[test]
    fn what_is_not_there_or_does_not_fit_is_left_out() {
        assert_eq!(joined(111, &[1, 2, 4], &[7], &past(0, 0)), [111, 7]);
        let full = joined(111, &PROBE, &[7; 200], &past(8, 200));
        assert!(full.len() <= MAX_PAYLOAD, "{}", full.len());
        assert_eq!(joined(111, &[1], &[7], &past(1, LONGEST_BLOCK + 1)), [111, 7]);
    }

    #[test]
    fn receivers_of_the_same_share_one_payload() {
        let (mut repeats, past) = (Repeats::default(), past(8, 3));
        let first = repeats.payload(111, LEVELS[1], (&[0], &past));
        let second = repeats.payload(111, LEVELS[1], (&[0], &past));
        assert!(Arc::ptr_eq(&first, &second));
        assert_ne!(first, repeats.payload(109, LEVELS[1], (&[0], &past)));
        assert_ne!(first, repeats.payload(111, LEVELS[2], (&[0], &past)));
    }

    #[test]
    fn loss_raises_the_level_at_once_and_its_end_lowers_it_bit_by_bit() {
        let (mut redundancy, now) = (Redundancy::default(), Instant::now());
        redundancy.follow(0.005, 3, now);
        assert!(redundancy.distances().is_empty());
        redundancy.follow(0.2, 3, now);
        assert_eq!(redundancy.distances(), [1, 2, 4]);
        let lengths: Vec<usize> = (1..=50)
            .map(|second| {
                redundancy.follow(0.0, 3, now + Duration::from_secs(second));
                redundancy.distances().len()
            })
            .collect();
        assert_eq!((lengths[8], lengths[9], lengths[19], lengths[29]), (3, 2, 1, 0));
    }

    #[test]
    fn a_jam_takes_it_back_at_once() {
        let (mut redundancy, now) = (Redundancy::default(), Instant::now());
        redundancy.follow(0.2, 3, now);
        redundancy.follow(0.2, 0, now);
        assert!(redundancy.distances().is_empty());
        redundancy.probe(8);
        assert_eq!(redundancy.distances().len(), 8);
    }
}
