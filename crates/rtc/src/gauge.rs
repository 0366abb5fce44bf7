//! How good one receiver's line is, read from its reports (RFC 3550 §6.4). It refuses to know what is
//! sent and what is done about it; time is an argument.
//!
//! Two numbers tell a full queue from random loss: packets that are lost while the round trip stays
//! what it is are to be repaired; a round trip that grows says that more is sent than the line takes,
//! and less must be sent. REMB is read soon after an alarm alone (`estimate.rs`): a browser derives it from
//! what was sent, so that whoever obeys it sinks for ever.

use std::time::{Duration, Instant};

/// A round trip that is this much longer than the shortest says that the line's queue is full.
const FULL: Duration = Duration::from_millis(90);
/// This much longer, and it is jammed even if nothing is lost yet.
const OVERFULL: Duration = Duration::from_millis(200);
/// The same of what waits for a line of TCP, where a large key frame waits a while on a good line.
const OVERFULL_TCP: Duration = Duration::from_millis(300);
/// Below this the queue counts as empty: 30 ms of jitter move a round trip by less.
const CALM: Duration = Duration::from_millis(60);
/// What a full queue must lose for a jam.
const LOST_IN_JAM: f32 = 0.02;
/// No network that anybody would call from loses this much by chance.
const LOST_BY_JAM: f32 = 0.45;
/// Nor this much in two reports in a row.
const LOST_BY_JAM_TWICE: f32 = 0.36;
/// How long a line is believed to take no more than it took in a jam.
const CEILING_HOLDS: Duration = Duration::from_secs(60);
/// The same of what was guessed before a report: packets that a short outage took are asked for again all
/// at once, too.
const GUESS_HOLDS: Duration = Duration::from_secs(10);
/// What is lost so soon after an alarm is lost by the jam, even if the report's round trip is older.
const OF_ALARM: Duration = Duration::from_millis(1_500);
/// So much more than by chance.
const LOST_AFTER_ALARM: f32 = 0.1;
/// The shortest round trip is that of one to two of these.
const LEAST_WINDOW: Duration = Duration::from_secs(15);
/// A round trip longer than this is a lie, or of a line that no call is possible on.
const LONGEST: Duration = Duration::from_secs(10);

/// What one report says of the time since the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Report {
    /// Share of packets lost, 0 to 1.
    pub loss: f32,
    pub rtt: Option<Duration>,
    /// Bits a second that were sent in the time it speaks of, IP headers included.
    pub sent_bps: u64,
    /// It speaks, in part, of the time before less was sent: what it says is the most the line takes.
    pub is_mixed: bool,
    /// Bits a second that the receiver lately said came through, as near as that is known; 0 if it said nothing.
    pub said_bps: u64,
    /// The receiver says that its line takes more than that: only a full queue is a jam.
    pub is_denied: bool,
}

/// A loss after one more report: more is believed soon, less late. What is no share is none.
pub(crate) fn smoothed(before: f32, loss: f32) -> f32 {
    let loss = if loss.is_finite() { loss.clamp(0.0, 1.0) } else { 0.0 };
    before + (loss - before) * if loss > before { 0.5 } else { 1.0 / 7.0 }
}

/// What is known of a line.
#[derive(Clone, Debug)]
pub(crate) struct Gauge {
    /// The shortest round trips of this window and of the one before it.
    least: [Option<Duration>; 2],
    window_began: Option<Instant>,
    rtt: Option<Duration>,
    queue: Duration,
    loss: f32,
    random: f32,
    ceiling: Option<(u64, Instant)>,
    /// The ceiling is what a line took, and not the most that it can have taken.
    is_sure: bool,
    jammed_since: Option<Instant>,
    was_lossy: bool,
    alarmed: Option<Instant>,
    calm_since: Option<Instant>,
}

impl Gauge {
    /// Nothing is known, but for how long the handshake's round trip took, if that was seen: it is the
    /// only one of a line that is full from the first picture on.
    pub fn new(handshake: Option<Duration>) -> Self {
        Self {
            least: [handshake, None],
            window_began: None,
            rtt: None,
            queue: Duration::ZERO,
            loss: 0.0,
            random: 0.0,
            ceiling: None,
            is_sure: false,
            jammed_since: None,
            was_lossy: false,
            alarmed: None,
            calm_since: None,
        }
    }

    /// Another path: what the old one took says nothing.
    pub fn moved(&mut self) {
        *self = Self { random: self.random, ..Self::new(None) };
    }

    /// Takes a report in.
    pub fn report(&mut self, report: Report, now: Instant) {
        let loss = if report.loss.is_finite() { report.loss.clamp(0.0, 1.0) } else { 0.0 };
        self.loss = loss;
        if let Some(rtt) = report.rtt {
            self.round_trip(rtt.min(LONGEST), now);
        }
        let is_full = self.queue > FULL;
        let is_lossy = loss > LOST_BY_JAM_TWICE;
        let is_new = |at: Instant| now.saturating_duration_since(at) < OF_ALARM;
        let is_of_alarm = self.alarmed.is_some_and(is_new) && loss > self.random + LOST_AFTER_ALARM;
        let is_lost_in_jam = is_of_alarm || loss > LOST_BY_JAM || is_lossy && self.was_lossy;
        let is_jammed = is_full && loss > LOST_IN_JAM
            || self.queue > OVERFULL
            || is_lost_in_jam && !report.is_denied;
        self.set_jammed(is_jammed, now);
        self.was_lossy = is_lossy;
        if !is_full && !is_jammed {
            self.random = smoothed(self.random, loss);
        }
        if is_jammed {
            let takes = (report.sent_bps as f32 * (1.0 - loss)) as u64;
            // What is sent again fills the line, too, and is no part of what a report calls lost.
            let takes = if report.is_mixed { takes.max(report.said_bps) } else { takes };
            let known = self.ceiling(now).filter(|_| report.is_mixed);
            self.took(known.map_or(takes, |known| known.min(takes)), now);
            self.is_sure = !report.is_mixed;
        }
        self.judge_calm(now);
    }

