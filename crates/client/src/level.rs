//! How loud a sound is, all of it or at one frequency.
//!
//! 0 dBFS is a sine that just fills the range, so that a tone reads the same either way.

use rotunda_codec::SAMPLE_RATE_HZ;
use std::f64::consts::TAU;

/// What silence reads.
const FLOOR: f64 = -120.0;

fn dbfs(amplitude: f64) -> f64 {
    if amplitude <= 0.0 { FLOOR } else { (20.0 * amplitude.log10()).max(FLOOR) }
}

/// Loudness of all of it, dBFS.
pub fn level_dbfs(pcm: &[f32]) -> f64 {
    let power: f64 = pcm.iter().map(|s| f64::from(*s).powi(2)).sum();
    dbfs((2.0 * power / pcm.len().max(1) as f64).sqrt())
}

/// Loudness at one frequency, dBFS (Goertzel under a Hann window). Others at least 20 Hz away
/// stay out of it when there is half a second of sound.
pub fn tone_dbfs(pcm: &[f32], hz: f64) -> f64 {
    let n = pcm.len().max(1) as f64;
    let turn = TAU * hz / f64::from(SAMPLE_RATE_HZ);
    let (mut before, mut last) = (0.0, 0.0);
    for (i, sample) in pcm.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * i as f64 / n).cos();
        let next = f64::from(*sample) * window + 2.0 * turn.cos() * last - before;
        (before, last) = (last, next);
    }
    let power = last * last + before * before - 2.0 * turn.cos() * last * before;
    // The window halves the sum, and a sine puts half its amplitude into each sign of frequency.
    dbfs(power.max(0.0).sqrt() * 4.0 / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, amplitude: f64, seconds: f64) -> Vec<f32> {
        let n = (seconds * 48_000.0) as usize;
        (0..n).map(|i| (amplitude * (TAU * hz * i as f64 / 48_000.0).sin()) as f32).collect()
    }

    #[test]
    fn a_tone_reads_its_level_and_silence_elsewhere() {
        let pcm = sine(700.0, 0.1, 0.5);
        assert!((tone_dbfs(&pcm, 700.0) + 20.0).abs() < 0.1);
        assert!((level_dbfs(&pcm) + 20.0).abs() < 0.1);
        assert!(tone_dbfs(&pcm, 900.0) < -80.0);
        assert_eq!(tone_dbfs(&[0.0; 4800], 900.0), FLOOR);
    }

    #[test]
    fn two_tones_are_distinguished() {
        let (a, b) = (sine(500.0, 0.1, 0.5), sine(640.0, 0.01, 0.5));
        let both: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        assert!((tone_dbfs(&both, 640.0) + 40.0).abs() < 0.5);
    }
}
