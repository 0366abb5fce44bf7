//! Media as a leg sends them: encoded, with their times, and otherwise as they are.

use rotunda_codec::VideoCodec;
use std::sync::Arc;
use std::time::Instant;

/// One encoded picture to be sent.
#[derive(Clone, Debug)]
pub struct RawPicture {
    /// What it is said to be encoded in.
    pub codec: VideoCodec,
    /// Its bytes, whatever they are.
    pub data: Arc<[u8]>,
    /// RTP time in 1/90000 s.
    pub rtp_90khz: u64,
    /// When it was captured; what sender reports tell.
    pub captured: Instant,
    /// When it goes out; later than captured for a sender whose picture is late.
    pub due: Instant,
}

/// One packet of sound to be sent.
#[derive(Clone, Debug)]
pub struct RawSound {
    /// An Opus packet, or whatever.
    pub data: Arc<[u8]>,
    /// RTP time in 1/48000 s.
    pub rtp_48khz: u64,
    /// When its first sample was captured.
    pub captured: Instant,
}
