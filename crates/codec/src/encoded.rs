//! What an encoder gives: a coded picture, or why there is none.

use crate::frame::VideoCodec;

/// One coded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    /// VP8 frame, or H.264 access unit in Annex B form; an H.264 keyframe begins with SPS, PPS.
    pub data: Vec<u8>,
    /// Whether it can be decoded by itself.
    pub keyframe: bool,
}

/// Why nothing was encoded. The encoder stays usable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EncodeError {
    /// Settings outside the ranges of [`EncoderSettings`](crate::EncoderSettings).
    #[error("an encoder cannot be {width}x{height} at {fps} fps")]
    Settings {
        /// As asked.
        width: u32,
        /// As asked.
        height: u32,
        /// As asked.
        fps: u32,
    },
    /// The library gave no encoder.
    #[error("starting the {0:?} encoder")]
    Start(VideoCodec),
    /// The frame has another size than the encoder.
    #[error("a frame of {width}x{height} does not fit the encoder")]
    FrameSize {
        /// Of the frame.
        width: u32,
        /// Of the frame.
        height: u32,
    },
    /// The library failed on this picture.
    #[error("the encoder failed")]
    Failed,
}
