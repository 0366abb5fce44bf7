//! Who looks at decoded media, and what is shown to it.

use rotunda_codec::{FrameView, VideoCodec};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A decoded picture, as a probe sees it.
pub struct Seen<'a> {
    /// The picture; gone after the call.
    pub frame: FrameView<'a>,
    /// RTP time, extended, in 1/90000 s.
    pub rtp_90khz: u64,
    /// When its first packet was read.
    pub arrived: Instant,
    /// Its time on the server's clock by sender reports, in µs; none before the first report.
    pub reported_us: Option<i64>,
}

/// A decoded packet of sound, as a probe hears it.
pub struct Heard<'a> {
    /// Samples at 48 kHz.
    pub pcm: &'a [f32],
    /// RTP time of the first sample, extended, in 1/48000 s.
    pub rtp_48khz: u64,
    /// When it was read.
    pub arrived: Instant,
    /// Time of the first sample on the server's clock by sender reports, in µs.
    pub reported_us: Option<i64>,
}

/// Looks at decoded media as it comes. Called in the leg's task: must be quick.
pub trait Probe: Send + Sync {
    /// A picture came, as it was sent: H.264 as a byte stream (annex B), VP8 as a frame.
    fn coded(&mut self, _codec: VideoCodec, _data: &[u8]) {}
    /// A picture was decoded.
    fn picture(&mut self, _seen: &Seen<'_>) {}
    /// A packet of sound was decoded.
    fn sound(&mut self, _heard: &Heard<'_>) {}
}

impl<P: Probe> Probe for Arc<Mutex<P>> {
    fn coded(&mut self, codec: VideoCodec, data: &[u8]) {
        self.lock().unwrap_or_else(PoisonError::into_inner).coded(codec, data);
    }

    fn picture(&mut self, seen: &Seen<'_>) {
        self.lock().unwrap_or_else(PoisonError::into_inner).picture(seen);
    }

    fn sound(&mut self, heard: &Heard<'_>) {
        self.lock().unwrap_or_else(PoisonError::into_inner).sound(heard);
    }
}
