//! Where the graph and what leaves it meet.

use super::Shared;
use crate::EngineRefusal;
use rotunda_domain::{Outcome, RecordingId, RecordingOrder, SessionId, StreamHealth, StreamId};
use rotunda_media::{Tap, TapKey, Tier, VideoCodec};
use rotunda_outputs::{Closed, Ffmpeg, OutputEvents, Outputs, Source};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

struct Meeting(Weak<Shared>);

impl Source for Meeting {
    fn tap(&self, session: SessionId, key: TapKey, tap: Arc<dyn Tap>, keyframes: Duration) -> bool {
        self.0.upgrade().is_some_and(|shared| shared.graph().tap(session, key, tap, keyframes))
    }

    fn untap(&self, session: SessionId, key: TapKey) {
        if let Some(shared) = self.0.upgrade() {
            shared.graph().untap(session, key);
        }
    }

    fn want_keyframe(&self, session: SessionId) {
        if let Some(shared) = self.0.upgrade() {
            shared.graph().want_keyframe(session, (VideoCodec::H264, Tier::Master));
        }
    }
}

impl OutputEvents for Meeting {
    fn recording_closed(&self, session: SessionId, recording: RecordingId, closed: Closed) {
        if let Some(shared) = self.0.upgrade() {
            shared.events.recording_closed(session, recording, closed);
        }
    }

    fn stream_does(&self, session: SessionId, stream: StreamId, health: StreamHealth) {
        if let Some(shared) = self.0.upgrade() {
            shared.events.happened(session, Outcome::Stream(stream, health));
        }
    }

    fn sound_replaced(&self, session: SessionId, recordings: Vec<RecordingId>, why: &str) {
        if let Some(shared) = self.0.upgrade() {
            shared.events.sound_replaced(session, recordings, why);
        }
    }
}

/// The outputs, if there can be any.
pub(super) fn outputs(shared: &Arc<Shared>) -> Result<&Outputs, EngineRefusal> {
    if let Some(outputs) = shared.outputs.get() {
        return Ok(outputs);
    }
    let found = Ffmpeg::find(&shared.ffmpeg, shared.fence.clone());
    let ffmpeg = found.map_err(|error| EngineRefusal::Unsupported(error.to_string()))?;
    let meeting = Arc::new(Meeting(Arc::downgrade(shared)));
    Ok(shared
        .outputs
        .get_or_init(|| Outputs::new(ffmpeg, shared.fetcher.clone(), meeting.clone(), meeting)))
}

pub(super) fn control_recording(
    shared: &Arc<Shared>,
    session: SessionId,
    recording: RecordingId,
    order: RecordingOrder,
    path: PathBuf,
) {
    let outputs = match outputs(shared) {
        Ok(outputs) => outputs,
        Err(refusal) if order == RecordingOrder::Start => {
            let error = Some(refusal.to_string());
            let closed = Closed { duration: Duration::ZERO, bytes: 0, lost: 0, error };
            return shared.events.recording_closed(session, recording, closed);
        }
        Err(_) => return,
    };
    match order {
        RecordingOrder::Start => outputs.record(session, recording, path),
        RecordingOrder::Pause => outputs.pause(recording),
        RecordingOrder::Resume => outputs.resume(recording),
        RecordingOrder::Stop => outputs.stop(recording),
    }
}
