//! What a session is asked for, by who takes of it.

use super::*;
use rotunda_outbound::OutboundOptions;
use uuid::Uuid;

/// Keeps what was asked: a tap with its distance of key frames in seconds, or its end.
#[derive(Default)]
struct Asked(Mutex<Vec<Option<u64>>>);

impl Source for Asked {
    fn tap(&self, _: SessionId, key: TapKey, _: Arc<dyn Tap>, every: Duration) -> bool {
        assert_eq!(key, TAP);
        self.0.lock().unwrap().push(Some(every.as_secs()));
        true
    }

    fn untap(&self, _: SessionId, _: TapKey) {
        self.0.lock().unwrap().push(None);
    }

    fn want_keyframe(&self, _: SessionId) {}
}

struct Deaf;

impl OutputEvents for Deaf {
    fn recording_closed(&self, _: SessionId, _: RecordingId, _: Closed) {}
    fn sound_replaced(&self, _: SessionId, _: Vec<RecordingId>, _: &str) {}
    fn stream_does(&self, _: SessionId, _: StreamId, _: StreamHealth) {}
}

#[tokio::test]
async fn key_frames_are_close_only_while_somebody_wants_them_close() {
    let asked = Arc::new(Asked::default());
    let ffmpeg = Ffmpeg::plain();
    let fetcher = Fetcher::open(OutboundOptions::default()).unwrap();
    let outputs = Outputs::new(ffmpeg, fetcher, asked.clone(), Arc::new(Deaf));
    let session = SessionId(Uuid::new_v4());
    let join = |every| outputs.join(session, Arc::new(OutputQueue::default()), every);
    let recording = join(KEYFRAMES_OF_RECORDINGS);
    let (stream, other) = (join(KEYFRAMES_OF_STREAMS), join(KEYFRAMES_OF_STREAMS));
    outputs.part(session, stream);
    outputs.part(session, other);
    outputs.part(session, recording);
    let again = join(KEYFRAMES_OF_RECORDINGS);
    outputs.part(session, again);
    outputs.part(session, again);
    let expected = [Some(4), Some(2), Some(4), None, Some(4), None];
    assert_eq!(*asked.0.lock().unwrap(), expected);
    assert!(outputs.inner.lock().taps.is_empty());
}
