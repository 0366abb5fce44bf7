//! Sound of a child, cut into what the graph takes.

use rotunda_media::{Film, SAMPLES};
use std::time::{Duration, Instant};

/// Sound that is off by more than this from where it should go on begins anew there.
const GAP: Duration = Duration::from_millis(40);
/// Length of [`SAMPLES`].
pub(super) const FRAME: Duration = Duration::from_millis(20);

/// Cuts sound into frames of 20 ms.
#[derive(Default)]
pub(super) struct Sound {
    samples: Vec<i16>,
    /// Where the first of them belongs, in the child's time.
    from: Duration,
}

impl Sound {
    /// Takes mono samples of 16 bits at 48 kHz, which begin `at` in the child's time and are due at
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
        self.samples.extend(pcm.chunks_exact(2).map(|s| i16::from_le_bytes([s[0], s[1]])));
        let mut used = 0;
        for frame in self.samples.as_chunks::<SAMPLES>().0 {
            film.sound.put(origin + self.from, frame);
            self.from += FRAME;
            used += SAMPLES;
        }
        self.samples.drain(..used);
    }
}
