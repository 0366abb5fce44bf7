//! What a coded picture says of itself before it is decoded: its size and whether it is a keyframe.
//!
//! Libraries allocate as soon as they have read a size, so the size is read here first, from the
//! same bits, and judged. Anything the library might read differently is refused. Decodes nothing.

use crate::decode_error::DecodeError;
use crate::frame::{MAX_SIDE, VideoCodec};
use crate::sps;

/// 4096×2160, the largest picture a camera or screen may send, in either orientation.
const MAX_PIXELS: u64 = 4096 * 2160;

/// Whether the packet (a whole coded picture) can be decoded without an earlier one.
///
/// VP8: the frame-type bit (RFC 6386 section 9.1). H.264, Annex B: holds an IDR slice (NAL unit
/// type 5, ITU-T H.264 table 7-1).
pub fn is_keyframe(codec: VideoCodec, packet: &[u8]) -> bool {
    match codec {
        VideoCodec::Vp8 => packet.first().is_some_and(|first| first & 1 == 0),
        VideoCodec::H264 => rotunda_annexb::units(packet).any(|nal| rotunda_annexb::kind(nal) == 5),
    }
}

/// Refuses a packet whose headers announce a picture this server does not decode.
pub(crate) fn check(codec: VideoCodec, packet: &[u8]) -> Result<(), DecodeError> {
    match codec {
        VideoCodec::Vp8 => check_vp8(packet),
        VideoCodec::H264 => check_h264(packet),
    }
}

/// Width and height that a whole coded picture says it has; none if it says nothing of that, or nothing that
/// can be read. Of H.264 the coded size, in whole macroblocks; of several the largest.
pub fn coded_size(codec: VideoCodec, packet: &[u8]) -> Option<(u32, u32)> {
    match codec {
        VideoCodec::Vp8 if is_keyframe(codec, packet) => packet.get(..10).map(vp8_size),
        VideoCodec::Vp8 => None,
        VideoCodec::H264 => {
            let sizes = rotunda_annexb::units(packet).filter_map(|nal| {
                let (&first, payload) = nal.split_first()?;
                let coded =
                    matches!(first & 31, 7 | 15).then(|| sps::coded_size(payload).ok())??;
                Some((coded.width, coded.height))
            });
            sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
        }
    }
}

/// How many pictures lie in what came as one, one at the least: a decoder of H.264 decodes all of them. They
/// are counted by the slices with which a picture begins (`first_mb_in_slice` 0, ITU-T H.264 7.3.3).
pub fn pictures_in(codec: VideoCodec, packet: &[u8]) -> usize {
    if codec == VideoCodec::Vp8 {
        return 1;
    }
    let begins = |nal: &&[u8]| matches!(nal, [head, first, ..] if matches!(head & 31, 1 | 5) && first & 0x80 != 0);
    rotunda_annexb::units(packet).filter(begins).count().max(1)
}

/// Of the ten bytes a VP8 keyframe begins with.
fn vp8_size(header: &[u8]) -> (u32, u32) {
    let side = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]) & 0x3fff);
    (side(6), side(8))
}

fn check_size(width: u32, height: u32) -> Result<(), DecodeError> {
    if width < 2 || height < 2 {
        return Err(DecodeError::TooSmall { width, height });
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(DecodeError::TooLarge { width, height });
    }
    Ok(())
}

/// RFC 6386 section 9.1: a 3-byte frame tag; in a keyframe then the start code 9d 01 2a and two
/// 14-bit sizes.
fn check_vp8(packet: &[u8]) -> Result<(), DecodeError> {
    if !is_keyframe(VideoCodec::Vp8, packet) {
        return Ok(());
    }
    let Some(header) = packet.get(..10) else {
        return Err(DecodeError::Header("VP8 keyframe shorter than its header"));
    };
    if header[3..6] != [0x9d, 0x01, 0x2a] {
        return Err(DecodeError::Header("VP8 keyframe without its start code"));
    }
    let (width, height) = vp8_size(header);
    check_size(width, height)
}

/// Judges every sequence parameter set (types 7 and 15; the decoder reads both) in the packet.
fn check_h264(packet: &[u8]) -> Result<(), DecodeError> {
    if !rotunda_annexb::has_start_code(packet) {
        return Err(DecodeError::Header("no Annex B start code"));
    }
    for nal in rotunda_annexb::units(packet) {
        let Some((&first, payload)) = nal.split_first() else { continue };
        if matches!(first & 31, 7 | 15) {
            let coded = sps::coded_size(payload).map_err(DecodeError::Header)?;
            check_size(coded.width, coded.height)?;
            if !coded.references_fit() {
                return Err(DecodeError::Header("SPS asks for more references than level 5.2"));
            }
        }
    }
    Ok(())
}
