//! Everything that leaves the sessions of this process beside their legs.

use crate::ffmpeg::Ffmpeg;
use crate::queue::{Order, OutputQueue};
use crate::recorder::{self, Closed};
use crate::rtmp::session::Stream;
use crate::session_tap::SessionTap;
use rotunda_domain::{RecordingId, SessionId, StreamHealth, StreamId, StreamTarget};
use rotunda_media::{Tap, TapKey};
use rotunda_outbound::Fetcher;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// Distance of key frames in a recording: one can seek that exactly.
const KEYFRAMES_OF_RECORDINGS: Duration = Duration::from_secs(4);
/// In a stream: what those who relay streams ask of an encoder, and how long their viewers wait.
const KEYFRAMES_OF_STREAMS: Duration = Duration::from_secs(2);

/// Where sessions can be tapped.
pub trait Source: Send + Sync {
    /// Gives `tap` what the session shows and sounds like; false if there is no such session.
    fn tap(&self, session: SessionId, key: TapKey, tap: Arc<dyn Tap>, keyframes: Duration) -> bool;
    /// Ends that.
    fn untap(&self, session: SessionId, key: TapKey);
    /// Makes the next picture one that can be decoded by itself.
    fn want_keyframe(&self, session: SessionId);
}

/// Hears what becomes of outputs; called on Tokio's threads, must not block.
pub trait OutputEvents: Send + Sync {
    /// A recording is closed: stopped, or ended by an error.
    fn recording_closed(&self, session: SessionId, recording: RecordingId, closed: Closed);
    /// The child that encodes a session's sound had to be replaced.
    fn sound_replaced(&self, session: SessionId, recordings: Vec<RecordingId>, why: &str);
    /// How a stream does now.
    fn stream_does(&self, session: SessionId, stream: StreamId, health: StreamHealth);
}

struct Running {
    session: SessionId,
    queue: Arc<OutputQueue>,
}

/// A session that somebody takes of.
struct Tapped {
    tap: Arc<SessionTap>,
    /// The longest distance of key frames each inlet bears.
    keyframes: Vec<(u64, Duration)>,
}

impl Tapped {
    fn keyframes_every(&self) -> Option<Duration> {
        self.keyframes.iter().map(|(_, every)| *every).min()
    }
}

#[derive(Default)]
struct State {
    taps: HashMap<SessionId, Tapped>,
    recordings: HashMap<RecordingId, Running>,
    streams: HashMap<StreamId, (SessionId, watch::Sender<Option<StreamTarget>>)>,
    last_key: u64,
}

struct Inner {
    ffmpeg: Ffmpeg,
    fetcher: Fetcher,
    source: Arc<dyn Source>,
    events: Arc<dyn OutputEvents>,
    state: Mutex<State>,
}

/// All outputs; cheap to clone. Its methods need a Tokio runtime.
#[derive(Clone)]
pub struct Outputs {
    inner: Arc<Inner>,
}

impl Outputs {
    /// Nothing leaves yet.
    pub fn new(
        ffmpeg: Ffmpeg,
        fetcher: Fetcher,
        source: Arc<dyn Source>,
        events: Arc<dyn OutputEvents>,
    ) -> Self {
        Self { inner: Arc::new(Inner { ffmpeg, fetcher, source, events, state: Mutex::default() }) }
    }

    /// Records a session into the file `path`, which must not exist yet, from the next key frame
    /// on. What goes wrong later is an event.
    pub fn record(&self, session: SessionId, recording: RecordingId, path: PathBuf) {
        let queue = Arc::new(OutputQueue::default());
        let key = self.join(session, queue.clone(), KEYFRAMES_OF_RECORDINGS);
        let running = Running { session, queue: queue.clone() };
        self.inner.lock().recordings.insert(recording, running);
        let this = self.clone();
        tokio::spawn(async move {
            let closed = recorder::record(path, queue).await;
            this.part(session, key);
            // Told before it is forgotten: who waits for the last one then knows of it.
            this.inner.events.recording_closed(session, recording, closed);
            this.inner.lock().recordings.remove(&recording);
        });
    }

    /// Leaves out what follows.
    pub fn pause(&self, recording: RecordingId) {
        self.order(recording, Order::Pause);
    }

    /// Goes on, from the next key frame.
    pub fn resume(&self, recording: RecordingId) {
        if let Some(session) = self.order(recording, Order::Resume) {
            self.inner.source.want_keyframe(session);
        }
    }

    /// Ends it; an event tells when the file is whole.
    pub fn stop(&self, recording: RecordingId) {
        self.order(recording, Order::Stop);
    }

