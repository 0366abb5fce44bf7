//! Decoded samples of one member that wait to be mixed, with a little of what was mixed before: a
//! period of the pitch is found by looking back.
//!
//! It refuses to know packets and time.

use crate::skew::stretched;
use crate::stretch::{self, AFTER, BEFORE, FADE, SHORTEST, Way};

/// Samples that may have been mixed already before they are moved out of the way: 40 ms.
const SPENT: usize = 1920;

/// A seam where sound is less like itself than this is heard.
const ALIKE: f32 = 0.7;

/// Where sound may be laid over itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seam {
    /// Where it is quiet.
    Quiet,
    /// Also where it is like itself.
    Alike,
    /// Anywhere.
    Any,
}

/// The samples.
pub(crate) struct Pcm {
    samples: Vec<f32>,
    /// The one that is mixed next; at least [`BEFORE`] lie before it.
    next: usize,
}

impl Pcm {
    /// None yet, with room for two packets of 20 ms and a move; longer packets need more.
    pub fn new() -> Self {
        let mut samples = Vec::with_capacity(BEFORE + SPENT + 2 * AFTER + 2 * BEFORE);
        samples.resize(BEFORE, 0.0);
        Self { samples, next: BEFORE }
    }

    /// Samples that wait.
    pub fn len(&self) -> usize {
        self.samples.len() - self.next
    }

    pub fn clear(&mut self) {
        self.samples.clear();
        self.samples.resize(BEFORE, 0.0);
        self.next = BEFORE;
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.samples.extend_from_slice(samples);
    }

    /// Adds silence until there are `len`.
    pub fn fill(&mut self, len: usize) {
        self.samples.resize(self.samples.len().max(self.next + len), 0.0);
    }

    /// Has all that waits, and what was before it, be silence.
    pub fn hush(&mut self) {
        self.samples.fill(0.0);
    }

    /// Has the last `len` samples sink to silence.
    pub fn sink(&mut self, len: usize) {
        let from = self.samples.len() - len.min(self.len());
        let falling = (1..=len).rev().map(|left| (left - 1) as f32 / len as f32);
        self.samples[from..].iter_mut().zip(falling).for_each(|(sample, share)| *sample *= share);
    }

    /// Takes `stride` samples as `frame`. There are as many or more.
    pub fn take(&mut self, stride: usize, frame: &mut [f32]) {
        stretched(&self.samples[self.next..], stride, frame);
        self.next += stride;
        if self.next >= BEFORE + SPENT {
            self.samples.drain(..self.next - BEFORE);
            self.next = BEFORE;
        }
    }

    /// Makes what waits shorter, by up to `most` where it is quiet and by a period where it is not,
    /// and leaves `keep`. Says by how many samples.
    pub fn shorten(&mut self, most: usize, keep: usize, seam: Seam) -> usize {
        let spare = self.len().saturating_sub(keep.max(FADE));
        let most = most.min(spare);
        let lag = match stretch::is_quiet(&self.samples[self.next..][..most + FADE]) {
            true => most,
            false if self.len() < AFTER => 0,
            false => self.period(Way::Shorter, most, seam),
        };
        if lag > 0 {
            stretch::shorten(&mut self.samples, self.next, lag);
        }
        lag
    }

    /// Makes what waits longer, by up to `most` where it is quiet and by a period where it is not;
    /// by one that is longer if there is no other.
    pub fn lengthen(&mut self, most: usize, seam: Seam) -> usize {
        if self.len() < FADE {
            return 0;
        }
        let most_quiet = most.min(BEFORE);
        let end = self.next + FADE;
        let lag = match stretch::is_quiet(&self.samples[end - most_quiet.max(FADE)..end]) {
            true => most_quiet,
            // A period that is longer than needed is better than none.
            false => match self.period(Way::Longer, most, seam) {
                0 => self.period(Way::Longer, stretch::LONGEST, seam),
                lag => lag,
            },
        };
        if lag > 0 {
            stretch::lengthen(&mut self.samples, self.next, lag);
        }
        lag
    }

    fn period(&self, way: Way, most: usize, seam: Seam) -> usize {
        if most < SHORTEST || seam == Seam::Quiet {
            return 0;
        }
        let (lag, alike) = stretch::period(&self.samples, self.next, way, most);
        if alike >= ALIKE || seam == Seam::Any { lag } else { 0 }
    }
}
