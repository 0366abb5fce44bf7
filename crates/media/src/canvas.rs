//! A room's canvas: at each tick what changed is drawn, and the picture is encoded once.
//!
//! Cells are drawn only when their content is new. A canvas on which nothing changes is still sent
//! now and then, because a receiver that hears nothing for long takes the path for dead. Ticks that
//! come late are skipped, never made up for: catching up would starve what feeds the canvas.

use crate::codecs::Codecs;
use crate::degradation::{Degradation, Step};
use crate::delivery::Delivery;
use crate::lending::Elsewhere;
use crate::lip_sync::process_origin;
use crate::options::{CanvasSpec, GraphOptions};
use crate::painter::Painter;
use crate::pictures::Moment;
use crate::snapshot::Snapshot;
use crate::ticker::Beat;
use crate::track::Track;
use crate::uplink::Uplink;
use rotunda_codec::{EncoderSettings, Speed};
use rotunda_domain::{CanvasPlan, MemberId, Size};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

pub(crate) struct Canvas {
    spec: CanvasSpec,
    options: GraphOptions,
    delivery: Delivery,
    tracks: HashMap<MemberId, (Arc<Track>, Uplink)>,
    plan: Option<Arc<CanvasPlan>>,
    painter: Painter,
    codecs: Codecs,
    degradation: Degradation,
    origin: Instant,
    tick: u64,
    /// Who wants a copy of the picture that is drawn next.
    looks: Vec<Snapshot>,
}

impl Canvas {
    /// A canvas whose ticks are counted from `origin`; a second codec is encoded `elsewhere`.
    pub fn new(
        spec: CanvasSpec,
        options: GraphOptions,
        delivery: Delivery,
        elsewhere: Elsewhere,
        origin: Instant,
    ) -> Self {
        let Size { width, height } = spec.size();
        let (fps, bitrate_bps, speed) = (spec.fps, spec.bitrate(&options), Speed::default());
        let settings = EncoderSettings { width, height, fps, bitrate_bps, speed };
        Self {
            spec,
            options,
            delivery: delivery.clone(),
            tracks: HashMap::new(),
            plan: None,
            painter: Painter::new(width, height, &options),
            codecs: Codecs::new(settings, options.still_every, delivery, elsewhere),
            degradation: Degradation::default(),
            origin,
            tick: 0,
            looks: Vec::new(),
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
        let news = self.delivery.desk.take();
        for (member, track) in news.tracks {
            match track {
                Some(track) => drop(self.tracks.insert(member, (track, Uplink::default()))),
                None => drop(self.tracks.remove(&member)),
            }
        }
        for (codec, ask) in news.asked {
            self.codecs.ask(codec, ask, now);
        }
        self.looks = news.looks;
        for (key, tap) in news.taps {
            self.codecs.tap(key, tap, now);
        }
        if let Some(plan) = news.plan {
            self.arrange(plan, now);
        }
    }

    fn arrange(&mut self, plan: Arc<CanvasPlan>, now: Instant) {
        let Size { width, height } = plan.size;
        if self.painter.size() != (width, height) {
            self.codecs.reshape(width, height, now);
        }
        self.painter.arrange(&plan);
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
                self.delivery.out.keyframe_wanted(self.delivery.session, *member);
            }
            if !self.options.uplink_shaping {
                continue;
            }
            let cell = self.painter.cell_of(*member).filter(|_| !track.is_muted());
            let height = cell.map(|rect| rect.h);
            if let Some(bps) = uplink.ask(now, height) {
                self.delivery.out.uplink_wanted(self.delivery.session, *member, bps);
            }
        }
    }

    fn judge(&mut self, missed: u64) {
        self.delivery.desk.ticks_skipped.fetch_add(missed, Ordering::Relaxed);
        let missed = u32::try_from(missed).unwrap_or(u32::MAX).min(50);
        if let Some(step) = self.degradation.tick(missed) {
            tracing::warn!(session = %self.delivery.session, ?step, "the overload ladder moved");
            self.delivery.desk.take_one_codec(step == Step::OneCodec);
        }
    }
}

impl Beat for Canvas {
    fn beat(&mut self, now: Instant) -> Option<Instant> {
        if self.delivery.desk.is_closed() {
            return None;
        }
        let (began, late) = (Instant::now(), now.saturating_duration_since(self.at(self.tick)));
        let missed = self.missed(now);
        self.tick += missed;
        self.judge(missed);
        self.hear(now);
        let origin = process_origin();
        let changed = self.painter.draw(|member| {
            self.tracks.get(&member).and_then(|(track, _)| track.latest(now, origin))
        });
        for look in std::mem::take(&mut self.looks) {
            look.at(self.painter.canvas());
        }
        // A rested canvas wakes within one tick: what changed is drawn at every tick, and only
        // what the ladder says is left out.
        let is_left_out = self.degradation.step() >= Step::HalfRate && self.tick % 2 == 1;
        let changed = self.painter.carry(changed, is_left_out);
        if !is_left_out {
            let ts_90khz = self.tick * 90_000 / u64::from(self.spec.fps);
            let moment = Moment { ts_90khz, now, late, began };
            self.codecs.send(self.painter.canvas(), changed, moment);
        }
        self.ask_senders(now);
        self.tick += 1;
        Some(self.at(self.tick))
    }
}

#[cfg(test)]
#[path = "canvas_tests.rs"]
mod tests;