    /// Sends a session to a server, from the next key frame on, and to it again when it is lost.
    pub fn stream(&self, session: SessionId, stream: StreamId, target: StreamTarget) {
        let queue = Arc::new(OutputQueue::patient());
        let (sender, targets) = watch::channel(Some(target));
        self.inner.lock().streams.insert(stream, (session, sender));
        let key = self.join(session, queue.clone(), KEYFRAMES_OF_STREAMS);
        let (this, source, events) =
            (self.clone(), self.inner.source.clone(), self.inner.events.clone());
        let stream = Stream {
            ffmpeg: self.inner.ffmpeg.clone(),
            fetcher: self.inner.fetcher.clone(),
            queue,
            targets,
            want_keyframe: move || source.want_keyframe(session),
            tell: move |health| events.stream_does(session, stream, health),
        };
        tokio::spawn(async move {
            stream.run().await;
            this.part(session, key);
        });
    }

    /// Sends a stream elsewhere.
    pub fn move_stream(&self, stream: StreamId, target: StreamTarget) {
        if let Some((_, targets)) = self.inner.lock().streams.get(&stream) {
            let _ = targets.send(Some(target));
        }
    }

    /// Ends a stream.
    pub fn end_stream(&self, stream: StreamId) {
        if let Some((_, targets)) = self.inner.lock().streams.remove(&stream) {
            let _ = targets.send(None);
        }
    }

    /// Ends all outputs of a session.
    pub fn close(&self, session: SessionId) {
        let running = |state: &State| -> Vec<RecordingId> {
            state
                .recordings
                .iter()
                .filter(|(_, r)| r.session == session)
                .map(|(id, _)| *id)
                .collect()
        };
        let recordings = running(&self.inner.lock());
        recordings.into_iter().for_each(|recording| self.stop(recording));
        let ends = |(of, _): &(SessionId, _)| *of == session;
        let mut state = self.inner.lock();
        let streams = state.streams.extract_if(|_, running| ends(running));
        streams.for_each(|(_, (_, targets))| drop(targets.send(None)));
    }

    /// Recordings that are not closed yet.
    pub fn open_recordings(&self) -> usize {
        self.inner.lock().recordings.len()
    }

    fn order(&self, recording: RecordingId, order: Order) -> Option<SessionId> {
        let state = self.inner.lock();
        let running = state.recordings.get(&recording)?;
        let now = state.taps.get(&running.session).map_or(0, |tapped| tapped.tap.now_90khz());
        running.queue.order(order, now);
        Some(running.session)
    }

    /// Puts an inlet into the session's feed, which begins with the first.
    fn join(&self, session: SessionId, queue: Arc<OutputQueue>, keyframes: Duration) -> u64 {
        let mut state = self.inner.lock();
        state.last_key += 1;
        let key = state.last_key;
        let tapped = state.taps.entry(session).or_insert_with(|| {
            let home = Arc::downgrade(&self.inner);
            let reported = Box::new(move |why: &str| tell_replaced(&home, session, why));
            Tapped {
                tap: SessionTap::start(self.inner.ffmpeg.clone(), reported),
                keyframes: Vec::new(),
            }
        });
        let before = tapped.keyframes_every();
        tapped.tap.add(key, queue);
        tapped.keyframes.push((key, keyframes));
        self.tap(session, tapped, before);
        if before.is_some() {
            self.inner.source.want_keyframe(session);
        }
        key
    }

    /// Takes an inlet out; the feed ends with the last.
    fn part(&self, session: SessionId, key: u64) {
        let mut state = self.inner.lock();
        let Some(tapped) = state.taps.get_mut(&session) else { return };
        let before = tapped.keyframes_every();
        tapped.tap.remove(key);
        tapped.keyframes.retain(|(known, _)| *known != key);
        self.tap(session, tapped, before);
        if tapped.keyframes.is_empty() {
            state.taps.remove(&session);
        }
    }

    /// Taps the session anew where its takers want other key frames than `before`, and no more when
    /// nobody takes. Under the lock, so that the end of a feed never overtakes its begin.
    fn tap(&self, session: SessionId, tapped: &Tapped, before: Option<Duration>) {
        match tapped.keyframes_every() {
            now if now == before => {}
            Some(every) => {
                self.inner.source.tap(session, TAP, tapped.tap.clone(), every);
            }
            None => self.inner.source.untap(session, TAP),
        }
    }
}

/// A session has one feed, whoever takes of it.
const TAP: TapKey = TapKey(1);

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell_replaced(home: &Weak<Inner>, session: SessionId, why: &str) {
    let Some(inner) = home.upgrade() else { return };
    tracing::warn!(%session, why, "the AAC child of a session was replaced");
    let state = inner.lock();
    let recordings = state.recordings.iter().filter(|(_, running)| running.session == session);
    let recordings = recordings.map(|(id, _)| *id).collect();
    drop(state);
    inner.events.sound_replaced(session, recordings, why);
}

#[cfg(test)]
#[path = "outputs_tests.rs"]
mod tests;
