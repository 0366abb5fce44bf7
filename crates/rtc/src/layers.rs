//! Of a picture that comes in several layers (simulcast), which one is taken: the largest that is
//! being sent, whatever order the client lists them in. It refuses to know the stack beyond the name
//! of a layer.

use std::time::{Duration, Instant};

use str0m::media::Rid;

use crate::{SenderReport, VideoCodec};

/// A layer of which nothing came for this long is no longer sent: clients leave the largest out when
/// their line gets narrow.
const QUIET: Duration = Duration::from_secs(1);
/// Layers that are remembered; an offer with more is not taken as one of layers.
const MAX_LAYERS: usize = 8;

#[derive(Debug)]
struct Layer {
    rid: Rid,
    /// Of its last key frame: pixels, or bytes where the size does not stand in the first of them.
    weight: u64,
    heard: Instant,
    report: Option<SenderReport>,
}

/// What is done with a picture of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// It is the first of another layer than before.
    Switch,
    Leave,
    /// It would be taken, were it a key frame.
    Ask,
}

#[derive(Debug, Default)]
pub(crate) struct Layers {
    known: Vec<Layer>,
    taken: Option<Rid>,
}

impl Layers {
    /// Judges a picture of layer `rid`; `weight` is that of a key frame.
    pub fn judge(&mut self, rid: Rid, weight: Option<u64>, now: Instant) -> Verdict {
        self.hear(rid, weight, now);
        let best = self.best(now);
        if self.taken == Some(rid) && (best == Some(rid) || weight.is_none()) {
            return Verdict::Take;
        }
        match (best == Some(rid), weight) {
            (true, Some(_)) => {
                self.taken = Some(rid);
                Verdict::Switch
            }
            (true, None) => Verdict::Ask,
            _ if self.taken == Some(rid) => Verdict::Take,
            _ => Verdict::Leave,
        }
    }

    fn hear(&mut self, rid: Rid, weight: Option<u64>, now: Instant) {
        if let Some(layer) = self.known.iter_mut().find(|layer| layer.rid == rid) {
            layer.heard = now;
            layer.weight = weight.unwrap_or(layer.weight);
        } else if self.known.len() < MAX_LAYERS {
            let weight = weight.unwrap_or(0);
            self.known.push(Layer { rid, weight, heard: now, report: None });
        }
    }

    /// The largest of those that are being sent; the one that is taken unless another is larger by
    /// a third, for key frames of one layer differ, too.
    fn best(&self, now: Instant) -> Option<Rid> {
        let is_sent = |layer: &&Layer| now.saturating_duration_since(layer.heard) < QUIET;
        let largest = self.known.iter().filter(is_sent).max_by_key(|layer| layer.weight)?;
        let taken = self.known.iter().filter(is_sent).find(|layer| Some(layer.rid) == self.taken);
        let stays = taken.filter(|taken| largest.weight <= taken.weight + taken.weight / 3);
        Some(stays.unwrap_or(largest).rid)
    }

    /// Whether a layer's clock is the picture's. Reports of the others are kept for when it is
    /// theirs.
    pub fn reported(&mut self, rid: Rid, report: SenderReport) -> bool {
        if let Some(layer) = self.known.iter_mut().find(|layer| layer.rid == rid) {
            layer.report = Some(report);
        }
        self.taken == Some(rid)
    }

    /// The last report of the layer that is taken.
    pub fn report(&self) -> Option<SenderReport> {
        self.known.iter().find(|layer| Some(layer.rid) == self.taken)?.report
    }

    /// The layer of which a key frame is asked for, if there are layers.
    pub fn wanted(&self, now: Instant) -> Option<Rid> {
        self.best(now).or(self.taken).or(self.known.last().map(|layer| layer.rid))
    }
}

/// How large a key frame's picture is, as far as layers are to be compared by it.
pub(crate) fn weight(codec: VideoCodec, frame: &[u8]) -> u64 {
    match (codec, frame.get(6..10)) {
        // Two sides of 14 bits behind the start code (RFC 6386 §9.1).
        (VideoCodec::Vp8, Some([a, b, c, d])) => {
            let side = |low: u8, high: u8| u64::from(u16::from_le_bytes([low, high]) & 0x3fff);
            side(*a, *b) * side(*c, *d)
        }
        _ => frame.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn rids() -> [Rid; 3] {
        ["q", "h", "f"].map(Rid::from)
    }

    #[test]
    fn the_largest_layer_is_taken_in_whichever_order_they_come() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let (mut layers, now) = (Layers::default(), Instant::now());
            for n in order {
                layers.judge(rids()[n], Some([19_200, 76_800, 307_200][n]), now);
            }
            let later = now + 30 * MS;
            let taken = rids().map(|rid| layers.judge(rid, None, later) == Verdict::Take);
            assert_eq!(taken, [false, false, true], "{order:?}");
        }
    }

    #[test]
    fn when_the_largest_is_left_out_the_next_is_asked_for_a_key_frame_and_taken() {
        let (mut layers, mut now) = (Layers::default(), Instant::now());
        let [low, _, high] = rids();
        layers.judge(low, Some(100), now);
        assert_eq!(layers.judge(high, Some(900), now), Verdict::Switch);
        for _ in 0..9 {
            now += 100 * MS;
            assert_eq!(layers.judge(low, None, now), Verdict::Leave, "it may have been late");
        }
        now += 200 * MS;
        assert_eq!(layers.judge(low, None, now), Verdict::Ask);
        assert_eq!(layers.wanted(now), Some(low));
        assert_eq!(layers.judge(low, Some(100), now), Verdict::Switch);
        assert_eq!(layers.judge(low, None, now), Verdict::Take);
        assert_eq!(layers.judge(high, Some(900), now), Verdict::Switch, "and back");
    }

    #[test]
    fn key_frames_of_nearly_one_size_do_not_make_it_waver() {
        let (mut layers, now) = (Layers::default(), Instant::now());
        let [low, high, _] = rids();
        layers.judge(high, Some(1000), now);
        assert_eq!(layers.judge(low, Some(1200), now), Verdict::Leave);
        assert_eq!(layers.judge(high, Some(900), now), Verdict::Take);
    }
}
