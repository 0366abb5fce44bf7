//! Which picture one receiver is given, by what its [`Gauge`] says: down at once, up when it is proved
//! that the line takes more. It refuses to know streams and packets; time is an argument, and nothing
//! is decided but when a report has come.
//!
//! A line that took no more than so much in a jam is believed to take no more for a minute. To learn
//! sooner that it does, harmless bytes are sent on top (sound, several times over): first a little more
//! than it took, which a full queue shows and does not yet lose; when that passes, more, until a larger
//! picture is proved to fit. Who cannot be probed is tried with the picture itself, ever more seldom.

use std::time::{Duration, Instant};

use crate::gauge::Gauge;
use crate::tier::Rung;

/// After a change the first report that is wholly of the time since.
const SETTLED: Duration = Duration::from_millis(1_500);
/// A jam in the smallest picture for this long leaves sound alone.
const SMALLEST_JAMMED: Duration = Duration::from_secs(4);
/// How long a line must have been calm before something better is tried, at first and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// So many times as long where a jam said that it does not fit, and the line cannot be probed.
const UNPROBED: u32 = 4;
/// The same where it is proved that the line takes it.
const PROVED: Duration = Duration::from_secs(1);
/// Something better that is taken back within this long was none.
const UNDONE: Duration = Duration::from_secs(8);
/// Something better that lasted this long has proved that it fits: patience is what it was at first.
const TRUSTED_AGAIN: Duration = Duration::from_secs(30);
/// How long a line must have been calm before it is probed.
const PROBE_CALM: Duration = Duration::from_secs(2);
/// A report this long after a probe's begin is of the probe.
const PROBE_SEEN: Duration = Duration::from_millis(1_400);
/// Between a probe that failed and the next, at first and at most.
const PROBE_PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// What a probe sends, of what the line took, in twentieths: first, second, and from the third on.
const PROBE_TWENTIETHS: [u64; 3] = [23, 40, 80];
/// Bits a second of one more repetition of the sound.
pub(crate) const REPETITION_BPS: u64 = 45_000;
/// How many packets back a probe repeats at most.
pub(crate) const MOST_REPETITIONS: u8 = 8;
/// The whole canvas is tried on a line that takes this much of what it took in its last jam, in tenths.
const CHANGED_TENTHS: u64 = 13;
/// So many key frames of the whole canvas for one receiver within this long are too many for its line.
const RESCUES: (usize, Duration) = (3, Duration::from_secs(20));
/// Then it is given the half for this long.
const RESCUED_FOR: Duration = Duration::from_secs(30);
/// Of the packets of a moment, in per cent, that must be asked for again for an alarm. What is lost may be
/// asked for twice, and chance, even in rows, does not lose as many of the whole canvas.
const ALARM_OF_MASTER: u32 = 90;
/// The same of the half, which a line may not take either, for a while after it was given; not at once,
/// when what is asked for again is of the picture before.
const ALARM_OF_HALF: u32 = 70;
const ALARMED_FOR: (Duration, Duration) =
    (Duration::from_millis(1_000), Duration::from_millis(3_000));
/// The same while a line is probed.
const ALARM_OF_PROBE: u32 = 50;
/// Of what the line takes, in twentieths, a picture may need.
const USABLE_TWENTIETHS: u64 = 19;

/// Bits a second that each picture needs at least, sound and headers included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    pub master: u64,
    pub half: u64,
    pub quarter: u64,
}

impl Needs {
    fn of(&self, rung: Rung) -> u64 {
        match rung {
            Rung::Master => self.master,
            Rung::Half => self.half,
            Rung::Quarter => self.quarter,
            Rung::Sound => 0,
        }
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// To this one, at once.
    Down(Rung),
    /// To this one, with its next key frame; until then everything stays.
    Up(Rung),
}

#[derive(Clone, Copy, Debug)]
struct Probe {
    began: Instant,
    repetitions: u8,
}

/// One receiver's choice.
#[derive(Clone, Debug)]
pub(crate) struct Chooser {
    rung: Rung,
    changed: Option<Instant>,
    climbs_to: Option<Rung>,
    came_up: Option<Instant>,
    patience: Duration,
    jammed_since: Option<Instant>,
    /// What the line took in its last jam; probes do not raise it.
    took: Option<u64>,
    probe: Option<Probe>,
    probes_passed: usize,
    probe_pause: Duration,
    probe_after: Option<Instant>,
    is_proved: bool,
    rescues: Vec<Instant>,
    rescued_until: Option<Instant>,
}

impl Chooser {
    /// Begins with `rung`.
    pub fn new(rung: Rung) -> Self {
        Self {
            rung,
            changed: None,
            climbs_to: None,
            came_up: None,
            patience: PATIENCE.0,
            jammed_since: None,
            took: None,
            probe: None,
            probes_passed: 0,
            probe_pause: PROBE_PAUSE.0,
            probe_after: None,
            is_proved: false,
            rescues: Vec::new(),
            rescued_until: None,
        }
    }

