//! Of a picture that comes in several layers (simulcast), which one is taken: the smallest of those being
//! sent that fills its cell, else the largest, whatever order the client lists them in. It refuses to know
//! the stack beyond the name of a layer.

use std::time::{Duration, Instant};

use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::rbsp::{BitReader, decode_nal};
use str0m::media::Rid;

use crate::{SenderReport, VideoCodec};

/// A layer of which nothing came for this long is no longer sent: clients leave the largest out when
/// their line gets narrow.
const QUIET: Duration = Duration::from_secs(1);
/// Layers that are remembered; an offer with more is not taken as one of layers.
const MAX_LAYERS: usize = 8;

/// A layer that is lower than its cell by less than one in so many fills it.
const NEARLY: u32 = 8;

/// How large a key frame's picture is, as far as layers are to be compared by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Pixels, or bytes where they are not known.
    pub weight: u64,
    /// In pixels; 0 where it is not known.
    pub height: u32,
}

#[derive(Debug)]
struct Layer {
    rid: Rid,
    /// Of its last key frame.
    size: Size,
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

#[derive(Debug)]
pub(crate) struct Layers {
    known: Vec<Layer>,
    taken: Option<Rid>,
    /// How many pixels high its cell is at most.
    cell: u32,
}

impl Default for Layers {
    fn default() -> Self {
        Self { known: Vec::new(), taken: None, cell: u32::MAX }
    }
}

impl Layers {
    /// From now on the cell is so many pixels high at most; at first it is of any height.
    pub fn want(&mut self, height: u32) {
        self.cell = height;
    }

    /// Judges a picture of layer `rid`; `size` is that of a key frame.
    pub fn judge(&mut self, rid: Rid, size: Option<Size>, now: Instant) -> Verdict {
        self.hear(rid, size, now);
        let best = self.best(now);
        if self.taken == Some(rid) && (best == Some(rid) || size.is_none()) {
            return Verdict::Take;
        }
        match (best == Some(rid), size) {
            (true, Some(_)) => {
                self.taken = Some(rid);
                Verdict::Switch
            }
            (true, None) => Verdict::Ask,
            _ if self.taken == Some(rid) => Verdict::Take,
            _ => Verdict::Leave,
        }
    }

    fn hear(&mut self, rid: Rid, size: Option<Size>, now: Instant) {
        if let Some(layer) = self.known.iter_mut().find(|layer| layer.rid == rid) {
            layer.heard = now;
            layer.size = size.unwrap_or(layer.size);
        } else if self.known.len() < MAX_LAYERS {
            self.known.push(Layer {
                rid,
                size: size.unwrap_or_default(),
                heard: now,
                report: None,
            });
        }
    }

    fn best(&self, now: Instant) -> Option<Rid> {
        let is_sent = |layer: &&Layer| now.saturating_duration_since(layer.heard) < QUIET;
        let sent = || self.known.iter().filter(is_sent);
        let fills = |layer: &&Layer| layer.size.height >= self.cell - self.cell / NEARLY;
        match sent().filter(fills).min_by_key(|layer| layer.size.height) {
            Some(least) => Some(least.rid),
            None => self.largest(sent()),
        }
    }

