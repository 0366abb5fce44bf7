//! What was learnt of people's lines, so that who comes back begins where they were: plain values; time
//! is an argument.

use rotunda_domain::MemberId;
use rotunda_rtc::Rung;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a line is remembered.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Members remembered at a time; for a new one the oldest is forgotten.
const MOST: usize = 4096;

/// Members whose line did not take the whole canvas.
#[derive(Default)]
pub(crate) struct KnownLines {
    narrow: HashMap<MemberId, (Rung, Instant)>,
}

impl KnownLines {
    /// A member is given this now.
    pub fn note(&mut self, member: MemberId, rung: Rung, now: Instant) {
        self.narrow.retain(|_, (_, at)| now.saturating_duration_since(*at) < REMEMBERED);
        if rung == Rung::Master {
            self.narrow.remove(&member);
            return;
        }
        if self.narrow.len() >= MOST && !self.narrow.contains_key(&member) {
            let oldest = self.narrow.iter().min_by_key(|(_, (_, at))| *at).map(|(who, _)| *who);
            if let Some(oldest) = oldest {
                self.narrow.remove(&oldest);
            }
        }
        self.narrow.insert(member, (rung, now));
    }

    /// What a member begins with. Never with sound alone: a picture shows whether the line is better.
    pub fn begins_with(&self, member: MemberId, now: Instant) -> Rung {
        let known = self.narrow.get(&member);
        let known = known.filter(|(_, at)| now.saturating_duration_since(*at) < REMEMBERED);
        known.map_or(Rung::Master, |(rung, _)| (*rung).max(Rung::Quarter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(n: usize) -> MemberId {
        MemberId(Uuid::from_u128(n as u128))
    }

    #[test]
    fn who_comes_back_begins_where_they_were() {
        let (mut lines, now) = (KnownLines::default(), Instant::now());
        lines.note(member(1), Rung::Sound, now);
        lines.note(member(2), Rung::Half, now);
        assert_eq!(lines.begins_with(member(1), now), Rung::Quarter);
        assert_eq!(lines.begins_with(member(2), now), Rung::Half);
        assert_eq!(lines.begins_with(member(3), now), Rung::Master);
        assert_eq!(lines.begins_with(member(2), now + REMEMBERED), Rung::Master);
        lines.note(member(2), Rung::Master, now);
        assert_eq!(lines.begins_with(member(2), now), Rung::Master);
    }

    #[test]
    fn more_than_can_be_remembered_forget_the_oldest() {
        let (mut lines, now) = (KnownLines::default(), Instant::now());
        for n in 0..=MOST {
            lines.note(member(n), Rung::Half, now + Duration::from_millis(n as u64));
        }
        assert_eq!(lines.narrow.len(), MOST);
        assert_eq!(lines.begins_with(member(0), now), Rung::Master);
        assert_eq!(lines.begins_with(member(MOST), now), Rung::Half);
    }
}
