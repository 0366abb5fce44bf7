//! Decoding of cameras and screens: one decoder per incoming video track.
//!
//! Knows nothing of packets on the wire, loss or keyframe requests: it is given whole coded
//! pictures in order and says what each shows, or why it shows nothing.

use crate::decode_error::DecodeError;
use crate::frame::{FrameView, VideoCodec};
use crate::h264::H264Decoder;
use crate::header;
use crate::vp8::Vp8Decoder;

/// The longest coded picture a decoder looks at: a 4K keyframe of the poorest encoder is shorter.
pub const MAX_PACKET_BYTES: usize = 4 << 20;

/// A video decoder, single-threaded: the server runs many at once.
pub struct VideoDecoder {
    inner: Inner,
}

enum Inner {
    Vp8(Vp8Decoder),
    H264(H264Decoder),
}

impl VideoDecoder {
    /// A decoder that waits for its first keyframe.
    ///
    /// # Errors
    /// [`DecodeError::Start`] if the library gives none (out of memory).
    pub fn new(codec: VideoCodec) -> Result<VideoDecoder, DecodeError> {
        let inner = match codec {
            VideoCodec::Vp8 => Inner::Vp8(Vp8Decoder::new()?),
            VideoCodec::H264 => Inner::H264(H264Decoder::new()?),
        };
        Ok(VideoDecoder { inner })
    }

    /// What it decodes.
    pub fn codec(&self) -> VideoCodec {
        match self.inner {
            Inner::Vp8(_) => VideoCodec::Vp8,
            Inner::H264(_) => VideoCodec::H264,
        }
    }

    /// Decodes one coded picture (VP8 frame, or H.264 access unit in Annex B form).
    ///
    /// The view lives in the decoder's own buffers, until the next call. Its size may differ from
    /// the last one's: browsers change it without warning. Odd sizes lose their last row or
    /// column. `None` means the packet shows nothing (parameter sets alone, a hidden frame).
    ///
    /// # Errors
    /// [`DecodeError`]; ask the sender for a keyframe and go on.
    pub fn decode(&mut self, packet: &[u8]) -> Result<Option<FrameView<'_>>, DecodeError> {
        if packet.is_empty() {
            return Err(DecodeError::Empty);
        }
        if packet.len() > MAX_PACKET_BYTES {
            return Err(DecodeError::TooLong(packet.len()));
        }
        header::check(self.codec(), packet)?;
        match &mut self.inner {
            Inner::Vp8(decoder) => decoder.decode(packet),
            Inner::H264(decoder) => decoder.decode(packet),
        }
    }
}
