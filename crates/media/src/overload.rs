//! What the machine gives up when it cannot keep up, step by step, and takes back in the same order.
//!
//! It is judged by what groups of threads measure of themselves ([`crate::load`]), for all rooms together,
//! because they share the threads. Sound is never given up. A step down is taken when the strain has lasted;
//! a step back up needs patience, and twice as much after one that did not last. So it never swings faster
//! than its patience, and never skips a step.
//!
//! Values only; it refuses to know clocks, threads and rooms.

use std::time::{Duration, Instant};

/// How far down the machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Step {
    /// Everything as configured.
    #[default]
    Full,
    /// Senders are asked for half the height of their cell.
    SmallerUplinks,
    /// Cameras nobody sees and those in the smallest cells are not decoded.
    FrozenCells,
    /// Canvases have 15 frames a second at most.
    FewerFrames,
    /// Nobody new gets the second codec, and those who have it a picture a second.
    OneCodec,
    /// No camera is decoded: people hear each other, and see a canvas that is still.
    SoundOnly,
}

impl Step {
    /// From the top down.
    pub const ALL: [Self; 6] = [
        Self::Full,
        Self::SmallerUplinks,
        Self::FrozenCells,
        Self::FewerFrames,
        Self::OneCodec,
        Self::SoundOnly,
    ];

    /// Its place in [`Step::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    fn down(self) -> Self {
        Self::ALL[(self.index() + 1).min(Self::ALL.len() - 1)]
    }

    fn up(self) -> Self {
        Self::ALL[self.index().saturating_sub(1)]
    }
}

/// From this share of what a group of threads can do on it is strained.
pub(crate) const STRAINED: f64 = 0.9;
/// Up to this share it has time. What a step up brings back must fit between the two.
pub(crate) const CALM: f64 = 0.6;
/// How long strain must last before a step down: a burst is none, and senders that were asked for less
/// need this long to follow.
const LASTS: Duration = Duration::from_secs(4);
/// How long calm must last before a step up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that it is waited for, after steps up that did not last.
const PATIENCE_MOST: Duration = Duration::from_secs(300);
/// A step up that lasts for so long was right.
const HOLDS: Duration = Duration::from_secs(60);

/// The judge of all groups together.
#[derive(Debug)]
pub(crate) struct Overload {
    step: Step,
    strained_since: Option<Instant>,
    calm_since: Option<Instant>,
    rose_at: Option<Instant>,
    patience: Duration,
}

impl Default for Overload {
    fn default() -> Self {
        Self {
            step: Step::Full,
            strained_since: None,
            calm_since: None,
            rose_at: None,
            patience: PATIENCE,
        }
    }
}

impl Overload {
    /// How far down it is.
    #[cfg(test)]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Takes note that the group that has most to do has `strain` at `now`, as a share of what it can do;
    /// called every second or so. Answers the new step when it changes.
    pub fn judge(&mut self, now: Instant, strain: f64) -> Option<Step> {
        let before = self.step;
        self.strained_since = keep(self.strained_since, strain >= STRAINED, now);
        self.calm_since = keep(self.calm_since, strain <= CALM, now);
        if is_over(self.strained_since, LASTS, now) {
            self.fall(now);
        } else if is_over(self.calm_since, self.patience, now) && before != Step::Full {
            self.step = before.up();
            self.rose_at = Some(now);
            self.calm_since = Some(now);
        }
        (self.step != before).then_some(self.step)
    }

    fn fall(&mut self, now: Instant) {
        if let Some(at) = self.rose_at.take() {
            let held = now.saturating_duration_since(at) >= HOLDS;
            self.patience = if held { PATIENCE } else { (self.patience * 2).min(PATIENCE_MOST) };
        }
        self.step = self.step.down();
        self.strained_since = Some(now);
    }
}

/// Since when something `is` so.
fn keep(since: Option<Instant>, is: bool, now: Instant) -> Option<Instant> {
    is.then(|| since.unwrap_or(now))
}

fn is_over(since: Option<Instant>, time: Duration, now: Instant) -> bool {
    since.is_some_and(|since| now.saturating_duration_since(since) >= time)
}

#[cfg(test)]
#[path = "overload_tests.rs"]
mod tests;
