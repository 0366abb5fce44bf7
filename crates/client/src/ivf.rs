//! Reads IVF files: encoded pictures that are sent without decoding them.

use crate::error::ClientError;
use rotunda_codec::{VideoCodec, is_keyframe};
use std::path::Path;
use std::sync::Arc;

/// The longest picture taken from a file.
const LONGEST: usize = 4 << 20;

/// A clip of encoded pictures.
#[derive(Clone, Debug)]
pub struct Clip {
    /// What they are encoded in.
    pub codec: VideoCodec,
    /// Width and height as the header says.
    pub size: (u32, u32),
    /// The pictures; the first is a key frame.
    pub pictures: Vec<Arc<[u8]>>,
}

impl Clip {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read or is no IVF of VP8 or H.264 that begins with a key frame.
    pub fn open(path: &Path) -> Result<Self, ClientError> {
        Self::read(&std::fs::read(path)?)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(bytes: &[u8]) -> Result<Self, ClientError> {
        let wrong = |why: &str| ClientError::Unreadable(format!("IVF: {why}"));
        let header = bytes.get(..32).ok_or_else(|| wrong("no header"))?;
        if &header[..4] != b"DKIF" {
            return Err(wrong("no DKIF"));
        }
        let codec = match &header[8..12] {
            b"VP80" => VideoCodec::Vp8,
            b"H264" => VideoCodec::H264,
            _ => return Err(wrong("neither VP80 nor H264")),
        };
        let u16_at = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let size = (u16_at(12), u16_at(14));
        let begin = u16_at(6) as usize;
        let mut rest = bytes.get(begin..).ok_or_else(|| wrong("cut in its header"))?;
        let mut pictures: Vec<Arc<[u8]>> = Vec::new();
        while let Some((head, body)) = rest.split_at_checked(12) {
            let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
            let picture = body.get(..len).filter(|_| len <= LONGEST);
            pictures.push(picture.ok_or_else(|| wrong("cut in a picture"))?.into());
            rest = &body[len..];
        }
        match pictures.first() {
            Some(first) if is_keyframe(codec, first) => Ok(Self { codec, size, pictures }),
            _ => Err(wrong("does not begin with a key frame")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::{EncoderSettings, Frame, Speed, VideoEncoder};

    fn file(pictures: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"DKIF\0\0\x20\0VP80\x40\0\x20\0".to_vec();
        bytes.resize(32, 0);
        for picture in pictures {
            bytes.extend((picture.len() as u32).to_le_bytes());
            bytes.extend([0; 8]);
            bytes.extend(picture);
        }
        bytes
    }

    #[test]
    fn a_clip_gives_its_pictures_and_a_cut_one_is_refused() {
        let settings = EncoderSettings {
            width: 64,
            height: 32,
            fps: 25,
            bitrate_bps: 100_000,
            speed: Speed::Normal,
        };
        let mut encoder = VideoEncoder::new(VideoCodec::Vp8, settings).unwrap();
        let mut next = |n: u64| encoder.encode(&Frame::new(64, 32), false, n * 3600).unwrap().data;
        let whole = file(&[next(0), next(1)]);
        let clip = Clip::read(&whole).unwrap();
        assert_eq!((clip.codec, clip.size, clip.pictures.len()), (VideoCodec::Vp8, (64, 32), 2));
        assert!(Clip::read(&whole[..whole.len() - 1]).is_err());
        assert!(Clip::read(&file(&[])).is_err());
        assert!(Clip::read(b"DKIF").is_err());
    }
}
