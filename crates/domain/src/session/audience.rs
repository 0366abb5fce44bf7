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

/// How many look on, as far as it was told.
#[derive(Debug, Default)]
pub(super) struct Audience {
    /// When it was told last, on the clock that never jumps.
    at_mono_ms: Option<u64>,
    /// Somebody came or went since. Kept apart from the number, which may be the same again: the
    /// one who came has not heard it.
    is_stale: bool,
}

impl Audience {
    /// When `total` is to be told next, which is told every `every_ms` when nothing changes; 0 is
    /// never.
    fn due_mono_ms(&self, every_ms: u64, total: u32) -> Option<u64> {
        match self.at_mono_ms {
            None => self.is_stale.then_some(0),
            Some(at) if self.is_stale => Some(at.saturating_add(REPORTED_TOGETHER_MS)),
            Some(at) => (every_ms > 0 && total > 0).then_some(at.saturating_add(every_ms)),
        }
    }

    fn was_announced(&mut self, now: Now) {
        (self.at_mono_ms, self.is_stale) = (Some(now.mono_ms), false);
    }
}

impl Session {
    pub(super) fn audience_total(&self) -> u32 {
        let here = |m: &&Member| m.is_audience() && m.is_here();
        u32::try_from(self.members.iter().filter(here).count()).unwrap_or(u32::MAX)
    }

    pub(super) fn audience_changed(&mut self, now: Now) {
        self.audience.is_stale = true;
        self.tell_audience_if_due(now);
    }

    /// When the count is to be told next, on the clock that never jumps.
    pub(super) fn audience_due_mono_ms(&self) -> Option<u64> {
        self.audience.due_mono_ms(self.options.audience_count_every_ms, self.audience_total())
    }

    pub(super) fn tell_audience_if_due(&mut self, now: Now) {
        if self.audience_due_mono_ms().is_none_or(|due| due > now.mono_ms) {
            return;
        }
        self.audience.was_announced(now);
        let event = Event::AudienceCount {
            room: self.origin.room,
            session: self.origin.session,
            total: self.audience_total(),
        };
        self.tell(To::Everyone, event);
    }
}
