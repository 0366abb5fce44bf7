//! The smaller pictures of a canvas in one codec, for those for whose line the canvas is too much: scaled
//! from what was drawn and encoded only while somebody receives them.

use crate::encoder_slot::EncoderSlot;
use rotunda_codec::{EncodedFrame, EncoderSettings, Filter, Frame, Speed, VideoCodec, scale_into};
use std::time::{Duration, Instant};

/// A size of the canvas, by what of its width and height is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The canvas as it is; what is recorded and streamed.
    Master,
    /// A half.
    Half,
    /// A quarter, ten pictures a second at most.
    Quarter,
}

/// An encoder whose last receiver left is kept for this long: who flaps comes back.
const LINGERS: Duration = Duration::from_secs(10);
/// Ticks of 1/90000 s between two pictures of the quarter at least; a little less than a tenth of a
/// second, so that a clock's rounding leaves none out.
const QUARTER_EVERY: u64 = 8_100;
/// Bits a second an encoder begins with, until whoever knows the receivers' lines says otherwise.
const FIRST_BPS: (u32, u32) = (300_000, 70_000);

struct Size {
    divisor: u32,
    every_90khz: u64,
    frame: Frame,
    slot: EncoderSlot,
    /// When its last receiver left.
    left_at: Option<Instant>,
    last_90khz: Option<u64>,
}

/// Both of them.
pub(crate) struct Smaller {
    half: Size,
    quarter: Size,
}

impl Smaller {
    /// Of a canvas that is encoded so.
    pub fn new(codec: VideoCodec, canvas: EncoderSettings) -> Self {
        let half = EncoderSettings { bitrate_bps: FIRST_BPS.0, ..canvas };
        let quarter = EncoderSettings { bitrate_bps: FIRST_BPS.1, ..canvas };
        Self {
            half: Size::new(codec, half, 2, 0),
            quarter: Size::new(codec, quarter, 4, QUARTER_EVERY),
        }
    }

    fn size(&mut self, tier: Tier) -> Option<&mut Size> {
        match tier {
            Tier::Master => None,
            Tier::Half => Some(&mut self.half),
            Tier::Quarter => Some(&mut self.quarter),
        }
    }

    fn both(&mut self) -> [&mut Size; 2] {
        [&mut self.half, &mut self.quarter]
    }

    /// Says whether anybody receives this picture.
    pub fn want(&mut self, tier: Tier, is_wanted: bool, now: Instant) {
        let Some(size) = self.size(tier) else { return };
        size.left_at = (!is_wanted).then_some(now);
        if is_wanted {
            size.slot.want(true);
        }
    }

    /// Makes its next frame a key frame.
    pub fn want_keyframe(&mut self, tier: Tier) {
        if let Some(size) = self.size(tier) {
            size.slot.want_keyframe();
        }
    }

    /// Gives it so many bits a second.
    pub fn set_bitrate(&mut self, tier: Tier, bps: u32) {
        if let Some(size) = self.size(tier) {
            size.slot.set_bitrate(bps);
        }
    }

    /// Puts so much work into each picture from the next one on.
    pub fn set_speed(&mut self, speed: Speed) {
        self.both().into_iter().for_each(|size| size.slot.set_speed(speed));
    }

    /// The canvas has another size.
    pub fn reshape(&mut self, width: u32, height: u32) {
        for size in self.both() {
            size.slot.reshape(even(width / size.divisor), even(height / size.divisor));
            size.last_90khz = None;
        }
    }

    /// The encoders begin anew, with key frames.
    pub fn reset(&mut self) {
        self.both().into_iter().for_each(|size| size.slot.reset());
    }

    /// Whether anybody takes any.
    pub fn are_in_use(&self) -> bool {
        self.half.slot.is_in_use() || self.quarter.slot.is_in_use()
    }

    /// Whether a frame is wanted even if nothing changed.
    pub fn are_waiting(&self) -> bool {
        self.half.slot.is_waiting() || self.quarter.slot.is_waiting()
    }

    /// Encodes what is wanted of `canvas` and hands each result to `deliver`.
    pub fn encode(
        &mut self,
        canvas: &Frame,
        (ts_90khz, now): (u64, Instant),
        mut deliver: impl FnMut(Tier, EncodedFrame),
    ) {
        self.both().into_iter().for_each(|size| size.let_go(now));
        let is_halved = self.half.is_due(ts_90khz);
        if is_halved {
            self.half.draw(canvas);
            let frame = self.half.encode(ts_90khz);
            frame.into_iter().for_each(|frame| deliver(Tier::Half, frame));
        }
        if self.quarter.is_due(ts_90khz) {
            self.quarter.draw(if is_halved { &self.half.frame } else { canvas });
            let frame = self.quarter.encode(ts_90khz);
            frame.into_iter().for_each(|frame| deliver(Tier::Quarter, frame));
        }
    }
}

impl Size {
    fn new(codec: VideoCodec, canvas: EncoderSettings, divisor: u32, every_90khz: u64) -> Self {
        let (width, height) = (even(canvas.width / divisor), even(canvas.height / divisor));
        Self {
            divisor,
            every_90khz,
            frame: Frame::new(2, 2),
            slot: EncoderSlot::new(codec, EncoderSettings { width, height, ..canvas }),
            left_at: None,
            last_90khz: None,
        }
    }

    fn let_go(&mut self, now: Instant) {
        let is_over = |at: &mut Instant| now.saturating_duration_since(*at) >= LINGERS;
        if self.left_at.take_if(is_over).is_some() {
            self.slot.want(false);
        }
    }

    fn is_due(&self, ts_90khz: u64) -> bool {
        let is_early = |last: u64| ts_90khz.saturating_sub(last) < self.every_90khz;
        self.slot.is_waiting() || self.slot.is_in_use() && !self.last_90khz.is_some_and(is_early)
    }

    fn draw(&mut self, from: &Frame) {
        let (width, height) = self.slot.size();
        if (self.frame.width(), self.frame.height()) != (width, height) {
            self.frame.resize(width, height);
        }
        let bounds = self.frame.bounds();
        if let Err(error) = scale_into(from.view(), None, &mut self.frame, bounds, Filter::Box) {
            tracing::error!(%error, "a smaller picture was not drawn");
        }
    }

    fn encode(&mut self, ts_90khz: u64) -> Option<EncodedFrame> {
        self.last_90khz = Some(ts_90khz);
        self.slot.encode(&self.frame, ts_90khz)
    }
}

/// Encoders take even sizes, of 16 at least.
fn even(side: u32) -> u32 {
    (side / 2 * 2).max(16)
}
