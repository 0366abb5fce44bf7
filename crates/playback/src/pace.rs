//! When what a child decoded is due: its own time laid onto ours. Values only; the clock is told.

use std::time::{Duration, Instant};

/// Things are handed on this long before they are due, so that sound and picture wait for their
/// moment and not the other way round.
pub(crate) const LEAD: Duration = Duration::from_millis(150);
/// What comes later than this was held up: time goes on from there.
const LATE: Duration = Duration::from_millis(100);
/// What a live source sends is due so much later at most: its time has jumped otherwise.
const LIVE: Duration = Duration::from_secs(2);

/// Lays one time onto the other.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When the child's time 0 is due.
    origin: Option<Instant>,
    is_live: bool,
}

impl Pace {
    /// Of a source that has no other time than now, or of one that has.
    pub fn new(is_live: bool) -> Self {
        Self { origin: None, is_live }
    }

    /// When what is at `at` is due; and whether time begins, or goes on, only here.
    pub fn due(&mut self, now: Instant, at: Duration) -> (Instant, bool) {
        if let Some(due) = self.origin.map(|origin| origin + at)
            && due + LATE >= now
            && !(self.is_live && due > now + LIVE)
        {
            return (due, false);
        }
        let due = now + LEAD;
        self.origin = due.checked_sub(at);
        (due, true)
    }

    /// Begins anew with the next.
    pub fn reset(&mut self) {
        self.origin = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_was_held_up_goes_on_from_there_in_step() {
        let start = Instant::now() + Duration::from_secs(3600);
        let ms = Duration::from_millis;
        let mut pace = Pace::new(false);
        assert_eq!(pace.due(start, ms(40)), (start + LEAD, true));
        assert_eq!(pace.due(start, ms(80)), (start + LEAD + ms(40), false));
        let late = start + ms(1000);
        assert_eq!(pace.due(late, ms(120)), (late + LEAD, true));
        assert_eq!(pace.due(late, ms(160)), (late + LEAD + ms(40), false));
    }

    #[test]
    fn a_film_may_stand_still_for_long_and_a_live_source_cannot_jump_into_the_future() {
        let start = Instant::now();
        let far = Duration::from_secs(3600);
        let (mut film, mut live) = (Pace::new(false), Pace::new(true));
        film.due(start, Duration::ZERO);
        live.due(start, Duration::ZERO);
        assert_eq!(film.due(start, far), (start + LEAD + far, false));
        assert_eq!(live.due(start, far), (start + LEAD, true));
    }
}
