//! How much work an encoder puts into each picture of a canvas: as much as the canvas' tick has time
//! for.
//!
//! What is judged is measured: the time from the tick being due until its picture was encoded, so that a
//! canvas that waits for its thread counts as one that takes long. Less is done within a second; more is
//! done with patience, and only where what it will take is far from what would make it fall again. Who
//! falls soon after a rise waits longer from then on. So it does not swing, whatever a step really takes.
//!
//! Values only; it refuses to know clocks, threads and encoders.

use rotunda_codec::Speed;
use std::time::{Duration, Instant};

/// Ticks are judged together for so long: a single one, such as that of a key frame, says nothing.
const WINDOW: Duration = Duration::from_secs(1);
/// A window with fewer pictures is of a canvas that rests, and says nothing.
const PICTURES: u32 = 5;
/// Share of the tick from which less is done. What is left is for pictures that take longer than the mean,
/// and for the other rooms of the thread.
const TOO_LONG: f64 = 0.6;
/// Share of the tick that a step more may take.
const ROOM: f64 = 0.45;
/// How long there must be room before more is done.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest it is waited for, after rises that did not last.
const PATIENCE_MOST: Duration = Duration::from_secs(240);
/// A rise that lasts for so long was right.
const LASTS: Duration = Duration::from_secs(60);

/// The work that is done, and what was measured of it.
#[derive(Debug)]
pub(crate) struct Effort {
    speed: Speed,
    window: Option<Window>,
    /// Since when there has been room for more.
    room_since: Option<Instant>,
    rose_at: Option<Instant>,
    patience: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    spent: Duration,
    pictures: u32,
}

impl Window {
    fn new(began: Instant) -> Self {
        Self { began, spent: Duration::ZERO, pictures: 0 }
    }

    /// The mean picture, as a share of `tick`; none if there were too few.
    fn share(&self, tick: Duration) -> Option<f64> {
        let mean = self.spent.as_secs_f64() / f64::from(self.pictures);
        (self.pictures >= PICTURES).then(|| mean / tick.as_secs_f64())
    }
}

impl Default for Effort {
    /// The most: a machine on which there is no time for it is known a second later.
    fn default() -> Self {
        Self {
            speed: Speed::Careful,
            window: None,
            room_since: None,
            rose_at: None,
            patience: PATIENCE,
        }
    }
}

impl Effort {
    /// What is done at present.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Takes note, at `now`, of a picture that was there `spent` after its tick was due; ticks are `tick`
    /// apart. On a machine that `is_hurried` by others no more than the usual is done. Answers the new speed
    /// when it changes.
    pub fn took(
        &mut self,
        now: Instant,
        spent: Duration,
        tick: Duration,
        is_hurried: bool,
    ) -> Option<Speed> {
        let window = self.window.get_or_insert(Window::new(now));
        window.spent += spent;
        window.pictures += 1;
        if now.saturating_duration_since(window.began) < WINDOW {
            return None;
        }
        let judged = std::mem::replace(window, Window::new(now));
        let before = self.speed;
        match judged.share(tick) {
            Some(share) if share > TOO_LONG => self.fall(now),
            Some(_) if is_hurried && before == Speed::Careful => self.fall(now),
            Some(share) if !is_hurried && share * longer(before) < ROOM => self.rise(now),
            _ => self.room_since = None,
        }
        (self.speed != before).then_some(self.speed)
    }

    fn fall(&mut self, now: Instant) {
        let lasted = self.rose_at.take().map(|at| now.saturating_duration_since(at));
        match lasted {
            Some(lasted) if lasted < LASTS => {
                self.patience = (self.patience * 2).min(PATIENCE_MOST)
            }
            Some(_) => self.patience = PATIENCE,
            None => {}
        }
        self.room_since = None;
        self.speed = match self.speed {
            Speed::Careful => Speed::Normal,
            Speed::Normal | Speed::Fast => Speed::Fast,
        };
    }

    fn rise(&mut self, now: Instant) {
        let since = *self.room_since.get_or_insert(now);
        if now.saturating_duration_since(since) < self.patience || self.speed == Speed::Careful {
            return;
        }
        self.room_since = None;
        self.rose_at = Some(now);
        self.speed = match self.speed {
            Speed::Fast => Speed::Normal,
            Speed::Normal | Speed::Careful => Speed::Careful,
        };
    }
}

