//! Two short notes that say that somebody came or went.
//!
//! Rising or falling, a fifth apart; each note swells and fades, so that neither end is a click.
//! At −20 dBFS it leaves those who speak as they are and the limiter alone.

use crate::mix::{FRAME_SAMPLES, MixFrame};

/// 20 ms frames of a chime: 240 ms.
pub const CHIME_FRAMES: usize = 12;

/// Peak, −20 dBFS.
const AMPLITUDE: f32 = 0.1;
/// C5 and the fifth above it.
const LOW_HZ: f32 = 523.25;
const HIGH_HZ: f32 = 783.99;
const NOTE_SAMPLES: usize = CHIME_FRAMES * FRAME_SAMPLES / 2;
/// 15 ms for a note to swell, and to fade.
const EDGE_SAMPLES: f32 = 720.0;

/// A chime on its way.
#[derive(Debug, Clone)]
pub struct Chime {
    rises: bool,
    frames: usize,
}

impl Chime {
    /// A chime from its beginning: rising for who comes, falling for who goes.
    pub fn new(rises: bool) -> Chime {
        Chime { rises, frames: 0 }
    }

    /// The next 20 ms; `None` when it is over, after [`CHIME_FRAMES`] of them.
    pub fn next_frame(&mut self) -> Option<MixFrame> {
        if self.frames >= CHIME_FRAMES {
            return None;
        }
        let from = self.frames * FRAME_SAMPLES;
        self.frames += 1;
        Some(std::array::from_fn(|i| self.sample(from + i)))
    }

    fn sample(&self, at: usize) -> f32 {
        let (is_first, at) = (at < NOTE_SAMPLES, at % NOTE_SAMPLES);
        let hz = if is_first == self.rises { LOW_HZ } else { HIGH_HZ };
        let edge = at.min(NOTE_SAMPLES - 1 - at) as f32 / EDGE_SAMPLES;
        // Half a cosine: level where it begins and where it ends.
        let swell = 0.5 - 0.5 * (std::f32::consts::PI * edge.min(1.0)).cos();
        AMPLITUDE * swell * (std::f32::consts::TAU * hz * at as f32 / 48_000.0).sin()
    }
}
