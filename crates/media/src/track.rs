//! One member's incoming pictures: a bounded queue, a decoder, the latest frame.
//!
//! The network thread puts encoded pictures in; a worker decodes them, in order, and leaves the
//! latest one in a slot; the canvas takes it from there.

use crate::budget::{DecodeBudget, Entry, Spending};
use crate::decode_queue::{DecodeQueue, EncodedVideo, Put};
use crate::keyframe_need::KeyframeNeed;
use crate::lip_sync::{LipSync, process_origin};
use crate::presentation_slot::{PresentationSlot, Shot};
use crate::shot_decoder::{ShotDecoder, Size, Undecodable};
use crate::stillness::Seen;
use rotunda_codec::{FrameView, ScaleError};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Pictures in a row that are only decoded because newer ones wait. Of a camera that the decoders never
/// catch up with every fourth is shown, and not none.
const OVERTAKEN_IN_A_ROW: u32 = 3;

/// The way of one member's pictures.
#[derive(Default)]
pub struct Track {
    queue: DecodeQueue,
    decoder: Mutex<ShotDecoder>,
    slot: PresentationSlot,
    keyframes: KeyframeNeed,
    /// Width and height of its cell, half a word each.
    target: AtomicU64,
    muted: AtomicBool,
    is_unseen: AtomicBool,
    /// When the latest picture was decoded, microseconds since the process began; 0 is not yet.
    ready_us: AtomicU64,
    overtaken: AtomicU32,
    /// Pictures that showed what was shown already.
    same: AtomicU64,
    spending: Spending,
    is_played: bool,
    is_camera: bool,
}

impl Track {
    /// A track; with `sync` its pictures are aligned with the member's sound.
    pub fn new(sync: Option<Arc<LipSync>>) -> Self {
        Self { slot: PresentationSlot::new(sync), ..Self::default() }
    }

    /// The same of a member's own camera, whose sender is asked for little while nothing moves before it.
    /// A screen is not: it stands still until it is to be sharp.
    pub(crate) fn camera(sync: Option<Arc<LipSync>>) -> Self {
        Self { is_camera: true, ..Self::new(sync) }
    }

    /// The same, decoded as far as `budget` goes.
    pub(crate) fn within(self, budget: Arc<DecodeBudget>) -> Self {
        Self { spending: Spending::of(budget), ..self }
    }

    /// How many pictures were not decoded because they were beyond the budget.
    pub(crate) fn left_out(&self) -> u64 {
        self.spending.left_out()
    }

    /// Whether it is a member's own camera.
    pub(crate) fn is_camera(&self) -> bool {
        self.is_camera
    }

    /// What came of the pictures so far.
    pub(crate) fn seen(&self) -> Seen {
        Seen { version: self.slot.version(), same: self.same.load(Ordering::Relaxed) }
    }

    /// A track of pictures that come decoded, by [`Track::show`]: whoever shows them looks by themselves
    /// whether they are wanted anew, and nobody else is to ask for that.
    pub(crate) fn played() -> Self {
        Self { is_played: true, ..Self::default() }
    }

    /// Whether its pictures come decoded.
    pub(crate) fn is_played(&self) -> bool {
        self.is_played
    }

    fn decoder(&self) -> MutexGuard<'_, ShotDecoder> {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What aligns these pictures with a sound.
    pub fn sync(&self) -> Option<&LipSync> {
        self.slot.sync()
    }

