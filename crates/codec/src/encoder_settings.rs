//! What is asked of an encoder, and the bounds of it.

use crate::encoded::EncodeError;

/// The least bitrate an encoder takes; below it neither gives a recognisable picture.
pub const BITRATE_BPS_MIN: u32 = 30_000;
/// The greatest bitrate an encoder takes; H.264 level 3.1 stops soon after.
pub const BITRATE_BPS_MAX: u32 = 12_000_000;

/// How much work goes into each picture. openh264 knows one only: the fastest. What is said of quality is
/// measured at one rate on a canvas of nine cameras on which everything moves; on a quiet one the first two
/// are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Speed {
    /// Where there is time (libvpx cpu-used −6: a sixth more time than [`Speed::Normal`], 0.3 dB more
    /// quality). One step on, −4, takes nearly twice as long for another 0.5 dB.
    Careful,
    /// The knee of quality against time (libvpx cpu-used −8).
    #[default]
    Normal,
    /// For a machine that cannot keep up (libvpx cpu-used −12: a sixth less time, 1 dB less quality).
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

impl EncoderSettings {
    /// These settings with the bitrate held within its bounds.
    ///
    /// # Errors
    /// [`EncodeError::Settings`] outside the ranges.
    pub(crate) fn checked(mut self) -> Result<EncoderSettings, EncodeError> {
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
