//! Whether a key frame is wanted of a sender, and when it was last asked for one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two requests for a key frame.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// A camera from which nothing has come for so long after pictures is asked: what it sent last, or a request
/// of before, may be lost, and an encoder may have dropped the only picture of a source that stands still, as
/// when a page shows a drawing instead of a camera. (Where the browser never took that picture in, it has
/// none to send, whatever is asked.) A share that stands still is sent once a second, and is not silent.
const SILENT: Duration = Duration::from_millis(2_500);
/// So many pictures are a camera that goes on; fewer may be the answer to such a request.
const GOES_ON: u32 = 5;
/// Between two such requests, and at most between two that nothing answers: a share in which something
/// moves now and then is not to send key frames alone.
const ASK_SILENT_EVERY: Duration = Duration::from_secs(10);

/// Wanted at first: every picture begins with one.
#[derive(Debug)]
pub(crate) struct KeyframeNeed {
    is_wanted: AtomicBool,
    asked_at: Mutex<Option<Instant>>,
    arrivals: Mutex<Arrivals>,
}

/// Pictures that came since a silent sender was last asked.
#[derive(Debug, Default)]
struct Arrivals {
    count: u32,
    last: Option<Instant>,
    asked_at: Option<Instant>,
    /// Requests since then that nothing has answered.
    unanswered: u32,
}

impl Default for KeyframeNeed {
    fn default() -> Self {
        Self {
            is_wanted: AtomicBool::new(true),
            asked_at: Mutex::default(),
            arrivals: Mutex::default(),
        }
    }
}

impl KeyframeNeed {
    fn asked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.asked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A picture came, at `now`.
    pub fn arrived(&self, now: Instant) {
        let mut arrivals = self.arrivals();
        arrivals.count = arrivals.count.saturating_add(1);
        (arrivals.last, arrivals.unanswered) = (Some(now), 0);
    }

    /// Without one nothing more is shown, or nothing as it should be.
    pub fn want(&self) {
        self.is_wanted.store(true, Ordering::Relaxed);
    }

    /// What came can be shown.
    pub fn satisfy(&self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }

    /// The sender begins anew, or is switched off or out of sight: what came before counts no more. When
    /// it was asked last does, or somebody who is switched to and fro would be asked each time.
    pub fn restart(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
        *self.arrivals() = Arrivals::default();
    }

    /// Whether to ask at `now`: when one is wanted, and not more than twice a second.
    pub fn take_request(&self, now: Instant) -> bool {
        let mut asked_at = self.asked_at();
        if asked_at.is_some_and(|at| now.saturating_duration_since(at) < ASK_EVERY) {
            return false;
        }
        if !self.is_wanted.load(Ordering::Relaxed) && !self.arrivals().fell_silent(now) {
            return false;
        }
        *asked_at = Some(now);
        true
    }
}

impl Arrivals {
    /// Whether to ask a sender that went on and has been silent for a while; again, ever more seldom, while
    /// nothing answers: the request may be lost, and the picture, too.
    fn fell_silent(&mut self, now: Instant) -> bool {
        let since = |at: Instant| now.saturating_duration_since(at);
        let is_silent = self.last.is_some_and(|at| since(at) >= SILENT);
        let is_due = self.asked_at.is_none_or(|at| since(at) >= self.pause());
        if !is_silent || !is_due || (self.count < GOES_ON && self.unanswered == 0) {
            return false;
        }
        (self.count, self.asked_at) = (0, Some(now));
        self.unanswered = self.unanswered.saturating_add(1);
        true
    }

    fn pause(&self) -> Duration {
        match self.unanswered {
            0 => ASK_SILENT_EVERY,
            asked => (SILENT * (1 << (asked - 1).min(2))).min(ASK_SILENT_EVERY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A camera of 20 pictures a second, all of them shown, until `start + seconds`.
    fn shown(seconds: u32) -> (KeyframeNeed, Instant, Instant) {
        let (need, start) = (KeyframeNeed::default(), Instant::now());
        let end = start + seconds * 1000 * MS;
        (0..=seconds * 20).for_each(|n| need.arrived(start + n * 50 * MS));
        need.satisfy();
        (need, start, end)
    }

    /// How often it is asked from `from` on, looked at every 50 ms for so many seconds.
    fn asked(need: &KeyframeNeed, from: Instant, seconds: u32) -> usize {
        (0..seconds * 20).filter(|n| need.take_request(from + *n * 50 * MS)).count()
    }

    #[test]
    fn a_camera_that_falls_silent_is_asked_once_and_its_answer_asks_for_nothing() {
        let (need, _, end) = shown(3);
        assert_eq!(asked(&need, end, 2), 0, "not at once");
        assert_eq!(asked(&need, end + 2000 * MS, 1), 1);
        (0..2).for_each(|n| need.arrived(end + (3_000 + n * 50) * MS));
        assert_eq!(asked(&need, end + 4_000 * MS, 30), 0);
    }

    #[test]
    fn a_request_that_nothing_answers_is_repeated_after_two_five_and_ten_seconds() {
        let (need, _, end) = shown(3);
        assert_eq!(asked(&need, end, 11), 3);
        assert_eq!(asked(&need, end + 11_000 * MS, 60), 6);
        need.arrived(end + 71_000 * MS);
        assert_eq!(asked(&need, end + 71_050 * MS, 60), 0, "it was answered");
    }

    #[test]
    fn a_camera_that_goes_on_is_asked_for_nothing() {
        let (need, start, _) = shown(0);
        for n in 0..400 {
            need.arrived(start + n * 100 * MS);
            assert!(!need.take_request(start + n * 100 * MS));
        }
        let later = start + 40_000 * MS;
        for n in 0..600 {
            need.arrived(later + (n * 1_000 + n * 37 % 100) * MS);
            assert_eq!(asked(&need, later + n * 1_000 * MS, 1), 0, "a share that stands still");
        }
    }

    #[test]
    fn what_moves_and_rests_in_turn_sends_a_key_frame_in_ten_seconds_at_most() {
        let (need, start, _) = shown(0);
        let mut requests = 0;
        for rest in 0..30 {
            let begin = start + rest * 4_000 * MS;
            (0..10).for_each(|n| need.arrived(begin + n * 50 * MS));
            requests += asked(&need, begin + 500 * MS, 3);
        }
        assert!((8..=12).contains(&requests), "{requests} in two minutes");
    }

    #[test]
    fn whoever_was_switched_off_is_not_asked_for_what_came_before() {
        let (need, _, end) = shown(3);
        need.restart(false);
        assert_eq!(asked(&need, end, 30), 0);
    }

    #[test]
    fn whoever_is_switched_to_and_fro_is_asked_twice_a_second_at_most() {
        let (need, start) = (KeyframeNeed::default(), Instant::now());
        let mut requests = 0;
        for n in 0..200 {
            need.restart(n % 2 == 0);
            requests += usize::from(need.take_request(start + n * 50 * MS));
        }
        assert!((10..=20).contains(&requests), "{requests} in ten seconds");
    }
}