    /// What the receiver is given.
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// When it was last given another picture.
    pub fn changed(&self) -> Option<Instant> {
        self.changed
    }

    /// How many packets back the sound is to be repeated, to see what the line takes; 0: no probe.
    pub fn repetitions(&self) -> u8 {
        self.probe.map_or(0, |probe| probe.repetitions)
    }

    /// A report has come: `sent_bps` is what was sent, `can_probe` whether the receiver reads repeated
    /// sound.
    pub fn report(
        &mut self,
        gauge: &mut Gauge,
        needs: &Needs,
        (sent_bps, can_probe): (u64, bool),
        now: Instant,
    ) -> Option<Move> {
        self.judge_probe(gauge, sent_bps, now);
        if gauge.is_jammed() {
            return self.jammed(gauge, needs, now);
        }
        self.jammed_since = None;
        if self.came_up.is_some_and(|at| since(at, now) >= TRUSTED_AGAIN) {
            self.patience = PATIENCE.0;
        }
        let calm = gauge.calm_since().map_or(Duration::ZERO, |at| since(at, now));
        if let Some(up) = self.better(gauge, needs, calm, can_probe, now) {
            self.climbs_to = Some(up);
            self.probe = None;
            return Some(Move::Up(up));
        }
        if can_probe && calm >= PROBE_CALM {
            self.begin_probe(gauge, sent_bps, now);
        }
        None
    }

    fn jammed(&mut self, gauge: &Gauge, needs: &Needs, now: Instant) -> Option<Move> {
        self.climbs_to = None;
        self.is_proved = false;
        self.took = gauge.ceiling(now).or(self.took);
        let jammed_since = *self.jammed_since.get_or_insert(now);
        if self.changed.is_some_and(|at| since(at, now) < SETTLED) {
            return None;
        }
        let takes = self.took.unwrap_or(0) * USABLE_TWENTIETHS / 20;
        let below = match self.rung {
            Rung::Sound => return None,
            // Its rate follows what the line takes, as far down as it goes.
            Rung::Half if needs.half <= takes => return None,
            Rung::Quarter if since(jammed_since, now) < SMALLEST_JAMMED => return None,
            Rung::Quarter => Rung::Sound,
            Rung::Half => Rung::Quarter,
            Rung::Master if needs.half <= takes => Rung::Half,
            Rung::Master => Rung::Quarter,
        };
        self.note_undone(now);
        Some(self.fall(below, now))
    }

    /// What share of packets asked for again, in per cent, is an alarm now; none where reports are waited
    /// for.
    pub fn alarmed_by(&self, now: Instant) -> Option<u32> {
        let (from, to) = ALARMED_FOR;
        let is_new = self.changed.is_some_and(|at| (from..to).contains(&since(at, now)));
        match self.rung {
            _ if self.probe.is_some() => Some(ALARM_OF_PROBE),
            Rung::Master => Some(ALARM_OF_MASTER),
            Rung::Half if is_new => Some(ALARM_OF_HALF),
            _ => None,
        }
    }

    /// So many packets are asked for again that the picture is the next smaller one at once; a probe only
    /// ends.
    pub fn alarmed(&mut self, gauge: &Gauge, now: Instant) -> Option<Move> {
        if self.probe.is_some() {
            self.probe_failed(now);
            return None;
        }
        let below = match self.rung {
            Rung::Master => Rung::Half,
            Rung::Half => Rung::Quarter,
            Rung::Quarter | Rung::Sound => return None,
        };
        self.took = gauge.ceiling(now);
        self.note_undone(now);
        Some(self.fall(below, now))
    }

    fn note_undone(&mut self, now: Instant) {
        if self.came_up.is_some_and(|at| since(at, now) < UNDONE) {
            self.patience = (self.patience * 2).min(PATIENCE.1);
        }
    }

    fn fall(&mut self, to: Rung, now: Instant) -> Move {
        self.change(to, now);
        self.came_up = None;
        Move::Down(to)
    }

    fn change(&mut self, to: Rung, now: Instant) {
        self.rung = to;
        self.changed = Some(now);
        self.climbs_to = None;
        self.probe = None;
        self.is_proved = false;
        self.jammed_since = None;
    }

