//! Facts about a leg, as plain values: what came, when, and what was missing.

use rotunda_codec::VideoCodec;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Arrivals kept of each kind: about a minute and a half of pictures, 40 s of sound.
const KEPT: usize = 2048;
/// Times of sent pictures kept.
const KEPT_SENT: usize = 256;
/// Requests by REMB kept.
const KEPT_ASKS: usize = 256;

/// One picture or packet of sound that came.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When its first packet was read.
    pub at: Instant,
    /// RTP time, extended, in ticks of its clock.
    pub rtp: u64,
    /// Its size, encoded.
    pub bytes: usize,
    /// A key frame.
    pub keyframe: bool,
    /// Nothing before it is missing.
    pub contiguous: bool,
}

/// What came of one kind.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// How many came.
    pub count: u64,
    /// Packets lost for good, by sequence numbers.
    pub lost_packets: u64,
    /// Packets that came.
    pub packets: u64,
    /// Bytes that came, headers not counted.
    pub bytes: u64,
    /// The latest ones, oldest first.
    pub recent: VecDeque<Arrival>,
    last_seq: Option<u64>,
}

impl Arrivals {
    pub(crate) fn add(&mut self, arrival: Arrival, first_seq: u64, last_seq: u64) {
        self.count += 1;
        self.bytes += arrival.bytes as u64;
        self.packets += last_seq.saturating_sub(first_seq) + 1;
        if let Some(last) = self.last_seq {
            self.lost_packets += first_seq.saturating_sub(last + 1);
        }
        self.last_seq = Some(last_seq);
        if self.recent.len() >= KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(arrival);
    }

    /// The latest.
    pub fn last(&self) -> Option<&Arrival> {
        self.recent.back()
    }

    /// How many came from `from` on.
    pub fn since(&self, from: Instant) -> usize {
        self.recent.iter().filter(|a| a.at >= from).count()
    }

    /// How many came from `from` on, before `to`.
    pub fn between(&self, from: Instant, to: Instant) -> usize {
        self.recent.iter().filter(|a| a.at >= from && a.at < to).count()
    }

    /// The longest time without any between `from` and `to`, both ends counted as arrivals.
    pub fn longest_gap(&self, from: Instant, to: Instant) -> Duration {
        let within = self.recent.iter().map(|a| a.at).filter(|at| (from..to).contains(at));
        let mut before = from;
        let mut longest = Duration::ZERO;
        for at in within.chain([to]) {
            longest = longest.max(at.saturating_duration_since(before));
            before = at;
        }
        longest
    }

    /// When each kept key frame came.
    pub fn keyframes(&self) -> impl Iterator<Item = Instant> {
        self.recent.iter().filter(|a| a.keyframe).map(|a| a.at)
    }
}

/// Pictures that came.
#[derive(Clone, Debug, Default)]
pub struct PictureFacts {
    /// All of them.
    pub arrivals: Arrivals,
    /// The first one, and what it was.
    pub first: Option<Arrival>,
    /// The first key frame.
    pub first_keyframe: Option<Instant>,
    /// What the latest is encoded in.
    pub codec: Option<VideoCodec>,
    /// Key frames so far.
    pub keyframes: u64,
    /// Pictures before which something is lost for good.
    pub gaps: u64,
    /// Pictures decoded.
    pub decoded: u64,
    /// Pictures that came and did not decode.
    pub undecodable: u64,
    /// Size of the latest decoded picture.
    pub size: (u32, u32),
}

/// Sound that came.
#[derive(Clone, Debug, Default)]
pub struct SoundFacts {
    /// All packets.
    pub arrivals: Arrivals,
    /// Packets that did not decode.
    pub undecodable: u64,
    /// The latest two seconds, decoded, oldest first.
    pub pcm: VecDeque<f32>,
}

/// All of a leg.
#[derive(Clone, Debug, Default)]
pub struct LegFacts {
    /// When ICE and DTLS were up.
    pub connected_at: Option<Instant>,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// Why the socket is of no use any more.
    pub broken: Option<String>,
    /// Pictures received.
    pub pictures: PictureFacts,
    /// Sound received.
    pub sound: SoundFacts,
    /// Pictures sent.
    pub pictures_sent: u64,
    /// When the latest of them were sent, oldest first.
    pub sent_recently: VecDeque<Instant>,
    /// Packets of sound sent.
    pub sounds_sent: u64,
    /// What could not be sent because the answer does not allow it.
    pub unsent: u64,
    /// Key frames the server asked for.
    pub keyframe_asks: u64,
    /// Bitrates the server asked for by REMB, each change with its time.
    pub asked: Vec<(Instant, u64)>,
}

impl LegFacts {
    /// What the server asks for now, in bits per second.
    pub fn asked_now(&self) -> Option<u64> {
        self.asked.last().map(|(_, bps)| *bps)
    }

    pub(crate) fn picture_sent(&mut self) {
        self.pictures_sent += 1;
        if self.sent_recently.len() >= KEPT_SENT {
            self.sent_recently.pop_front();
        }
        self.sent_recently.push_back(Instant::now());
    }

    pub(crate) fn asked_bps(&mut self, bps: u64) {
        if self.asked_now() != Some(bps) && self.asked.len() < KEPT_ASKS {
            self.asked.push((Instant::now(), bps));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(at: Instant) -> Arrival {
        Arrival { at, rtp: 0, bytes: 10, keyframe: false, contiguous: true }
    }

    #[test]
    fn missing_sequence_numbers_are_losses() {
        let mut arrivals = Arrivals::default();
        let now = Instant::now();
        for (first, last) in [(5, 7), (8, 8), (11, 12)] {
            arrivals.add(arrival(now), first, last);
        }
        assert_eq!((arrivals.packets, arrivals.lost_packets), (6, 2));
    }

    #[test]
    fn a_gap_at_either_end_counts() {
        let mut arrivals = Arrivals::default();
        let start = Instant::now();
        let ms = Duration::from_millis;
        for at in [50, 70, 90] {
            arrivals.add(arrival(start + ms(at)), at, at);
        }
        assert_eq!(arrivals.longest_gap(start, start + ms(100)), ms(50));
        assert_eq!(arrivals.longest_gap(start + ms(40), start + ms(200)), ms(110));
    }
}
