//! Gathers one leg's figures from what the stack counts twice a second, and decides when whoever listens
//! is told of its line: at once when its level, its picture or its transport changes, else every five
//! seconds. It refuses to know what is done about a line; time is an argument.

use std::time::{Duration, Instant};

use str0m::stats::{MediaEgressStats, MediaIngressStats};

use crate::line_quality::{LineLevel, LineQuality, Way, level_of};
use crate::{MediaKind, Rung};

/// A line that stays what it is is told of this often.
const EVERY: Duration = Duration::from_secs(5);
/// So long it must have been better before it is called better.
const BETTER_AFTER: Duration = Duration::from_secs(5);
/// What nobody repeats for so long is known no more: browsers report sound alone every five seconds,
/// half as much sooner or later.
const FORGOTTEN: Duration = Duration::from_secs(15);
/// A time longer than this is a lie, or of a line that no call is possible on.
const LONGEST: Duration = Duration::from_secs(10);
/// A report of fewer packets than this, a second of sound, counts for less.
const TELLING: f32 = 50.0;
/// IPv4, UDP and what SRTP adds to each packet that the stack counts.
const HEADERS: u64 = 20 + 8 + 10;

/// What the stack counted of one kind, one way, in all layers together.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    bytes: u64,
    packets: u64,
    loss: Option<f32>,
    jitter: Option<u32>,
}

/// One kind of media, one way.
#[derive(Clone, Debug, Default)]
struct Course {
    /// What came in since it was last settled.
    counted: Option<Count>,
    bytes: u64,
    packets: u64,
    bps: f64,
    /// Packets since loss was last reported.
    unreported: u64,
    loss: f32,
    jitter: Duration,
    reported: Option<Instant>,
}

impl Course {
    fn count(&mut self, one: Count) {
        let sum = self.counted.get_or_insert_default();
        sum.bytes += one.bytes + one.packets * HEADERS;
        sum.packets += one.packets;
        sum.loss = worse(sum.loss, one.loss);
        sum.jitter = sum.jitter.max(one.jitter);
    }

    /// Takes over what was counted in the time `past`; the clock of the kind's stamps ticks at `rate`.
    fn settle(&mut self, past: Duration, rate: u32, now: Instant) {
        let Some(count) = self.counted.take() else {
            self.bps = 0.0;
            return;
        };
        // Of a new source it counts from nothing.
        let bits = count.bytes.saturating_sub(self.bytes) as f64 * 8.0;
        self.bps = (self.bps + bits / past.as_secs_f64().max(0.1)) / 2.0;
        self.unreported += count.packets.saturating_sub(self.packets);
        (self.bytes, self.packets) = (count.bytes, count.packets);
        let jitter = count.jitter.map(|ticks| f64::from(ticks) / f64::from(rate));
        self.jitter =
            jitter.map_or(self.jitter, |seconds| Duration::from_secs_f64(seconds).min(LONGEST));
        if let Some(loss) = count.loss {
            self.lost(loss, now);
        }
    }

    fn lost(&mut self, loss: f32, now: Instant) {
        let loss = if loss.is_finite() { loss.clamp(0.0, 1.0) } else { 0.0 };
        let weight = (std::mem::take(&mut self.unreported) as f32 / TELLING).min(1.0) / 2.0;
        self.loss += (loss - self.loss) * weight;
        self.reported = Some(now);
    }

    fn is_known(&self, now: Instant) -> bool {
        self.reported.is_some_and(|at| now.saturating_duration_since(at) < FORGOTTEN)
    }
}

/// When our own report of a client's loss was last taken in: the stack gives the last one again and again,
/// also when nothing comes any more.
#[derive(Clone, Copy, Debug, Default)]
struct Reported(u64);

impl Reported {
    /// The loss, if so many packets came since it was last taken in as come between two reports of ours.
    fn anew(&mut self, loss: Option<f32>, packets: u64, kind: MediaKind) -> Option<f32> {
        let between = if kind == MediaKind::Audio { 100 } else { 40 };
        if packets.abs_diff(self.0) < between {
            return None;
        }
        self.0 = packets;
        loss
    }
}

/// Of two shares the larger.
fn worse(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        _ => one.or(other),
    }
}

/// Sound and pictures of one way together.
fn way(courses: &[Course; 2], is_over_tcp: bool, now: Instant) -> Way {
    let known = courses.iter().filter(|course| course.is_known(now));
    let loss = known.map(|course| course.loss).reduce(f32::max);
    Way {
        loss: loss.map(|loss| if is_over_tcp { 0.0 } else { loss }),
        // Sound is the first of the two.
        jitter: Some(&courses[0]).filter(|sound| sound.is_known(now)).map(|sound| sound.jitter),
        bps: courses.iter().map(|course| course.bps as u64).sum(),
    }
}

