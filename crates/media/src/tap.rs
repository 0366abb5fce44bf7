//! Who records or streams a session taps it: the canvas as H.264 access units, and the whole mix.
//!
//! A tap sees what members see, encoded by the same encoder: it costs an encode only where nobody
//! else receives H.264. The graph never waits for a tap; what one cannot take is the tap's loss.
//! It knows no files, no containers and no network.

use rotunda_compose::{FRAME_SAMPLES, Limiter, MixFrame};
use std::sync::Arc;
use std::time::Duration;

/// Names one tap of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TapKey(pub u64);

/// Longest time between two key frames that a tap may ask for; shorter ones cost members quality.
pub const KEYFRAMES_EVERY_MIN: Duration = Duration::from_secs(1);

/// One coded picture of the canvas, shared by all taps.
#[derive(Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// The canvas' clock, 1/90000 s since the session began; strictly increasing.
    pub ts_90khz: u64,
    /// Whether it can be decoded by itself.
    pub keyframe: bool,
    /// Width in pixels; changes only at a key frame.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// H.264 in Annex B form, byte for byte what members receive; a key frame begins with its
    /// parameter sets.
    pub data: Vec<u8>,
}

/// 20 ms of everything that is heard in a session, mono, 48 kHz.
#[derive(Debug, PartialEq)]
pub struct WholeMix {
    /// The mix' clock, 1/48000 s since the session began. It jumps where the machine was late.
    pub ts_48khz: u64,
    /// The samples.
    pub samples: [i16; FRAME_SAMPLES],
}

/// Takes what a session shows and sounds like. Called on the graph's threads; must not block.
pub trait Tap: Send + Sync {
    /// A picture of the canvas; answers whether the next one is to be a key frame, because some
    /// were lost.
    fn picture(&self, unit: &Arc<AccessUnit>) -> bool;
    /// The next 20 ms.
    fn sound(&self, mix: &Arc<WholeMix>);
}

/// A tap and the longest time between two key frames it wants.
pub(crate) type TapRequest = (Arc<dyn Tap>, Duration);

/// The taps of a canvas.
#[derive(Default)]
pub(crate) struct Taps {
    all: Vec<(TapKey, Arc<dyn Tap>, Duration)>,
}

impl Taps {
    pub fn set(&mut self, key: TapKey, tap: Option<TapRequest>) {
        self.all.retain(|(known, ..)| *known != key);
        self.all.extend(tap.map(|(tap, every)| (key, tap, every.max(KEYFRAMES_EVERY_MIN))));
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The shortest distance of key frames that anybody asks for.
    pub fn keyframes_every(&self) -> Option<Duration> {
        self.all.iter().map(|(.., every)| *every).min()
    }

    /// Hands a picture to all; answers whether anybody needs a key frame.
    pub fn picture(&self, unit: &Arc<AccessUnit>) -> bool {
        self.all.iter().fold(false, |needs, (_, tap, _)| tap.picture(unit) || needs)
    }
}

/// The taps of a mix, and the limiter they share.
#[derive(Default)]
pub(crate) struct MixTaps {
    all: Vec<(TapKey, Arc<dyn Tap>)>,
    limiter: Limiter,
}

impl MixTaps {
    pub fn set(&mut self, key: TapKey, tap: Option<Arc<dyn Tap>>) {
        self.all.retain(|(known, _)| *known != key);
        self.all.extend(tap.map(|tap| (key, tap)));
    }

    /// Hands on what everybody says together.
    pub fn sound(&mut self, mut frame: MixFrame, ts_48khz: u64) {
        if self.all.is_empty() {
            return;
        }
        self.limiter.apply(&mut frame);
        let samples = frame.map(|sample| (sample * 32767.0) as i16);
        let mix = Arc::new(WholeMix { ts_48khz, samples });
        for (_, tap) in &self.all {
            tap.sound(&mix);
        }
    }
}
