//! Encoding of a canvas: one encoder per canvas and codec, its output shared by all receivers.
//!
//! Keyframes come only when asked for (and first): a room asks once for all its receivers. Knows
//! nothing of who receives, nor of the clock that made the time stamps.

use crate::frame::{Frame, VideoCodec};
use crate::h264::H264Encoder;
use crate::vp8::Vp8Encoder;

/// The least bitrate an encoder takes; below it neither gives a recognisable picture.
pub const BITRATE_BPS_MIN: u32 = 30_000;
/// The greatest bitrate an encoder takes; H.264 level 3.1 stops soon after.
pub const BITRATE_BPS_MAX: u32 = 12_000_000;

/// Longest time between two pictures that the rate control is told of, in frame times. A canvas
/// that stands still is encoded once a second; told the truth, the rate control saves the bits up
/// and spends them on single pictures of 70 to 120 kB (measured, 720p at 1 Mbit/s), a burst
/// towards every receiver at once.
const MAX_GAP_FRAMES: u64 = 3;

/// How much work goes into each picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speed {
    /// The knee of quality against time (libvpx cpu-used −8).
    #[default]
    Normal,
    /// For a machine that cannot keep up (libvpx cpu-used −12: a fifth less time, 2 dB less
    /// quality). openh264 has nothing faster than it always runs at.
    Fast,
}

/// What an encoder makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderSettings {
    /// Width in pixels: even, 16 to 3840.
    pub width: u32,
    /// Height in pixels: even, 16 to 2160.
    pub height: u32,
    /// Nominal pictures per second, 1 to 60. Pictures may come slower.
    pub fps: u32,
    /// Target in bits per second; held within [`BITRATE_BPS_MIN`] and [`BITRATE_BPS_MAX`].
    pub bitrate_bps: u32,
    /// Effort.
    pub speed: Speed,
}

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
    /// Settings outside the ranges of [`EncoderSettings`].
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

impl EncoderSettings {
    fn checked(mut self) -> Result<EncoderSettings, EncodeError> {
        let EncoderSettings { width, height, fps, .. } = self;
        let even = width.is_multiple_of(2) && height.is_multiple_of(2);
        let sides = (16..=3840).contains(&width) && (16..=2160).contains(&height);
        if !even || !sides || !(1..=60).contains(&fps) {
            return Err(EncodeError::Settings { width, height, fps });
        }
        self.bitrate_bps = self.bitrate_bps.clamp(BITRATE_BPS_MIN, BITRATE_BPS_MAX);
        Ok(self)
    }
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

    /// Changes the effort, from the next picture on. H.264 already runs at its fastest.
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
