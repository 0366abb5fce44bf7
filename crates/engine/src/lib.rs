//! Hosts the media of sessions.
//!
//! An [`Engine`] answers offers, shows plans and treats members' media; what happens on its legs
//! it tells an [`EngineEvents`] as outcomes of the domain. It knows no requests, no tokens and no
//! storage. [`Native`] is the engine inside this process.

mod known_lines;
mod legs;
mod native;
mod refusal;

pub use native::{Native, NativeOptions};
pub use refusal::EngineRefusal;
pub use rotunda_media::{CanvasSpec, Frame, GraphOptions, RoomFigures, Taker};
pub use rotunda_outbound::{AddressRange, AddressRules, OutboundOptions, WrongRange};
pub use rotunda_outputs::Closed;
pub use rotunda_rtc::{Counters, NetConfig, NetError, default_threads, local_candidate_ips};

use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{
    CanvasPlan, Cast, LegKey, MemberId, Outcome, PlaybackId, PlaybackOrder, RecordingId,
    RecordingOrder, SessionId, StreamId, StreamTarget,
};
use std::path::PathBuf;
use std::sync::Arc;

/// A request for a leg.
#[derive(Clone, Debug)]
pub struct LegRequest {
    /// The session it joins.
    pub session: SessionId,
    /// What it will be called.
    pub leg: LegKey,
    /// Whose it is.
    pub member: MemberId,
    /// Who sits there, as their token names them: project, room and name. Whoever comes back as another
    /// member is known by it.
    pub person: Arc<str>,
    /// Who does not hear its sound: the member, or the parent whose screen or device it is.
    pub owner: MemberId,
    /// The client's offer.
    pub sdp: String,
    /// Whether anything of the client's is taken: false for audience.
    pub may_send: bool,
    /// Whether sound goes to the client: false for who only publishes, and for audience that is
    /// allowed none.
    pub may_receive_audio: bool,
    /// The same of the picture.
    pub may_receive_video: bool,
    /// Whether its sound is taken.
    pub takes_audio: bool,
    /// Whether its picture is taken.
    pub takes_video: bool,
    /// Whether the answer has sound before pictures whatever the offer's order, as the published SDK
    /// wants it; everybody else is answered in the offer's.
    pub audio_first: bool,
}

/// An answered offer.
#[derive(Clone, Debug)]
pub struct LegAnswer {
    /// The answer, complete.
    pub sdp: String,
    /// The client's certificate fingerprint: the same one again is the same page.
    pub fingerprint: String,
    /// Whether the leg is on hold: whatever was agreed, nothing is sent to it.
    pub is_held: bool,
}

/// What a session's media can be asked for.
pub trait Engine: Send + Sync {
    /// Begins a session's canvas and mix; they exist before the first member.
    fn open(&self, session: SessionId, spec: CanvasSpec);
    /// Ends them, and every leg that is left.
    fn close(&self, session: SessionId);
    /// Answers an offer.
    ///
    /// # Errors
    /// [`EngineRefusal`]: the offer is unusable, or there is no room.
    fn answer(&self, request: LegRequest) -> Result<LegAnswer, EngineRefusal>;
    /// Answers a further offer of a leg. May wait for the network thread.
    ///
    /// # Errors
    /// As [`Engine::answer`].
    fn renegotiate(&self, leg: LegKey, sdp: String) -> Result<LegAnswer, EngineRefusal>;
    /// Sends nothing more to a leg until it is taken off hold; the leg stays. What comes on it is
    /// the business of [`Engine::apply_media`].
    fn hold(&self, leg: LegKey, held: bool);
    /// Ends a leg; no event tells of it.
    fn release(&self, leg: LegKey);
    /// Shows `plan` from the next tick on.
    fn show(&self, session: SessionId, plan: Arc<CanvasPlan>);
    /// Treats a member's media so, whatever the client goes on sending, as long as they have a
    /// leg; without one there is nothing to treat.
    fn apply_media(&self, session: SessionId, media: MemberMedia);
    /// Why `url` cannot be played here, as far as that can be said at once.
    fn playback_hindrance(&self, _url: &str) -> Option<EngineRefusal> {
        Some(EngineRefusal::Unsupported("this engine plays nothing".into()))
    }
    /// Starts, steers or stops a playback; what becomes of it is an event.
    fn playback(&self, _session: SessionId, _playback: PlaybackId, _order: PlaybackOrder) {}
    /// Lets everybody in the session hear that somebody came or went.
    fn play(&self, session: SessionId, tone: Tone);
    /// Why no recording could begin now, if so.
    fn recording_hindrance(&self) -> Option<EngineRefusal> {
        Some(EngineRefusal::Unsupported("this engine records nothing".into()))
    }
    /// Starts, pauses, resumes or stops a recording into the new file `path`. The ear is told when
    /// the file is closed.
    fn control_recording(
        &self,
        _session: SessionId,
        _recording: RecordingId,
        _order: RecordingOrder,
        _path: PathBuf,
    ) {
    }
    /// Recordings whose files are not closed yet.
    fn open_recordings(&self) -> usize {
        0
    }
    /// Has `take` given a copy of the canvas as it is drawn next, `width` pixels wide, on an engine
    /// thread. Answers false when there is no such canvas, or too many look already.
    fn look(&self, _session: SessionId, _width: u32, _take: Taker) -> bool {
        false
    }
    /// Why nothing could be streamed to `target` from here, as far as that can be said at once.
    fn stream_hindrance(&self, _target: &StreamTarget) -> Option<EngineRefusal> {
        Some(EngineRefusal::Unsupported("this engine streams nothing".into()))
    }
    /// Starts, moves or ends a stream; how it does is an event.
    fn stream(&self, _session: SessionId, _stream: StreamId, _cast: Cast) {}
    /// Whether legs can be answered and reached.
    fn is_ready(&self) -> bool;
}

/// Hears what happens on legs; called on the engine's threads, must not block.
pub trait EngineEvents: Send + Sync {
    /// Something happened in `session`.
    fn happened(&self, session: SessionId, outcome: Outcome);
    /// A recording's file is closed, whole as far as it goes.
    fn recording_closed(&self, _session: SessionId, _recording: RecordingId, _closed: Closed) {}
    /// The sound of these recordings had to begin anew; nothing of it need be missing.
    fn sound_replaced(&self, _session: SessionId, _recordings: Vec<RecordingId>, _why: &str) {}
}
