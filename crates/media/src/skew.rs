//! A sender's clock against ours: how long its sound waits to be heard, kept what it was by playing
//! it a thousandth faster or slower. Quartzes are wrong by up to 0.01 %; left alone, that is a hole
//! or a lump of 20 ms every few minutes, and lips that wander until it comes.
//!
//! Values only. It refuses to know packets. Whoever holds sound back or lets some go on purpose
//! begins with a new one: what is usual is learnt anew.

use std::collections::VecDeque;

/// Waits that are averaged before the usual wait is believed: five seconds.
const LEARN: u32 = 250;
/// After that the average follows over about this many: eight seconds of an uneven network.
const SMOOTH: f32 = 400.0;
/// Samples the wait may be off: a millisecond.
const DEAD_BAND: f32 = 48.0;
/// Waits that are looked at before one is called needlessly long: ten seconds.
const WINDOW: u32 = 500;
/// Samples that even the unluckiest packet of those may wait: 20 ms. What a stall of the network or
/// of this machine left beyond that is given back.
const SPARE: f32 = 960.0;

/// The wait of one member's sound, in samples of 48 kHz, and what is usual.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    mean: f32,
    seen: u32,
    usual: f32,
    least: f32,
    in_window: u32,
}

impl Skew {
    /// A packet's first sample is heard so long after it came, without what is held back on purpose.
    pub fn waited(&mut self, samples: f32) {
        if self.seen < LEARN {
            self.seen += 1;
            self.mean += (samples - self.mean) / self.seen as f32;
            self.usual = self.mean;
        } else {
            self.mean += (samples - self.mean) / SMOOTH;
            self.shorten(samples);
        }
    }

    /// Makes the usual wait shorter if nobody needed it for a while.
    fn shorten(&mut self, samples: f32) {
        self.least = if self.in_window == 0 { samples } else { self.least.min(samples) };
        // What was asked for last shows first.
        self.in_window = if self.is_off() { 0 } else { self.in_window + 1 };
        if self.in_window == WINDOW {
            self.in_window = 0;
            self.usual -= (self.least - SPARE).max(0.0);
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

/// Takes `stride` samples off the front as `frame`: straight lines between neighbours, so that the
/// first sample taken is the first heard and nothing is missing where frames meet. There are
/// `stride` samples or more.
pub(crate) fn take_stretched(pcm: &mut VecDeque<f32>, stride: usize, frame: &mut [f32]) {
    if stride != frame.len() {
        let step = stride as f32 / frame.len() as f32;
        let last = pcm.len() - 1;
        for (i, out) in frame.iter_mut().enumerate() {
            let at = i as f32 * step;
            let (before, part) = (at as usize, at.fract());
            let (a, b) = (pcm[before.min(last)], pcm[(before + 1).min(last)]);
            *out = a + (b - a) * part;
        }
        pcm.drain(..stride);
        return;
    }
    for (out, sample) in frame.iter_mut().zip(pcm.drain(..stride)) {
        *out = sample;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_that_is_stretched_has_no_seam() {
        let tone = |at: f32| (at * 0.06).sin();
        for stride in [959, 961] {
            let mut pcm: VecDeque<f32> = (0..4 * stride + 1).map(|n| tone(n as f32)).collect();
            let mut heard = Vec::new();
            for _ in 0..4 {
                let mut frame = [0.0; 960];
                take_stretched(&mut pcm, stride, &mut frame);
                heard.extend(frame);
            }
            assert_eq!(pcm.len(), 1);
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
                let (end, most) = ten_minutes(SPARE, ppm, uneven);
                assert!(most < 192.0, "{ppm} ppm, {uneven}: {end} at the end, {most} at most");
            }
        }
    }

    #[test]
    fn what_a_stall_left_is_given_back_and_what_the_network_needs_is_kept() {
        for (uneven, needed) in [(0.0, SPARE), (1920.0, SPARE + 1920.0)] {
            let (end, _) = ten_minutes(5000.0, 0.0, uneven);
            assert!((end - needed).abs() < 150.0, "{uneven}: {end} of {needed}");
        }
    }
}
