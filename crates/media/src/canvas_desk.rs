//! The side of a canvas that others hold: what they tell it between two ticks, and what it lets them
//! know.

use crate::pictures::Ask;
use crate::snapshot::Snapshot;
use crate::tap::{TapKey, TapRequest};
use crate::track::Track;
use rotunda_codec::VideoCodec;
use rotunda_domain::{CanvasPlan, MemberId};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the rest of the process tells a canvas between two ticks.
#[derive(Default)]
pub(crate) struct CanvasNews {
    pub plan: Option<Arc<CanvasPlan>>,
    pub tracks: Vec<(MemberId, Option<Arc<Track>>)>,
    /// Of those who receive it.
    pub asked: Vec<(VideoCodec, Ask)>,
    pub taps: Vec<(TapKey, Option<TapRequest>)>,
    pub looks: Vec<Snapshot>,
    /// Who began to talk last.
    pub talker: Option<MemberId>,
}

/// The side of a canvas that others hold.
#[derive(Default)]
pub(crate) struct CanvasDesk {
    news: Mutex<CanvasNews>,
    is_closed: AtomicBool,
    pub ticks_skipped: AtomicU64,
    pub frames_encoded: AtomicU64,
    pub pictures_over_budget: AtomicU64,
}

impl CanvasDesk {
    pub fn tell(&self, news: impl FnOnce(&mut CanvasNews)) {
        news(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was told since the last time.
    pub fn take(&self) -> CanvasNews {
        std::mem::take(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }
}
