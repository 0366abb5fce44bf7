//! What the engine tells, handed to the session it is about.

use crate::Services;
use crate::sessions::directory::Directory;
use rotunda_domain::{Outcome, RecordingId, SessionId};
use rotunda_engine::{Closed, EngineEvents};
use std::sync::{Arc, OnceLock, Weak};

/// Hears the engine on behalf of all sessions; made before it, because the engine wants somebody to tell.
#[derive(Clone, Default)]
pub struct EngineListener {
    pub(crate) directory: Directory,
    /// Known once the hub has started.
    pub(crate) services: Arc<OnceLock<Weak<Services>>>,
}

impl EngineListener {
    fn services(&self) -> Option<Arc<Services>> {
        self.services.get().and_then(Weak::upgrade)
    }
}

impl EngineEvents for EngineListener {
    fn recording_closed(&self, session: SessionId, recording: RecordingId, closed: Closed) {
        if let Some(handle) = self.directory.by_id(session).filter(|_| closed.error.is_some()) {
            handle.outcomes.tell(Outcome::RecordingFailed(recording));
        }
        if let Some(services) = self.services() {
            services.archive.closed(recording, closed);
        }
    }

    fn sound_replaced(&self, _: SessionId, recordings: Vec<RecordingId>, why: &str) {
        if let Some(services) = self.services() {
            services.archive.sound_replaced(recordings, why);
        }
    }

    fn happened(&self, session: SessionId, outcome: Outcome) {
        if let Some(handle) = self.directory.by_id(session) {
            handle.outcomes.tell(outcome);
        }
    }
}
