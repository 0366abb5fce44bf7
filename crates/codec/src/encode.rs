//! Encoding of a canvas: one encoder per canvas and codec, its output shared by all receivers.
//!
//! Keyframes come only when asked for (and first): a room asks once for all its receivers. Knows
//! nothing of who receives, nor of the clock that made the time stamps.

use crate::encoded::{EncodeError, EncodedFrame};
use crate::encoder_settings::{BITRATE_BPS_MAX, BITRATE_BPS_MIN, EncoderSettings, Speed};
use crate::frame::{Frame, VideoCodec};
use crate::h264::H264Encoder;
use crate::vp8::Vp8Encoder;

/// Longest time between two pictures that the rate control is told of, in frame times. A canvas
/// that stands still is encoded once a second; told the truth, the rate control saves the bits up
/// and spends them on single pictures of 70 to 120 kB (measured, 720p at 1 Mbit/s), a burst
/// towards every receiver at once.
const MAX_GAP_FRAMES: u64 = 3;

/// A video encoder, single-threaded: a second thread costs more than it brings, rooms run side
/// by side.
pub struct VideoEncoder {
    settings: EncoderSettings,
    clock: RateClock,
    inner: Inner,
}

enum Inner {
    Vp8(Vp8Encoder),
    /// Boxed: it holds openh264's table of layers in place, far larger than a `Vp8Encoder`.
    H264(Box<H264Encoder>),
}

impl VideoEncoder {
    /// An encoder whose first picture will be a keyframe.
    ///
    /// # Errors
    /// [`EncodeError::Settings`] outside the ranges, [`EncodeError::Start`] if the library gives
    /// none.
    pub fn new(codec: VideoCodec, settings: EncoderSettings) -> Result<VideoEncoder, EncodeError> {
        let settings = settings.checked()?;
        let inner = match codec {
            VideoCodec::Vp8 => Inner::Vp8(Vp8Encoder::new(&settings)?),
            VideoCodec::H264 => Inner::H264(Box::new(H264Encoder::new(&settings)?)),
        };
        Ok(VideoEncoder { settings, clock: RateClock::new(settings.fps), inner })
    }

    /// What it makes now, changes of bitrate and speed included.
    pub fn settings(&self) -> EncoderSettings {
        self.settings
    }

    /// What it encodes to.
    pub fn codec(&self) -> VideoCodec {
        match self.inner {
            Inner::Vp8(_) => VideoCodec::Vp8,
            Inner::H264(_) => VideoCodec::H264,
        }
    }

    /// Encodes one picture shown at `pts_90khz` (any origin; gaps are welcome).
    ///
    /// # Errors
    /// [`EncodeError::FrameSize`] for a frame of another size, [`EncodeError::Failed`].
    pub fn encode(
        &mut self,
        frame: &Frame,
        force_keyframe: bool,
        pts_90khz: u64,
    ) -> Result<EncodedFrame, EncodeError> {
        let (width, height) = (frame.width(), frame.height());
        if (width, height) != (self.settings.width, self.settings.height) {
            return Err(EncodeError::FrameSize { width, height });
        }
        let (at, duration) = self.clock.advance(pts_90khz);
        match &mut self.inner {
            Inner::Vp8(encoder) => encoder.encode(frame, force_keyframe, at, duration),
            Inner::H264(encoder) => encoder.encode(frame, force_keyframe),
        }
    }

    /// Changes the target, from the next picture on; held within the bounds.
    ///
    /// # Errors
    /// [`EncodeError::Failed`] if the library refuses; the old target stays.
    pub fn set_bitrate(&mut self, bps: u32) -> Result<(), EncodeError> {
        let bps = bps.clamp(BITRATE_BPS_MIN, BITRATE_BPS_MAX);
        if bps == self.settings.bitrate_bps {
            return Ok(());
        }
        match &mut self.inner {
            Inner::Vp8(encoder) => encoder.set_bitrate(bps)?,
            Inner::H264(encoder) => encoder.set_bitrate(&self.settings, bps)?,
        }
        self.settings.bitrate_bps = bps;
        Ok(())
    }

    /// Changes the effort, from the next picture on. H.264 always runs at its fastest.
    ///
    /// # Errors
    /// [`EncodeError::Failed`] if the library refuses; the old effort stays.
    pub fn set_speed(&mut self, speed: Speed) -> Result<(), EncodeError> {
        if let Inner::Vp8(encoder) = &mut self.inner {
            encoder.set_speed(speed)?;
        }
        self.settings.speed = speed;
        Ok(())
    }
}

/// The time as the rate control sees it: always forward, gaps shortened to [`MAX_GAP_FRAMES`].
struct RateClock {
    frame_ticks: u64,
    last_pts: Option<u64>,
    at: i64,
}

impl RateClock {
    fn new(fps: u32) -> RateClock {
        RateClock { frame_ticks: 90_000 / u64::from(fps.max(1)), last_pts: None, at: 0 }
    }

    /// Position and nominal duration of the picture at `pts_90khz`, in 90 kHz ticks.
    fn advance(&mut self, pts_90khz: u64) -> (i64, u64) {
        if let Some(last) = self.last_pts {
            let step = pts_90khz.saturating_sub(last);
            // Half a frame at least: a smaller step would look like a thousand frames a second.
            let step = step.clamp(self.frame_ticks / 2, self.frame_ticks * MAX_GAP_FRAMES);
            self.at += step as i64;
        }
        self.last_pts = Some(pts_90khz);
        (self.at, self.frame_ticks)
    }
}
