//! The smaller pictures of a canvas, for whose line the canvas is too much: scaled from what was drawn
//! and encoded only while somebody receives them.

use crate::encoders::Encoders;
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
    encoders: Encoders,
    leaves: [Option<Instant>; VideoCodec::ALL.len()],
    last_90khz: Option<u64>,
}

/// Both of them.
pub(crate) struct Smaller {
    half: Size,
    quarter: Size,
}

impl Smaller {
    /// Of a canvas that is encoded so.
    pub fn new(canvas: EncoderSettings) -> Self {
        Self {
            half: Size::new(canvas, 2, FIRST_BPS.0, 0),
            quarter: Size::new(canvas, 4, FIRST_BPS.1, QUARTER_EVERY),
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

    /// Says whether anybody receives this picture in `codec`.
    pub fn want(&mut self, tier: Tier, codec: VideoCodec, is_wanted: bool, now: Instant) {
        let Some(size) = self.size(tier) else { return };
        size.leaves[codec.index()] = (!is_wanted).then_some(now);
        if is_wanted {
            size.encoders.want(codec, true);
        }
    }

    /// Makes its next frame of `codec` a key frame.
    pub fn want_keyframe(&mut self, tier: Tier, codec: VideoCodec) {
        if let Some(size) = self.size(tier) {
            size.encoders.want_keyframe(codec);
        }
    }

    /// Gives it so many bits a second in `codec`.
    pub fn set_bitrate(&mut self, tier: Tier, codec: VideoCodec, bps: u32) {
        if let Some(size) = self.size(tier) {
            size.encoders.set_bitrate(codec, bps);
        }
    }

    /// Another canvas size or frame rate.
    pub fn reshape(&mut self, width: u32, height: u32, fps: u32) {
        for size in self.both() {
            size.encoders.reshape(even(width / size.divisor), even(height / size.divisor), fps);
            size.last_90khz = None;
        }
    }

    /// Puts so much work into each picture from the next one on.
    pub fn set_speed(&mut self, speed: Speed) {
        self.both().into_iter().for_each(|size| size.encoders.set_speed(speed));
    }

    /// Whether anybody takes any.
    pub fn are_wanted(&self) -> bool {
        self.half.encoders.are_wanted() || self.quarter.encoders.are_wanted()
    }

    /// Whether a frame is wanted even if nothing changed.
    pub fn are_waiting(&self) -> bool {
        self.half.encoders.are_waiting() || self.quarter.encoders.are_waiting()
    }

    /// Encodes what is wanted of `canvas` and hands each result to `deliver`.
    pub fn encode(
        &mut self,
        canvas: &Frame,
        (ts_90khz, now): (u64, Instant),
        mut deliver: impl FnMut(Tier, VideoCodec, EncodedFrame),
    ) {
        self.both().into_iter().for_each(|size| size.let_go(now));
        let is_halved = self.half.is_due(ts_90khz);
        if is_halved {
            self.half.draw(canvas);
            self.half.encode(ts_90khz, |codec, frame| deliver(Tier::Half, codec, frame));
        }
        if self.quarter.is_due(ts_90khz) {
            self.quarter.draw(if is_halved { &self.half.frame } else { canvas });
            self.quarter.encode(ts_90khz, |codec, frame| deliver(Tier::Quarter, codec, frame));
        }
    }
}

impl Size {
    fn new(canvas: EncoderSettings, divisor: u32, bitrate_bps: u32, every_90khz: u64) -> Self {
        let (width, height) = (even(canvas.width / divisor), even(canvas.height / divisor));
        let settings = EncoderSettings { width, height, bitrate_bps, ..canvas };
        Self {
            divisor,
            every_90khz,
            frame: Frame::new(2, 2),
            encoders: Encoders::new(settings),
            leaves: Default::default(),
            last_90khz: None,
        }
    }

    fn let_go(&mut self, now: Instant) {
        for codec in VideoCodec::ALL {
            let leaves = &mut self.leaves[codec.index()];
            if leaves.take_if(|at| now.saturating_duration_since(*at) >= LINGERS).is_some() {
                self.encoders.want(codec, false);
            }
        }
    }

    fn is_due(&self, ts_90khz: u64) -> bool {
        let is_early = |last: u64| ts_90khz.saturating_sub(last) < self.every_90khz;
        self.encoders.are_waiting()
            || self.encoders.are_wanted() && !self.last_90khz.is_some_and(is_early)
    }

    fn draw(&mut self, from: &Frame) {
        let (width, height) = self.encoders.size();
        if (self.frame.width(), self.frame.height()) != (width, height) {
            self.frame.resize(width, height);
        }
        let bounds = self.frame.bounds();
        if let Err(error) = scale_into(from.view(), None, &mut self.frame, bounds, Filter::Box) {
            tracing::error!(%error, "a smaller picture was not drawn");
        }
    }

    fn encode(&mut self, ts_90khz: u64, mut deliver: impl FnMut(VideoCodec, EncodedFrame)) {
        self.last_90khz = Some(ts_90khz);
        self.encoders.encode(&self.frame, ts_90khz, |codec, frame, _| deliver(codec, frame));
    }
}

/// Encoders take even sizes, of 16 at least.
fn even(side: u32) -> u32 {
    (side / 2 * 2).max(16)
}
