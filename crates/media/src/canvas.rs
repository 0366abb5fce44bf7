//! A room's canvas: at each tick what changed is drawn, and the picture is encoded once.
//!
//! Cells are drawn only when their content is new. A canvas on which nothing changes is still sent
//! now and then, because a receiver that hears nothing for long takes the path for dead. Ticks that
//! come late are skipped, never made up for: catching up would starve what feeds the canvas.

use crate::degradation::{Degradation, Step};
use crate::encoders::Encoders;
use crate::lip_sync::process_origin;
use crate::options::{CanvasSpec, GraphOptions};
use crate::out::Out;
use crate::painter::Painter;
use crate::senders::{Ask, Senders};
use crate::smaller::{Smaller, Tier};
use crate::snapshot::Snapshot;
use crate::tap::{AccessUnit, TapKey, TapRequest, Taps};
use crate::ticker::Beat;
use crate::track::Track;
use rotunda_codec::{EncodedFrame, EncoderSettings, Speed, VideoCodec};
use rotunda_domain::{CanvasPlan, MemberId, SessionId, Size};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most this long between two pictures of a still canvas while somebody taps it: what was not
/// written yet when the power fails is the last picture and what came after it.
const STILL_EVERY_TAPPED: Duration = Duration::from_millis(500);

/// What the rest of the process tells a canvas between two ticks.
#[derive(Default)]
pub(crate) struct CanvasNews {
    pub plan: Option<Arc<CanvasPlan>>,
    pub tracks: Vec<(MemberId, Option<Arc<Track>>)>,
    pub wanted: Vec<(VideoCodec, bool)>,
    pub keyframes: Vec<(VideoCodec, Tier)>,
    /// Smaller pictures that somebody receives, or nobody any more.
    pub smaller: Vec<(VideoCodec, Tier, bool)>,
    /// Bits a second of smaller pictures.
    pub bitrates: Vec<(VideoCodec, Tier, u32)>,
    pub taps: Vec<(TapKey, Option<TapRequest>)>,
    pub looks: Vec<Snapshot>,
}

/// The side of a canvas that others hold.
#[derive(Default)]
pub(crate) struct CanvasDesk {
    news: Mutex<CanvasNews>,
    is_closed: AtomicBool,
    one_codec: AtomicBool,
    pub ticks_skipped: AtomicU64,
    pub frames_encoded: AtomicU64,
    pub pictures_over_budget: AtomicU64,
}

