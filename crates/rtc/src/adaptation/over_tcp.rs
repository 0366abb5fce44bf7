//! What a line of TCP is given: it is judged by what waits for it, and by how fast that gets less.

use std::time::{Duration, Instant};

use super::{Adaptation, LATELY, MIXED, TELLING_BPS};
use crate::outlet::{Full, LONG, Progress, bits_a_second};
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
/// For so long something must have waited to tell how fast it goes: TCP that sends something again after a
/// time-out stands still for a quarter second and more, on good lines, too.
const TELLING: Duration = Duration::from_millis(400);
/// A jam that was over sooner may have been such a stop, and is not believed for long.
const SURE_JAM: Duration = Duration::from_millis(450);
/// A way that is longer than before by this.
const LONGER: Duration = Duration::from_millis(60);

/// A jam that lasts so long says all it can.
const LONGEST_JAM: Duration = Duration::from_secs(3);
/// Of what the kernel is to hold, so many thirds are there when it takes more again.
const LEFT_THIRDS: u64 = 2;

/// A jam whose end will tell what the line takes: the kernel held all it may when it began. While TCP
/// sends again what was lost nothing is read, and then much at once, so that no shorter time would tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jam {
    since: Full,
    /// It was judged.
    is_over: bool,
}

/// What a jam said when it was over.
enum Verdict {
    /// It goes on.
    NotYet,
    /// It was too short to tell, or another has begun unseen.
    Nothing,
    /// It lasted so long, and so many bits a second were read.
    Read(Duration, u64),
}

impl Jam {
    fn verdict(&self, progress: &Progress, now: Instant) -> Verdict {
        let end = progress.end_of(self.since.wait);
        if end.is_none() && progress.full.is_none_or(|full| full.wait != self.since.wait) {
            return Verdict::Nothing;
        }
        let left = progress.held as u64 / 3 * if end.is_some() { LEFT_THIRDS } else { 3 };
        let is_long = now.saturating_duration_since(self.since.at) >= LONGEST_JAM;
        let Some((at, taken)) = end.or(is_long.then_some((now, progress.taken))) else {
            return Verdict::NotYet;
        };
        let time = at.saturating_duration_since(self.since.at);
        let read = taken.saturating_sub(self.since.taken) + self.since.held as u64;
        match time >= LONG {
            true => Verdict::Read(time, bits_a_second(read.saturating_sub(left), time)),
            false => Verdict::Nothing,
        }
    }
}

impl Adaptation {
    /// A report tells the round trip. The least one is forgotten slowly: a way may become longer.
    pub(super) fn note_rtt(&mut self, rtt: Option<Duration>, now: Instant) {
        let Some(rtt) = rtt else { return };
        let least = |least: Duration| (least + rtt.saturating_sub(least) / 32).min(rtt);
        self.least_rtt = Some(self.least_rtt.map_or(rtt, least));
        self.last_rtt = Some((rtt, now));
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
        let most = self.gauge.ceiling(now).unwrap_or(canvas_bps).max(TELLING_BPS);
        let is_whole = self.chooser.rung() == Rung::Master;
        let least = if is_whole { canvas_bps.min(most) } else { TELLING_BPS };
        let bps = self.sent_bps(LATELY, now).max(least);
        Some((bps as f64 / 8.0 * time.as_secs_f64()) as usize)
    }

    /// A jam has begun, or goes on.
    fn note_jam(&mut self, progress: &Progress) {
        let is_same = |full: &Full| self.jam.is_some_and(|jam| jam.since.wait == full.wait);
        if let Some(since) = progress.full.filter(|full| !is_same(full)) {
            self.jam = Some(Jam { since, is_over: false });
        }
    }

    /// The jam is over, or has lasted: it is known what the line takes. True if it is known just now.
    fn look_at_jam(&mut self, progress: &Progress, now: Instant) -> bool {
        let Some(jam) = self.jam.as_mut().filter(|jam| !jam.is_over) else { return false };
        let verdict = jam.verdict(progress, now);
        jam.is_over = !matches!(verdict, Verdict::NotYet);
        let Verdict::Read(time, bps) = verdict else { return false };
        let bps = bps.max(LEAST_DRAIN);
        self.drains_bps = Some(bps);
        match time >= SURE_JAM {
            true => self.gauge.measured(bps, now),
            false => self.gauge.guessed(bps, now),
        }
        true
    }

    /// So many bytes wait for it now.
    pub(super) fn drained(&mut self, backlog: usize, progress: &Progress, now: Instant) {
        self.backlog = backlog;
        if self.is_tcp_young(now) {
            return;
        }
        let is_known = self.look_at_jam(progress, now);
        let is_telling = |(at, _): &(Instant, u64)| now.saturating_duration_since(*at) >= TELLING;
        match progress.waiting(now).filter(is_telling) {
            // Nothing is read, which says nothing of how fast it goes.
            Some((_, 0)) => self.gauge.stalled(now),
            Some((_, bps)) => {
                let bps = self.drains_bps.filter(|_| is_known).unwrap_or(bps.max(LEAST_DRAIN));
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
            self.note_jam(progress);
        }
        self.look_at_way_of_tcp(now);
    }

    /// A receiver over TCP has not read fast enough for a while. True if it is to be given less.
    pub fn choked(&mut self, progress: &Progress, now: Instant) -> bool {
        if self.is_tcp_young(now) {
            return false;
        }
        self.note_jam(progress);
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
