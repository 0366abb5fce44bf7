//! The door, heard: one chime at a time, however many come and go.
//!
//! It is added to what people hear and not to the sum of those who speak, so that nothing which is
//! made of that sum alone, such as a recording, ever holds one.

use rotunda_compose::{Chime, MixFrame};
use rotunda_domain::output::Tone;

/// 1 s from the beginning of one to the next: a class that comes in rings now and then, it does
/// not ring on and on.
const EVERY_TICKS: u32 = 50;

/// What is heard of the door now, and what is to be heard next.
#[derive(Default)]
pub(crate) struct Chimes {
    playing: Option<Chime>,
    /// Of those who come and go while one plays the last counts.
    next: Option<Tone>,
    wait: u32,
}

impl Chimes {
    /// Plays `tone` now, or when it is time for another.
    pub fn play(&mut self, tone: Tone) {
        self.next = Some(tone);
    }

    /// The next 20 ms, if there is anything to hear.
    pub fn next_frame(&mut self) -> Option<MixFrame> {
        self.wait = self.wait.saturating_sub(1);
        if self.wait == 0
            && let Some(tone) = self.next.take()
        {
            self.playing = Some(Chime::new(tone == Tone::Entry));
            self.wait = EVERY_TICKS;
        }
        let frame = self.playing.as_mut()?.next_frame();
        if frame.is_none() {
            self.playing = None;
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of ticks with and without sound: (is it heard, how long).
    fn runs(chimes: &mut Chimes, ticks: usize) -> Vec<(bool, usize)> {
        let mut runs: Vec<(bool, usize)> = Vec::new();
        for _ in 0..ticks {
            let is_heard = chimes.next_frame().is_some();
            match runs.last_mut() {
                Some((same, length)) if *same == is_heard => *length += 1,
                _ => runs.push((is_heard, 1)),
            }
        }
        runs
    }

    #[test]
    fn many_who_come_at_once_are_two_chimes_a_second_apart() {
        let mut chimes = Chimes::default();
        assert_eq!(runs(&mut chimes, 10), [(false, 10)]);
        chimes.play(Tone::Entry);
        assert_eq!(runs(&mut chimes, 5), [(true, 5)]);
        (0..100).for_each(|_| chimes.play(Tone::Entry));
        chimes.play(Tone::Exit);
        assert_eq!(runs(&mut chimes, 195), [(true, 7), (false, 38), (true, 12), (false, 138)]);
    }
}