    fn better(
        &self,
        gauge: &Gauge,
        needs: &Needs,
        calm: Duration,
        can_probe: bool,
        now: Instant,
    ) -> Option<Rung> {
        let next = self.rung.above().filter(|_| self.climbs_to.is_none())?;
        if next == Rung::Master && self.rescued_until.is_some_and(|until| until > now) {
            return None;
        }
        let calm = self.changed.map_or(calm, |at| calm.min(since(at, now)));
        let ceiling = gauge.ceiling(now);
        let fits = ceiling.is_none_or(|takes| needs.of(next) * 20 <= takes * USABLE_TWENTIETHS);
        let is_proved = self.is_proved && (fits || next == Rung::Master);
        let patience = if is_proved { PROVED } else { self.patience };
        // Who cannot be probed is tried, though a jam said that it would not fit.
        let may = is_proved || fits || !can_probe && calm >= self.patience * UNPROBED;
        (may && calm >= patience).then_some(next)
    }

    fn begin_probe(&mut self, gauge: &Gauge, sent_bps: u64, now: Instant) {
        let Some(takes) = gauge.ceiling(now).filter(|_| self.probe.is_none()) else { return };
        let is_known = self.is_proved && self.rung == Rung::Half;
        let is_over = self.rung == Rung::Master || self.climbs_to.is_some() || is_known;
        if is_over || self.probe_after.is_some_and(|at| at > now) {
            return;
        }
        let twentieths = PROBE_TWENTIETHS[self.probes_passed.min(PROBE_TWENTIETHS.len() - 1)];
        // Where it is only known what a line takes at most, a probe grows from what is sent.
        let from = if gauge.is_sure() { takes } else { takes.min(sent_bps + sent_bps / 5) };
        let more = (from.saturating_mul(twentieths) / 20).saturating_sub(sent_bps);
        let repetitions = (more / REPETITION_BPS).clamp(1, u64::from(MOST_REPETITIONS)) as u8;
        self.probe = Some(Probe { began: now, repetitions });
    }

    fn judge_probe(&mut self, gauge: &mut Gauge, sent_bps: u64, now: Instant) {
        let Some(probe) = self.probe else { return };
        if gauge.is_jammed() || gauge.calm_since().is_none() {
            return self.probe_failed(now);
        }
        if since(probe.began, now) < PROBE_SEEN {
            return;
        }
        self.probe = None;
        self.probes_passed += 1;
        self.probe_pause = PROBE_PAUSE.0;
        gauge.proved(sent_bps, now);
        let is_most = probe.repetitions == MOST_REPETITIONS;
        let has_changed = self.took.is_none_or(|took| sent_bps * 10 >= took * CHANGED_TENTHS);
        self.is_proved = self.rung != Rung::Half || is_most && has_changed;
        if !self.is_proved && is_most {
            // It takes what it always took: nothing is learnt from the same again soon.
            self.probe_after = Some(now + PROBE_PAUSE.1);
        }
    }

    fn probe_failed(&mut self, now: Instant) {
        self.probe = None;
        self.is_proved = false;
        self.probes_passed = 0;
        self.probe_after = Some(now + self.probe_pause);
        self.probe_pause = (self.probe_pause * 2).min(PROBE_PAUSE.1);
        // What it did is over with it, and says nothing of the picture.
        self.changed = Some(now);
    }

    /// What it climbs to.
    pub fn climbs_to(&self) -> Option<Rung> {
        self.climbs_to
    }

    /// Whatever it was about to try is no more.
    pub fn give_up(&mut self) {
        self.climbs_to = None;
        self.probe = None;
        self.is_proved = false;
    }

    /// The better picture's key frame has come, and the receiver is given it from now on.
    pub fn arrived(&mut self, rung: Rung, now: Instant) {
        self.change(rung, now);
        self.came_up = Some(now);
    }

    /// The whole canvas had to make a key frame because this receiver lost too much. Too often, and it
    /// is given the half: a fifth of the packets, so a fifth of what is lost.
    pub fn rescued(&mut self, now: Instant) -> Option<Move> {
        self.rescues.retain(|at| since(*at, now) < RESCUES.1);
        self.rescues.push(now);
        if self.rung != Rung::Master || self.rescues.len() < RESCUES.0 {
            return None;
        }
        self.rescues.clear();
        self.rescued_until = Some(now + RESCUED_FOR);
        Some(self.fall(Rung::Half, now))
    }
}

fn since(at: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(at)
}

#[cfg(test)]
#[path = "chooser_tests.rs"]
mod tests;
