//! How late one member's sound packets come, and so how long their sound is to wait.
//!
//! A packet's lateness is how much later it came than the earliest of the last ten seconds would
//! have, so neither the length of the way nor a clock that is wrong counts. Seconds are judged, not
//! packets: a stall makes twenty packets late that are one reason to wait, not twenty.
//!
//! Values only, in samples of 48 kHz. It refuses to know packets and clocks.

/// Parts of a sliding window that are forgotten one by one, and how long each is: a second.
const SECONDS: usize = 10;
const SECOND: i64 = 48_000;

/// Seconds whose worst packet may be later than what is waited for. Two stalls in ten seconds are
/// chance; three are the line.
const SPARED: usize = 2;

/// Seconds for which a single stall is remembered: another may come. A radio that looks for another cell
/// stalls every four to six seconds, and whoever forgot it meanwhile would be caught each time.
const FRESH: usize = 6;

/// What is waited for before the line is known: with the ticks of 20 ms, 20 to 40 ms of delay.
const AT_FIRST: i64 = 960;
/// The least when ten seconds had no packet later than that: 5 ms.
const LEAST: i64 = 240;
/// The most: half a second. Who talks by such a line interrupts the others, but is understood; with
/// less, a quarter of what they say is missing.
const MOST: i64 = 500 * 48;
/// The most for a single stall's sake.
const MOST_AT_ONCE: i64 = 240 * 48;

/// A packet this far from the others is no late one: another count of RTP time.
const JUMP: i64 = 2 * SECOND;

/// The earliest and the latest packet of a second, each as the difference of arrival and RTP time.
#[derive(Clone, Copy, Debug)]
struct Span {
    least: i64,
    most: i64,
}

/// What is known of a member's line.
#[derive(Debug, Default)]
pub(crate) struct Lateness {
    spans: [Option<Span>; SECONDS],
    /// The second that is counted now.
    second: i64,
    is_known: bool,
    /// The last packet's difference of arrival and RTP time.
    last: Option<i64>,
}

impl Lateness {
    /// A packet of this RTP time came at `arrived`, both in samples.
    pub fn arrived(&mut self, arrived: i64, rtp: u64) {
        let transit = arrived.wrapping_sub(rtp as i64);
        let is_far = |least: i64| transit.wrapping_sub(least).saturating_abs() > JUMP;
        // RTP time that leaps ahead is another count, too: no line makes up for so much at once.
        let leaps = |last: i64| last.wrapping_sub(transit) > MOST;
        if self.earliest().is_some_and(is_far) || self.last.is_some_and(leaps) {
            *self = Self::default();
        }
        self.last = Some(transit);
        self.turn(arrived.div_euclid(SECOND));
        let span = &mut self.spans[self.second.rem_euclid(SECONDS as i64) as usize];
        let old = span.unwrap_or(Span { least: transit, most: transit });
        *span = Some(Span { least: old.least.min(transit), most: old.most.max(transit) });
    }

    /// Forgets the seconds that `second` is ten after.
    fn turn(&mut self, second: i64) {
        // An arrival before the one before counts with it.
        let passed = second.saturating_sub(self.second);
        if self.earliest().is_none() || passed >= SECONDS as i64 {
            *self = Self { second, last: self.last, ..Self::default() };
        }
        for next in self.second + 1..=second {
            let forgotten = self.spans[next.rem_euclid(SECONDS as i64) as usize].take();
            self.is_known |= forgotten.is_some();
        }
        self.second = self.second.max(second);
    }

    fn earliest(&self) -> Option<i64> {
        self.spans.iter().flatten().map(|span| span.least).min()
    }

    /// How late the packet is.
    pub fn of(&self, arrived: i64, rtp: u64) -> i64 {
        let transit = arrived.wrapping_sub(rtp as i64);
        let late = self.earliest().map_or(0, |least| transit.wrapping_sub(least));
        if (0..=JUMP).contains(&late) { late } else { 0 }
    }

    /// The latest packet of each second, the worst first.
    fn worst(&self) -> [i64; SECONDS] {
        let least = self.earliest().unwrap_or(0);
        let mut worst =
            self.spans.map(|span| span.map_or(0, |span| span.most.saturating_sub(least)));
        worst.sort_unstable_by(|a, b| b.cmp(a));
        worst
    }

    /// Sound that waits less than this late packets' share is to wait longer.
    pub fn low(&self) -> i64 {
        let worst = self.worst();
        // A young line has fewer seconds than may be spared.
        let seen = self.spans.iter().flatten().count();
        let usual = worst[SPARED.min(seen.saturating_sub(1))];
        let least = if self.is_known { worst[0].clamp(LEAST, AT_FIRST) } else { AT_FIRST };
        usual.clamp(least, MOST)
    }

    /// Sound that waits longer than this late packets' share need not.
    pub fn high(&self) -> i64 {
        let least = self.earliest().unwrap_or(0);
        let fresh = (0..FRESH as i64)
            .filter_map(|ago| self.spans[(self.second - ago).rem_euclid(SECONDS as i64) as usize]);
        let worst = fresh.map(|span| span.most.saturating_sub(least)).max().unwrap_or(0);
        worst.min(MOST_AT_ONCE).max(self.low())
    }
}

#[cfg(test)]
#[path = "lateness_tests.rs"]
mod tests;
