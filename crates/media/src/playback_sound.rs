//! Sound that is decoded already and says itself when it is due: what a playback is heard by.

use rotunda_compose::{MixFrame, SILENCE};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use rotunda_compose::FRAME_SAMPLES as SAMPLES;

/// Frames of 20 ms that may wait. When full the oldest goes: whoever plays is a second ahead.
const QUEUE: usize = 50;

/// A frame later than this is left out, so that sound never lags behind its picture.
const LATE: Duration = Duration::from_millis(30);
/// A frame is taken this much early rather than leave a hole: half a tick.
const EARLY: Duration = Duration::from_millis(10);

/// The way of a playback's sound.
#[derive(Default)]
pub struct PlaybackSound {
    frames: Mutex<VecDeque<(Instant, Box<MixFrame>)>>,
}

impl PlaybackSound {
    /// Takes 20 ms of mono sound at 48 kHz that are to be heard at `due`; full scale is 1, and the
    /// mix limits what is louder.
    pub fn put(&self, due: Instant, samples: &[f32; SAMPLES]) {
        let frame = Box::new(*samples);
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        if frames.len() >= QUEUE {
            frames.pop_front();
        }
        frames.push_back((due, frame));
    }

    /// Forgets what is not heard yet, but for the next frame, over which it fades.
    pub fn forget(&self) {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).truncate(1);
    }

    /// Writes what is due at `due` into `frame`; answers whether sound goes on after it, so that
    /// the last frame before a hole can fade.
    pub fn take(&self, due: Instant, frame: &mut MixFrame) -> bool {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        while frames.front().is_some_and(|(at, _)| *at + LATE < due) {
            frames.pop_front();
        }
        match frames.pop_front_if(|(at, _)| *at <= due + EARLY) {
            Some((_, next)) => {
                *frame = *next;
                !frames.is_empty()
            }
            None => {
                *frame = SILENCE;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(origin: Instant, ms: u64) -> Instant {
        origin + Duration::from_millis(ms)
    }

    #[test]
    fn a_frame_is_heard_when_it_is_due_and_not_before() {
        let (sound, origin) = (PlaybackSound::default(), Instant::now());
        sound.put(at(origin, 100), &[0.5; SAMPLES]);
        sound.put(at(origin, 120), &[0.25; SAMPLES]);
        let mut frame = [9.0; SAMPLES];
        assert!(!sound.take(at(origin, 80), &mut frame));
        assert_eq!(frame[0], 0.0, "too early");
        assert!(sound.take(at(origin, 100), &mut frame), "more follows");
        assert_eq!(frame[0], 0.5);
        assert!(!sound.take(at(origin, 120), &mut frame), "the last one fades");
        assert_eq!(frame[0], 0.25);
    }

    #[test]
    fn what_comes_too_late_is_left_out() {
        let (sound, origin) = (PlaybackSound::default(), Instant::now());
        sound.put(at(origin, 0), &[0.5; SAMPLES]);
        sound.put(at(origin, 100), &[0.25; SAMPLES]);
        let mut frame = SILENCE;
        sound.take(at(origin, 100), &mut frame);
        assert_eq!(frame[0], 0.25);
    }

    #[test]
    fn a_full_queue_loses_its_oldest() {
        let (sound, origin) = (PlaybackSound::default(), Instant::now());
        for n in 0..=QUEUE as u64 {
            sound.put(at(origin, n * 20), &[n as f32; SAMPLES]);
        }
        let mut frame = SILENCE;
        sound.take(at(origin, 20), &mut frame);
        assert_eq!(frame[0], 1.0);
    }
}