    /// Whether the camera is switched off.
    pub fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Acquire)
    }

    /// How many pictures were dropped because the queue was full.
    pub fn dropped(&self) -> u32 {
        self.queue.dropped()
    }

    /// How many pictures were decoded and not made ready to be shown, because a newer one waited.
    pub fn overtaken(&self) -> u32 {
        self.overtaken.load(Ordering::Relaxed)
    }

    /// Takes a picture; answers whether a worker must be told. Pictures of a muted camera, of one that
    /// nobody sees, and of one that cost too much of late are dropped unread.
    pub fn put(&self, picture: EncodedVideo) -> bool {
        if self.is_muted() || self.is_unseen() || self.is_left_out(&picture) {
            return false;
        }
        self.keyframes.arrived(picture.arrived);
        let put = self.queue.put(picture);
        if put == Put::NeedsKeyframe {
            self.keyframes.want();
        }
        put == Put::First
    }

    /// Whether the picture is beyond the budget, or not the key frame with which things go on.
    fn is_left_out(&self, picture: &EncodedVideo) -> bool {
        let entry = self.spending.enter(picture.arrived);
        if entry != Entry::Resumed {
            return entry == Entry::LeftOut;
        }
        self.queue.break_off();
        self.keyframes.want();
        self.spending.leave_out(usize::from(!picture.keyframe));
        !picture.keyframe
    }

    /// Takes a picture that is decoded already, upright and opaque, to be shown from `due` on. Of
    /// more than may wait the oldest is shown at once.
    ///
    /// # Errors
    /// It cannot be scaled.
    pub fn show(&self, view: FrameView<'_>, due: Instant) -> Result<(), ScaleError> {
        let mut decoder = self.decoder();
        let shot = decoder.copy(view, self.fit())?;
        self.keyframes.satisfy();
        if let Some(unneeded) = self.slot.present_at(due, shot) {
            decoder.keep(unneeded);
        }
        Ok(())
    }

    /// Forgets the pictures that are not due yet.
    pub fn forget_held(&self) {
        self.slot.forget_held();
    }

    /// The latest picture that is to be shown at `now`; `origin` is the clock lip sync measures by.
    pub fn latest(&self, now: Instant, origin: Instant) -> Option<Arc<Shot>> {
        self.slot.latest(now, origin)
    }

    /// Mutes or un-mutes the camera; what was shown is forgotten, so that nobody sees the past.
    pub fn set_muted(&self, muted: bool) {
        if self.muted.swap(muted, Ordering::AcqRel) == muted {
            return;
        }
        self.queue.clear();
        self.decoder().need_keyframe();
        self.slot.clear();
        self.keyframes.restart(!muted);
    }

    /// Says whether nobody sees the pictures, and so none is decoded. The last one stays: it is shown, when
    /// somebody does, until the key frame comes that is asked for then.
    pub(crate) fn set_unseen(&self, is_unseen: bool) {
        if self.is_unseen() == is_unseen {
            return;
        }
        // While the queue is broken off nothing but a key frame gets in, whatever is put meanwhile.
        if is_unseen {
            self.is_unseen.store(true, Ordering::Release);
            self.queue.break_off();
        } else {
            self.queue.break_off();
            self.is_unseen.store(false, Ordering::Release);
            // Or the picture shown until the key frame comes would hold the sound back by its age.
            self.slot.pass_over();
        }
        self.keyframes.restart(!is_unseen);
    }

    fn is_unseen(&self) -> bool {
        self.is_unseen.load(Ordering::Acquire)
    }

    /// When the latest picture was there to be shown, on the clock that begins at `origin`.
    pub(crate) fn ready_at(&self, origin: Instant) -> Option<Instant> {
        let ready_us = self.ready_us.load(Ordering::Relaxed);
        (ready_us > 0).then(|| origin + Duration::from_micros(ready_us))
    }

    /// Whether there is anything to show.
    pub(crate) fn has_picture(&self) -> bool {
        self.slot.is_filled()
    }

    /// Says how large the picture is shown; a larger cell asks for a fresh picture.
    pub fn set_target(&self, width: u32, height: u32) {
        let target = u64::from(width) << 32 | u64::from(height);
        let before = self.target.swap(target, Ordering::AcqRel);
        if width > size(before).0 && self.slot.is_reduced() {
            self.keyframes.want();
        }
    }

    /// How large the picture is shown, as far as was said; for tests.
    #[cfg(test)]
    pub fn target(&self) -> Size {
        self.fit()
    }

    fn fit(&self) -> Size {
        size(self.target.load(Ordering::Acquire))
    }

    /// Whether to ask the sender for a key frame at `now`: when one is wanted, and not more than
    /// twice a second.
    pub fn take_keyframe_request(&self, now: Instant) -> bool {
        let is_of_use = !self.is_muted() && !self.is_unseen() && !self.spending.is_over();
        is_of_use && self.keyframes.take_request(now)
    }

    /// Decodes what waits; run by one worker at a time. A picture that a newer one overtakes is decoded,
    /// since the newer one builds on it, and neither scaled nor compared.
    pub fn decode_waiting(&self) {
        let mut decoder = self.decoder();
        let mut in_a_row = 0;
        while let Some((picture, is_newer_waiting)) = self.queue.next() {
            let is_overtaken = is_newer_waiting && in_a_row < OVERTAKEN_IN_A_ROW;
            in_a_row = if is_overtaken { in_a_row + 1 } else { 0 };
            self.overtaken.fetch_add(u32::from(is_overtaken), Ordering::Relaxed);
            self.decode(&mut decoder, &picture, (!is_overtaken).then(|| self.fit()));
        }
    }

    /// The decoder panicked or misbehaved: begin anew with the next key frame.
    pub fn reset(&self) {
        self.decoder().reset();
        self.queue.leave();
        self.keyframes.want();
    }

    fn decode(&self, decoder: &mut ShotDecoder, picture: &EncodedVideo, fit: Option<Size>) {
        if !decoder.follows(picture) {
            return self.keyframes.want();
        }
        let pixels = decoder.pixels_of(picture);
        if !self.spending.spend(pixels, picture.arrived) {
            decoder.need_keyframe();
            return self.spending.leave_out(1 + self.queue.break_off());
        }
        self.decode_paid(decoder, picture, fit);
        self.spending.spend_more(decoder.pixels().saturating_sub(pixels));
    }

    fn decode_paid(&self, decoder: &mut ShotDecoder, picture: &EncodedVideo, fit: Option<Size>) {
        match decoder.decode(picture, fit) {
            Ok(Some(shot)) => {
                self.keyframes.satisfy();
                let now = Instant::now();
                let ready = now.saturating_duration_since(process_origin()).as_micros() as u64;
                self.ready_us.store(ready, Ordering::Relaxed);
                if let Some(unneeded) = self.offer(now, shot) {
                    decoder.keep(unneeded);
                }
            }
            Ok(None) => {}
            Err(Undecodable) => self.keyframes.want(),
        }
    }

    /// Presents what is news; gives back what can be filled again.
    fn offer(&self, now: Instant, shot: Arc<Shot>) -> Option<Arc<Shot>> {
        if self.is_muted() {
            return None;
        }
        if self.slot.shows(&shot) {
            self.same.fetch_add(1, Ordering::Relaxed);
            return Some(shot);
        }
        self.slot.present(now, shot)
    }
}

fn size(target: u64) -> Size {
    ((target >> 32) as u32, target as u32)
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