/// How much longer a picture takes with a step more work, at the worst of what was measured.
fn longer(speed: Speed) -> f64 {
    match speed {
        Speed::Fast => 1.4,
        Speed::Normal => 1.2,
        Speed::Careful => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const TICK: Duration = Duration::from_millis(40);

    /// An encoder on virtual time: what a picture takes at each speed.
    struct Encoder {
        effort: Effort,
        now: Instant,
        seen: Vec<Speed>,
        is_hurried: bool,
    }

    impl Encoder {
        fn new() -> Self {
            let (effort, now) = (Effort::default(), Instant::now());
            Self { effort, now, seen: Vec::new(), is_hurried: false }
        }

        fn run(&mut self, seconds: u32, takes: impl Fn(Speed) -> Duration) -> &mut Self {
            for _ in 0..seconds * 25 {
                self.now += TICK;
                let spent = takes(self.effort.speed());
                self.seen.extend(self.effort.took(self.now, spent, TICK, self.is_hurried));
            }
            self
        }
    }

    /// `normal` milliseconds at the middle speed, and what libvpx makes of that at the others.
    fn vpx(normal: f64) -> impl Fn(Speed) -> Duration {
        move |speed| match speed {
            Speed::Careful => Duration::from_secs_f64(normal * 1.15 / 1e3),
            Speed::Normal => Duration::from_secs_f64(normal / 1e3),
            Speed::Fast => Duration::from_secs_f64(normal * 0.8 / 1e3),
        }
    }

    #[test]
    fn a_canvas_with_time_is_encoded_with_care_from_its_first_picture_on() {
        let mut encoder = Encoder::new();
        encoder.run(600, vpx(8.0));
        assert_eq!((encoder.effort.speed(), encoder.seen.len()), (Speed::Careful, 0));
    }

    #[test]
    fn one_without_time_falls_a_step_a_second_and_rises_when_there_is_time_again() {
        let mut encoder = Encoder::new();
        encoder.run(4, vpx(36.0));
        assert_eq!(encoder.seen, [Speed::Normal, Speed::Fast]);
        encoder.seen.clear();
        encoder.run(3, vpx(8.0));
        assert!(encoder.seen.is_empty(), "not so soon");
        encoder.run(10, vpx(8.0));
        assert_eq!(encoder.seen, [Speed::Normal, Speed::Careful]);
    }

    #[test]
    fn on_a_machine_that_others_keep_busy_the_usual_is_done() {
        let mut encoder = Encoder::new();
        encoder.is_hurried = true;
        encoder.run(60, vpx(8.0));
        assert_eq!(encoder.seen, [Speed::Normal]);
        encoder.is_hurried = false;
        encoder.run(10, vpx(8.0));
        assert_eq!(encoder.seen, [Speed::Normal, Speed::Careful]);
    }

    #[test]
    fn no_load_that_stays_makes_it_swing() {
        for tenths in 20..600 {
            let mut encoder = Encoder::new();
            encoder.run(20, vpx(f64::from(tenths) / 10.0));
            encoder.seen.clear();
            encoder.run(300, vpx(f64::from(tenths) / 10.0));
            assert!(encoder.seen.is_empty(), "{tenths}: {:?}", encoder.seen);
        }
    }

    #[test]
    fn a_step_that_takes_more_than_was_foreseen_is_tried_ever_less_often() {
        let takes = |speed| if speed == Speed::Careful { 30 * MS } else { 10 * MS };
        let mut encoder = Encoder::new();
        encoder.run(3600, takes);
        // 3, 6, 12 … 192 s, and every 240 s from then on; each try is a rise and a fall.
        assert!((20..=50).contains(&encoder.seen.len()), "{}", encoder.seen.len());
    }

    #[test]
    fn a_key_frame_and_a_canvas_that_rests_say_nothing() {
        let mut encoder = Encoder::new();
        for second in 0..60 {
            encoder.now += 960 * MS;
            encoder.effort.took(encoder.now, 60 * MS, TICK, false);
            if second % 10 == 0 {
                encoder.effort.took(encoder.now, 80 * MS, TICK, false);
                encoder.run(2, vpx(8.0));
            }
        }
        assert_eq!(encoder.effort.speed(), Speed::Careful);
        assert!(encoder.seen.is_empty());
    }
}
