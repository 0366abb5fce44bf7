//! A limiter at the end of each mix: loud rooms bend, they do not clip.
//!
//! Below −3 dBFS it does nothing at all; above, a soft knee leads towards −1 dBFS, which is never
//! exceeded. No look-ahead and so no delay: the gain drops with the very sample that needs it and
//! recovers over a tenth of a second. Knows nothing of what it limits.

use crate::mix::MixFrame;

/// −3 dBFS: transparent up to here.
const KNEE: f32 = 0.707_945_8;
/// −1 dBFS: never above.
const CEILING: f32 = 0.891_250_9;
/// Decay of the envelope per sample: a time constant of 100 ms at 48 kHz.
const RELEASE: f32 = 0.999_791_7;

/// One limiter per encoded mix; it remembers how loud it just was.
#[derive(Debug, Clone, Default)]
pub struct Limiter {
    envelope: f32,
}

impl Limiter {
    /// A limiter that has heard nothing.
    pub fn new() -> Limiter {
        Limiter::default()
    }

    /// Limits a frame in place. Samples that are no numbers become silence.
    pub fn apply(&mut self, frame: &mut MixFrame) {
        for sample in frame {
            if !sample.is_finite() {
                *sample = 0.0;
            }
            // At once up, slowly down; never below the sample, hence the ceiling holds.
            self.envelope = (self.envelope * RELEASE).max(sample.abs());
            if self.envelope > KNEE {
                *sample *= bent(self.envelope) / self.envelope;
            }
        }
    }
}

/// The knee: slope one where it begins, the ceiling as its asymptote.
fn bent(level: f32) -> f32 {
    let room = CEILING - KNEE;
    KNEE + room * (1.0 - (-(level - KNEE) / room).exp())
}
