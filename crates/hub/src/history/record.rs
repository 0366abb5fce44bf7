//! What the hub hands over to be written.

use rotunda_domain::{ProjectId, Quality, Record};

/// A record as the hub hands it over.
#[derive(Clone, Debug)]
pub struct HistoryRecord {
    /// Project of the session.
    pub project: ProjectId,
    /// When it happened, milliseconds since 1970 UTC.
    pub at_epoch_ms: i64,
    /// What happened.
    pub record: Record,
}

/// Frames a second by quality, as sessions are to report them.
#[derive(Clone, Copy, Debug)]
pub struct Fps {
    /// Of a 720p canvas.
    pub p720: u32,
    /// Of a 1080p canvas.
    pub p1080: u32,
}

impl Fps {
    /// Of a canvas of this quality.
    pub fn of(self, quality: Quality) -> u32 {
        match quality {
            Quality::P720 => self.p720,
            Quality::P1080 => self.p1080,
        }
    }
}
