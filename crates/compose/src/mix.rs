//! The mix of a room: what several say at once.
//!
//! Sums in `f32`: no order of summing can overflow. Knows neither gain nor limit.

/// Samples of 20 ms at 48 kHz, mono.
pub const FRAME_SAMPLES: usize = 960;

/// 20 ms of sound, ±1.0 full scale.
pub type MixFrame = [f32; FRAME_SAMPLES];

/// A frame in which nothing is heard.
pub const SILENCE: MixFrame = [0.0; FRAME_SAMPLES];

/// The sum of these frames. Not limited yet.
pub fn sum<'a>(frames: impl IntoIterator<Item = &'a MixFrame>) -> MixFrame {
    let mut total = SILENCE;
    for frame in frames {
        add(&mut total, frame);
    }
    total
}

/// Adds one more voice to a sum.
pub fn add(total: &mut MixFrame, frame: &MixFrame) {
    for (sum, sample) in total.iter_mut().zip(frame) {
        *sum += sample;
    }
}
