//! Sound of a child, cut into what the graph takes.

use rotunda_media::{Film, SAMPLES};
use std::time::{Duration, Instant};

/// Sound that is off by more than this from where it should go on begins anew there.
const GAP: Duration = Duration::from_millis(40);
/// Full scale in all of eight channels.
const LOUDEST: f32 = 8.0;
/// Length of [`SAMPLES`].
pub(super) const FRAME: Duration = Duration::from_millis(20);

/// Cuts sound into frames of 20 ms.
#[derive(Default)]
pub(super) struct Sound {
    samples: Vec<f32>,
    /// Where the first of them belongs, in the child's time.
    from: Duration,
}

impl Sound {
    /// Takes mono samples at 48 kHz, floats in little endian, which begin `at` in the child's time and are due at
    /// `due`.
    pub fn put(&mut self, film: &Film, due: Instant, at: Duration, pcm: &[u8]) {
        let held = Duration::from_micros(self.samples.len() as u64 * 1_000_000 / 48_000);
        let next = self.from + held;
        if self.samples.is_empty() || next.abs_diff(at) > GAP {
            self.samples.clear();
            self.from = if next.abs_diff(at) > GAP { at } else { next };
        }
        // The block's own time and place say where the origin lies.
        let Some(origin) = due.checked_sub(at) else { return };
        self.samples.extend(pcm.as_chunks::<4>().0.iter().map(|s| bounded(f32::from_le_bytes(*s))));
        let mut used = 0;
        for frame in self.samples.as_chunks::<SAMPLES>().0 {
            film.sound.put(origin + self.from, frame);
            self.from += FRAME;
            used += SAMPLES;
        }
        self.samples.drain(..used);
    }
}

/// What is no number is silence; what is louder than any mix of channels is not believed.
fn bounded(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}
