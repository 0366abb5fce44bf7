//! A canvas in every codec that somebody receives: what goes out at a tick, in which codec, and where it
//! is encoded.
//!
//! One codec is encoded by the thread that drew the canvas. Where there are two the second one is lent to
//! another thread at the same time. Taps take H.264, which is never the second.

use crate::delivery::Delivery;
use crate::lending::{Elsewhere, Lender};
use crate::pictures::{Ask, Moment};
use crate::smaller::Tier;
use crate::tap::{AccessUnit, TapKey, TapRequest, Taps};
use rotunda_codec::{EncoderSettings, Frame, VideoCodec};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// At most this long between two pictures of a still canvas while somebody taps it: what was not
/// written yet when the power fails is the last picture and what came after it.
const STILL_EVERY_TAPPED: Duration = Duration::from_millis(500);

/// Between two pictures in the second codec when the machine has too much to do.
const STILLS_EVERY: Duration = Duration::from_secs(1);

/// One codec.
struct Side {
    lender: Lender,
    last_sent: Option<Instant>,
    /// Something changed that did not go out, because the picture before it is still being encoded.
    owes: bool,
}

impl Side {
    fn new(codec: VideoCodec, settings: EncoderSettings) -> Self {
        Self { lender: Lender::new(codec, settings), last_sent: None, owes: false }
    }

    /// Whether anybody takes this codec. What is lent is taken.
    fn is_in_use(&mut self, now: Instant) -> bool {
        self.lender.pictures(now).is_none_or(|pictures| pictures.are_in_use())
    }

    /// Gives back what it holds for lending, once nobody takes this codec.
    fn rest(&mut self, now: Instant) {
        if !self.is_in_use(now) {
            self.lender.settle();
        }
    }

    /// Whether a picture is to be encoded now. With `stills` there is one a second.
    fn is_due(&mut self, changed: bool, now: Instant, still_every: Duration, stills: bool) -> bool {
        self.owes |= changed;
        let since = |at: Instant| now.saturating_duration_since(at);
        if stills && self.last_sent.is_some_and(|at| since(at) < STILLS_EVERY) {
            return false;
        }
        let Some(pictures) = self.lender.pictures(now) else { return false };
        let is_stale = self.last_sent.is_none_or(|at| since(at) >= still_every);
        let changed = std::mem::take(&mut self.owes);
        let is_due = pictures.are_in_use() && (changed || is_stale || pictures.are_waiting());
        self.last_sent = if is_due { Some(now) } else { self.last_sent };
        is_due
    }
}

/// All codecs of one canvas.
pub(crate) struct Codecs {
    /// In the order of [`VideoCodec::ALL`].
    sides: [Side; VideoCodec::ALL.len()],
    delivery: Delivery,
    elsewhere: Elsewhere,
    taps: Taps,
    /// At most this long between two pictures of a still canvas.
    still_every: Duration,
    /// Time of the last H.264 key frame.
    last_key_90khz: u64,
}

impl Codecs {
    pub fn new(
        settings: EncoderSettings,
        still_every: Duration,
        delivery: Delivery,
        elsewhere: Elsewhere,
    ) -> Self {
        let sides = VideoCodec::ALL.map(|codec| Side::new(codec, settings));
        let taps = Taps::default();
        Self { sides, delivery, elsewhere, taps, still_every, last_key_90khz: 0 }
    }

    /// Asks something of the pictures in `codec`.
    pub fn ask(&mut self, codec: VideoCodec, ask: Ask, now: Instant) {
        self.sides[codec.index()].lender.ask(ask, now);
    }

    /// The canvas has another size, in pixels.
    pub fn reshape(&mut self, width: u32, height: u32, now: Instant) {
        for codec in VideoCodec::ALL {
            self.ask(codec, Ask::Reshape(width, height), now);
        }
    }

    /// Somebody taps the canvas, or no more.
    pub fn tap(&mut self, key: TapKey, tap: Option<TapRequest>, now: Instant) {
        // A recording begins with a picture that can be decoded by itself.
        if tap.is_some() {
            self.ask(VideoCodec::H264, Ask::Keyframe(Tier::Master), now);
        }
        self.taps.set(key, tap);
        self.ask(VideoCodec::H264, Ask::Tap(!self.taps.is_empty()), now);
    }

    /// Sends what is due of `canvas`, on which something `changed` or not. With `stills_second` a second
    /// codec has one picture a second.
    pub fn send(&mut self, canvas: &Frame, changed: bool, moment: Moment, stills_second: bool) {
        let now = moment.now;
        let are_two = self.sides.iter_mut().all(|side| side.is_in_use(now));
        let still_every = match self.taps.is_empty() {
            true => self.still_every,
            false => self.still_every.min(STILL_EVERY_TAPPED),
        };
        // The second first: another thread takes it up while this one encodes the first.
        for (index, codec) in VideoCodec::ALL.into_iter().enumerate().rev() {
            let side = &mut self.sides[index];
            let is_second = are_two && index > 0;
            if !side.is_due(changed, now, still_every, is_second && stills_second) {
                side.rest(now);
                self.count_skipped(index, changed);
            } else if is_second {
                let delivery = self.delivery.clone();
                side.lender.lend(canvas, moment, delivery, &self.elsewhere);
            } else {
                side.lender.settle();
                self.encode(codec, canvas, moment);
            }
        }
    }

    /// A picture that is left out because the one before it takes longer than a tick.
    fn count_skipped(&mut self, index: usize, changed: bool) {
        if changed && self.sides[index].lender.are_lent() {
            self.delivery.desk.ticks_skipped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn encode(&mut self, codec: VideoCodec, canvas: &Frame, moment: Moment) {
        let is_tapped = codec == VideoCodec::H264 && !self.taps.is_empty();
        if is_tapped {
            self.ask_key_for_taps(moment);
        }
        let (delivery, ts_90khz) = (&self.delivery, moment.ts_90khz);
        let Some(pictures) = self.sides[codec.index()].lender.pictures(moment.now) else { return };
        let mut tapped = None;
        pictures.encode(canvas, moment, |tier, frame, is_received| {
            if is_tapped && tier == Tier::Master {
                let (keyframe, data) = (frame.keyframe, frame.data.clone());
                let (width, height) = (canvas.width(), canvas.height());
                tapped = Some(AccessUnit { ts_90khz, keyframe, width, height, data });
            }
            delivery.picture((codec, tier), ts_90khz, frame, is_received);
        });
        if let Some(unit) = tapped {
            self.hand_to_taps(unit, moment.now);
        }
    }

    fn hand_to_taps(&mut self, unit: AccessUnit, now: Instant) {
        if unit.keyframe {
            self.last_key_90khz = unit.ts_90khz;
        }
        if self.taps.picture(&Arc::new(unit)) {
            self.ask(VideoCodec::H264, Ask::Keyframe(Tier::Master), now);
        }
    }

    /// Files are sought in and streams are entered at key frames, so there are some while anybody
    /// taps; a canvas that only members receive has them on demand alone.
    fn ask_key_for_taps(&mut self, moment: Moment) {
        let Some(every) = self.taps.keyframes_every() else { return };
        let since = moment.ts_90khz.saturating_sub(self.last_key_90khz);
        if since * 1000 >= every.as_millis() as u64 * 90_000 {
            self.ask(VideoCodec::H264, Ask::Keyframe(Tier::Master), moment.now);
        }
    }
}

#[cfg(test)]
#[path = "codecs_tests.rs"]
mod tests;
