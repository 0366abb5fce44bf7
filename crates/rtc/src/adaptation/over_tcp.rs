//! What a line of TCP is given: it is judged by what waits for it, and by how fast that gets less.

use std::time::{Duration, Instant};

use super::{Adaptation, LATELY, MIXED, TELLING_BPS};
use crate::outlet::{Progress, bits_a_second};
use crate::tier::Rung;

/// No line of TCP on which anybody calls takes less, in bits a second.
const LEAST_DRAIN: u64 = 30_000;
/// For so long TCP on a new way is not yet as fast as the line.
const TCP_YOUNG: Duration = Duration::from_secs(2);
/// What may be on the way over TCP beyond a round trip's worth. What a line that becomes narrow cannot
/// queue is lost, and all that stands behind it waits until it was sent again.
const TCP_SPARE: Duration = Duration::from_millis(25);
/// Between the last two readings.
const JUST_NOW: (Duration, Duration) = (Duration::from_millis(600), Duration::ZERO);
/// For so long something must have waited to tell how fast it goes.
const TELLING: Duration = Duration::from_millis(200);
/// A way that is longer than before by this.
const LONGER: Duration = Duration::from_millis(60);

/// Nothing is learnt from a jam of less than this, and one that lasts so long says all it can.
const TELLING_JAM: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));
/// Of what the kernel is to hold, so many thirds are there when it takes more again.
const LEFT_THIRDS: u64 = 2;

/// A jam whose end will tell what the line takes: the kernel held all it may when it began. While TCP
/// sends again what was lost nothing is read, and then much at once, so that no shorter time would tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jam {
    began: Instant,
    taken: u64,
    held: usize,
}

impl Jam {
    fn new(progress: &Progress) -> Option<Self> {
        let (began, taken) = progress.full?;
        Some(Self { began, taken, held: progress.held })
    }

    /// Bits a second that the line took, when it is over or has lasted; none before that, and nothing if it
    /// was too short to tell.
    fn over(&self, progress: &Progress, now: Instant) -> Option<Option<u64>> {
        let (least, most) = TELLING_JAM;
        let emptied = progress.emptied.filter(|(at, _)| *at >= self.began);
        let left = progress.held as u64 / 3 * if emptied.is_some() { LEFT_THIRDS } else { 3 };
        let is_long = now.saturating_duration_since(self.began) >= most;
        let (at, taken) = emptied.or(is_long.then_some((now, progress.taken)))?;
        let time = at.saturating_duration_since(self.began);
        let read = taken.saturating_sub(self.taken) + self.held as u64;
        Some((time >= least).then(|| bits_a_second(read.saturating_sub(left), time)))
    }
}

impl Adaptation {
    /// The least round trip is forgotten slowly: a way may become longer.
    pub(super) fn note_rtt(&mut self, rtt: Option<Duration>, now: Instant) {
        let least = |rtt: Duration| {
            self.least_rtt.map_or(rtt, |least| (least + rtt.saturating_sub(least) / 64).min(rtt))
        };
        self.least_rtt = rtt.map(least).or(self.least_rtt);
        if rtt.is_some() && rtt != self.last_rtt.map(|(rtt, _)| rtt) {
            self.last_rtt = rtt.map(|rtt| (rtt, now));
        }
    }

    /// With so little on the way that nothing waits, a round trip that is still long is that of the way: it
    /// became longer, what may be on the way was too little for it, and the line takes what it took.
    fn look_at_way_of_tcp(&mut self, now: Instant) {
        let is_settled = |at: Instant| now.saturating_duration_since(at) >= MIXED;
        let Some((least, (rtt, seen))) = self.least_rtt.zip(self.last_rtt) else { return };
        let is_small = self.chooser.rung() < Rung::Master && self.backlog == 0;
        // One that was seen before may still be that of the jam.
        let is_calm = |at: Instant| seen.saturating_duration_since(at) >= MIXED;
        let is_of_way = self.gauge.calm_since().is_some_and(is_calm);
        if is_small
            && is_of_way
            && self.chooser.changed().is_some_and(is_settled)
            && rtt > least + LONGER
        {
            self.least_rtt = Some(rtt);
            self.gauge.way_is_longer();
        }
    }

