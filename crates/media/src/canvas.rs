//! A room's canvas: at each tick what changed is drawn, and the picture is encoded once.
//!
//! Cells are drawn only when their content is new. A canvas on which nothing changes is still sent
//! now and then, because a receiver that hears nothing for long takes the path for dead. Ticks that
//! come late are skipped, never made up for: catching up would starve what feeds the canvas.

use crate::encoders::Encoders;
use crate::graph::Out;
use crate::ladder::{Ladder, Step};
use crate::lip_sync::process_origin;
use crate::options::{CanvasSpec, GraphOptions};
use crate::painter::Painter;
use crate::pulse::Beat;
use crate::track::Track;
use crate::uplink::Uplink;
use rotunda_codec::{EncoderSettings, Speed, VideoCodec};
use rotunda_domain::{CanvasPlan, MemberId, SessionId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the rest of the process tells a canvas between two ticks.
#[derive(Default)]
pub(crate) struct CanvasNews {
    pub plan: Option<Arc<CanvasPlan>>,
    pub tracks: Vec<(MemberId, Option<Arc<Track>>)>,
    pub wanted: Vec<(VideoCodec, bool)>,
    pub keyframes: Vec<VideoCodec>,
}

/// The side of a canvas that others hold.
#[derive(Default)]
pub(crate) struct CanvasDesk {
    news: Mutex<CanvasNews>,
    is_closed: AtomicBool,
    one_codec: AtomicBool,
    pub ticks_skipped: AtomicU64,
    pub frames_encoded: AtomicU64,
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
    tracks: HashMap<MemberId, (Arc<Track>, Uplink)>,
    plan: Option<Arc<CanvasPlan>>,
    painter: Painter,
    encoders: Encoders,
    ladder: Ladder,
    origin: Instant,
    tick: u64,
    last_sent: Option<Instant>,
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
        let (width, height) = spec.size(false);
        let bitrate_bps = spec.bitrate(&options);
        let settings =
            EncoderSettings { width, height, fps: spec.fps, bitrate_bps, speed: Speed::Normal };
        Self {
            session,
            spec,
            options,
            desk,
            out,
            tracks: HashMap::new(),
            plan: None,
            painter: Painter::new(width, height, &options),
            encoders: Encoders::new(settings),
            ladder: Ladder::default(),
            origin,
            tick: 0,
            last_sent: None,
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

    fn hear(&mut self) {
        let news = self.desk.take();
        for (member, track) in news.tracks {
            match track {
                Some(track) => drop(self.tracks.insert(member, (track, Uplink::default()))),
                None => drop(self.tracks.remove(&member)),
            }
        }
        for (codec, wanted) in news.wanted {
            self.encoders.want(codec, wanted);
        }
        for codec in news.keyframes {
            self.encoders.want_keyframe(codec);
        }
        if let Some(plan) = news.plan {
            self.arrange(plan);
        }
    }

    fn arrange(&mut self, plan: Arc<CanvasPlan>) {
        let (width, height) = self.spec.size(plan.portrait);
        if self.painter.size() != (width, height) {
            self.encoders.reshape(width, height, self.spec.fps);
        }
        self.painter.arrange(&plan, width, height);
        for (member, (track, _)) in &self.tracks {
            if let Some(rect) = self.painter.cell_of(*member) {
                track.set_target(rect.w, rect.h);
            }
        }
        self.plan = Some(plan);
    }

    fn ask_senders(&mut self, now: Instant) {
        for (member, (track, uplink)) in &mut self.tracks {
            if track.take_keyframe_request(now) {
                self.out.keyframe_wanted(self.session, *member);
            }
            if !self.options.uplink_shaping {
                continue;
            }
            let height = self.painter.cell_of(*member).map(|rect| rect.h);
            if let Some(bps) = uplink.ask(now, height) {
                self.out.uplink_wanted(self.session, *member, bps);
            }
        }
    }

    fn send(&mut self, now: Instant, changed: bool) {
        let is_stale = self
            .last_sent
            .is_none_or(|at| now.saturating_duration_since(at) >= self.options.still_every);
        if !self.encoders.are_wanted() || !(changed || is_stale || self.encoders.are_waiting()) {
            return;
        }
        self.last_sent = Some(now);
        let ts_90khz = self.tick * 90_000 / u64::from(self.spec.fps);
        let (session, out, desk) = (self.session, &self.out, &self.desk);
        self.encoders.encode(self.painter.canvas(), ts_90khz, |codec, frame| {
            desk.frames_encoded.fetch_add(1, Ordering::Relaxed);
            out.picture(session, codec, ts_90khz, frame);
        });
    }

    fn judge(&mut self, missed: u64) {
        self.desk.ticks_skipped.fetch_add(missed, Ordering::Relaxed);
        let missed = u32::try_from(missed).unwrap_or(u32::MAX).min(50);
        if let Some(step) = self.ladder.tick(missed) {
            tracing::warn!(session = %self.session, ?step, "the overload ladder moved");
            self.encoders.follow(step);
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
        self.hear();
        let origin = process_origin();
        let changed = self.painter.draw(|member| {
            self.tracks.get(&member).and_then(|(track, _)| track.latest(now, origin))
        });
        // A rested canvas wakes within one tick: what changed is drawn at every tick, and only
        // what the ladder says is left out.
        let is_left_out = self.ladder.step() >= Step::HalfRate && self.tick % 2 == 1;
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
