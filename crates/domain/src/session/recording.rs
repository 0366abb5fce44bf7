//! Recordings of the session: several at a time, told to those who may record.
//!
//! Nothing here writes a file: what is to be done is an output, and what the world cannot do comes
//! in as a hindrance, or later as a failure.

use super::Session;
use crate::command::{Actor, RecordingChange, Reply};
use crate::event::{Event, RecordingEvent, RecordingState, RecordingView, To};
use crate::id::RecordingId;
use crate::limits::{RECORDINGS, RECORDINGS_LISTED};
use crate::output::{Output, Record, RecordingOrder};
use crate::permission::Right;
use crate::refusal::Refusal;
use crate::time::Now;

const RIGHT: Right = Right::OnRoom("recording");

/// A recording as the session remembers it.
#[derive(Debug)]
pub(super) struct Recording {
    id: RecordingId,
    state: RecordingState,
    started_at_ms: i64,
    ended_at_ms: Option<i64>,
    /// How long it ran up to the last pause, and since when it runs again.
    ran_ms: u64,
    runs_since_mono_ms: u64,
    failed: bool,
}

impl Recording {
    fn is_over(&self) -> bool {
        self.state == RecordingState::Completed
    }

    /// Answers whether anything changed.
    fn enter(&mut self, now: Now, state: RecordingState) -> bool {
        let was = std::mem::replace(&mut self.state, state);
        if was == RecordingState::Recording && state != was {
            self.ran_ms += now.mono_ms.saturating_sub(self.runs_since_mono_ms);
        }
        if state == RecordingState::Recording {
            self.runs_since_mono_ms = now.mono_ms;
        }
        if state == RecordingState::Completed {
            self.ended_at_ms = Some(now.epoch_ms);
        }
        was != state
    }
}

impl Session {
    /// Permission, then what the world says, then the bound.
    pub(super) fn start_recording(
        &mut self,
        now: Now,
        actor: Actor,
        id: RecordingId,
        hindrance: Option<Refusal>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        self.only_when_begun()?;
        if let Some(hindrance) = hindrance {
            return Err(hindrance);
        }
        let running = self.recordings.iter().filter(|r| !r.is_over()).count();
        if running >= RECORDINGS {
            let text = format!("a session has at most {RECORDINGS} recordings at a time");
            return Err(Refusal::LimitReached(text));
        }
        self.forget_oldest_recording();
        self.recordings.push(Recording {
            id,
            state: RecordingState::Recording,
            started_at_ms: now.epoch_ms,
            ended_at_ms: None,
            ran_ms: 0,
            runs_since_mono_ms: now.mono_ms,
            failed: false,
        });
        let view = self.tell_recording(RecordingEvent::Started, id);
        self.put(Output::Recording(id, RecordingOrder::Start));
        if running == 0 {
            self.announce_room(vec!["recording"]);
        }
        view.map(Reply::Recording).ok_or(Refusal::Broken)
    }

    /// Doing what is done already changes nothing, and what is over stays over.
    pub(super) fn set_recording_state(
        &mut self,
        now: Now,
        actor: Actor,
        id: Option<RecordingId>,
        change: RecordingChange,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        let known = |id: &RecordingId| self.recordings.iter().any(|r| r.id == *id);
        let id = id.filter(known).ok_or(Refusal::NotFound("Not Found"))?;
        let (state, order) = match change {
            RecordingChange::Resume => (RecordingState::Recording, RecordingOrder::Resume),
            RecordingChange::Pause => (RecordingState::Paused, RecordingOrder::Pause),
            RecordingChange::Stop => {
                self.end_recording(now, id, false);
                return Ok(Reply::Done);
            }
        };
        let Some(recording) = self.recordings.iter_mut().find(|r| r.id == id) else {
            return Err(Refusal::Broken);
        };
        if recording.is_over() {
            return Err(Refusal::Conflict("the recording is over".into()));
        }
        if recording.enter(now, state) {
            self.put(Output::Recording(id, order));
            self.tell_recording(RecordingEvent::Updated, id);
        }
        Ok(Reply::Done)
    }

    pub(super) fn list_recordings(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        Ok(Reply::Recordings(self.recordings.iter().map(|r| self.see_recording(r)).collect()))
    }

    pub(super) fn recording_failed(&mut self, now: Now, id: RecordingId) {
        self.end_recording(now, id, true);
    }

    /// All that run end with the session.
    pub(super) fn end_recordings(&mut self, now: Now) {
        let running: Vec<_> =
            self.recordings.iter().filter(|r| !r.is_over()).map(|r| r.id).collect();
        running.into_iter().for_each(|id| self.end_recording(now, id, false));
    }

    fn end_recording(&mut self, now: Now, id: RecordingId, failed: bool) {
        let Some(recording) = self.recordings.iter_mut().find(|r| r.id == id) else { return };
        if !recording.enter(now, RecordingState::Completed) {
            return;
        }
        recording.failed = failed;
        // History first: the file is finished after it, and its row must be there by then.
        self.tell_recording(RecordingEvent::Ended, id);
        self.put(Output::Recording(id, RecordingOrder::Stop));
        if !self.is_recording() {
            self.announce_room(vec!["recording"]);
        }
    }

    /// Whether anybody records, paused or not.
    pub(super) fn is_recording(&self) -> bool {
        self.recordings.iter().any(|r| !r.is_over())
    }

    pub(super) fn running_recordings(&self) -> Vec<RecordingView> {
        let running = self.recordings.iter().filter(|r| !r.is_over());
        running.map(|r| self.see_recording(r)).collect()
    }

    fn see_recording(&self, recording: &Recording) -> RecordingView {
        RecordingView {
            id: recording.id,
            room: self.origin.room,
            session: self.origin.session,
            state: recording.state,
            duration_ms: recording.is_over().then_some(recording.ran_ms),
            started_at_ms: recording.started_at_ms,
            ended_at_ms: recording.ended_at_ms,
            failed: recording.failed,
        }
    }

    /// Keeps it, and tells those who may record; screens and devices hear with their owner.
    fn tell_recording(
        &mut self,
        reported: RecordingEvent,
        id: RecordingId,
    ) -> Option<RecordingView> {
        let view = self.recordings.iter().find(|r| r.id == id).map(|r| self.see_recording(r))?;
        self.put(Output::Record(Record::Happened(Event::Recording(reported, view.clone()))));
        let hears = |m: &&super::Member| m.is_here() && m.parent().is_none() && m.may(RIGHT);
        let who: Vec<_> = self.members.iter().filter(hears).map(|m| m.id()).collect();
        for member in who {
            self.tell(To::Only(member), Event::Recording(reported, view.clone()));
        }
        Some(view)
    }

    /// The list is bounded; only what is over is forgotten.
    fn forget_oldest_recording(&mut self) {
        if self.recordings.len() >= RECORDINGS_LISTED
            && let Some(oldest) = self.recordings.iter().position(Recording::is_over)
        {
            self.recordings.remove(oldest);
        }
    }
}
