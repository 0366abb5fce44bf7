//! Recordings of the session: several at a time, told to those who may record.
//!
//! Nothing here writes a file: what is to be done is an output, and what the world cannot do comes
//! in as a hindrance, or later as a failure.

use super::{Origin, Session};
use crate::command::{Actor, RecordingChange, Reply};
use crate::event::{Event, RecordingEvent, RecordingState, RecordingView};
use crate::id::RecordingId;
use crate::limits::{RECORDINGS, RECORDINGS_LISTED};
use crate::output::{Output, Record, RecordingOrder};
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use crate::time::Now;

const RIGHT: Right = Right::OnRoom(Verb::Recording);

/// A recording as the session remembers it.
#[derive(Debug)]
struct Recording {
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

    fn view(&self, origin: &Origin) -> RecordingView {
        RecordingView {
            id: self.id,
            room: origin.room,
            session: origin.session,
            state: self.state,
            duration_ms: self.is_over().then_some(self.ran_ms),
            started_at_ms: self.started_at_ms,
            ended_at_ms: self.ended_at_ms,
            failed: self.failed,
        }
    }
}

/// What a change of the recordings brings about, in this order.
#[derive(Debug)]
enum Effect {
    /// Kept, and told to those who may record.
    Happened(RecordingEvent, RecordingView),
    /// To be done by whoever writes.
    Order(RecordingId, RecordingOrder),
    /// Whether the session is recorded is another.
    RoomChanged,
}

/// The session's recordings, those that are over included.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    all: Vec<Recording>,
}

impl Recordings {
    fn get(&self, id: RecordingId) -> Option<&Recording> {
        self.all.iter().find(|recording| recording.id == id)
    }

    fn running(&self) -> impl Iterator<Item = &Recording> {
        self.all.iter().filter(|recording| !recording.is_over())
    }

    /// Whether anybody records, paused or not.
    pub(super) fn is_any_running(&self) -> bool {
        self.running().next().is_some()
    }

    /// # Errors
    /// `LimitReached`.
    fn begin(
        &mut self,
        now: Now,
        id: RecordingId,
        origin: &Origin,
    ) -> Result<Vec<Effect>, Refusal> {
        let running = self.running().count();
        if running >= RECORDINGS {
            let text = format!("a session has at most {RECORDINGS} recordings at a time");
            return Err(Refusal::LimitReached(text));
        }
        self.forget_oldest();
        let recording = Recording {
            id,
            state: RecordingState::Recording,
            started_at_ms: now.epoch_ms,
            ended_at_ms: None,
            ran_ms: 0,
            runs_since_mono_ms: now.mono_ms,
            failed: false,
        };
        let view = recording.view(origin);
        self.all.push(recording);
        let mut effects = vec![
            Effect::Happened(RecordingEvent::Started, view),
            Effect::Order(id, RecordingOrder::Start),
        ];
        effects.extend((running == 0).then_some(Effect::RoomChanged));
        Ok(effects)
    }

    /// Doing what is done already changes nothing, and what is over stays over.
    ///
    /// # Errors
    /// `Conflict` for one that is over.
    fn enter(
        &mut self,
        now: Now,
        id: RecordingId,
        (state, order): (RecordingState, RecordingOrder),
        origin: &Origin,
    ) -> Result<Vec<Effect>, Refusal> {
        let Some(recording) = self.all.iter_mut().find(|recording| recording.id == id) else {
            return Err(Refusal::Broken);
        };
        if recording.is_over() {
            return Err(Refusal::Conflict("the recording is over".into()));
        }
        if !recording.enter(now, state) {
            return Ok(Vec::new());
        }
        let view = recording.view(origin);
        Ok(vec![Effect::Order(id, order), Effect::Happened(RecordingEvent::Updated, view)])
    }

    /// History first: the file is finished after it, and its row must be there by then.
    fn end(&mut self, now: Now, id: RecordingId, failed: bool, origin: &Origin) -> Vec<Effect> {
        let recording = self.all.iter_mut().find(|recording| recording.id == id);
        let Some(recording) = recording.filter(|recording| !recording.is_over()) else {
            return Vec::new();
        };
        recording.enter(now, RecordingState::Completed);
        recording.failed = failed;
        let mut effects = vec![
            Effect::Happened(RecordingEvent::Ended, recording.view(origin)),
            Effect::Order(id, RecordingOrder::Stop),
        ];
        effects.extend((!self.is_any_running()).then_some(Effect::RoomChanged));
        effects
    }

    /// The list is bounded; only what is over is forgotten.
    fn forget_oldest(&mut self) {
        if self.all.len() >= RECORDINGS_LISTED
            && let Some(oldest) = self.all.iter().position(Recording::is_over)
        {
            self.all.remove(oldest);
        }
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
        let effects = self.recordings.begin(now, id, &self.origin)?;
        self.carry_out_recording(effects);
        let view = self.recordings.get(id).map(|recording| recording.view(&self.origin));
        view.map(Reply::Recording).ok_or(Refusal::Broken)
    }

    /// Pauses, resumes or stops.
    pub(super) fn set_recording_state(
        &mut self,
        now: Now,
        actor: Actor,
        id: Option<RecordingId>,
        change: RecordingChange,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        let known = |id: &RecordingId| self.recordings.get(*id).is_some();
        let id = id.filter(known).ok_or(Refusal::NotFound("Not Found"))?;
        let next = match change {
            RecordingChange::Resume => (RecordingState::Recording, RecordingOrder::Resume),
            RecordingChange::Pause => (RecordingState::Paused, RecordingOrder::Pause),
            RecordingChange::Stop => {
                self.end_recording(now, id, false);
                return Ok(Reply::Done);
            }
        };
        let effects = self.recordings.enter(now, id, next, &self.origin)?;
        self.carry_out_recording(effects);
        Ok(Reply::Done)
    }

    pub(super) fn list_recordings(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        let all = self.recordings.all.iter();
        Ok(Reply::Recordings(all.map(|recording| recording.view(&self.origin)).collect()))
    }

    pub(super) fn recording_failed(&mut self, now: Now, id: RecordingId) {
        self.end_recording(now, id, true);
    }

    /// All that run end with the session.
    pub(super) fn end_recordings(&mut self, now: Now) {
        let running: Vec<_> = self.recordings.running().map(|recording| recording.id).collect();
        running.into_iter().for_each(|id| self.end_recording(now, id, false));
    }

    fn end_recording(&mut self, now: Now, id: RecordingId, failed: bool) {
        let effects = self.recordings.end(now, id, failed, &self.origin);
        self.carry_out_recording(effects);
    }

    pub(super) fn running_recordings(&self) -> Vec<RecordingView> {
        self.recordings.running().map(|recording| recording.view(&self.origin)).collect()
    }

    /// Screens and devices hear with their owner.
    fn carry_out_recording(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Happened(event, view) => {
                    let event = Event::Recording(event, view);
                    self.put(Output::Record(Record::Happened(event.clone())));
                    self.tell_those_who_may(RIGHT, &event);
                }
                Effect::Order(id, order) => self.put(Output::Recording(id, order)),
                Effect::RoomChanged => self.announce_room(vec!["recording"]),
            }
        }
    }
}
