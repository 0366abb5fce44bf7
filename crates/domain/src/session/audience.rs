//! How many look on, told on change and every now and then.

use super::Session;
use super::member::Member;
use crate::event::{Event, To};
use crate::time::Now;

/// When the count was last told.
#[derive(Debug, Default)]
pub(super) struct Told {
    at_mono_ms: Option<u64>,
}

impl Session {
    pub(super) fn audience_total(&self) -> u32 {
        let here = |m: &&Member| m.is_audience() && m.is_here();
        u32::try_from(self.members.iter().filter(here).count()).unwrap_or(u32::MAX)
    }

    pub(super) fn audience_changed(&mut self, now: Now) {
        self.audience_told.at_mono_ms = Some(now.mono_ms);
        let event = Event::AudienceCount {
            room: self.origin.room,
            session: self.origin.session,
            total: self.audience_total(),
        };
        self.tell(To::Everyone, event);
    }

    pub(super) fn audience_reminder_in_ms(&self, now: Now) -> Option<u64> {
        let told = self.audience_told.at_mono_ms?;
        let due = told + self.options.audience_count_every_ms;
        Some(due.saturating_sub(now.mono_ms))
    }

    pub(super) fn remind_of_audience(&mut self, now: Now) {
        if self.audience_reminder_in_ms(now) == Some(0) {
            self.audience_changed(now);
            if self.audience_total() == 0 {
                self.audience_told.at_mono_ms = None;
            }
        }
    }
}
