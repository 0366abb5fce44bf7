//! Why a coded picture is not shown: said by its headers, by a library, or by the decoder around both.

use crate::frame::VideoCodec;

/// Why a packet gave no picture. The decoder stays usable; a keyframe heals it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The library gave no decoder.
    #[error("starting the {0:?} decoder")]
    Start(VideoCodec),
    /// Nothing to decode.
    #[error("an empty packet")]
    Empty,
    /// Longer than [`MAX_PACKET_BYTES`](crate::MAX_PACKET_BYTES).
    #[error("a packet of {0} bytes")]
    TooLong(usize),
    /// More than 4096×2160 in either orientation; refused before anything is allocated.
    #[error("a picture of {width}x{height} is too large")]
    TooLarge {
        /// As announced.
        width: u32,
        /// As announced.
        height: u32,
    },
    /// Less than two pixels on a side.
    #[error("a picture of {width}x{height} is too small")]
    TooSmall {
        /// As announced.
        width: u32,
        /// As announced.
        height: u32,
    },
    /// The headers are damaged or of a kind that is not decoded.
    #[error("{0}")]
    Header(&'static str),
    /// The library refused the packet, or could only guess at parts of the picture.
    #[error("the coded picture is damaged")]
    Damaged,
}
