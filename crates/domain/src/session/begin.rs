//! The beginning: a session is opened for the first who asks to come in, and begins when the first
//! leg is up. Until then it is a canvas nobody looks at: nobody is told of it, nothing of it is kept,
//! and nothing leaves it; if nobody comes it never was.

use super::Session;
use crate::command::Actor;
use crate::id::RecordingId;
use crate::output::{Output, Record};
use crate::refusal::Refusal;
use crate::stream::RoomStream;
use crate::time::Now;

/// What begins with the session.
#[derive(Debug, Default)]
pub(super) struct Promised {
    recording: Option<RecordingId>,
    pub(super) room_streams: Vec<RoomStream>,
}

impl Session {
    /// Has the session recorded from its beginning on. To be called once, right after opening.
    ///
    /// # Errors
    /// `Unsupported` where a vendor carries the media.
    pub fn record_from_the_beginning(&mut self, recording: RecordingId) -> Result<(), Refusal> {
        self.only_native("recording")?;
        self.promised.recording = Some(recording);
        Ok(())
    }

    /// Whether anybody has been here.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Somebody is here; the first of them begins the session.
    pub(super) fn begin(&mut self, now: Now) {
        if std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        self.started_at_ms = now.epoch_ms;
        let view = Box::new(self.view());
        self.put(Output::Record(Record::SessionStarted(view)));
        let Promised { recording, room_streams } = std::mem::take(&mut self.promised);
        // Neither can be refused: there is no other recording, and the streams were counted when
        // they were promised.
        if let Some(recording) = recording {
            let _ = self.start_recording(now, Actor::Project, recording, None);
        }
        let _ = self.set_room_streams(now, Actor::Project, room_streams);
        if !self.lobby.is_empty() {
            self.tell_lobby();
        }
    }

    /// # Errors
    /// `Conflict` before anybody has come: nothing is made of nobody.
    pub(super) fn only_when_begun(&self) -> Result<(), Refusal> {
        let text = "nobody has come into the session yet";
        self.has_begun.then_some(()).ok_or_else(|| Refusal::Conflict(text.into()))
    }
}
