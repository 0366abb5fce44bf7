//! What is made of a canvas in one codec: the canvas itself and its smaller sizes, with as much work as
//! the tick has time for.
//!
//! It refuses to know who receives them, and on which thread it works.

use crate::effort::Effort;
use crate::encoder_slot::EncoderSlot;
use crate::smaller::{Smaller, Tier};
use rotunda_codec::{EncodedFrame, EncoderSettings, Frame, VideoCodec};
use std::time::{Duration, Instant};

/// What is asked of the pictures in one codec.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    /// Somebody receives this size, or nobody any more.
    Want(Tier, bool),
    /// Somebody records or streams the canvas, or nobody any more.
    Tap(bool),
    /// The next picture of this size is to be a key frame.
    Keyframe(Tier),
    /// So many bits a second for this size.
    Bitrate(Tier, u32),
    /// Another size of the canvas, in pixels.
    Reshape(u32, u32),
}

/// One tick, as those need it who encode its picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub ts_90khz: u64,
    pub now: Instant,
    /// How late the tick was.
    pub late: Duration,
    /// When work on it began.
    pub began: Instant,
    /// The machine has no time for more work than is needed.
    pub is_hurried: bool,
}

/// The encoders of one codec.
pub(crate) struct Pictures {
    codec: VideoCodec,
    master: EncoderSlot,
    smaller: Smaller,
    effort: Effort,
    tick: Duration,
}

impl Pictures {
    /// In `codec`, of a canvas that is encoded so.
    pub fn new(codec: VideoCodec, canvas: EncoderSettings) -> Self {
        let effort = Effort::default();
        let canvas = EncoderSettings { speed: effort.speed(), ..canvas };
        Self {
            codec,
            master: EncoderSlot::new(codec, canvas),
            smaller: Smaller::new(codec, canvas),
            effort,
            tick: Duration::from_secs(1) / canvas.fps.max(1),
        }
    }

    /// What they are encoded in.
    pub fn codec(&self) -> VideoCodec {
        self.codec
    }

    /// Follows what is asked, from the next picture on.
    pub fn follow(&mut self, ask: Ask, now: Instant) {
        match ask {
            Ask::Want(Tier::Master, is_wanted) => self.master.want(is_wanted),
            Ask::Want(tier, is_wanted) => self.smaller.want(tier, is_wanted, now),
            Ask::Tap(is_tapped) => self.master.tap(is_tapped),
            Ask::Keyframe(Tier::Master) => self.master.want_keyframe(),
            Ask::Keyframe(tier) => self.smaller.want_keyframe(tier),
            Ask::Bitrate(Tier::Master, bps) => self.master.set_bitrate(bps),
            Ask::Bitrate(tier, bps) => self.smaller.set_bitrate(tier, bps),
            Ask::Reshape(width, height) => {
                self.master.reshape(width, height);
                self.smaller.reshape(width, height);
            }
        }
    }

    /// Whether anybody takes any.
    pub fn are_in_use(&self) -> bool {
        self.master.is_in_use() || self.smaller.are_in_use()
    }

    /// Whether one is wanted even if nothing changed.
    pub fn are_waiting(&self) -> bool {
        self.master.is_waiting() || self.smaller.are_waiting()
    }

    /// All encoders begin anew, with key frames.
    pub fn reset(&mut self) {
        self.master.reset();
        self.smaller.reset();
    }

    /// Encodes what is wanted of `canvas` and hands each result to `deliver`, with whether any member
    /// receives it.
    pub fn encode(
        &mut self,
        canvas: &Frame,
        moment: Moment,
        mut deliver: impl FnMut(Tier, EncodedFrame, bool),
    ) {
        let is_received = self.master.is_wanted();
        if let Some(frame) = self.master.encode(canvas, moment.ts_90khz) {
            deliver(Tier::Master, frame, is_received);
        }
        self.smaller.encode(canvas, (moment.ts_90khz, moment.now), |tier, frame| {
            deliver(tier, frame, true);
        });
        let spent = moment.late + moment.began.elapsed();
        let hurry = moment.is_hurried;
        if let Some(speed) = self.effort.took(moment.now, spent, self.tick, hurry) {
            tracing::debug!(?speed, "another effort for each picture of a canvas");
            self.master.set_speed(speed);
            self.smaller.set_speed(speed);
        }
    }
}
