//! How often people of a session may write, list and push: so many in a window of time of one person,
//! however many tabs they have open, and so many of all together. It refuses to know what is done with
//! a turn.

use crate::refusal::Refusal;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How often something may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// What is counted, as a refusal calls it.
    pub what: &'static str,
    /// In a window, by one person.
    pub of_one: usize,
    /// In a window, by all of the session; what is remembered is no more than that.
    pub of_all: usize,
    /// Length of the window, milliseconds.
    pub window_ms: u64,
}

/// Whose turn it is: what one person has one of (see [`super::member::bearer`]), or `None` for the
/// application.
pub(super) type Person = Option<Arc<str>>;

/// The turns of the window that is running. Each is put in once and taken out once, so a turn costs the
/// same however many people there are.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Of all, the latest last, on the clock that never jumps.
    taken: VecDeque<(u64, Person)>,
    /// How many of those are whose; nobody with none.
    counts: HashMap<Person, usize>,
}

impl Turns {
    /// Counts one more.
    ///
    /// # Errors
    /// `LimitReached` when it would be one too many, of this person or of all; nothing is counted then.
    pub fn take(&mut self, pace: Pace, who: Person, now_ms: u64) -> Result<(), Refusal> {
        self.forget_until(now_ms, pace.window_ms);
        let within = pace.window_ms / 1000;
        let Pace { what, of_one, of_all, .. } = pace;
        if self.counts.get(&who).is_some_and(|count| *count >= of_one) {
            let why = format!("at most {of_one} {what} in {within} seconds; wait a moment");
            return Err(Refusal::LimitReached(why));
        }
        if self.taken.len() >= of_all {
            let why =
                format!("at most {of_all} {what} of all people in {within} seconds; wait a moment");
            return Err(Refusal::LimitReached(why));
        }
        *self.counts.entry(who.clone()).or_default() += 1;
        self.taken.push_back((now_ms, who));
        Ok(())
    }

    fn forget_until(&mut self, now_ms: u64, window_ms: u64) {
        let is_over = |at: u64| at.saturating_add(window_ms) <= now_ms;
        while let Some((_, who)) = self.taken.pop_front_if(|(at, _)| is_over(*at)) {
            let left = self.counts.get(&who).map_or(0, |count| count - 1);
            if left == 0 {
                self.counts.remove(&who);
            } else {
                self.counts.insert(who, left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { what: "messages", of_one: 2, of_all: 3, window_ms: 5000 };

    fn of(name: &str) -> Person {
        Some(name.into())
    }

    #[test]
    fn a_person_has_so_many_turns_and_all_together_have_so_many() {
        let mut turns = Turns::default();
        let mut take = |who: Person, at| turns.take(PACE, who, at).map_err(|why| why.to_string());
        assert_eq!((take(of("ann"), 0), take(of("ann"), 1)), (Ok(()), Ok(())));
        let third = "at most 2 messages in 5 seconds; wait a moment";
        assert_eq!(take(of("ann"), 4999), Err(third.into()));
        assert_eq!(take(None, 4999), Ok(()), "the application waits for nobody");
        let all = "at most 3 messages of all people in 5 seconds; wait a moment";
        assert_eq!(take(of("ben"), 4999), Err(all.into()));
        assert_eq!((take(of("ben"), 5000), take(of("ann"), 5001)), (Ok(()), Ok(())));
    }

    #[test]
    fn nothing_is_remembered_of_who_was_refused_or_has_been_silent_for_a_window() {
        let mut turns = Turns::default();
        for n in 0..100_u64 {
            let is_taken = turns.take(PACE, of(&n.to_string()), n).is_ok();
            assert_eq!(is_taken, n < 3);
        }
        assert_eq!((turns.taken.len(), turns.counts.len()), (3, 3));
        turns.take(PACE, None, 10_000).expect("all of it is over");
        assert_eq!((turns.taken.len(), turns.counts.len()), (1, 1));
    }
}
