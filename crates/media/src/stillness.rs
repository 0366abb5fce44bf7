//! Whether a camera's picture stands still, so that its sender needs little of their line for it.
//!
//! A value; time is an argument. It refuses to know pictures: what is the same is said by whoever
//! compares them.

use std::time::{Duration, Instant};

/// A camera before which nothing has changed for so long rests.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pictures that were compared meanwhile and found the same: a camera from which nothing comes is no
/// still one.
const COMPARED: u64 = 3;
/// One from which nothing has come for so long rests no more: what comes next, if it is another's picture or a
/// drawing of which there is only one, is to find room at once.
const SILENT: Duration = Duration::from_secs(1);
/// A rest that ends sooner was none, and the next one is waited for twice as long: what moves now and
/// then, or moves because little is asked for, is not to be switched to and fro.
const LONG: Duration = Duration::from_secs(20);
/// It is waited for no longer than this.
const MOST_PATIENCE: Duration = Duration::from_secs(160);

/// What came of a camera's pictures so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Version of the picture that is shown; another one shows something else.
    pub version: Option<u64>,
    /// How many pictures were found to show what was shown already.
    pub same: u64,
}

/// One camera.
#[derive(Debug)]
pub(crate) struct Stillness {
    /// What had come when something last changed, and when that was.
    changed: Option<(Seen, Instant)>,
    /// What had come when something last came, and when that was.
    came: Option<(Seen, Instant)>,
    patience: Duration,
    rests_since: Option<Instant>,
}

impl Default for Stillness {
    fn default() -> Self {
        Self { changed: None, came: None, patience: PATIENCE, rests_since: None }
    }
}

impl Stillness {
    /// Whether it rests at `now`. The first picture that shows something else ends that at once, and none
    /// for a second.
    pub fn look(&mut self, now: Instant, seen: Seen) -> bool {
        let is_silent = self.is_silent(now, seen);
        match self.changed {
            Some((before, since)) if before.version == seen.version && seen.version.is_some() => {
                let is_long = now.saturating_duration_since(since) >= self.patience;
                let is_compared = seen.same.saturating_sub(before.same) >= COMPARED;
                if is_long && is_compared && !is_silent {
                    self.rests_since.get_or_insert(now);
                }
            }
            _ => self.move_on(now, seen),
        }
        if self.rests_since.is_some() && is_silent {
            self.move_on(now, seen);
        }
        self.rests_since.is_some()
    }

    fn move_on(&mut self, now: Instant, seen: Seen) {
        self.changed = Some((seen, now));
        self.wake(now);
    }

    fn is_silent(&mut self, now: Instant, seen: Seen) -> bool {
        match self.came {
            Some((before, since)) if before == seen => {
                now.saturating_duration_since(since) >= SILENT
            }
            _ => {
                self.came = Some((seen, now));
                false
            }
        }
    }

    fn wake(&mut self, now: Instant) {
        let Some(since) = self.rests_since.take() else { return };
        let was_long = now.saturating_duration_since(since) >= LONG;
        self.patience = if was_long { PATIENCE } else { (self.patience * 2).min(MOST_PATIENCE) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera of 20 pictures a second, on virtual time.
    struct Camera {
        stillness: Stillness,
        seen: Seen,
        start: Instant,
        ticks: u32,
        rests: bool,
        /// When it began and ceased to rest, in seconds.
        turns: Vec<f32>,
    }

    impl Camera {
        fn new() -> Self {
            let seen = Seen { version: Some(1), same: 0 };
            let (stillness, start) = (Stillness::default(), Instant::now());
            Self { stillness, seen, start, ticks: 0, rests: false, turns: Vec::new() }
        }

        /// For so many seconds it shows the same, and then something else.
        fn stand(&mut self, seconds: f32) {
            for _ in 0..(seconds * 20.0) as u32 {
                self.seen.same += 1;
                self.tick();
            }
            self.seen.version = self.seen.version.map(|version| version + 1);
            self.tick();
        }

        fn tick(&mut self) {
            let now = self.start + Duration::from_millis(50) * self.ticks;
            let rests = self.stillness.look(now, self.seen);
            if rests != self.rests {
                self.turns.push(self.ticks as f32 / 20.0);
            }
            self.rests = rests;
            self.ticks += 1;
        }
    }

    #[test]
    fn a_camera_rests_after_five_seconds_and_wakes_with_the_first_picture_that_is_another() {
        let mut camera = Camera::new();
        camera.stand(30.0);
        assert_eq!(camera.turns, [5.0, 30.0]);
    }

    #[test]
    fn what_moves_every_four_seconds_never_rests() {
        let mut camera = Camera::new();
        (0..100).for_each(|_| camera.stand(4.0));
        assert_eq!(camera.turns, [] as [f32; 0]);
    }

    #[test]
    fn a_camera_that_moves_whenever_it_rests_is_let_rest_six_times_in_ten_minutes() {
        let mut camera = Camera::new();
        let mut rested = 0;
        while camera.ticks < 20 * 600 {
            camera.seen.same += 1;
            camera.tick();
            if camera.rests {
                rested += 1;
                camera.stand(1.0);
            }
        }
        assert!((5..=7).contains(&rested), "{rested}");
    }

    #[test]
    fn a_rest_in_which_nothing_comes_for_a_second_is_over_until_pictures_come_again() {
        let mut camera = Camera::new();
        (0..20 * 30).for_each(|_| {
            camera.seen.same += 1;
            camera.tick();
        });
        (0..20 * 60).for_each(|_| camera.tick());
        assert_eq!(camera.turns.len(), 2, "{:?}", camera.turns);
        assert!((camera.turns[1] - 31.0).abs() < 0.1, "{:?}", camera.turns);
        camera.stand(7.0);
        assert!((camera.turns[2] - 90.0).abs() < 5.1, "{:?}", camera.turns);
    }

    #[test]
    fn a_long_rest_gives_back_what_short_ones_took() {
        let mut camera = Camera::new();
        camera.stand(8.0);
        camera.stand(60.0);
        camera.stand(30.0);
        assert_eq!(camera.turns.len(), 6);
        let waited = [camera.turns[2] - 8.05, camera.turns[4] - camera.turns[3]];
        assert!((waited[0] - 10.0).abs() < 0.2 && (waited[1] - 5.0).abs() < 0.2, "{waited:?}");
    }

    #[test]
    fn a_camera_from_which_nothing_comes_is_no_still_one() {
        let mut camera = Camera::new();
        (0..400).for_each(|_| camera.tick());
        camera.seen.version = None;
        (0..400).for_each(|_| camera.tick());
        assert!(camera.turns.is_empty());
    }
}
