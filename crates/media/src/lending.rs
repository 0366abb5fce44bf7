//! The pictures in one codec, which are lent to another thread while a canvas is encoded in two codecs,
//! so that it does not take the sum of both within one tick of one thread.
//!
//! Drawing goes on meanwhile: what is lent takes a copy of the canvas with it. A tick that finds them not
//! back yet leaves its picture out in this codec, and what is asked of them waits.

use crate::delivery::Delivery;
use crate::pictures::{Ask, Moment, Pictures};
use crate::ticker::Beat;
use rotunda_codec::{EncoderSettings, Frame, VideoCodec};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Has something run at once, by whichever thread is free.
pub(crate) type Elsewhere = Arc<dyn Fn(Box<dyn Beat>) + Send + Sync>;

/// Pictures, and the copy of the canvas they take with them.
struct Lent {
    pictures: Pictures,
    copy: Frame,
}

/// Where they come back to.
type Home = Arc<Mutex<Option<Box<Lent>>>>;

/// The pictures in one codec, here or lent.
pub(crate) struct Lender {
    here: Option<Box<Lent>>,
    home: Home,
    /// What they are to be asked when they are back: no more than a tick or two bring.
    asked: Vec<Ask>,
}

impl Lender {
    pub fn new(codec: VideoCodec, settings: EncoderSettings) -> Self {
        let pictures = Pictures::new(codec, settings);
        let here = Some(Box::new(Lent { pictures, copy: Frame::new(2, 2) }));
        Self { here, home: Home::default(), asked: Vec::new() }
    }

    /// Asks something of them, now or when they are back.
    pub fn ask(&mut self, ask: Ask, now: Instant) {
        match self.pictures(now) {
            Some(pictures) => pictures.follow(ask, now),
            None => self.asked.push(ask),
        }
    }

    /// The pictures, unless they are lent.
    pub fn pictures(&mut self, now: Instant) -> Option<&mut Pictures> {
        if self.here.is_none() {
            self.here = lock(&self.home).take();
        }
        let here = self.here.as_mut()?;
        self.asked.drain(..).for_each(|ask| here.pictures.follow(ask, now));
        Some(&mut here.pictures)
    }

    /// Whether they are lent and not back.
    pub fn are_lent(&self) -> bool {
        self.here.is_none()
    }

    /// Has `canvas`, as it is now, encoded elsewhere. Nothing happens where they are lent already.
    pub fn lend(
        &mut self,
        canvas: &Frame,
        moment: Moment,
        delivery: Delivery,
        elsewhere: &Elsewhere,
    ) {
        let Some(mut lent) = self.here.take() else { return };
        if lent.copy.bounds() != canvas.bounds() {
            lent.copy.resize(canvas.width(), canvas.height());
        }
        lent.copy.as_i420_mut().copy_from_slice(canvas.as_i420());
        let (lent, home, is_done) = (Some(lent), self.home.clone(), false);
        elsewhere(Box::new(Away { lent, home, moment, delivery, is_done }));
    }

    /// Whether the memory of a copy is held, here; for tests.
    #[cfg(test)]
    pub fn holds_copy(&self) -> bool {
        self.here.as_ref().is_some_and(|here| here.copy.width() > 2)
    }

    /// Nothing is to be lent for now: gives the memory of the copy back.
    pub fn settle(&mut self) {
        if let Some(here) = self.here.as_mut().filter(|here| here.copy.width() > 2) {
            here.copy = Frame::new(2, 2);
        }
    }
}

/// Lent pictures at work; they come home when this ends, however it does.
struct Away {
    lent: Option<Box<Lent>>,
    home: Home,
    moment: Moment,
    delivery: Delivery,
    is_done: bool,
}

impl Beat for Away {
    fn beat(&mut self, _: Instant) -> Option<Instant> {
        if let Some(lent) = &mut self.lent {
            let (codec, ts_90khz) = (lent.pictures.codec(), self.moment.ts_90khz);
            lent.pictures.encode(&lent.copy, self.moment, |tier, frame, is_received| {
                self.delivery.picture((codec, tier), ts_90khz, frame, is_received);
            });
        }
        self.is_done = true;
        None
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take() else { return };
        if !self.is_done {
            // The encoder panicked, and nobody knows in what state it is; or the threads end.
            lent.pictures.reset();
        }
        *lock(&self.home) = Some(lent);
    }
}

fn lock(home: &Home) -> std::sync::MutexGuard<'_, Option<Box<Lent>>> {
    home.lock().unwrap_or_else(PoisonError::into_inner)
}
