//! A camera: draws or reads pictures at its rate, encodes them, and has the leg send them.

use crate::content::Content;
use crate::leg_command::Command;
use crate::leg_shared::Shared;
use crate::pace::Pace;
use crate::raw::RawPicture;
use rotunda_codec::{EncoderSettings, Frame, Speed, VideoCodec, VideoEncoder};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval_at};

/// RTP time at the origin: in the upper half of 32 bits, where readers that forget to wrap fail.
const RTP_ORIGIN: u64 = 0xF000_0000;

/// A camera.
#[derive(Clone, Debug)]
pub struct Camera {
    /// What it encodes in.
    pub codec: VideoCodec,
    /// Width and height.
    pub size: (u32, u32),
    /// Pictures a second.
    pub fps: u32,
    /// Bits a second.
    pub bitrate_bps: u32,
    /// What it shows.
    pub content: Content,
    /// How long after capture its pictures are sent. RTP times and sender reports stay true.
    pub delay: Duration,
    /// How much too fast its clock is, parts per million.
    pub drift_ppm: i32,
}

impl Camera {
    /// 640x360 in VP8 at 25 a second.
    pub fn new(content: Content) -> Self {
        Self {
            codec: VideoCodec::Vp8,
            size: (640, 360),
            fps: 25,
            bitrate_bps: 600_000,
            content,
            delay: Duration::ZERO,
            drift_ppm: 0,
        }
    }

    /// Of another size.
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { size: (width, height), ..self }
    }

    /// In H.264.
    pub fn h264(self) -> Self {
        Self { codec: VideoCodec::H264, ..self }
    }

    /// Whose pictures come late.
    pub fn late(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Whose clock is too fast by so many parts per million.
    pub fn drifting(self, drift_ppm: i32) -> Self {
        Self { drift_ppm, ..self }
    }

    /// At another rate.
    pub fn fps(self, fps: u32) -> Self {
        Self { fps, ..self }
    }
}

enum Source {
    Drawn { encoder: Box<VideoEncoder>, frame: Frame, content: Content },
    Read { clip: Arc<crate::ivf::Clip>, next: usize },
}

impl Source {
    fn new(camera: &Camera) -> Option<Self> {
        if let Content::Clip(clip) = &camera.content {
            return Some(Self::Read { clip: clip.clone(), next: 0 });
        }
        let (width, height) = camera.size;
        let settings = EncoderSettings {
            width,
            height,
            fps: camera.fps,
            bitrate_bps: camera.bitrate_bps,
            speed: Speed::Normal,
        };
        let encoder = VideoEncoder::new(camera.codec, settings).ok()?;
        Some(Self::Drawn {
            encoder: Box::new(encoder),
            frame: Frame::new(width, height),
            content: camera.content.clone(),
        })
    }

    fn codec(&self) -> VideoCodec {
        match self {
            Self::Drawn { encoder, .. } => encoder.codec(),
            Self::Read { clip, .. } => clip.codec,
        }
    }

    /// The next picture. A file cannot be asked for a key frame: it begins anew, with one.
    fn next(&mut self, number: u64, at: Duration, keyframe: bool) -> Option<Arc<[u8]>> {
        match self {
            Self::Drawn { encoder, frame, content } => {
                content.draw(frame, number, at);
                let coded = encoder.encode(frame, keyframe, ticks(at)).ok()?;
                (!coded.data.is_empty()).then(|| coded.data.into())
            }
            Self::Read { clip, next } => {
                if keyframe {
                    *next = 0;
                }
                let picture = clip.pictures.get(*next).cloned();
                *next = (*next + 1) % clip.pictures.len().max(1);
                picture
            }
        }
    }
}

fn ticks(at: Duration) -> u64 {
    (at.as_micros() * 90_000 / 1_000_000) as u64
}

/// Runs until the leg ends.
pub(crate) async fn run(
    camera: Camera,
    leg: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    origin: Instant,
    is_on: Arc<AtomicBool>,
) {
    let Some(mut source) = Source::new(&camera) else { return };
    let period = Duration::from_secs(1) / camera.fps.max(1);
    let pace = Pace { ppm: camera.drift_ppm };
    let mut clock = interval_at(origin.into(), pace.real(period));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut asks_seen = 0;
    let mut was_on = true;
    loop {
        let tick = clock.tick().await.into_std().saturating_duration_since(origin);
        let tick = pace.shown(tick);
        let is_on = is_on.load(Ordering::Acquire);
        let came_back = is_on && !std::mem::replace(&mut was_on, is_on);
        if !is_on {
            if leg.is_closed() {
                return;
            }
            continue;
        }
        let number = ((tick + period / 2).as_nanos() / period.as_nanos()) as u64;
        let at = Duration::from_nanos(number * 1_000_000_000 / u64::from(camera.fps.max(1)));
        let asks = shared.facts().keyframe_asks;
        let keyframe = std::mem::replace(&mut asks_seen, asks) != asks || came_back;
        let Some(data) = source.next(number, at, keyframe) else { continue };
        let captured = origin + pace.real(at);
        let picture = RawPicture {
            codec: source.codec(),
            data,
            rtp_90khz: RTP_ORIGIN + ticks(at),
            captured,
            due: captured + camera.delay,
        };
        if leg.send(Command::Picture(picture)).await.is_err() {
            return;
        }
    }
}
