//! What the operator decides about pictures and sound, and what a room's canvas is to be.

use rotunda_domain::{Quality, Size};
use std::time::Duration;

/// What the operator decides.
#[derive(Clone, Copy, Debug)]
pub struct GraphOptions {
    /// Threads that decode.
    pub decode_threads: usize,
    /// Threads that compose and encode.
    pub canvas_threads: usize,
    /// Threads that mix.
    pub mix_threads: usize,
    /// Bits a second of a 720p canvas.
    pub bitrate_720p: u32,
    /// Bits a second of a 1080p canvas.
    pub bitrate_1080p: u32,
    /// Draw each member's name into their cell.
    pub name_banners: bool,
    /// Cut other aspects to fill their cell instead of leaving bars.
    pub crop: bool,
    /// Ask senders to send no more than their cell can show.
    pub uplink_shaping: bool,
    /// Pixels a second that the pictures of one member may cost the decoders, those of their screens and
    /// devices included. What goes beyond is left out undecoded. By default three times 1080p at 30 a
    /// second, which is a camera and a screen of 1080p, one of them with 60: a 4K picture 21 times a second.
    pub decode_pixels_per_second: u64,
    /// At most this long between two frames of a canvas on which nothing changes.
    pub still_every: Duration,
}

impl Default for GraphOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            decode_threads: cores,
            canvas_threads: cores,
            mix_threads: cores.div_ceil(4),
            bitrate_720p: 2_000_000,
            bitrate_1080p: 4_000_000,
            name_banners: false,
            crop: false,
            uplink_shaping: true,
            decode_pixels_per_second: 3 * 1920 * 1080 * 30,
            still_every: Duration::from_secs(1),
        }
    }
}

/// What a room's canvas is to be.
#[derive(Clone, Copy, Debug)]
pub struct CanvasSpec {
    /// Resolution.
    pub quality: Quality,
    /// Frames a second.
    pub fps: u32,
    /// Align each member's sound and picture.
    pub audio_video_sync: bool,
    /// Draw names, or do not, whatever the operator's default; `None` is that default.
    pub name_banners: Option<bool>,
}

impl CanvasSpec {
    /// How large it is before the first plan says so.
    pub fn size(&self) -> Size {
        self.quality.size()
    }

    /// Bits a second of the canvas.
    pub fn bitrate(&self, options: &GraphOptions) -> u32 {
        match self.quality {
            Quality::P720 => options.bitrate_720p,
            Quality::P1080 => options.bitrate_1080p,
        }
    }
}
