//! What a playback is to do, and who hears what becomes of it.

use rotunda_domain::PlaybackOutcome;
use std::sync::Arc;

/// What a playback is to do; the latest counts, so that a thousand cost no more than one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Control {
    pub paused: bool,
    /// How often it was sought, and where to last.
    pub sought: u64,
    pub to_ms: u64,
}

/// Hears what becomes of a playback; must not block.
pub type Tell = Arc<dyn Fn(PlaybackOutcome) + Send + Sync>;
