//! Joins that were answered and have not connected yet: who gives way when there is no room.
//!
//! Such a join costs its sender one message and no media path, so it must never keep anybody out for
//! long. It must not be pushed out at once either, or of many who come together the last would win.

use std::collections::HashMap;

/// How long a lone one keeps its place, milliseconds: a browser is up within one or two seconds.
pub const FIRM_MS: u64 = 5_000;

/// A join on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfOpen<'a, K> {
    /// Names it.
    pub key: K,
    /// Whose it is: what one person has one of, such as a token.
    pub bearer: &'a str,
    /// Since when, milliseconds on the clock that never jumps.
    pub since_ms: u64,
}

/// Which of `waiting` gives way to one of `newcomer`'s: of the bearer with the most, other than the
/// newcomer's own, the oldest, if there are several; else the oldest of all that had its time.
pub fn gives_way<K: Copy>(waiting: &[HalfOpen<'_, K>], newcomer: &str, now_ms: u64) -> Option<K> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for one in waiting.iter().filter(|one| one.bearer != newcomer) {
        *counts.entry(one.bearer).or_default() += 1;
    }
    let most = counts.values().copied().max().filter(|most| *most > 1);
    let is_of_crowd = |bearer: &str| most.is_some() && counts.get(bearer).copied() == most;
    let crowd = waiting.iter().filter(|one| is_of_crowd(one.bearer));
    let late = waiting.iter().filter(|one| now_ms.saturating_sub(one.since_ms) >= FIRM_MS);
    let oldest = crowd.min_by_key(|one| one.since_ms).or(late.min_by_key(|one| one.since_ms));
    oldest.map(|one| one.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(key: u8, bearer: &str, since_ms: u64) -> HalfOpen<'_, u8> {
        HalfOpen { key, bearer, since_ms }
    }

    #[test]
    fn the_bearer_with_the_most_gives_way_oldest_first() {
        let waiting = [at(1, "ann", 10), at(2, "mal", 30), at(3, "mal", 20), at(4, "ben", 0)];
        assert_eq!(gives_way(&waiting, "eve", 40), Some(3));
        assert_eq!(gives_way(&waiting, "ann", 40), Some(3));
    }

    #[test]
    fn of_people_with_one_each_only_who_had_its_time_gives_way() {
        let waiting = [at(1, "ann", 10), at(2, "ben", 0)];
        assert_eq!(gives_way(&waiting, "eve", 40), None);
        assert_eq!(gives_way(&waiting, "eve", FIRM_MS), Some(2));
        assert_eq!(gives_way::<u8>(&[], "eve", FIRM_MS), None);
    }

    #[test]
    fn nobody_gains_by_more_of_their_own() {
        let waiting = [at(1, "mal", 10), at(2, "mal", 0), at(3, "ben", 5)];
        assert_eq!(gives_way(&waiting, "mal", 40), None);
    }
}
