//! What a line of TCP is given: it is judged by what waits for it, and by how fast that gets less.

use std::time::{Duration, Instant};

use super::{Adaptation, LATELY, MIXED, TELLING_BPS};
use crate::tier::Rung;

/// No line of TCP on which anybody calls takes less, in bits a second.
const LEAST_DRAIN: u64 = 30_000;
/// For so long TCP on a new way is not yet as fast as the line.
const TCP_YOUNG: Duration = Duration::from_secs(2);
/// What may be on the way over TCP beyond a round trip's worth.
const TCP_SPARE: Duration = Duration::from_millis(40);
/// Between the last two readings.
const JUST_NOW: (Duration, Duration) = (Duration::from_millis(600), Duration::ZERO);
/// A way that is longer than before by this.
const LONGER: Duration = Duration::from_millis(60);

impl Adaptation {
    /// The least round trip is forgotten slowly: a way may become longer.
    pub(super) fn note_rtt(&mut self, rtt: Option<Duration>) {
        let least = |rtt: Duration| {
            self.least_rtt.map_or(rtt, |least| (least + rtt.saturating_sub(least) / 64).min(rtt))
        };
        self.least_rtt = rtt.map(least).or(self.least_rtt);
        self.last_rtt = rtt.or(self.last_rtt);
    }

    /// With so little on the way that nothing waits, a round trip that is still long is that of the way: it
    /// became longer, what may be on the way was too little for it, and the line takes what it took.
    fn look_at_way_of_tcp(&mut self, now: Instant) {
        let is_settled = |at: Instant| now.saturating_duration_since(at) >= MIXED;
        let Some((least, rtt)) = self.least_rtt.zip(self.last_rtt) else { return };
        let is_small = self.chooser.rung() < Rung::Master && self.backlog == 0;
        if is_small && self.chooser.changed().is_some_and(is_settled) && rtt > least + LONGER {
            self.least_rtt = Some(rtt);
            self.gauge.way_is_longer();
        }
    }

    /// How many bytes are to be on the way over TCP: what a round trip needs and little more, for all of
    /// it stands before what is sent next when the line jams; `canvas_bps` is what the whole canvas needs.
    /// None as long as no round trip was seen.
    pub fn on_the_way(&self, canvas_bps: u64, now: Instant) -> Option<usize> {
        let rtt = self.least_rtt?;
        let time = rtt + rtt / 4 + TCP_SPARE;
        // As long as nothing says that the line does not take it, the whole canvas is to have room.
        let least = if self.gauge.ceiling(now).is_some() { TELLING_BPS } else { canvas_bps };
        let bps = self.sent_bps(LATELY, now).max(least);
        Some((bps as f64 / 8.0 * time.as_secs_f64()) as usize)
    }

    /// So many bytes wait for it now.
    pub(super) fn drained(&mut self, backlog: usize, now: Instant) {
        if self.is_tcp_young(now) {
            self.backlog = backlog;
            return;
        }
        let before = std::mem::replace(&mut self.backlog, backlog);
        let grew = backlog as i64 - before as i64;
        let sent_bps = self.sent_bps(JUST_NOW, now);
        if sent_bps == 0 {
            return; // The first reading: nothing is known of how fast it goes.
        }
        // What was handed over in about half a second, without what still waits of it.
        let bps = sent_bps.saturating_add_signed(-grew * 16);
        if bps == 0 {
            return self.gauge.stalled(now); // Nothing is read, which says nothing of how fast it goes.
        }
        if backlog == 0 {
            // It took at least that, whatever it took in its last jam.
            self.drains_bps = self.drains_bps.map(|known| known.max(sent_bps));
        }
        let known = self.drains_bps.unwrap_or(bps);
        // One reading alone may be half of it or twice.
        let bps = bps.clamp(known / 2, known.saturating_mul(2)).max(LEAST_DRAIN);
        if before > 0 && backlog > 0 {
            self.drains_bps = Some(bps);
        }
        let waits = Duration::from_secs_f64((backlog as f64 * 8.0 / bps as f64).min(60.0));
        self.gauge.drained(bps, waits, now);
        self.look_at_way_of_tcp(now);
    }

    /// A receiver over TCP does not read fast enough: so many bits a second. True if it is to be given
    /// less.
    pub fn choked(&mut self, bps: u64, now: Instant) -> bool {
        if self.is_tcp_young(now) {
            return false;
        }
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