    /// The one that is taken unless another is larger by a third, for key frames of one layer differ, too.
    fn largest<'a>(&self, mut sent: impl Iterator<Item = &'a Layer> + Clone) -> Option<Rid> {
        let largest = sent.clone().max_by_key(|layer| layer.size.weight)?;
        let taken = sent.find(|layer| Some(layer.rid) == self.taken);
        let is_near =
            |taken: &&Layer| largest.size.weight <= taken.size.weight.saturating_mul(4) / 3;
        Some(taken.filter(is_near).unwrap_or(largest).rid)
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

/// How large a key frame's picture is.
pub(crate) fn size_of(codec: VideoCodec, frame: &[u8]) -> Size {
    let sides = match codec {
        VideoCodec::Vp8 => sides_of_vp8(frame),
        VideoCodec::H264 => sides_of_h264(frame),
    };
    match sides {
        Some((width, height)) => Size { weight: u64::from(width) * u64::from(height), height },
        None => Size { weight: frame.len() as u64, height: 0 },
    }
}

/// Two sides of 14 bits behind the start code (RFC 6386 §9.1).
fn sides_of_vp8(frame: &[u8]) -> Option<(u32, u32)> {
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    let [a, b, c, d] = *frame.get(6..10)? else { return None };
    Some((side(a, b), side(c, d)))
}

/// From the sequence parameter set before it (ITU-T H.264 §7.4.2.1.1).
fn sides_of_h264(frame: &[u8]) -> Option<(u32, u32)> {
    let set = rotunda_annexb::units(frame).find(|unit| rotunda_annexb::kind(unit) == 7)?;
    let decoded = decode_nal(set).ok()?;
    let parsed = SeqParameterSet::from_bits(BitReader::new(decoded.as_ref())).ok()?;
    parsed.pixel_dimensions().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn sized(height: u32) -> Size {
        Size { weight: u64::from(height) * u64::from(height), height }
    }

    fn weighing(bytes: u64) -> Size {
        Size { weight: bytes, height: 0 }
    }

    fn rids() -> [Rid; 3] {
        ["q", "h", "f"].map(Rid::from)
    }

    #[test]
    fn the_largest_layer_is_taken_in_whichever_order_they_come() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let (mut layers, now) = (Layers::default(), Instant::now());
            for n in order {
                layers.judge(rids()[n], Some(sized([120, 240, 480][n])), now);
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
        layers.judge(low, Some(sized(100)), now);
        assert_eq!(layers.judge(high, Some(sized(900)), now), Verdict::Switch);
        for _ in 0..9 {
            now += 100 * MS;
            assert_eq!(layers.judge(low, None, now), Verdict::Leave, "it may have been late");
        }
        now += 200 * MS;
        assert_eq!(layers.judge(low, None, now), Verdict::Ask);
        assert_eq!(layers.wanted(now), Some(low));
        assert_eq!(layers.judge(low, Some(sized(100)), now), Verdict::Switch);
        assert_eq!(layers.judge(low, None, now), Verdict::Take);
        assert_eq!(layers.judge(high, Some(sized(900)), now), Verdict::Switch, "and back");
    }

    #[test]
    fn key_frames_of_nearly_one_size_do_not_make_it_waver() {
        let (mut layers, now) = (Layers::default(), Instant::now());
        let [low, high, _] = rids();
        layers.judge(high, Some(weighing(1000)), now);
        assert_eq!(layers.judge(low, Some(weighing(1200)), now), Verdict::Leave);
        assert_eq!(layers.judge(high, Some(weighing(900)), now), Verdict::Take);
    }

    #[test]
    fn the_smallest_that_fills_its_cell_is_taken_and_another_when_the_cell_is_another() {
        let (mut layers, now) = (Layers::default(), Instant::now());
        let all = [180, 360, 720];
        let take = |layers: &mut Layers| {
            rids().iter().zip(all).for_each(|(rid, height)| {
                layers.judge(*rid, Some(sized(height)), now);
            });
            let taken = |(rid, _): &(&Rid, u32)| layers.judge(**rid, None, now) == Verdict::Take;
            rids().iter().zip(all).find(taken).map(|(_, height)| height)
        };
        for (cell, height) in [
            (720, 720),
            (100, 180),
            (190, 180),
            (280, 360),
            (370, 360),
            (560, 720),
            (1080, 720),
            (0, 180),
        ] {
            layers.want(cell);
            assert_eq!(take(&mut layers), Some(height), "a cell of {cell}");
        }
    }

    #[test]
    fn what_fills_its_cell_is_taken_until_a_key_frame_of_another_comes() {
        let (mut layers, now) = (Layers::default(), Instant::now());
        let [low, _, high] = rids();
        layers.judge(low, Some(sized(180)), now);
        layers.judge(high, Some(sized(720)), now);
        layers.want(190);
        assert_eq!(layers.judge(high, None, now), Verdict::Take);
        assert_eq!(layers.judge(low, None, now), Verdict::Ask);
        assert_eq!(layers.judge(low, Some(sized(180)), now), Verdict::Switch);
        assert_eq!(layers.judge(high, Some(sized(720)), now), Verdict::Leave);
    }

    #[test]
    fn a_picture_says_how_high_it_is_in_either_codec() {
        let vp8 = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
        let size = Size { weight: 640 * 360, height: 360 };
        assert_eq!(size_of(VideoCodec::Vp8, &vp8), size);
        // Of 40 by 30 macroblocks, and the beginning of a slice.
        let set = [0, 0, 0, 0x01, 0x67, 0x42, 0xc0, 0x34, 0xda, 0x02, 0x80, 0xf6, 0x40];
        let h264 = [&set[..], &[0, 0, 1, 0x65, 0x88]].concat();
        let size = Size { weight: 640 * 480, height: 480 };
        assert_eq!(size_of(VideoCodec::H264, &h264), size);
        for cut in 0..set.len() {
            assert_eq!(size_of(VideoCodec::H264, &set[..cut]), weighing(cut as u64));
        }
    }
}
