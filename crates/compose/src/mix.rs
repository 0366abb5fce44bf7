//! The mix of a room, and each speaker's mix without themself.
//!
//! Sums in `f32`: 24 bits of precision leave one's own voice 130 dB down after it is taken out
//! again, and no order of summing can overflow. Knows neither gain nor limit.

/// Samples of 20 ms at 48 kHz, mono.
pub const FRAME_SAMPLES: usize = 960;

/// 20 ms of sound, ±1.0 full scale.
pub type MixFrame = [f32; FRAME_SAMPLES];

/// A frame in which nothing is heard.
pub const SILENCE: MixFrame = [0.0; FRAME_SAMPLES];

/// The sum of all who are heard in one tick.
#[derive(Debug, Clone)]
pub struct Mix {
    total: MixFrame,
    voices: usize,
}

impl Default for Mix {
    fn default() -> Mix {
        Mix { total: SILENCE, voices: 0 }
    }
}

impl Mix {
    /// The sum of these frames.
    pub fn sum<'a>(frames: impl IntoIterator<Item = &'a MixFrame>) -> Mix {
        let mut mix = Mix::default();
        for frame in frames {
            mix.add(frame);
        }
        mix
    }

    /// Adds one more voice.
    pub fn add(&mut self, frame: &MixFrame) {
        for (sum, sample) in self.total.iter_mut().zip(frame) {
            *sum += sample;
        }
        self.voices += 1;
    }

    /// How many voices are in it.
    pub fn voices(&self) -> usize {
        self.voices
    }

    /// Everybody: what silent members and the audience hear. Not limited yet.
    pub fn total(&self) -> &MixFrame {
        &self.total
    }

    /// Everybody but `own`, which must have been added: what that speaker hears. Not limited yet.
    pub fn minus(&self, own: &MixFrame) -> MixFrame {
        // A lone speaker hears true silence, not the rounding of a subtraction.
        if self.voices <= 1 {
            return SILENCE;
        }
        std::array::from_fn(|i| self.total[i] - own[i])
    }
}
