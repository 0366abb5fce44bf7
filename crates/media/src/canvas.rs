//! A room's canvas: at each tick what changed is drawn, and the picture is encoded once.
//!
//! Cells are drawn only when their content is new. A canvas on which nothing changes is still sent
//! now and then, because a receiver that hears nothing for long takes the path for dead. Ticks that
//! come late are skipped, never made up for: catching up would starve what feeds the canvas.

use crate::codecs::Codecs;
use crate::delivery::Delivery;
use crate::leader::leader;
use crate::lending::Elsewhere;
use crate::lip_sync::process_origin;
use crate::options::{CanvasSpec, GraphOptions};
use crate::overload_watch::Situation;
use crate::painter::Painter;
use crate::phase::Phase;
use crate::pictures::Moment;
use crate::relief::Relief;
use crate::senders::{Ask, Senders};
use crate::snapshot::Snapshot;
use crate::ticker::Beat;
use rotunda_codec::{EncoderSettings, Speed};
use rotunda_domain::{CanvasPlan, MemberId, Size};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

pub(crate) struct Canvas {
    spec: CanvasSpec,
    delivery: Delivery,
    senders: Senders,
    painter: Painter,
    codecs: Codecs,
    situation: Arc<Situation>,
    relief: Relief,
    origin: Instant,
    tick: u64,
    /// The last that was drawn.
    shown_tick: Option<u64>,
    phase: Phase,
    leader: Option<MemberId>,
    /// Who began to talk last.
    talker: Option<MemberId>,
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
        situation: Arc<Situation>,
        origin: Instant,
    ) -> Self {
        let Size { width, height } = spec.size();
        let (fps, bitrate_bps, speed) = (spec.fps, spec.bitrate(&options), Speed::default());
        let settings = EncoderSettings { width, height, fps, bitrate_bps, speed };
        Self {
            spec,
            delivery: delivery.clone(),
            senders: Senders::new(options.uplink_shaping),
            painter: Painter::new(width, height, &options),
            codecs: Codecs::new(settings, options.still_every, delivery, elsewhere),
            situation,
            relief: Relief::default(),
            origin,
            tick: 0,
            shown_tick: None,
            phase: Phase::new(Duration::from_secs(1) / spec.fps.max(1)),
            leader: None,
            talker: None,
            looks: Vec::new(),
        }
    }

    /// When a tick is due: up to a tick later than it begins.
    fn at(&self, tick: u64) -> Instant {
        self.begin(tick) + self.phase.offset()
    }

    fn begin(&self, tick: u64) -> Instant {
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
            // Its cell is there already, where somebody comes back or a playback begins anew.
            let cell = self.painter.cell_of(member);
            self.senders.set(member, track, cell);
        }
        for (codec, ask) in news.asked {
            self.codecs.ask(codec, ask, now);
        }
        self.looks.extend(news.looks);
        for (key, tap) in news.taps {
            self.codecs.tap(key, tap, now);
        }
        if let Some(plan) = news.plan {
            self.arrange(plan, now);
        }
        if news.talker.is_some() {
            self.talker = news.talker;
            self.look_at_leader();
        }
    }

    fn arrange(&mut self, plan: Arc<CanvasPlan>, now: Instant) {
        let Size { width, height } = plan.size;
        if self.painter.size() != (width, height) {
            self.codecs.reshape(width, height, now);
        }
        self.painter.arrange(&plan);
        self.senders.aim(|member| self.painter.cell_of(member));
        self.look_at_leader();
        self.relieve();
    }

    fn relieve(&mut self) {
        self.relief = Relief::new(self.situation.step(), self.painter.shown());
    }

    /// Looks when the pictures of whom most people look at are ready, and moves the beat towards it.
    fn approach(&mut self) {
        let origin = process_origin();
        let ready = self.leader.and_then(|leader| self.senders.ready_at(leader, origin));
        if let Some(ready) = ready {
            self.phase.ready(ready, self.begin(self.tick));
        }
        self.tick += self.phase.advance();
    }

    fn look_at_leader(&mut self) {
        let leader = leader(self.painter.shown(), self.talker);
        if self.leader != leader {
            self.leader = leader;
            self.phase.forget();
        }
    }

    fn ask_senders(&mut self, now: Instant) {
        let (session, out, painter) = (self.delivery.session, &self.delivery.out, &self.painter);
        let cell_of = |member| self.relief.cell(member, painter.cell_of(member));
        self.senders.ask(now, cell_of, |member, ask| match ask {
            Ask::Keyframe => out.keyframe_wanted(session, member),
            Ask::Most(wanted) => out.uplink_wanted(session, member, wanted),
        });
        let left_out = self.senders.left_out();
        self.delivery.desk.pictures_over_budget.store(left_out, Ordering::Relaxed);
    }

    /// Draws what is new and sends it.
    fn show(&mut self, moment: Moment) {
        let (now, origin) = (moment.now, process_origin());
        let changed = self.painter.draw(|member| self.senders.latest(member, now, origin));
        for look in std::mem::take(&mut self.looks) {
            look.at(self.painter.canvas());
        }
        let stills_second = self.relief.stills_second_codec();
        self.codecs.send(self.painter.canvas(), changed, moment, stills_second);
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
        self.delivery.desk.ticks_skipped.fetch_add(missed, Ordering::Relaxed);
        self.hear(now);
        if self.situation.step() != self.relief.step() {
            self.relieve();
        }
        // What is left out is drawn with the next tick that is not: a cell is drawn when it is not what
        // it should show.
        if !self.relief.leaves_out(self.tick, self.shown_tick, self.spec.fps) {
            self.shown_tick = Some(self.tick);
            let after = self.phase.offset().as_micros() as u64 * 9 / 100;
            let ts_90khz = self.tick * 90_000 / u64::from(self.spec.fps) + after;
            let is_hurried = self.situation.is_busy();
            self.show(Moment { ts_90khz, now, late, began, is_hurried });
        }
        self.ask_senders(now);
        self.approach();
        Some(self.at(self.tick))
    }
}

#[cfg(test)]
#[path = "canvas_tests.rs"]
mod tests;
