//! Everything that leaves the sessions of this process beside their legs.

use crate::feed::Feed;
use crate::ffmpeg::Ffmpeg;
use crate::inlet::{Inlet, Order};
use crate::recorder::{self, Closed};
use rotunda_domain::{RecordingId, SessionId};
use rotunda_media::{Tap, TapKey};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Distance of key frames in a recording: one can seek that exactly.
const KEYFRAMES_EVERY: Duration = Duration::from_secs(4);

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
pub trait OutputsEar: Send + Sync {
    /// A recording is closed: stopped, or ended by an error.
    fn recording_closed(&self, session: SessionId, recording: RecordingId, closed: Closed);
    /// The child that encodes a session's sound had to be replaced.
    fn sound_replaced(&self, session: SessionId, recordings: Vec<RecordingId>, why: &str);
}

struct Running {
    session: SessionId,
    inlet: Arc<Inlet>,
}

#[derive(Default)]
struct State {
    feeds: HashMap<SessionId, Arc<Feed>>,
    recordings: HashMap<RecordingId, Running>,
    last_key: u64,
}

struct Inner {
    ffmpeg: Ffmpeg,
    source: Arc<dyn Source>,
    ear: Arc<dyn OutputsEar>,
    state: Mutex<State>,
}

/// All outputs; cheap to clone. Its methods need a Tokio runtime.
#[derive(Clone)]
pub struct Outputs {
    inner: Arc<Inner>,
}

impl Outputs {
    /// Nothing leaves yet.
    pub fn new(ffmpeg: Ffmpeg, source: Arc<dyn Source>, ear: Arc<dyn OutputsEar>) -> Self {
        Self { inner: Arc::new(Inner { ffmpeg, source, ear, state: Mutex::default() }) }
    }

    /// Records a session into the file `path`, which must not exist yet, from the next key frame
    /// on. What goes wrong later is told the ear.
    pub fn record(&self, session: SessionId, recording: RecordingId, path: PathBuf) {
        let inlet = Arc::new(Inlet::default());
        let key = self.join(session, inlet.clone());
        let running = Running { session, inlet: inlet.clone() };
        self.inner.lock().recordings.insert(recording, running);
        let this = self.clone();
        tokio::spawn(async move {
            let closed = recorder::record(path, inlet).await;
            this.part(session, key);
            // Told before it is forgotten: who waits for the last one then knows of it.
            this.inner.ear.recording_closed(session, recording, closed);
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

    /// Ends it; the ear is told when the file is whole.
    pub fn stop(&self, recording: RecordingId) {
        self.order(recording, Order::Stop);
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
    }

    /// Recordings that are not closed yet.
    pub fn open_recordings(&self) -> usize {
        self.inner.lock().recordings.len()
    }

    fn order(&self, recording: RecordingId, order: Order) -> Option<SessionId> {
        let state = self.inner.lock();
        let running = state.recordings.get(&recording)?;
        let now = state.feeds.get(&running.session).map_or(0, |feed| feed.now_90khz());
        running.inlet.order(order, now);
        Some(running.session)
    }

    /// Puts an inlet into the session's feed, which begins with the first.
    fn join(&self, session: SessionId, inlet: Arc<Inlet>) -> u64 {
        let mut state = self.inner.lock();
        state.last_key += 1;
        let key = state.last_key;
        if let Some(feed) = state.feeds.get(&session) {
            feed.add(key, inlet);
            self.inner.source.want_keyframe(session);
            return key;
        }
        let home = Arc::downgrade(&self.inner);
        let told = Box::new(move |why: &str| tell_replaced(&home, session, why));
        let feed = Feed::start(self.inner.ffmpeg.clone(), told);
        feed.add(key, inlet);
        state.feeds.insert(session, feed.clone());
        // Under the lock, so that it never follows the end of the same feed.
        self.inner.source.tap(session, FEED, feed, KEYFRAMES_EVERY);
        key
    }

    /// Takes an inlet out; the feed ends with the last.
    fn part(&self, session: SessionId, key: u64) {
        let mut state = self.inner.lock();
        let is_empty = state.feeds.get(&session).is_some_and(|feed| feed.remove(key));
        if is_empty {
            state.feeds.remove(&session);
            self.inner.source.untap(session, FEED);
        }
    }
}

/// A session has one feed, whoever takes of it.
const FEED: TapKey = TapKey(1);

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
    inner.ear.sound_replaced(session, recordings, why);
}
