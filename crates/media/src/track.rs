//! One member's incoming pictures: a bounded queue, a decoder, the latest frame.
//!
//! The network thread puts encoded pictures in; a worker decodes them, in order, and leaves the
//! latest one in a slot; the canvas takes it from there. An unread picture is replaced.

use crate::lip_sync::{Kind, LipSync};
use crate::similarity::shows_the_same;
use arc_swap::ArcSwapOption;
use rotunda_codec::{
    Filter, Frame, FrameView, Rect, Rotation, ScaleError, VideoCodec, VideoDecoder, rotate,
    scale_into,
};
use rotunda_compose::letterbox;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Pictures that may wait. When full the whole queue is dropped and a key frame asked for: a
/// decoder that is eight pictures behind only shows the past.
const QUEUE: usize = 8;

/// Decoded pictures that may be held back for sound that is late: a quarter second at 30 a second.
/// When full the oldest goes.
const HELD: usize = 8;

/// Between two requests for a key frame.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// A picture as it came from the network.
#[derive(Clone, Debug)]
pub struct EncodedVideo {
    /// What it is encoded in; may change from one picture to the next.
    pub codec: VideoCodec,
    /// VP8 frame, or H.264 access unit in Annex B.
    pub data: Arc<[u8]>,
    /// Decodable without any earlier picture.
    pub keyframe: bool,
    /// False when something before it is lost for good.
    pub contiguous: bool,
    /// How far it must be turned to stand upright.
    pub rotation: Rotation,
    /// RTP time, extended, in 1/90000 s.
    pub rtp_time_90khz: u64,
    /// When it came.
    pub arrived: Instant,
}

/// A decoded picture, scaled down to what its cell can show.
#[derive(Debug)]
pub struct Shot {
    /// The picture, upright.
    pub frame: Frame,
    /// Rises with every picture of the track.
    pub version: u64,
    /// Whether it was made smaller than it came; if so a larger cell wants a new one.
    pub was_reduced: bool,
    /// RTP time of the picture, extended, in 1/90000 s.
    pub rtp_time_90khz: u64,
    /// How long it was held back, for sound that is late.
    pub held: Duration,
}

#[derive(Default)]
struct Waiting {
    pictures: VecDeque<EncodedVideo>,
    broken: bool,
}

struct Decoding {
    decoder: Option<VideoDecoder>,
    needs_keyframe: bool,
    turned: Frame,
    spare: Vec<Arc<Shot>>,
    version: u64,
}

/// The way of one member's pictures.
pub struct Track {
    waiting: Mutex<Waiting>,
    decoding: Mutex<Decoding>,
    slot: ArcSwapOption<Shot>,
    sync: Option<Arc<LipSync>>,
    held: Mutex<VecDeque<(Instant, Arc<Shot>)>>,
    wants_keyframe: AtomicBool,
    asked_at: Mutex<Option<Instant>>,
    target: AtomicU64,
    muted: AtomicBool,
    is_queued: AtomicBool,
    /// Pictures dropped because the queue was full.
    pub dropped: AtomicU32,
    /// Pictures that would not decode.
    pub failed: AtomicU32,
}

impl Default for Track {
    fn default() -> Self {
        Self::new(None)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Track {
    /// A track; with `sync` its pictures are aligned with the member's sound.
    pub fn new(sync: Option<Arc<LipSync>>) -> Self {
        Self {
            waiting: Mutex::default(),
            decoding: Mutex::new(Decoding {
                decoder: None,
                needs_keyframe: true,
                turned: Frame::new(2, 2),
                spare: Vec::new(),
                version: 0,
            }),
            slot: ArcSwapOption::empty(),
            sync,
            held: Mutex::default(),
            wants_keyframe: AtomicBool::new(true),
            asked_at: Mutex::default(),
            target: AtomicU64::new(0),
            muted: AtomicBool::new(false),
            is_queued: AtomicBool::new(false),
            dropped: AtomicU32::new(0),
            failed: AtomicU32::new(0),
        }
    }

    /// What aligns these pictures with a sound.
    pub fn sync(&self) -> Option<&LipSync> {
        self.sync.as_deref()
    }

    /// Whether the camera is switched off.
    pub fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Acquire)
    }

    /// Takes a picture; answers whether a worker must be told. Pictures of a muted camera are
    /// dropped unread.
    pub fn put(&self, picture: EncodedVideo) -> bool {
        if self.muted.load(Ordering::Relaxed) {
            return false;
        }
        let mut waiting = lock(&self.waiting);
        waiting.broken |= !picture.contiguous;
        if waiting.pictures.len() >= QUEUE {
            self.dropped.fetch_add(waiting.pictures.len() as u32, Ordering::Relaxed);
            waiting.pictures.clear();
            waiting.broken = true;
        }
        if waiting.broken && !picture.keyframe {
            self.wants_keyframe.store(true, Ordering::Relaxed);
            return false;
        }
        waiting.broken = false;
        waiting.pictures.push_back(picture);
        !self.is_queued.swap(true, Ordering::AcqRel)
    }