impl CanvasDesk {
    pub fn tell(&self, news: impl FnOnce(&mut CanvasNews)) {
        news(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn take(&self) -> CanvasNews {
        std::mem::take(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// Whether newcomers may have only the master codec, because the machine is overloaded.
    pub fn takes_one_codec(&self) -> bool {
        self.one_codec.load(Ordering::Relaxed)
    }
}

pub(crate) struct Canvas {
    session: SessionId,
    spec: CanvasSpec,
    options: GraphOptions,
    desk: Arc<CanvasDesk>,
    out: Arc<dyn Out>,
    senders: Senders,
    plan: Option<Arc<CanvasPlan>>,
    painter: Painter,
    encoders: Encoders,
    smaller: Smaller,
    degradation: Degradation,
    origin: Instant,
    tick: u64,
    last_sent: Option<Instant>,
    taps: Taps,
    /// Who wants a copy of the picture that is drawn next.
    looks: Vec<Snapshot>,
    /// Time of the last H.264 key frame.
    last_key_90khz: u64,
}

impl Canvas {
    pub fn new(
        session: SessionId,
        spec: CanvasSpec,
        options: GraphOptions,
        desk: Arc<CanvasDesk>,
        out: Arc<dyn Out>,
        origin: Instant,
    ) -> Self {
        let Size { width, height } = spec.size();
        let bitrate_bps = spec.bitrate(&options);
        let settings =
            EncoderSettings { width, height, fps: spec.fps, bitrate_bps, speed: Speed::Normal };
        Self {
            session,
            spec,
            options,
            desk,
            out,
            senders: Senders::new(options.uplink_shaping),
            plan: None,
            painter: Painter::new(width, height, &options),
            encoders: Encoders::new(settings),
            smaller: Smaller::new(settings),
            degradation: Degradation::default(),
            origin,
            tick: 0,
            last_sent: None,
            taps: Taps::default(),
            looks: Vec::new(),
            last_key_90khz: 0,
        }
    }

    fn at(&self, tick: u64) -> Instant {
        self.origin + Duration::from_nanos(tick * 1_000_000_000 / u64::from(self.spec.fps))
    }

    /// How many ticks lie between the one due and `now`.
    fn missed(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.at(self.tick)).as_nanos() as u64;
        since * u64::from(self.spec.fps) / 1_000_000_000
    }

    fn hear(&mut self, now: Instant) {
        let news = self.desk.take();
        for (member, track) in news.tracks {
            self.senders.set(member, track);
        }
        for (codec, wanted) in news.wanted {
            self.encoders.want(codec, wanted);
        }
        for (codec, tier, is_wanted) in news.smaller {
            self.smaller.want(tier, codec, is_wanted, now);
        }
        for (codec, tier, bps) in news.bitrates {
            self.smaller.set_bitrate(tier, codec, bps);
        }
        for (codec, tier) in news.keyframes {
            match tier {
                Tier::Master => self.encoders.want_keyframe(codec),
                Tier::Half | Tier::Quarter => self.smaller.want_keyframe(tier, codec),
            }
        }
        self.looks = news.looks;
        for (key, tap) in news.taps {
            // A recording begins with a picture that can be decoded by itself.
            if tap.is_some() {
                self.encoders.want_keyframe(VideoCodec::H264);
            }
            self.taps.set(key, tap);
            self.encoders.tap(!self.taps.is_empty());
        }
        if let Some(plan) = news.plan {
            self.arrange(plan);
        }
    }

    fn arrange(&mut self, plan: Arc<CanvasPlan>) {
        let Size { width, height } = plan.size;
        if self.painter.size() != (width, height) {
            self.encoders.reshape(width, height, self.spec.fps);
            self.smaller.reshape(width, height, self.spec.fps);
        }
        self.painter.arrange(&plan);
        self.senders.aim(|member| self.painter.cell_of(member));
        self.plan = Some(plan);
    }

    fn ask_senders(&mut self, now: Instant) {
        let (session, out, painter) = (self.session, &self.out, &self.painter);
        let cell_of = |member| painter.cell_of(member);
        self.senders.ask(now, cell_of, |member, ask| match ask {
            Ask::Keyframe => out.keyframe_wanted(session, member),
            Ask::Bps(bps) => out.uplink_wanted(session, member, bps),
        });
        self.desk.pictures_over_budget.store(self.senders.left_out(), Ordering::Relaxed);
    }

    fn send(&mut self, now: Instant, changed: bool) {
        let still_every = match self.taps.is_empty() {
            true => self.options.still_every,
            false => self.options.still_every.min(STILL_EVERY_TAPPED),
        };
        let is_stale =
            self.last_sent.is_none_or(|at| now.saturating_duration_since(at) >= still_every);
        let are_wanted = self.encoders.are_wanted() || self.smaller.are_wanted();
        let are_waiting = self.encoders.are_waiting() || self.smaller.are_waiting();
        if !are_wanted || !(changed || is_stale || are_waiting) {
            return;
        }
        self.last_sent = Some(now);
        let ts_90khz = self.tick * 90_000 / u64::from(self.spec.fps);
        self.ask_key_for_taps(ts_90khz);
        let (session, out, desk, taps) = (self.session, &self.out, &self.desk, &self.taps);
        let (width, height) = self.painter.size();
        let (mut is_key, mut wants_key) = (false, false);
        self.encoders.encode(self.painter.canvas(), ts_90khz, |codec, frame, is_received| {
            desk.frames_encoded.fetch_add(1, Ordering::Relaxed);
            if codec == VideoCodec::H264 && !taps.is_empty() {
                let EncodedFrame { data, keyframe } = frame.clone();
                is_key = keyframe;
                let unit = AccessUnit { ts_90khz, keyframe, width, height, data };
                wants_key = taps.picture(&Arc::new(unit));
            }
            if is_received {
                out.picture(session, (codec, Tier::Master), ts_90khz, frame);
            }
        });
        self.smaller.encode(self.painter.canvas(), (ts_90khz, now), |tier, codec, frame| {
            out.picture(session, (codec, tier), ts_90khz, frame);
        });
        if is_key {
            self.last_key_90khz = ts_90khz;
        }
        if wants_key {
            self.encoders.want_keyframe(VideoCodec::H264);
        }
    }

    /// Files are sought in and streams are entered at key frames, so there are some while anybody
    /// taps; a canvas that only members receive has them on demand alone.
    fn ask_key_for_taps(&mut self, ts_90khz: u64) {
        let Some(every) = self.taps.keyframes_every() else { return };
        let since = ts_90khz.saturating_sub(self.last_key_90khz);
        if since * 1000 >= every.as_millis() as u64 * 90_000 {
            self.encoders.want_keyframe(VideoCodec::H264);
        }
    }

    fn judge(&mut self, missed: u64) {
        self.desk.ticks_skipped.fetch_add(missed, Ordering::Relaxed);
        let missed = u32::try_from(missed).unwrap_or(u32::MAX).min(50);
        if let Some(step) = self.degradation.tick(missed) {
            tracing::warn!(session = %self.session, ?step, "the overload ladder moved");
            self.encoders.follow(step);
            self.smaller.follow(step);
            self.desk.one_codec.store(step == Step::OneCodec, Ordering::Relaxed);
        }
    }
}

impl Beat for Canvas {
    fn beat(&mut self, now: Instant) -> Option<Instant> {
        if self.desk.is_closed.load(Ordering::Acquire) {
            return None;
        }
        let missed = self.missed(now);
        self.tick += missed;
        self.judge(missed);
        self.hear(now);
        let origin = process_origin();
        let changed = self.painter.draw(|member| self.senders.latest(member, now, origin));
        for look in std::mem::take(&mut self.looks) {
            look.at(self.painter.canvas());
        }
        // A rested canvas wakes within one tick: what changed is drawn at every tick, and only
        // what the ladder says is left out.
        let is_left_out = self.degradation.step() >= Step::HalfRate && self.tick % 2 == 1;
        let changed = self.painter.carry(changed, is_left_out);
        if !is_left_out {
            self.send(now, changed);
        }
        self.ask_senders(now);
        self.tick += 1;
        Some(self.at(self.tick))
    }
}

#[cfg(test)]
#[path = "canvas_tests.rs"]
mod tests;
