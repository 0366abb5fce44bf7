//! What is known of one line, and when there is something to say of it.

use crate::line::LineQuality;
use crate::time::Now;

/// Readings come every five seconds, a little sooner or later.
const SLACK_MS: u64 = 500;

/// What is known of somebody's line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    pub(super) quality: Option<LineQuality>,
    said_mono_ms: u64,
}

impl Line {
    /// Takes a reading. True if it is to be said, where lines that stay what they are may be spoken of
    /// every `pause_ms`.
    pub(super) fn measured(&mut self, quality: LineQuality, pause_ms: u64, now: Now) -> bool {
        let before = self.quality.replace(quality);
        let is_due = now.mono_ms.saturating_sub(self.said_mono_ms) + SLACK_MS >= pause_ms;
        let is_said = is_due || before.is_none_or(|before| quality.is_news_after(&before));
        if is_said {
            self.said_mono_ms = now.mono_ms;
        }
        is_said
    }
}
