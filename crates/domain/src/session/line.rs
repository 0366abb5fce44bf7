//! What is known of one line, and when there is something to say of it.

use crate::line::LineQuality;
use crate::time::Now;

/// Readings come every five seconds, a little sooner or later.
const SLACK_MS: u64 = 500;

/// Whether a reading is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// More than its figures is other than what was said last.
    News,
    /// It has been a while.
    Again,
    /// Not now.
    No,
}

/// What is known of somebody's line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    pub(super) quality: Option<LineQuality>,
    said: Option<LineQuality>,
    said_mono_ms: u64,
}

impl Line {
    /// Takes a reading, where lines that stay what they are may be spoken of every `pause_ms`.
    pub(super) fn measured(&mut self, quality: LineQuality, pause_ms: u64, now: Now) -> Said {
        self.quality = Some(quality);
        let is_due = now.mono_ms.saturating_sub(self.said_mono_ms) + SLACK_MS >= pause_ms;
        match self.said {
            Some(said) if !quality.is_news_after(&said) && is_due => Said::Again,
            Some(said) if !quality.is_news_after(&said) => Said::No,
            _ => Said::News,
        }
    }

    /// What is known now is said.
    pub(super) fn say(&mut self, now: Now) {
        (self.said, self.said_mono_ms) = (self.quality, now.mono_ms);
    }
}

/// How many changes of lines a session tells: so many at once, and then so many a second. One incident on
/// the way of everybody is told a reading later of some, and floods nobody.
const CHANGES: (u64, u64) = (40, 20);

/// What is left of that, in thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changes {
    left: u64,
    at_mono_ms: u64,
}

impl Default for Changes {
    fn default() -> Self {
        Self { left: CHANGES.0 * 1000, at_mono_ms: 0 }
    }
}

impl Changes {
    /// Whether one more may be told.
    pub(super) fn take(&mut self, now: Now) -> bool {
        let gone = now.mono_ms.saturating_sub(self.at_mono_ms);
        let left = self.left.saturating_add(gone.saturating_mul(CHANGES.1));
        (self.left, self.at_mono_ms) = (left.min(CHANGES.0 * 1000), now.mono_ms);
        let may = self.left >= 1000;
        self.left -= if may { 1000 } else { 0 };
        may
    }
}