    /// Takes a picture that is decoded already, upright and opaque, to be shown from `due` on. Of
    /// more than [`HELD`] that wait the oldest is shown at once.
    ///
    /// # Errors
    /// It cannot be scaled.
    pub fn show(&self, view: FrameView<'_>, due: Instant) -> Result<(), ScaleError> {
        let target = self.target.load(Ordering::Acquire);
        let mut decoding = lock(&self.decoding);
        let mut shot = decoding.spare_shot();
        decoding.version += 1;
        if let Some(filled) = Arc::get_mut(&mut shot) {
            filled.version = decoding.version;
            store(view, ((target >> 32) as u32, target as u32), filled)?;
        }
        self.wants_keyframe.store(false, Ordering::Relaxed);
        let mut held = lock(&self.held);
        held.push_back((due, shot));
        if held.len() > HELD
            && let Some((_, oldest)) = held.pop_front()
            && let Some(unneeded) = self.slot.swap(Some(oldest))
        {
            decoding.keep(unneeded);
        }
        Ok(())
    }

    /// Forgets the pictures that are not due yet.
    pub fn forget_held(&self) {
        lock(&self.held).clear();
    }

    /// The latest picture that is to be shown at `now`; `origin` is the clock lip sync measures by.
    pub fn latest(&self, now: Instant, origin: Instant) -> Option<Arc<Shot>> {
        self.release_held(now);
        if let Some(sync) = &self.sync
            && let Some(shot) = self.slot.load().as_ref()
        {
            let unheld = now.checked_sub(shot.held).unwrap_or(now);
            sync.presented_once(shot.version, shot.rtp_time_90khz, unheld, origin);
        }
        self.slot.load_full()
    }

