//! How many look on, told on change and every now and then.
//!
//! A lecture begins with a thousand arrivals in a minute, and telling each of them to everybody
//! would be a million messages: the first change is told at once, what follows soon after is told
//! together.

use super::Session;
use super::member::Member;
use crate::event::{Event, To};
use crate::time::Now;

/// Changes that come closer together than this, milliseconds, are told as one.
const REPORTED_TOGETHER_MS: u64 = 500;

/// What was told of the count.
#[derive(Debug, Default)]
pub(super) struct AudienceCount {
    at_mono_ms: Option<u64>,
    /// Somebody came or went since. Kept apart from the number, which may be the same again: the
    /// one who came has not heard it.
    is_stale: bool,
}

impl Session {
    pub(super) fn audience_total(&self) -> u32 {
        let here = |m: &&Member| m.is_audience() && m.is_here();
        u32::try_from(self.members.iter().filter(here).count()).unwrap_or(u32::MAX)
    }

    pub(super) fn audience_changed(&mut self, now: Now) {
        self.audience_reported.is_stale = true;
        self.tell_audience_if_due(now);
    }

    /// When the count is to be told next, on the clock that never jumps.
    pub(super) fn audience_due_mono_ms(&self) -> Option<u64> {
        let AudienceCount { at_mono_ms, is_stale } = self.audience_reported;
        let every = self.options.audience_count_every_ms;
        match at_mono_ms {
            None => is_stale.then_some(0),
            Some(at) if is_stale => Some(at.saturating_add(REPORTED_TOGETHER_MS)),
            Some(at) => {
                (every > 0 && self.audience_total() > 0).then_some(at.saturating_add(every))
            }
        }
    }

    pub(super) fn tell_audience_if_due(&mut self, now: Now) {
        if self.audience_due_mono_ms().is_none_or(|due| due > now.mono_ms) {
            return;
        }
        self.audience_reported = AudienceCount { at_mono_ms: Some(now.mono_ms), is_stale: false };
        let event = Event::AudienceCount {
            room: self.origin.room,
            session: self.origin.session,
            total: self.audience_total(),
        };
        self.tell(To::Everyone, event);
    }
}
