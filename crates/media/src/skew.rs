//! A sender's clock against ours: how long its sound waits to be heard, kept what it was by playing
//! it a thousandth faster or slower. Quartzes are wrong by up to 0.01 %; left alone, that is a hole
//! or a lump of 20 ms every few minutes, and lips that wander until it comes.
//!
//! Values only. It refuses to know packets. Whoever makes sound longer or shorter on purpose begins
//! with a new one: what is usual is learnt anew.

/// Waits that are averaged before the usual wait is believed: five seconds.
const LEARN: u32 = 250;
/// After that the average follows over about this many: eight seconds of an uneven network.
const SMOOTH: f32 = 400.0;
/// Samples the wait may be off: a millisecond.
const DEAD_BAND: f32 = 48.0;

/// The wait of one member's sound, in samples of 48 kHz, and what is usual.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    mean: f32,
    seen: u32,
    usual: f32,
}

impl Skew {
    /// A packet's first sample is heard so long after the earliest packets would have come.
    pub fn waited(&mut self, samples: f32) {
        if self.seen < LEARN {
            self.seen += 1;
            self.mean += (samples - self.mean) / self.seen as f32;
            self.usual = self.mean;
        } else {
            self.mean += (samples - self.mean) / SMOOTH;
        }
    }

    fn is_off(&self) -> bool {
        (self.mean - self.usual).abs() > DEAD_BAND
    }

    /// Samples to be taken for the next `frame` of them: one more or less where the wait is off.
    pub fn stride(&mut self, frame: usize) -> usize {
        if !self.is_off() {
            return frame;
        }
        let off = self.mean - self.usual;
        // What it does is known now; the average would learn it seconds late and swing.
        self.mean -= off.signum();
        if off > 0.0 { frame + 1 } else { frame - 1 }
    }
}

/// Makes `stride` samples the `frame`: straight lines between neighbours, so that the first sample
/// taken is the first heard and nothing is missing where frames meet. There are `stride` or more.
pub(crate) fn stretched(samples: &[f32], stride: usize, frame: &mut [f32]) {
    if stride == frame.len() {
        frame.copy_from_slice(&samples[..stride]);
        return;
    }
    let step = stride as f32 / frame.len() as f32;
    let last = samples.len() - 1;
    for (i, out) in frame.iter_mut().enumerate() {
        let at = i as f32 * step;
        let (before, part) = (at as usize, at.fract());
        let (a, b) = (samples[before.min(last)], samples[(before + 1).min(last)]);
        *out = a + (b - a) * part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_that_is_stretched_has_no_seam() {
        let tone = |at: f32| (at * 0.06).sin();
        for stride in [959, 961] {
            let pcm: Vec<f32> = (0..4 * stride + 1).map(|n| tone(n as f32)).collect();
            let mut heard = Vec::new();
            for n in 0..4 {
                let mut frame = [0.0; 960];
                stretched(&pcm[n * stride..], stride, &mut frame);
                heard.extend(frame);
            }
            let step = stride as f32 / 960.0;
            for (n, sample) in heard.iter().enumerate() {
                assert!((sample - tone(n as f32 * step)).abs() < 0.002, "{stride}: sample {n}");
            }
        }
    }

    /// The wait after ten minutes, and how far it went from `wait` at most, with a clock that is
    /// wrong; each packet comes up to `uneven` samples late.
    fn ten_minutes(mut wait: f32, ppm: f32, uneven: f32) -> (f32, f32) {
        let (mut skew, began, mut most) = (Skew::default(), wait, 0.0_f32);
        for n in 0..30_000_u32 {
            let late = (n.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32 * uneven;
            skew.waited(wait - late);
            wait += 960.0 * ppm / 1e6 + 960.0 - skew.stride(960) as f32;
            most = most.max((wait - began).abs());
        }
        (wait, most)
    }

    #[test]
    fn a_wrong_clock_moves_the_wait_by_four_milliseconds_at_most() {
        for ppm in [-200.0, -100.0, 100.0, 200.0] {
            for uneven in [0.0, 960.0] {
                let (end, most) = ten_minutes(960.0, ppm, uneven);
                assert!(most < 192.0, "{ppm} ppm, {uneven}: {end} at the end, {most} at most");
            }
        }
    }
}
