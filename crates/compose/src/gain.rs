//! A member's volume: decibels, changed without a click.

use crate::mix::MixFrame;

/// The least volume, in decibels; at and below it there is silence.
pub const GAIN_DB_MIN: f32 = -50.0;
/// The greatest volume, in decibels.
pub const GAIN_DB_MAX: f32 = 50.0;

/// A gain that moves to a new setting over one frame (20 ms).
#[derive(Debug, Clone)]
pub struct Gain {
    current: f32,
    target: f32,
}

impl Default for Gain {
    fn default() -> Gain {
        Gain { current: 1.0, target: 1.0 }
    }
}

impl Gain {
    /// A gain that starts at `db`, without a ramp.
    pub fn new(db: f32) -> Gain {
        Gain { current: factor(db), target: factor(db) }
    }

    /// Moves to `db` with the next frame; held within [`GAIN_DB_MIN`] (silence) and
    /// [`GAIN_DB_MAX`]. What is no number is unity.
    pub fn set_db(&mut self, db: f32) {
        self.target = factor(db);
    }

    /// Whether nothing can be heard now nor is about to be.
    pub fn is_silent(&self) -> bool {
        self.current == 0.0 && self.target == 0.0
    }

    /// Applies the gain in place.
    pub fn apply(&mut self, frame: &mut MixFrame) {
        if self.current == self.target {
            if self.current != 1.0 {
                frame.iter_mut().for_each(|sample| *sample *= self.current);
            }
            return;
        }
        let step = (self.target - self.current) / frame.len() as f32;
        for (i, sample) in frame.iter_mut().enumerate() {
            *sample *= self.current + step * (i + 1) as f32;
        }
        self.current = self.target;
    }
}

fn factor(db: f32) -> f32 {
    if db.is_nan() {
        1.0
    } else if db <= GAIN_DB_MIN {
        0.0
    } else {
        10f32.powf(db.min(GAIN_DB_MAX) / 20.0)
    }
}
