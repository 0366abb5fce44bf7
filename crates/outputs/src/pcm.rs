//! The sound an AAC child was given and what it still owes, on the session's clock.
//!
//! A child turns samples into frames of 1024, the first of which holds nothing but the encoder's
//! start (its delay is one frame). What is not covered by a frame yet is kept, so that the child
//! that follows a dead one begins where that one ended. Values only: no processes and no clocks.

use std::collections::VecDeque;

/// Samples of an AAC-LC frame.
pub(crate) const FRAME: u64 = 1024;
/// A jump of the mix longer than this (2 s) is a new beginning; a shorter one is filled with
/// silence, so that frames stay on their grid.
const FILL: u64 = 96_000;
/// Kept at most: five seconds that no child took. Then the oldest go.
const MOST: usize = 240_000;

/// Where a frame of the child belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    /// Deliver it; it begins at this sample of the session.
    At(u64),
    /// It holds nothing that was not delivered.
    Nothing,
}

#[derive(Debug, Default)]
pub(crate) struct Pcm {
    kept: VecDeque<i16>,
    /// Of the first kept sample, in samples since the session began.
    kept_from: u64,
    /// Position up to which the present child was given samples.
    given: u64,
    /// Where the present child began.
    base: u64,
    frames_out: u64,
    /// Where the next frame to deliver begins; none before the first sound.
    next: Option<u64>,
}

impl Pcm {
    /// Takes a piece of the mix; answers true if the child must be replaced, because the clock
    /// jumped.
    pub fn put(&mut self, at: u64, samples: &[i16]) -> bool {
        let end = self.end();
        let is_new = self.next.is_none() || at > end + FILL;
        if is_new {
            self.kept.clear();
            (self.kept_from, self.given, self.base) = (at, at, at);
            self.frames_out = 0;
        } else if at < end {
            return false;
        } else {
            self.kept.extend(std::iter::repeat_n(0, (at - end) as usize));
        }
        let was_running = self.next.is_some();
        if is_new {
            self.next = Some(at);
        }
        self.kept.extend(samples);
        self.forget();
        is_new && was_running
    }

    fn end(&self) -> u64 {
        self.kept_from + self.kept.len() as u64
    }

    /// Drops what a later child would not need, and the oldest where there is too much.
    fn forget(&mut self) {
        let needed_from = self.next.unwrap_or(0).saturating_sub(2 * FRAME).min(self.given);
        let done = needed_from.saturating_sub(self.kept_from) as usize;
        let done = done.max(self.kept.len().saturating_sub(MOST)).min(self.kept.len());
        self.kept.drain(..done);
        self.kept_from += done as u64;
        self.given = self.given.max(self.kept_from);
    }

    /// A new child: it begins one frame early, so that its first one is the encoder's start.
    pub fn begin(&mut self) {
        let Some(next) = self.next else { return };
        let wanted = next.saturating_sub(FRAME);
        self.base = wanted.max(self.kept_from);
        self.given = self.base;
        self.frames_out = 0;
    }

    /// How many samples the child was not given yet.
    pub fn waiting(&self) -> usize {
        (self.end() - self.given) as usize
    }

    /// What the child was not given yet, as bytes; at most `most` samples.
    pub fn to_give(&self, most: usize) -> Vec<u8> {
        let from = (self.given - self.kept_from) as usize;
        self.kept.iter().skip(from).take(most).flat_map(|s| s.to_le_bytes()).collect()
    }

    /// The child took so many samples.
    pub fn gave(&mut self, samples: u64) {
        self.given += samples;
    }

    /// The child gave a frame.
    pub fn frame(&mut self) -> Owed {
        let (out, next) = (self.frames_out, self.next.unwrap_or(0));
        self.frames_out += 1;
        let Some(at) = (self.base + out * FRAME).checked_sub(FRAME) else { return Owed::Nothing };
        // The frame after the start is whole again, but the one before it is not.
        if out == 0 || at < next {
            return Owed::Nothing;
        }
        self.next = Some(at + FRAME);
        Owed::At(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give_all(pcm: &mut Pcm) -> usize {
        let samples = pcm.to_give(usize::MAX).len() / 2;
        pcm.gave(samples as u64);
        samples
    }

    fn frames(pcm: &mut Pcm, count: usize) -> Vec<Owed> {
        (0..count).map(|_| pcm.frame()).collect()
    }

    #[test]
    fn the_encoders_start_is_dropped_and_the_rest_keeps_its_place() {
        let mut pcm = Pcm::default();
        assert!(!pcm.put(9600, &[1; 960]));
        assert!(!pcm.put(10_560, &[1; 960]));
        pcm.begin();
        assert_eq!(give_all(&mut pcm), 1920);
        assert_eq!(frames(&mut pcm, 3), [Owed::Nothing, Owed::At(9600), Owed::At(10_624)]);
    }

    #[test]
    fn a_second_child_goes_on_exactly_where_the_first_one_died() {
        let mut pcm = Pcm::default();
        (0..20).for_each(|n| assert!(!pcm.put(n * 960, &[n as i16; 960])));
        pcm.begin();
        give_all(&mut pcm);
        assert_eq!(frames(&mut pcm, 5).last(), Some(&Owed::At(3072)));
        (20..30).for_each(|n| assert!(!pcm.put(n * 960, &[n as i16; 960])));
        pcm.begin();
        let first = pcm.to_give(1);
        assert_eq!(first, (3072 / 960_i16).to_le_bytes(), "one frame before what is owed");
        give_all(&mut pcm);
        let owed = frames(&mut pcm, 4);
        assert_eq!(owed, [Owed::Nothing, Owed::Nothing, Owed::At(4096), Owed::At(5120)]);
    }

    #[test]
    fn a_short_jump_is_silence_and_a_long_one_a_new_beginning() {
        let mut pcm = Pcm::default();
        pcm.put(0, &[5; 960]);
        assert!(!pcm.put(2880, &[6; 960]));
        assert_eq!(pcm.to_give(usize::MAX).len(), 2 * 3840);
        assert!(pcm.put(48_000 * 60, &[7; 960]), "the child is replaced");
        pcm.begin();
        give_all(&mut pcm);
        assert_eq!(frames(&mut pcm, 2), [Owed::Nothing, Owed::At(48_000 * 60)]);
    }

    #[test]
    fn what_no_child_takes_is_bounded_and_then_a_gap() {
        let mut pcm = Pcm::default();
        (0..1000).for_each(|n| assert!(!pcm.put(n * 960, &[1; 960])));
        assert_eq!(pcm.kept.len(), MOST);
        pcm.begin();
        give_all(&mut pcm);
        let owed = frames(&mut pcm, 3);
        assert!(matches!(owed[1], Owed::At(at) if at >= 960_000 - MOST as u64), "{owed:?}");
    }
}
