//! What endpoints of webhooks are offered, which of it they take, and what becomes of an event that
//! was not taken. The time and a random number are handed in.

use std::fmt;

/// Everything endpoints are offered, as history names it: what happens to rooms, sessions, members,
/// recordings, streams, playbacks and settings.
pub const WEBHOOK_EVENTS: [&str; 34] = [
    "room.created",
    "room.changed",
    "room.deleted",
    "room.settings_updated",
    "room.started",
    "room.updated",
    "room.interrupted",
    "room.ended",
    "member.joined",
    "member.updated",
    "member.digits",
    "member.left",
    "layout.changed",
    "recording.started",
    "recording.updated",
    "recording.ended",
    "recording.completed",
    "recording.failed",
    "recording.interrupted",
    "recording.sound_restarted",
    "recording.stored",
    "recording.pushed",
    "recording.push_failed",
    "recording.expired",
    "stream.started",
    "stream.connected",
    "stream.interrupted",
    "stream.moved",
    "stream.ended",
    "playback.started",
    "playback.updated",
    "playback.ended",
    "livechat.config_updated",
    "events.left_out",
];

/// Which events an endpoint takes: names and families (`member.*`); none at all means every one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter(Vec<String>);

impl EventFilter {
    /// Reads names and families; answers the first that means none of [`WEBHOOK_EVENTS`].
    ///
    /// # Errors
    /// The word that is none.
    pub fn new(words: Vec<String>) -> Result<Self, String> {
        let is_known = |word: &String| WEBHOOK_EVENTS.iter().any(|name| takes(word, name));
        match words.iter().position(|word| !is_known(word)) {
            Some(at) => Err(words[at].clone()),
            None => Ok(Self(words)),
        }
    }

    /// Reads what [`fmt::Display`] wrote; a name that a newer version knew takes nothing here.
    pub fn stored(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    /// The names and families.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether the endpoint takes the event of this name.
    pub fn takes(&self, name: &str) -> bool {
        WEBHOOK_EVENTS.contains(&name)
            && (self.0.is_empty() || self.0.iter().any(|word| takes(word, name)))
    }
}

impl fmt::Display for EventFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn takes(word: &str, name: &str) -> bool {
    match word.strip_suffix(".*") {
        Some(family) => name.split_once('.').is_some_and(|(own, _)| own == family),
        None => word == name,
    }
}

/// How long an event is tried at an endpoint, from its first try on, milliseconds.
pub const TRIED_FOR_MS: i64 = 24 * 3_600_000;
const FIRST_PAUSE_MS: i64 = 1_000;
const LAST_PAUSE_MS: i64 = 3_600_000;

/// How a try went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The endpoint answered; it may have asked for a pause, milliseconds.
    Answered {
        /// The status of its answer.
        status: u16,
        /// How long it asks us to wait.
        wait_ms: Option<i64>,
    },
    /// Nobody answered in time, or nobody may be asked there.
    Unanswered,
}

/// What becomes of an event after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The endpoint has it.
    Taken,
    /// It is tried again then, milliseconds since 1970 UTC.
    Again(i64),
    /// It is given up, and the next of its room follows.
    Dead,
    /// The endpoint is gone for good (410): it is switched off, and the event waits.
    SwitchOff,
}

/// What becomes of an event that was first tried at `first_ms` and `tries` times in all, the last time
/// now; `random` spreads pauses.
pub fn fate(tried: Tried, first_ms: i64, tries: i64, now_ms: i64, random: u32) -> Fate {
    let asked_ms = match tried {
        Tried::Answered { status: 200..=299, .. } => return Fate::Taken,
        Tried::Answered { status: 410, .. } => return Fate::SwitchOff,
        Tried::Answered { wait_ms, .. } => wait_ms.unwrap_or(0).min(LAST_PAUSE_MS),
        Tried::Unanswered => 0,
    };
    let end_ms = first_ms.saturating_add(TRIED_FOR_MS);
    if now_ms >= end_ms {
        return Fate::Dead;
    }
    let next_ms = now_ms.saturating_add(pause_ms(tries, random).max(asked_ms));
    Fate::Again(next_ms.min(end_ms))
}

/// Doubled from try to try up to an hour, and anywhere in its second half, so that what failed
/// together does not come back together.
fn pause_ms(tries: i64, random: u32) -> i64 {
    let longest = (FIRST_PAUSE_MS << tries.clamp(1, 16)).min(LAST_PAUSE_MS);
    longest / 2 + longest / 2 * i64::from(random) / i64::from(u32::MAX)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