    fn release_held(&self, now: Instant) {
        let mut held = lock(&self.held);
        while held.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, shot)) = held.pop_front() {
                self.slot.store(Some(shot));
            }
        }
    }

    /// Whether what is shown already looks like `shot`: then it is no news for the canvas.
    fn shows(&self, shot: &Shot) -> bool {
        let looks_same = |shown: &Arc<Shot>| shows_the_same(&shown.frame, &shot.frame);
        self.slot.load().as_ref().is_some_and(looks_same) && lock(&self.held).is_empty()
    }

    /// Shows `shot`, at once or when its sound is heard; gives back the one it replaced.
    fn present(&self, mut shot: Arc<Shot>) -> Option<Arc<Shot>> {
        let delay = self.sync.as_ref().map_or(Duration::ZERO, |s| s.delay(Kind::Picture));
        set_held(&mut shot, delay);
        let mut held = lock(&self.held);
        if delay.is_zero() && held.is_empty() {
            return self.slot.swap(Some(shot));
        }
        let now = Instant::now();
        held.push_back((now + delay, shot));
        if held.len() > HELD {
            let (due, mut oldest) = held.pop_front()?;
            let early = due.saturating_duration_since(now);
            let really = oldest.held.saturating_sub(early);
            set_held(&mut oldest, really);
            return self.slot.swap(Some(oldest));
        }
        None
    }

    /// Mutes or un-mutes the camera; what was shown is forgotten, so that nobody sees the past.
    pub fn set_muted(&self, muted: bool) {
        if self.muted.swap(muted, Ordering::AcqRel) == muted {
            return;
        }
        lock(&self.waiting).pictures.clear();
        lock(&self.decoding).needs_keyframe = true;
        lock(&self.held).clear();
        self.slot.store(None);
        self.wants_keyframe.store(!muted, Ordering::Relaxed);
        *lock(&self.asked_at) = None;
    }

    /// Says how large the picture is shown; a larger cell asks for a fresh picture.
    pub fn set_target(&self, width: u32, height: u32) {
        let target = u64::from(width) << 32 | u64::from(height);
        let before = self.target.swap(target, Ordering::AcqRel);
        let grown = width > (before >> 32) as u32;
        if grown && self.slot.load().as_ref().is_some_and(|shot| shot.was_reduced) {
            self.wants_keyframe.store(true, Ordering::Relaxed);
        }
    }

    /// Whether to ask the sender for a key frame at `now`: when one is wanted, and not more than
    /// twice a second.
    pub fn take_keyframe_request(&self, now: Instant) -> bool {
        if !self.wants_keyframe.load(Ordering::Relaxed) || self.muted.load(Ordering::Relaxed) {
            return false;
        }
        let mut asked_at = lock(&self.asked_at);
        if asked_at.is_some_and(|at| now.saturating_duration_since(at) < ASK_EVERY) {
            return false;
        }
        *asked_at = Some(now);
        true
    }

    /// Decodes what waits; run by one worker at a time.
    pub fn decode_waiting(&self) {
        let mut decoding = lock(&self.decoding);
        loop {
            let next = lock(&self.waiting).pictures.pop_front();
            let Some(picture) = next else {
                self.is_queued.store(false, Ordering::Release);
                // A picture may have come between the look and the flag.
                if lock(&self.waiting).pictures.is_empty()
                    || self.is_queued.swap(true, Ordering::AcqRel)
                {
                    return;
                }
                continue;
            };
            self.decode(&mut decoding, &picture);
        }
    }

    /// The decoder panicked or misbehaved: begin anew with the next key frame.
    pub fn reset(&self) {
        let mut decoding = lock(&self.decoding);
        decoding.decoder = None;
        decoding.needs_keyframe = true;
        self.is_queued.store(false, Ordering::Release);
        self.wants_keyframe.store(true, Ordering::Relaxed);
    }

    fn decode(&self, decoding: &mut Decoding, picture: &EncodedVideo) {
        if decoding.needs_keyframe && !picture.keyframe {
            self.wants_keyframe.store(true, Ordering::Relaxed);
            return;
        }
        let target = self.target.load(Ordering::Acquire);
        let fit = ((target >> 32) as u32, target as u32);
        match decoding.decode(picture, fit) {
            Ok(Some(shot)) => {
                self.wants_keyframe.store(false, Ordering::Relaxed);
                if !self.is_muted() {
                    let unneeded = if self.shows(&shot) { Some(shot) } else { self.present(shot) };
                    unneeded.into_iter().for_each(|shot| decoding.keep(shot));
                }
            }
            Ok(None) => {}
            Err(()) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                decoding.needs_keyframe = true;
                self.wants_keyframe.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl Decoding {
    /// Decodes, turns upright and reduces to what `fit` can show, into a buffer nobody reads.
    fn decode(&mut self, picture: &EncodedVideo, fit: (u32, u32)) -> Result<Option<Arc<Shot>>, ()> {
        if self.decoder.as_ref().is_none_or(|d| d.codec() != picture.codec) {
            self.decoder = Some(VideoDecoder::new(picture.codec).map_err(drop)?);
        }
        let mut shot = self.spare_shot();
        let Some(decoder) = &mut self.decoder else { return Err(()) };
        let Some(view) = decoder.decode(&picture.data).map_err(drop)? else { return Ok(None) };
        self.needs_keyframe = false;
        self.version += 1;
        let version = self.version;
        let Some(filled) = Arc::get_mut(&mut shot) else { return Err(()) };
        filled.version = version;
        filled.rtp_time_90khz = picture.rtp_time_90khz;
        let stored = if picture.rotation == Rotation::Deg0 {
            store(view, fit, filled)
        } else {
            rotate(view, picture.rotation, &mut self.turned);
            store(self.turned.view(), fit, filled)
        };
        stored.map_err(drop)?;
        Ok(Some(shot))
    }

    fn spare_shot(&mut self) -> Arc<Shot> {
        let free = self.spare.iter().position(|shot| Arc::strong_count(shot) == 1);
        free.map(|i| self.spare.swap_remove(i)).unwrap_or_else(|| {
            Arc::new(Shot {
                frame: Frame::new(2, 2),
                version: 0,
                was_reduced: false,
                rtp_time_90khz: 0,
                held: Duration::ZERO,
            })
        })
    }

    fn keep(&mut self, old: Arc<Shot>) {
        // Three: one shown, one being drawn, one being filled.
        if self.spare.len() < 3 {
            self.spare.push(old);
        }
    }
}

/// A shot that is not shown yet is nobody else's, so that this always finds it alone.
fn set_held(shot: &mut Arc<Shot>, held: Duration) {
    if let Some(shot) = Arc::get_mut(shot) {
        shot.held = held;
    }
}

/// Copies `view` into `shot`, reduced to the size at which `fit` shows it; never enlarged.
fn store(view: FrameView<'_>, fit: (u32, u32), shot: &mut Shot) -> Result<(), ScaleError> {
    let (width, height) = reduced((view.width(), view.height()), fit);
    shot.was_reduced = (width, height) != (view.width(), view.height());
    if (shot.frame.width(), shot.frame.height()) != (width, height) {
        shot.frame.resize(width, height);
    }
    let whole = shot.frame.bounds();
    scale_into(view, None, &mut shot.frame, whole, Filter::Auto)
}

/// The size at which `fit` shows `source`, never larger than it is; a `fit` of zero is not known
/// yet and reduces to a small picture.
fn reduced(source: (u32, u32), fit: (u32, u32)) -> (u32, u32) {
    let (width, height) = if fit.0 == 0 || fit.1 == 0 { (640, 360) } else { fit };
    // The very rectangle the canvas will draw into, so that drawing is a copy.
    let shown = letterbox(source.0, source.1, Rect { x: 0, y: 0, w: width, h: height });
    if shown.w >= source.0 || shown.h >= source.1 { source } else { (shown.w, shown.h) }
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
