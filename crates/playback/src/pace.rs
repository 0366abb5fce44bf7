//! When what a child decoded is due: its own time laid onto ours, one clock for all its tracks.
//! Values only; the time is told.

use std::time::{Duration, Instant};

/// Things are handed on this long before they are due, so that sound and picture wait for their
/// moment and not the other way round.
pub(crate) const LEAD: Duration = Duration::from_millis(150);
/// What comes later than this was held up.
const LATE: Duration = Duration::from_millis(100);
/// What a live source sends is due so much later at most: its time has jumped otherwise.
const LIVE: Duration = Duration::from_secs(2);
/// Tracks of a child: a picture and a sound.
const TRACKS: usize = 2;

/// Lays one time onto the other, for all tracks at once. While one of them is in time, another that
/// comes late is late; only when all are is time itself held up, and goes on from there.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When the child's time 0 is due.
    origin: Option<Instant>,
    /// How far each track has come, in the child's time.
    reached: [Option<Duration>; TRACKS],
    is_live: bool,
}

impl Pace {
    /// Of a source that has no other time than now, or of one that has.
    pub fn new(is_live: bool) -> Self {
        Self { origin: None, reached: [None; TRACKS], is_live }
    }

    /// When what `track` (counted from 1) has at `at` is due; and whether time begins, or goes on,
    /// only here.
    pub fn due(&mut self, now: Instant, track: u64, at: Duration) -> (Instant, bool) {
        let track = (track as usize).saturating_sub(1).min(TRACKS - 1);
        if let Some(origin) = self.origin {
            let due = origin + at;
            let has_jumped = self.is_live && due > now + LIVE;
            let is_held_up = due + LATE < now && self.others_are_late(now, origin, track);
            if !has_jumped && !is_held_up {
                self.reached[track] = self.reached[track].max(Some(at));
                return (due, false);
            }
        }
        let due = now + LEAD;
        self.origin = due.checked_sub(at);
        self.reached = [None; TRACKS];
        self.reached[track] = Some(at);
        (due, true)
    }

    fn others_are_late(&self, now: Instant, origin: Instant, track: usize) -> bool {
        let is_late = |at: &Duration| origin + *at + LATE < now;
        let mut others = self.reached.iter().enumerate().filter(|(other, _)| *other != track);
        others.all(|(_, reached)| reached.as_ref().is_none_or(is_late))
    }

    /// Begins anew with the next.
    pub fn reset(&mut self) {
        self.origin = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: u64 = 1;
    const SOUND: u64 = 2;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_source_that_was_held_up_goes_on_from_there_in_step() {
        let start = Instant::now() + Duration::from_secs(3600);
        let mut pace = Pace::new(false);
        assert_eq!(pace.due(start, PICTURE, ms(40)), (start + LEAD, true));
        assert_eq!(pace.due(start, SOUND, ms(80)), (start + LEAD + ms(40), false));
        let late = start + ms(1000);
        assert_eq!(pace.due(late, SOUND, ms(120)), (late + LEAD, true));
        assert_eq!(pace.due(late, PICTURE, ms(160)), (late + LEAD + ms(40), false));
    }

    #[test]
    fn a_track_that_is_late_alone_moves_nobodys_time() {
        let start = Instant::now() + Duration::from_secs(3600);
        let due = |at| start + LEAD + ms(at);
        let mut pace = Pace::new(false);
        pace.due(start, PICTURE, ms(0));
        for at in (0..6000).step_by(20) {
            assert_eq!(pace.due(start + ms(at), SOUND, ms(at)), (due(at), false), "{at}");
        }
        let now = start + ms(6000);
        assert_eq!(pace.due(now, PICTURE, ms(40)), (due(40), false), "it is only late");
        assert_eq!(pace.due(now, SOUND, ms(6000)), (due(6000), false));
    }

    #[test]
    fn a_track_that_has_ended_holds_no_other_to_its_time() {
        let start = Instant::now() + Duration::from_secs(3600);
        let mut pace = Pace::new(false);
        pace.due(start, SOUND, ms(0));
        pace.due(start, PICTURE, ms(0));
        let late = start + ms(5000);
        assert_eq!(pace.due(late, PICTURE, ms(40)), (late + LEAD, true));
    }

    #[test]
    fn a_film_may_stand_still_for_long_and_a_live_source_cannot_jump_into_the_future() {
        let start = Instant::now();
        let far = Duration::from_secs(3600);
        let (mut film, mut live) = (Pace::new(false), Pace::new(true));
        film.due(start, PICTURE, Duration::ZERO);
        live.due(start, PICTURE, Duration::ZERO);
        assert_eq!(film.due(start, PICTURE, far), (start + LEAD + far, false));
        assert_eq!(live.due(start, PICTURE, far), (start + LEAD, true));
    }
}