    /// A line of TCP: what it took in bits a second, and how long what waits for it will take.
    pub fn drained(&mut self, bps: u64, waits: Duration, now: Instant) {
        self.queue = waits.min(LONGEST);
        self.set_jammed(self.queue > OVERFULL_TCP, now);
        if self.is_jammed() {
            self.took(bps, now);
            self.is_sure = true;
        }
        self.judge_calm(now);
    }

    /// A line of TCP for which something has begun to wait, so long as it seems.
    pub fn waits(&mut self, waits: Duration, now: Instant) {
        self.queue = waits.min(LONGEST);
        if self.queue <= OVERFULL_TCP {
            self.set_jammed(false, now);
        }
        self.judge_calm(now);
    }

    /// A line of TCP from which nothing is read now; that says nothing of what it takes.
    pub fn stalled(&mut self, now: Instant) {
        self.set_jammed(true, now);
        self.judge_calm(now);
    }

    fn set_jammed(&mut self, is_jammed: bool, now: Instant) {
        let since = self.jammed_since.unwrap_or(now);
        self.jammed_since = is_jammed.then_some(since);
    }

    /// It is jammed, and takes about so much: the next report will tell better.
    pub fn alarmed(&mut self, bps: u64, now: Instant) {
        self.set_jammed(true, now);
        self.calm_since = None;
        self.alarmed = Some(now);
        self.guessed(bps, now);
    }

    /// It takes about so much, for all that is known.
    pub fn guessed(&mut self, bps: u64, now: Instant) {
        self.ceiling = Some((bps, now + GUESS_HOLDS));
        self.is_sure = false;
    }

    /// In the jam it takes so much, by what was read of it or what the receiver itself says.
    pub fn estimated(&mut self, bps: u64, now: Instant) {
        self.took(self.ceiling(now).map_or(bps, |known| known.min(bps)), now);
        self.is_sure = true;
    }

    /// It is known what the line takes.
    pub fn measured(&mut self, bps: u64, now: Instant) {
        self.took(bps, now);
        self.is_sure = true;
    }

    /// Something was tried, and the line took as much.
    pub fn proved(&mut self, bps: u64, now: Instant) {
        if self.ceiling.is_some_and(|(known, _)| known < bps) {
            self.took(bps, now);
            self.is_sure = true;
        }
    }

    fn took(&mut self, bps: u64, now: Instant) {
        self.ceiling = Some((bps, now + CEILING_HOLDS));
    }

    fn round_trip(&mut self, rtt: Duration, now: Instant) {
        if self.window_began.is_none_or(|began| now.saturating_duration_since(began) > LEAST_WINDOW)
        {
            // The handshake's counts as the window before the first.
            self.least = [None, self.least[0]];
            self.window_began = Some(now);
        }
        self.least[0] = Some(self.least[0].map_or(rtt, |least| least.min(rtt)));
        self.rtt = Some(rtt);
        let least = self.least.iter().flatten().min().copied().unwrap_or(rtt);
        self.queue = rtt.saturating_sub(least);
    }

    fn judge_calm(&mut self, now: Instant) {
        if self.is_jammed() || self.queue >= CALM {
            self.calm_since = None;
        } else {
            self.calm_since.get_or_insert(now);
        }
    }

    /// More is sent than the line takes.
    pub fn is_jammed(&self) -> bool {
        self.jammed_since.is_some()
    }

    /// Since when more is sent than the line takes.
    pub fn jammed_since(&self) -> Option<Instant> {
        self.jammed_since
    }

    /// Whether the ceiling is what the line took; otherwise it is the most that it can have taken.
    pub fn is_sure(&self) -> bool {
        self.is_sure
    }

    /// Less was sent, and the round trip is what it was: the way is longer, and no queue was full.
    pub fn way_is_longer(&mut self) {
        self.least = [self.rtt, None];
        self.queue = Duration::ZERO;
        self.jammed_since = None;
        self.ceiling = None;
    }

    /// Whether anything is known of it.
    pub fn is_known(&self) -> bool {
        self.rtt.is_some() || self.is_jammed() || self.calm_since.is_some()
    }

    /// Since when its queue is empty.
    pub fn calm_since(&self) -> Option<Instant> {
        self.calm_since
    }

    /// The share of packets it loses by chance, 0 to 1.
    pub fn random_loss(&self) -> f32 {
        self.random
    }

    /// The share of packets lost as of the last report, for whatever reason.
    pub fn loss(&self) -> f32 {
        self.loss
    }

    /// The round trip of the last report.
    pub fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// How much longer than the shortest the last round trip took.
    pub fn queue(&self) -> Duration {
        self.queue
    }

    /// Bits a second the line is known to take and not more; none where no limit is known.
    pub fn ceiling(&self, now: Instant) -> Option<u64> {
        self.ceiling.filter(|(_, until)| *until > now).map(|(bps, _)| bps)
    }
}

#[cfg(test)]
#[path = "gauge_tests.rs"]
mod tests;