/// One leg's.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineWatch {
    /// Of sound and pictures.
    down: [Course; 2],
    up: [Course; 2],
    reported_up: [Reported; 2],
    round_trip: Option<(Duration, Instant)>,
    settled: Option<Instant>,
    /// Since when it has been better than what was said of it, and the worst of that time.
    better: Option<(Instant, LineLevel)>,
    last: Option<(Instant, LineQuality)>,
}

impl LineWatch {
    /// The stack counted what was sent to the client, of pictures `refused` bytes too many, and what that
    /// reported of it.
    pub fn sent(
        &mut self,
        stats: &MediaEgressStats,
        (kind, refused): (MediaKind, u64),
        now: Instant,
    ) {
        let jitter = stats.remote.as_ref().map(|remote| remote.jitter);
        let refused = if kind == MediaKind::Video { refused } else { 0 };
        let (packets, loss) = (stats.packets, stats.loss);
        let bytes = stats.bytes.saturating_sub(refused);
        self.down[kind as usize].count(Count { bytes, packets, loss, jitter });
        if loss.is_some() {
            self.returned(stats.rtt, now);
        }
    }

    /// The stack counted what the client sent.
    pub fn received(&mut self, stats: &MediaIngressStats, kind: MediaKind, now: Instant) {
        let (bytes, packets) = (stats.bytes, stats.packets);
        let loss = self.reported_up[kind as usize].anew(stats.loss, packets, kind);
        let jitter = loss.map(|_| stats.jitter);
        self.up[kind as usize].count(Count { bytes, packets, loss, jitter });
        // Of who is sent something their own reports tell more.
        if !self.down.iter().any(|course| course.is_known(now)) {
            self.returned(stats.rtt, now);
        }
    }

    /// Of what the client sends, the share of its sound that is lost and its picture's bits a second; none
    /// while that is not known.
    pub fn sender(&self, now: Instant) -> Option<(f32, u64)> {
        let [sound, pictures] = &self.up;
        sound.is_known(now).then_some((sound.loss, pictures.bps as u64))
    }

    fn returned(&mut self, rtt: Option<Duration>, now: Instant) {
        self.round_trip = rtt.map(|rtt| (rtt.min(LONGEST), now)).or(self.round_trip);
    }

    /// Everything of this moment has been counted. Gives what is to be told, if anything is.
    pub fn settle(
        &mut self,
        rung: Option<Rung>,
        is_over_tcp: bool,
        now: Instant,
    ) -> Option<LineQuality> {
        let past = self.settled.replace(now).map(|at| now.saturating_duration_since(at));
        let past = past.unwrap_or(EVERY);
        for [sound, pictures] in [&mut self.down, &mut self.up] {
            sound.settle(past, 48_000, now);
            pictures.settle(past, 90_000, now);
        }
        let (down, up) = (way(&self.down, is_over_tcp, now), way(&self.up, is_over_tcp, now));
        let is_new = |(_, at): &(Duration, Instant)| now.saturating_duration_since(*at) < FORGOTTEN;
        let round_trip = self.round_trip.filter(is_new).map(|(rtt, _)| rtt);
        let level = self.steady(level_of(rung, round_trip, [down, up]), now);
        let quality = LineQuality { level, rung, is_over_tcp, round_trip, down, up };
        self.is_due(&quality, now).then(|| {
            self.last = Some((now, quality));
            quality
        })
    }

    fn is_due(&self, quality: &LineQuality, now: Instant) -> bool {
        let essence = |it: &LineQuality| (it.level, it.rung, it.is_over_tcp);
        match &self.last {
            Some((at, last)) => {
                essence(last) != essence(quality) || now.saturating_duration_since(*at) >= EVERY
            }
            // Nothing is said of who has just come, before anything is known.
            None => {
                let is_known = quality.down.loss.or(quality.up.loss).is_some();
                is_known || quality.level < LineLevel::Good
            }
        }
    }

    /// Worse at once; better after a while, and no better than the worst of that while.
    fn steady(&mut self, level: LineLevel, now: Instant) -> LineLevel {
        let Some((_, LineQuality { level: before, .. })) = self.last else { return level };
        if level <= before {
            self.better = None;
            return level;
        }
        let (since, worst) = self.better.unwrap_or((now, level));
        let worst = worst.min(level);
        self.better = Some((since, worst));
        if now.saturating_duration_since(since) < BETTER_AFTER {
            return before;
        }
        self.better = None;
        worst
    }
}

#[cfg(test)]
#[path = "line_watch_tests.rs"]
mod tests;
