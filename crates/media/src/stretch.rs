//! Makes sound longer or shorter by one period of its pitch, so that neither a click nor another
//! pitch is heard (WSOLA: a waveform is laid over itself where it is most like itself).
//!
//! Pure functions on samples of 48 kHz. They refuse to know why.

use std::ops::RangeInclusive;

/// Samples over which one waveform goes over into another: 5 ms.
pub(crate) const FADE: usize = 240;
/// The periods that are looked for: 2.5 to 15 ms, that is 400 to 67 Hz.
pub(crate) const SHORTEST: usize = 120;
pub(crate) const LONGEST: usize = 720;
/// What is compared: 30 ms, up to the end of the fade.
const WINDOW: usize = 1440;

/// Samples before the seam that must be there to look for a period.
pub(crate) const BEFORE: usize = WINDOW - FADE + LONGEST;
/// Samples after the seam that must be there to look for a period by which sound becomes shorter;
/// to make it longer a [`FADE`] is enough.
pub(crate) const AFTER: usize = FADE + LONGEST;

/// Every eighth sample is enough to see about where a period ends.
const COARSE: usize = 8;

/// Of periods that are about as good the longest is taken, so that fewer are needed: of a high voice
/// three at once.
const AS_ALIKE: f32 = 0.02;

/// Peak of what is quiet: -54 dBFS.
const QUIET: f32 = 0.002;

/// Whether nobody hears a seam in this.
pub(crate) fn is_quiet(samples: &[f32]) -> bool {
    samples.iter().all(|sample| sample.abs() < QUIET)
}

/// Which way the waveform is laid over itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// What comes later is laid over: sound becomes shorter.
    Shorter,
    /// What was before is laid over: sound becomes longer.
    Longer,
}

/// How alike two stretches of sound are, 1 the most.
fn likeness(a: &[f32], b: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt().max(1e-9)
}

/// The period, of `most` samples at most, by which the sound at `seam` is most like itself, and how
/// much. There are [`BEFORE`] samples before and [`AFTER`] or a [`FADE`] after the seam.
pub(crate) fn period(samples: &[f32], seam: usize, way: Way, most: usize) -> (usize, f32) {
    let after = if way == Way::Shorter { AFTER } else { FADE };
    let around = &samples[seam - BEFORE..seam + after];
    let mut coarse = [0.0; (BEFORE + AFTER) / COARSE];
    for (mean, few) in coarse.iter_mut().zip(around.chunks_exact(COARSE)) {
        *mean = few.iter().sum::<f32>() / COARSE as f32;
    }
    let lags = SHORTEST / COARSE..=most.min(LONGEST) / COARSE;
    let about = best(&coarse, LONGEST / COARSE, WINDOW / COARSE, way, lags, AS_ALIKE).0 * COARSE;
    let lags = about.saturating_sub(COARSE).max(SHORTEST)..=(about + COARSE).min(most.min(LONGEST));
    best(around, LONGEST, WINDOW, way, lags, 0.0)
}

/// The lag among `lags` by which `window` samples from `at` on are most like what lies there; the
/// longest of those that are less alike by up to `as_good`.
fn best(
    samples: &[f32],
    at: usize,
    window: usize,
    way: Way,
    lags: RangeInclusive<usize>,
    as_good: f32,
) -> (usize, f32) {
    let here = &samples[at..at + window];
    let (mut found, mut most) = ((*lags.start(), -1.0), -1.0f32);
    for lag in lags {
        let from = if way == Way::Shorter { at + lag } else { at - lag };
        let alike = likeness(here, &samples[from..from + window]);
        if alike > most - as_good {
            found = (lag, alike);
            most = most.max(alike);
        }
    }
    found
}

/// How much of the other is heard at sample `i` of a fade.
fn share(i: usize) -> f32 {
    (i + 1) as f32 / (FADE + 1) as f32
}

/// Fades `to` in over what would have come, `from`: the first [`FADE`] samples of `to`, or fewer.
pub(crate) fn fade_over(from: &[f32], to: &mut [f32]) {
    for (i, (from, to)) in from.iter().zip(to.iter_mut()).take(FADE).enumerate() {
        *to = from + (*to - from) * share(i);
    }
}

/// Takes `lag` samples out at `seam`. There are `lag` and [`FADE`] samples behind it.
pub(crate) fn shorten(samples: &mut Vec<f32>, seam: usize, lag: usize) {
    for i in seam..seam + FADE {
        samples[i] += (samples[i + lag] - samples[i]) * share(i - seam);
    }
    samples.drain(seam + FADE..seam + FADE + lag);
}

/// Puts `lag` samples in at `seam`. There are [`FADE`] samples behind it and `lag` before it.
pub(crate) fn lengthen(samples: &mut Vec<f32>, seam: usize, lag: usize) {
    let (end, len) = (seam + FADE, samples.len());
    samples.resize(len + lag, 0.0);
    samples.copy_within(end..len, end + lag);
    samples.copy_within(end - lag..end, end);
    for i in (seam..end).rev() {
        samples[i] += (samples[i - lag] - samples[i]) * share(i - seam);
    }
}

#[cfg(test)]
#[path = "stretch_tests.rs"]
mod tests;
