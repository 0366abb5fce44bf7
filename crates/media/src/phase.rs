//! Where in its beat a canvas is drawn: soon after the pictures of the one most people look at are there.
//!
//! A picture that is ready just after a tick waits a whole tick to be seen. Where the pictures of one
//! sender come in step with the canvas, or nearly, the beat is moved to shortly after them, by a
//! millisecond a tick at most; where they do not, no place is better than another and it stays.
//!
//! Values only; time is an argument. It refuses to know threads, tracks and pictures.

use std::time::{Duration, Instant};

/// Pictures that are looked at together: one and a half seconds of a camera.
const SEEN: usize = 32;
/// After so many more it is looked again: a camera's clock may be wrong, and a picture that comes later
/// than the beat waits for the next.
const AGAIN: usize = 4;
/// How long after a picture is ready the beat is to be: for a clock that is late, and a picture that is.
const AFTER_US: i64 = 3_000;
/// The most that the beat moves in a tick: nobody sees it.
const MOVE_US: i64 = 1_000;
/// What a move must gain. A camera's own unevenness is less, or the beat would follow that.
const GAIN_US: i64 = 3_000;

/// The place of a beat in its tick.
#[derive(Debug)]
pub(crate) struct Phase {
    tick_us: i64,
    /// From 0 to a tick.
    offset_us: i64,
    target_us: Option<i64>,
    /// From when on pictures can be met, each as the rest of a tick.
    ready_us: [i64; SEEN],
    seen: usize,
    last: Option<Instant>,
}

impl Phase {
    /// Of ticks that are so far apart; the beat is where they are.
    pub fn new(tick: Duration) -> Self {
        let tick_us = (tick.as_micros() as i64).max(1);
        Self { tick_us, offset_us: 0, target_us: None, ready_us: [0; SEEN], seen: 0, last: None }
    }

    /// How long after its tick the beat is.
    pub fn offset(&self) -> Duration {
        Duration::from_micros(self.offset_us as u64)
    }

    /// Another sender is looked at, or none.
    pub fn forget(&mut self) {
        (self.seen, self.target_us) = (0, None);
    }

    /// The newest picture was ready `at`, and `tick` is when the present tick began. One that is known
    /// already counts once.
    pub fn ready(&mut self, at: Instant, tick: Instant) {
        if self.last.replace(at) == Some(at) {
            return;
        }
        let after = at.saturating_duration_since(tick).as_micros() as i64;
        let before = tick.saturating_duration_since(at).as_micros() as i64;
        self.ready_us[self.seen % SEEN] = (after - before + AFTER_US).rem_euclid(self.tick_us);
        self.seen += 1;
        if self.seen >= SEEN && self.seen.is_multiple_of(AGAIN) {
            self.judge();
        }
    }

    /// Looks for the place at which pictures wait least: where one of them can just be met.
    fn judge(&mut self) {
        let best = self.ready_us.into_iter().min_by_key(|place| self.wait_us(*place));
        let gains = |place: &i64| self.wait_us(self.offset_us) - self.wait_us(*place) >= GAIN_US;
        self.target_us = best.filter(gains);
    }

    /// How long pictures wait for a beat at this place: the root of the mean square, so that a few that
    /// just miss it count for more than many that wait a little.
    fn wait_us(&self, place_us: i64) -> i64 {
        let waits = self.ready_us.iter().map(|ready| (place_us - ready).rem_euclid(self.tick_us));
        (waits.map(|wait| wait * wait).sum::<i64>() / SEEN as i64).isqrt()
    }

