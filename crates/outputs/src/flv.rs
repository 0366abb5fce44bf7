//! What an RTMP server is sent, as FLV tags (Adobe Flash Video File Format 10.1, annex E): values
//! in, bytes out. It refuses to know who reads them.

use crate::avcc;
use crate::mp4::{AUDIO_SPECIFIC_CONFIG, ParameterSets};
use mp4_atom::{Avcc, Encode};
use rotunda_media::AccessUnit;

/// A file with sound and pictures, and the size of the tag before the first.
const HEAD: [u8; 13] = [b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];
const SOUND: u8 = 8;
const PICTURE: u8 = 9;
/// AAC; the other bits are fixed for it and tell nothing.
const AAC: u8 = 0xaf;
const AVC: u8 = 7;

/// Writes one stream of tags.
#[derive(Debug, Default)]
pub(crate) struct Flv {
    sets: Option<ParameterSets>,
}

impl Flv {
    /// A picture at `ms`. The first must be a key frame: its parameter sets go ahead of it, and so
    /// do others that come later.
    pub fn picture(&mut self, ms: u32, unit: &AccessUnit, out: &mut Vec<u8>) {
        let found = unit.keyframe.then(|| ParameterSets::of(unit.width, unit.height, &unit.data));
        if let Some(sets) = found.flatten()
            && self.sets.as_ref() != Some(&sets)
        {
            self.begin(ms, &sets, out);
            self.sets = Some(sets);
        }
        let kind = if unit.keyframe { 0x10 } else { 0x20 };
        tag(PICTURE, ms, out, |out| {
            out.extend([kind | AVC, 1, 0, 0, 0]);
            avcc::with_lengths(&unit.data, out);
        });
    }

    /// 1024 samples at `ms`; none before the first picture.
    pub fn sound(&self, ms: u32, frame: &[u8], out: &mut Vec<u8>) {
        if self.sets.is_some() {
            tag(SOUND, ms, out, |out| {
                out.extend([AAC, 1]);
                out.extend(frame);
            });
        }
    }

    fn begin(&self, ms: u32, sets: &ParameterSets, out: &mut Vec<u8>) {
        // Without its parameter sets in a record no player could begin; such a key frame is sent
        // all the same, because the next one may have them.
        let Some(record) = record(sets) else { return };
        if self.sets.is_none() {
            out.extend(HEAD);
            tag(SOUND, ms, out, |out| {
                out.extend([AAC, 0]);
                out.extend(AUDIO_SPECIFIC_CONFIG);
            });
        }
        tag(PICTURE, ms, out, |out| {
            out.extend([0x10 | AVC, 0, 0, 0, 0]);
            out.extend(record);
        });
    }
}

/// The parameter sets as a decoder configuration record (ISO/IEC 14496-15 §5.3.3.1): what is in an
/// `avcC` box.
fn record(sets: &ParameterSets) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    Avcc::new(&sets.sequence, &sets.picture).ok()?.encode(&mut bytes).ok()?;
    bytes.get(8..).map(<[u8]>::to_vec)
}

fn tag(kind: u8, ms: u32, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    // Type, size, time and its upper byte, stream.
    let [upper, a, b, c] = ms.to_be_bytes();
    out.extend([kind, 0, 0, 0, a, b, c, upper, 0, 0, 0]);
    body(out);
    let size = (out.len() - start - 11) as u32;
    out[start + 1..start + 4].copy_from_slice(&size.to_be_bytes()[1..]);
    out.extend((size + 11).to_be_bytes());
}

/// The time line of a stream: it begins with a key frame, and goes on counting while nobody is
/// connected, so that what a server sees never runs backwards.
#[derive(Debug, Default)]
pub(crate) struct Line {
    origin: Option<u64>,
    /// Session's time of the first picture of this connection, 1/90000 s.
    from: Option<u64>,
}

impl Line {
    /// Another connection: a key frame comes first again.
    pub fn begin(&mut self) {
        self.from = None;
    }

    /// When a picture is shown, milliseconds; `None` while a key frame is waited for.
    pub fn picture(&mut self, at_90khz: u64, keyframe: bool) -> Option<u32> {
        if self.from.is_none() && keyframe {
            self.from = Some(at_90khz);
        }
        self.from?;
        let origin = *self.origin.get_or_insert(at_90khz);
        Some((at_90khz.saturating_sub(origin) / 90) as u32)
    }

    /// When 1024 samples are heard; `None` for those before the first picture.
    pub fn sound(&self, at_48khz: u64) -> Option<u32> {
        let (from, origin) = (self.from?, self.origin?);
        let at = at_48khz * 15 / 8;
        (at >= from).then(|| (at.saturating_sub(origin) / 90) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_rises_over_connections_and_sound_waits_for_the_first_picture() {
        let mut line = Line::default();
        assert_eq!((line.picture(90_000, false), line.sound(48_000)), (None, None));
        assert_eq!(line.picture(94_500, true), Some(0));
        assert_eq!((line.sound(50_399), line.sound(50_400 + 960)), (None, Some(20)));
        assert_eq!(line.picture(99_000, false), Some(50));
        line.begin();
        assert_eq!((line.picture(180_000, false), line.sound(96_000)), (None, None));
        assert_eq!(line.picture(184_500, true), Some(1000));
        assert_eq!(line.sound(98_400), Some(1000));
    }

    #[test]
    fn an_hour_is_written_to_the_millisecond() {
        let mut line = Line::default();
        line.picture(1_234_500, true);
        assert_eq!(line.picture(1_234_500 + 3600 * 90_000, false), Some(3_600_000));
        assert_eq!(line.sound(658_400 + 3600 * 48_000), Some(3_600_000));
    }

    #[test]
    fn a_tag_tells_its_size_twice_and_its_time_in_four_bytes() {
        let mut out = Vec::new();
        tag(9, 0x0102_0304, &mut out, |out| out.extend([7; 5]));
        let head = [9, 0, 0, 5, 2, 3, 4, 1, 0, 0, 0];
        assert_eq!(out, [&head[..], &[7; 5], &[0, 0, 0, 16]].concat());
    }

    #[test]
    fn nothing_is_sent_before_a_key_frame_with_parameter_sets() {
        let mut out = Vec::new();
        Flv::default().sound(0, &[1, 2, 3], &mut out);
        assert!(out.is_empty());
    }
}
