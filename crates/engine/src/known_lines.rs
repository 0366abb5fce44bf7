//! What was learnt of people's lines, so that who comes back begins where they were: plain values; time
//! is an argument.

use rotunda_domain::MemberId;
use rotunda_rtc::Rung;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a line is remembered, from the last that was seen of it.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Members, and people, remembered at a time; for a new one the oldest is forgotten.
const MOST: usize = 4096;

/// Lines that did not take the whole canvas, by members and by who they are.
#[derive(Default)]
pub(crate) struct KnownLines {
    members: Narrow<MemberId>,
    people: Narrow<Arc<str>>,
}

impl KnownLines {
    /// A member is given this now.
    pub fn note(&mut self, member: MemberId, person: &Arc<str>, rung: Rung, now: Instant) {
        self.members.note(member, rung, now);
        self.people.note(person.clone(), rung, now);
    }

    /// A leg is gone that was given this. The whole canvas says nothing: who left at once may never have
    /// seen it.
    pub fn left(&mut self, member: MemberId, person: &Arc<str>, rung: Rung, now: Instant) {
        if rung != Rung::Master {
            self.note(member, person, rung, now);
        }
    }

    /// What a member begins with, if something is known of their line.
    pub fn of_member(&self, member: MemberId, now: Instant) -> Option<Rung> {
        self.members.known(&member, now)
    }

    /// The same of whoever has this name in this room.
    pub fn of_person(&self, person: &Arc<str>, now: Instant) -> Option<Rung> {
        self.people.known(person, now)
    }
}

struct Narrow<K>(HashMap<K, (Rung, Instant)>);

impl<K> Default for Narrow<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Clone> Narrow<K> {
    fn note(&mut self, who: K, rung: Rung, now: Instant) {
        self.0.retain(|_, (_, at)| now.saturating_duration_since(*at) < REMEMBERED);
        if rung == Rung::Master {
            self.0.remove(&who);
            return;
        }
        if self.0.len() >= MOST && !self.0.contains_key(&who) {
            let oldest = self.0.iter().min_by_key(|(_, (_, at))| *at).map(|(who, _)| who.clone());
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(who, (rung, now));
    }

    /// Never sound alone: a picture shows whether the line is better.
    fn known(&self, who: &K, now: Instant) -> Option<Rung> {
        let known = self.0.get(who);
        let known = known.filter(|(_, at)| now.saturating_duration_since(*at) < REMEMBERED);
        known.map(|(rung, _)| (*rung).max(Rung::Quarter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_begins_where_they_were() {
        let (mut lines, now) = (Narrow::default(), Instant::now());
        lines.note(1, Rung::Sound, now);
        lines.note(2, Rung::Half, now);
        assert_eq!(lines.known(&1, now), Some(Rung::Quarter));
        assert_eq!(lines.known(&2, now), Some(Rung::Half));
        assert_eq!(lines.known(&3, now), None);
        assert_eq!(lines.known(&2, now + REMEMBERED), None);
        lines.note(2, Rung::Master, now);
        assert_eq!(lines.known(&2, now), None);
    }

    #[test]
    fn more_than_can_be_remembered_forget_the_oldest() {
        let (mut lines, now) = (Narrow::default(), Instant::now());
        for n in 0..=MOST {
            lines.note(n, Rung::Half, now + Duration::from_millis(n as u64));
        }
        assert_eq!(lines.0.len(), MOST);
        assert_eq!(lines.known(&0, now), None);
        assert_eq!(lines.known(&MOST, now), Some(Rung::Half));
    }
}
