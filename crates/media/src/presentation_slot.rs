//! The picture of one member that is to be seen now, and those that are decoded and not due yet.

use crate::lip_sync::{Kind, LipSync};
use crate::similarity::shows_the_same;
use arc_swap::ArcSwapOption;
use rotunda_codec::Frame;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Decoded pictures that may be held back for sound that is late: a quarter second at 30 a second.
/// When full the oldest goes.
const HELD: usize = 8;

/// A decoded picture, scaled down to what its cell can show.
#[derive(Debug)]
pub struct Shot {
    /// The picture, upright.
    pub frame: Frame,
    /// Rises with every picture of the track that is made ready.
    pub version: u64,
    /// Whether it was made smaller than it came; if so a larger cell wants a new one.
    pub was_reduced: bool,
    /// RTP time of the picture, extended, in 1/90000 s.
    pub rtp_time_90khz: u64,
    /// How long it was held back, for sound that is late.
    pub held: Duration,
}

/// The slot that the canvas looks into, and the pictures held back before it. An unread picture is
/// replaced.
#[derive(Default)]
pub(crate) struct PresentationSlot {
    shown: ArcSwapOption<Shot>,
    /// With the moment at which each is due.
    held: Mutex<VecDeque<(Instant, Arc<Shot>)>>,
    sync: Option<Arc<LipSync>>,
}

impl PresentationSlot {
    /// An empty one; with `sync` pictures are held back until their sound is heard.
    pub fn new(sync: Option<Arc<LipSync>>) -> Self {
        Self { sync, ..Self::default() }
    }

    pub fn sync(&self) -> Option<&LipSync> {
        self.sync.as_deref()
    }

    fn held(&self) -> MutexGuard<'_, VecDeque<(Instant, Arc<Shot>)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows `shot`, which is ready at `now`, at once or when its sound is heard; gives back the one it
    /// replaced.
    pub fn present(&self, now: Instant, mut shot: Arc<Shot>) -> Option<Arc<Shot>> {
        let delay = self.sync.as_ref().map_or(Duration::ZERO, |s| s.delay(Kind::Picture));
        set_held(&mut shot, delay);
        let mut held = self.held();
        if delay.is_zero() && held.is_empty() {
            return self.shown.swap(Some(shot));
        }
        held.push_back((now + delay, shot));
        let (due, mut oldest) = pop_too_many(&mut held)?;
        let early = due.saturating_duration_since(now);
        let really = oldest.held.saturating_sub(early);
        set_held(&mut oldest, really);
        self.shown.swap(Some(oldest))
    }

    /// Shows `shot` from `due` on; of more than [`HELD`] that wait the oldest is shown at once. Gives
    /// back the one that was replaced.
    pub fn present_at(&self, due: Instant, shot: Arc<Shot>) -> Option<Arc<Shot>> {
        let mut held = self.held();
        held.push_back((due, shot));
        let (_, oldest) = pop_too_many(&mut held)?;
        self.shown.swap(Some(oldest))
    }

    /// The latest picture that is to be shown at `now`; `origin` is the clock lip sync measures by.
    pub fn latest(&self, now: Instant, origin: Instant) -> Option<Arc<Shot>> {
        self.release_held(now);
        if let Some(sync) = &self.sync
            && let Some(shot) = self.shown.load().as_ref()
        {
            let unheld = now.checked_sub(shot.held).unwrap_or(now);
            sync.presented_once(shot.version, shot.rtp_time_90khz, unheld, origin);
        }
        self.shown.load_full()
    }

    /// What is shown is of before a pause.
    pub fn pass_over(&self) {
        if let Some((sync, version)) = self.sync.as_ref().zip(self.version()) {
            sync.pass_over(version);
        }
    }

    fn release_held(&self, now: Instant) {
        let mut held = self.held();
        while held.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, shot)) = held.pop_front() {
                self.shown.store(Some(shot));
            }
        }
    }

    /// Whether the newest of what is shown and held looks like `shot`: then it is no news for the canvas.
    pub fn shows(&self, shot: &Shot) -> bool {
        let held = self.held().back().map(|(_, newest)| newest.clone());
        let newest = held.or_else(|| self.shown.load_full());
        newest.is_some_and(|newest| shows_the_same(&newest.frame, &shot.frame))
    }

    /// Version of what is shown.
    pub fn version(&self) -> Option<u64> {
        self.shown.load().as_ref().map(|shot| shot.version)
    }

    /// Whether anything is shown.
    pub fn is_filled(&self) -> bool {
        self.shown.load().is_some()
    }

    /// Whether what is shown was made smaller than it came.
    pub fn is_reduced(&self) -> bool {
        self.shown.load().as_ref().is_some_and(|shot| shot.was_reduced)
    }

    /// Forgets the pictures that are not due yet.
    pub fn forget_held(&self) {
        self.held().clear();
    }

    /// Shows nothing, and forgets all.
    pub fn clear(&self) {
        self.forget_held();
        self.shown.store(None);
    }
}

fn pop_too_many(held: &mut VecDeque<(Instant, Arc<Shot>)>) -> Option<(Instant, Arc<Shot>)> {
    if held.len() > HELD { held.pop_front() } else { None }
}

/// A shot that is not shown yet is nobody else's, so that this always finds it alone.
fn set_held(shot: &mut Arc<Shot>, held: Duration) {
    if let Some(shot) = Arc::get_mut(shot) {
        shot.held = held;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(version: u64) -> Arc<Shot> {
        let (was_reduced, rtp_time_90khz, held) = (false, 0, Duration::ZERO);
        Arc::new(Shot { frame: Frame::new(2, 2), version, was_reduced, rtp_time_90khz, held })
    }

    #[test]
    fn when_a_picture_is_due_is_reckoned_from_when_it_was_ready_and_not_from_another_clock() {
        let start = Instant::now().checked_sub(Duration::from_secs(1)).expect("a second of uptime");
        let at = |ms| start + Duration::from_millis(ms);
        let slot = PresentationSlot::default();
        slot.present_at(at(5), shot(1));
        slot.present(at(6), shot(2));
        let seen = |ms| slot.latest(at(ms), start).map(|shot| shot.version);
        assert_eq!((seen(4), seen(5), seen(6)), (None, Some(1), Some(2)));
    }
}