    /// How many bytes are to be on the way over TCP: what a round trip needs and little more, for all of
    /// it stands before what is sent next when the line jams; `canvas_bps` is what the whole canvas needs,
    /// for which there is room until something says that the line does not take it. None as long as no
    /// round trip was seen.
    pub fn on_the_way(&self, canvas_bps: u64, now: Instant) -> Option<usize> {
        let rtt = self.least_rtt?;
        let time = rtt + rtt / 8 + TCP_SPARE;
        let is_canvas = self.chooser.rung() == Rung::Master && self.gauge.ceiling(now).is_none();
        let least = if is_canvas { canvas_bps } else { TELLING_BPS };
        let bps = self.sent_bps(LATELY, now).max(least);
        Some((bps as f64 / 8.0 * time.as_secs_f64()) as usize)
    }

    /// The jam is over, or has lasted: it is known what the line takes.
    fn look_at_jam(&mut self, progress: &Progress, now: Instant) {
        let Some(read) = self.jam.and_then(|jam| jam.over(progress, now)) else { return };
        self.jam = None;
        if let Some(bps) = read.map(|bps| bps.max(LEAST_DRAIN)) {
            self.drains_bps = Some(bps);
            self.gauge.measured(bps, now);
        }
    }

    /// So many bytes wait for it now.
    pub(super) fn drained(&mut self, backlog: usize, progress: &Progress, now: Instant) {
        self.backlog = backlog;
        if self.is_tcp_young(now) {
            return;
        }
        self.look_at_jam(progress, now);
        let is_telling = |at: &(Instant, u64)| now.saturating_duration_since(at.0) >= TELLING;
        match progress.waiting(now).filter(is_telling) {
            // Nothing is read, which says nothing of how fast it goes.
            Some((_, 0)) => self.gauge.stalled(now),
            Some((_, bps)) => {
                let bps = bps.max(LEAST_DRAIN);
                self.drains_bps = Some(bps);
                self.gauge.drained(bps, time_of(backlog, bps), now);
            }
            None => {
                let sent_bps = self.sent_bps(JUST_NOW, now);
                if backlog == 0 {
                    // It took at least that, whatever it took in its last jam.
                    self.drains_bps = self.drains_bps.map(|known| known.max(sent_bps));
                }
                let bps = self.drains_bps.unwrap_or(sent_bps).max(LEAST_DRAIN);
                self.gauge.waits(time_of(backlog, bps), now);
            }
        }
        if self.gauge.is_jammed() {
            self.jam = self.jam.or_else(|| Jam::new(progress));
        }
        self.look_at_way_of_tcp(now);
    }

    /// A receiver over TCP has not read fast enough for a while. True if it is to be given less.
    pub fn choked(&mut self, progress: &Progress, now: Instant) -> bool {
        if self.is_tcp_young(now) {
            return false;
        }
        self.jam = self.jam.or_else(|| Jam::new(progress));
        let bps = progress.waiting(now).map_or(0, |(_, bps)| bps);
        self.estimate.alarmed(now);
        // While TCP sends again what was lost nothing is read, and that says little of the line.
        let takes = self.estimate.takes(now).into_iter().chain((bps > 0).then_some(bps)).max();
        self.gauge.alarmed(takes.unwrap_or(LEAST_DRAIN).max(LEAST_DRAIN), now);
        if let Some(takes) = takes.map(|takes| takes.max(LEAST_DRAIN)) {
            self.drains_bps = Some(takes);
            self.gauge.estimated(takes, now);
        }
        self.chooser.rung() > Rung::Quarter
    }

    /// TCP begins slowly on any line.
    fn is_tcp_young(&self, now: Instant) -> bool {
        let begun = self.moved.or(self.began);
        begun.is_none_or(|at| now.saturating_duration_since(at) < TCP_YOUNG)
    }

    /// How fast a receiver over TCP reads, if that is known.
    pub fn reads_bps(&self) -> Option<u64> {
        self.drains_bps
    }
}

/// How long so many bytes take.
fn time_of(bytes: usize, bps: u64) -> Duration {
    Duration::from_secs_f64((bytes as f64 * 8.0 / bps as f64).min(60.0))
}
