//! One session's tap and everybody who takes of it: pictures go to all as they come, sound goes
//! through the session's one AAC child first.

use crate::aac::{self, AacEvents, AacFrame};
use crate::ffmpeg::Ffmpeg;
use crate::queue::OutputQueue;
use rotunda_media::{AccessUnit, Tap, WholeMix};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::mpsc;

/// Pieces of the mix that may wait for the AAC task (five seconds); beyond them silence takes
/// their place.
const MIXES: usize = 256;

type Queues = Vec<(u64, Arc<OutputQueue>)>;

/// What is told when the session's AAC child had to be replaced.
pub(crate) type Replaced = Box<dyn Fn(&str) + Send + Sync>;

pub(crate) struct SessionTap {
    queues: Mutex<Queues>,
    mixes: mpsc::Sender<Arc<WholeMix>>,
    /// Up to where pictures and sound have come, 1/90000 s since the session began.
    now_90khz: AtomicU64,
}

impl SessionTap {
    /// A feed without takers; needs a Tokio runtime. Its child ends with it.
    pub fn start(ffmpeg: Ffmpeg, replaced: Replaced) -> Arc<Self> {
        let (mixes, inbox) = mpsc::channel(MIXES);
        let (queues, now_90khz) = Default::default();
        let tap = Arc::new(Self { queues, mixes, now_90khz });
        let events = TapEvents { tap: Arc::downgrade(&tap), replaced };
        tokio::spawn(aac::encode(ffmpeg, inbox, events));
        tap
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, key: u64, queue: Arc<OutputQueue>) {
        self.lock().push((key, queue));
    }

    /// Takes one out.
    pub fn remove(&self, key: u64) {
        self.lock().retain(|(known, _)| *known != key);
    }

    /// The session's time as pictures and sound tell it.
    pub fn now_90khz(&self) -> u64 {
        self.now_90khz.load(Ordering::Relaxed)
    }
}

impl Tap for SessionTap {
    fn picture(&self, unit: &Arc<AccessUnit>) -> bool {
        self.now_90khz.fetch_max(unit.ts_90khz, Ordering::Relaxed);
        self.lock().iter().fold(false, |needs, (_, queue)| queue.picture(unit) || needs)
    }

    fn sound(&self, mix: &Arc<WholeMix>) {
        self.now_90khz.fetch_max(mix.ts_48khz * 15 / 8, Ordering::Relaxed);
        // Full: the place of what is lost is known by the time of what follows.
        let _ = self.mixes.try_send(mix.clone());
    }
}

struct TapEvents {
    tap: Weak<SessionTap>,
    replaced: Replaced,
}

impl AacEvents for TapEvents {
    fn frame(&self, frame: Arc<AacFrame>) {
        if let Some(tap) = self.tap.upgrade() {
            tap.lock().iter().for_each(|(_, queue)| queue.sound(&frame));
        }
    }

    fn replaced(&self, why: &str) {
        (self.replaced)(why);
    }
}