    /// Moves the beat, once a tick, and says how many ticks follow it: one; two where the beat came to a
    /// tick's end and is counted from the next tick's beginning from now on. Where it came to a tick's
    /// beginning it waits for that tick's end, and one picture is left out.
    pub fn advance(&mut self) -> u64 {
        let Some(target_us) = self.target_us else { return 1 };
        let half = self.tick_us / 2;
        let way = (target_us - self.offset_us + half).rem_euclid(self.tick_us) - half;
        let moved = self.offset_us + way.clamp(-MOVE_US, MOVE_US);
        self.offset_us = moved.rem_euclid(self.tick_us);
        if self.offset_us == target_us {
            self.target_us = None;
        }
        if moved >= self.tick_us { 2 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK_US: i64 = 50_000;

    fn us(time: i64) -> Duration {
        Duration::from_micros(time as u64)
    }

    /// A canvas and a camera on virtual time.
    struct Pair {
        start: Instant,
        phase: Phase,
        tick: u64,
        /// When beats were, and how long the newest picture had waited at each.
        beats: Vec<(i64, i64)>,
        chance: u64,
    }

    impl Pair {
        fn new() -> Self {
            let (start, phase) = (Instant::now(), Phase::new(us(TICK_US)));
            Self { start, phase, tick: 0, beats: Vec::new(), chance: 7 }
        }

        /// Less than `most`, alike in every run.
        fn uneven(&mut self, most: i64) -> i64 {
            self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.chance >> 40) as i64 % most.max(1)
        }

        /// So many beats beside a camera with a picture every `every_us` from `from_us` on, each so late.
        fn run(&mut self, beats: usize, from_us: i64, every_us: i64, late_us: i64) {
            let mut pictures = Vec::new();
            for _ in 0..beats {
                let tick = self.tick as i64 * TICK_US;
                let now = tick + self.phase.offset().as_micros() as i64;
                while pictures.last().is_none_or(|last| *last <= now + every_us) {
                    let late = self.uneven(late_us);
                    pictures.push(from_us + pictures.len() as i64 * every_us + late);
                }
                if let Some(newest) = pictures.iter().rev().find(|at| **at <= now) {
                    self.beats.push((now, now - newest));
                    self.phase.ready(self.start + us(*newest), self.start + us(tick));
                }
                self.tick += self.phase.advance();
            }
        }

        /// What 95 of 100 of the last beats' pictures waited, in ms.
        fn p95_ms(&self, beats: usize) -> i64 {
            let mut waits: Vec<_> = self.beats.iter().rev().take(beats).map(|(_, w)| *w).collect();
            waits.sort_unstable();
            waits[waits.len() * 95 / 100] / 1000
        }
    }

    #[test]
    fn pictures_in_step_with_the_canvas_wait_some_milliseconds_wherever_they_begin() {
        for from_us in (0..50).map(|ms| ms * 1000 + 300) {
            let mut pair = Pair::new();
            pair.run(400, from_us, TICK_US, 0);
            assert!(pair.p95_ms(200) <= 6, "from {from_us}: {}", pair.p95_ms(200));
        }
    }

    #[test]
    fn uneven_pictures_wait_little_more_than_they_are_uneven() {
        let mut pair = Pair::new();
        pair.run(2000, 30_000, TICK_US, 8_000);
        assert!(pair.p95_ms(1000) <= 15, "{}", pair.p95_ms(1000));
    }

    #[test]
    fn a_camera_with_half_as_many_more_pictures_is_met_too() {
        let mut pair = Pair::new();
        pair.run(1000, 11_000, 33_333, 2_000);
        // Of two beats one is just after a picture and the other half a picture later.
        assert!(pair.p95_ms(500) <= 25, "{}", pair.p95_ms(500));
    }

    #[test]
    fn a_camera_whose_clock_is_wrong_is_followed_and_costs_a_picture_now_and_then() {
        for every_us in [49_950, 50_050] {
            let mut pair = Pair::new();
            pair.run(20_000, 30_000, every_us, 2_000);
            assert!(pair.p95_ms(18_000) <= 12, "{every_us}: {}", pair.p95_ms(18_000));
            let gaps = pair.beats.windows(2).filter(|b| b[1].0 - b[0].0 > TICK_US * 3 / 2).count();
            assert!(gaps <= 21, "{every_us}: {gaps} of 20000");
        }
    }

    #[test]
    fn no_beat_is_more_than_a_millisecond_from_its_place_and_time_never_goes_back() {
        let mut pair = Pair::new();
        for from_us in [5_000, 40_000, 20_000, 49_000, 1_000] {
            pair.phase.forget();
            pair.run(300, pair.tick as i64 * TICK_US + from_us, TICK_US, 3_000);
        }
        for beats in pair.beats.windows(2) {
            let step = beats[1].0 - beats[0].0;
            let off = (step - TICK_US).abs().min((step - 2 * TICK_US).abs());
            assert!(off <= MOVE_US, "{step}");
        }
    }

    #[test]
    fn pictures_that_come_at_any_time_leave_the_beat_where_it_is() {
        let mut pair = Pair::new();
        pair.run(1000, 10_000, 40_000, 0);
        let moves = pair.beats.windows(2).filter(|b| b[1].0 - b[0].0 != TICK_US).count();
        assert!(moves < 50, "{moves}");
    }
}
