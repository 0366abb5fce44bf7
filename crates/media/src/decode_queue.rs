//! Encoded pictures of one member, from the network thread to the worker that decodes them.

use rotunda_codec::{Rotation, VideoCodec};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Pictures that may wait. When full the whole queue is dropped and a key frame asked for: a
/// decoder that is eight pictures behind only shows the past.
const QUEUE: usize = 8;

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

/// What became of a picture that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It waits, and no worker knows of this queue yet.
    First,
    /// It waits behind others.
    Behind,
    /// Dropped: something before it is missing, so nothing is of use until the next key frame.
    NeedsKeyframe,
}

/// Pictures that wait to be decoded, in their order; at most [`QUEUE`], and none that cannot be.
#[derive(Debug, Default)]
pub(crate) struct DecodeQueue {
    waiting: Mutex<Waiting>,
    /// A worker knows of it, or is at it.
    is_queued: AtomicBool,
    dropped: AtomicU32,
}

#[derive(Debug, Default)]
struct Waiting {
    pictures: VecDeque<EncodedVideo>,
    /// Something is missing after the last of them.
    is_broken: bool,
}

impl Waiting {
    fn pop(&mut self) -> Option<(EncodedVideo, bool)> {
        let picture = self.pictures.pop_front()?;
        Some((picture, !self.pictures.is_empty()))
    }
}

impl DecodeQueue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a picture; after [`Put::First`] a worker must be told.
    pub fn put(&self, picture: EncodedVideo) -> Put {
        let mut waiting = self.waiting();
        waiting.is_broken |= !picture.contiguous;
        if waiting.pictures.len() >= QUEUE {
            self.dropped.fetch_add(waiting.pictures.len() as u32, Ordering::Relaxed);
            waiting.pictures.clear();
            waiting.is_broken = true;
        }
        if waiting.is_broken && !picture.keyframe {
            return Put::NeedsKeyframe;
        }
        waiting.is_broken = false;
        waiting.pictures.push_back(picture);
        let is_known = self.is_queued.swap(true, Ordering::AcqRel);
        if is_known { Put::Behind } else { Put::First }
    }

    /// The next picture, and whether a newer one waits behind it, for the one worker; after none the
    /// worker is to leave, and the next picture calls one again.
    pub fn next(&self) -> Option<(EncodedVideo, bool)> {
        loop {
            if let Some(next) = self.waiting().pop() {
                return Some(next);
            }
            self.leave();
            // A picture may have come between the look and the flag.
            if self.waiting().pictures.is_empty() || self.is_queued.swap(true, Ordering::AcqRel) {
                return None;
            }
        }
    }

    /// The worker is gone, whatever still waits.
    pub fn leave(&self) {
        self.is_queued.store(false, Ordering::Release);
    }

    /// Drops what waits.
    pub fn clear(&self) {
        self.waiting().pictures.clear();
    }

    /// Drops what waits, and what comes up to the next key frame; answers how many waited.
    pub fn break_off(&self) -> usize {
        let mut waiting = self.waiting();
        let dropped = waiting.pictures.len();
        waiting.pictures.clear();
        waiting.is_broken = true;
        dropped
    }

    /// How many pictures were dropped because it was full.
    pub fn dropped(&self) -> u32 {
        self.dropped.load(Ordering::Relaxed)
    }
}
