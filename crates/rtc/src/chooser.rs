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
/// A report that lost more than came through.
const LOST_MOST: f32 = 0.5;
/// A jam in the smallest picture for this long leaves sound alone.
const SMALLEST_JAMMED: Duration = Duration::from_secs(4);
/// How long a line must have been calm before something better is tried, at first and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// So many times as long where a jam said that it does not fit, and the line cannot be probed.
const UNPROBED: u32 = 4;
/// The same where it is proved that the line takes it.
const PROVED: Duration = Duration::from_secs(1);
/// Something better that is taken back within this long was none.
const UNDONE: Duration = Duration::from_secs(30);
/// Something better that lasted this long has proved that it fits: patience is what it was at first.
const TRUSTED_AGAIN: Duration = Duration::from_secs(30);
/// How long a line must have been calm before it is probed.
const PROBE_CALM: Duration = Duration::from_secs(2);
/// A report this long after a probe's begin is of the probe; in the smallest picture one that follows another
/// that passed is believed sooner, for little is lost with it.
const PROBE_SEEN: (Duration, Duration) = (Duration::from_millis(1_400), Duration::from_millis(900));
/// Between a probe that failed and the next, at first and at most. Twice as long after each that failed,
/// whatever smaller ones passed between them: what a probe makes late, browsers hold against the sound for
/// half a minute.
const PROBE_PAUSE: (Duration, Duration) = (Duration::from_millis(1_500), Duration::from_secs(60));
/// What a probe sends, of what the line took, in twentieths: first, second, and so on. A
/// small step fills a queue slowly, which the round trip shows before much is late.
const PROBE_TWENTIETHS: [u64; 5] = [23, 30, 30, 40, 80];
/// The same in the half, from which the next picture is several times as large.
const PROBE_TWENTIETHS_OF_HALF: [u64; 2] = [27, 80];
/// Where one has failed since the half was given each is by so many repetitions larger than the one that passed: what is too
/// much is then too much by less than a queue.
const GENTLE_STEP: usize = 2;
/// A jam so soon after a probe that failed is the probe's, and says nothing of the picture.
const PROBE_BLAMED: Duration = Duration::from_secs(4);
/// So much more loss than by chance says that a probe is too much: a report's round trip may be older
/// than its loss.
const PROBE_LOSES: f32 = 0.05;
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

/// How it is found out that a line takes more than it took in its last jam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    /// By sound that is repeated, to whoever reads that.
    Probe,
    /// By the better picture itself, after a long calm.
    Picture,
    /// Not at all: over TCP everything stands behind what does not get through. It is waited until what
    /// was seen in the jam is old.
    Patience,
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
    /// Bits a second before it, of which the line was calm.
    before: u64,
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
    /// Reports in a row that say that the half can never come through.
    hopeless: u32,
    /// What the line took in its last jam; probes do not raise it.
    took: Option<u64>,
    probe: Option<Probe>,
    /// When the last probe failed, and what had been sent before it.
    probe_failed: Option<(Instant, u64)>,
    probes_passed: usize,
    probe_pause: Duration,
    probe_after: Option<Instant>,
    /// A probe of this picture has failed.
    is_gentle: bool,
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
            hopeless: 0,
            took: None,
            probe: None,
            probe_failed: None,
            probes_passed: 0,
            probe_pause: PROBE_PAUSE.0,
            probe_after: None,
            is_gentle: false,
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

    /// A report has come: `sent_bps` is what was sent, `trial` how more can be found out.
    pub fn report(
        &mut self,
        gauge: &mut Gauge,
        needs: &Needs,
        (sent_bps, trial): (u64, Trial),
        now: Instant,
    ) -> Option<Move> {
        let of_probe = u64::from(self.repetitions()) * REPETITION_BPS;
        self.judge_probe(gauge, sent_bps, now);
        if gauge.is_jammed() {
            if let Some(before) = self.blamed_probe(now) {
                gauge.proved(before, now);
                return None;
            }
            return self.jammed(gauge, needs, now);
        }
        self.jammed_since = None;
        if self.came_up.is_some_and(|at| since(at, now) >= TRUSTED_AGAIN) {
            (self.patience, self.probe_pause) = (PATIENCE.0, PROBE_PAUSE.0);
        }
        let calm = gauge.calm_since().map_or(Duration::ZERO, |at| since(at, now));
        if let Some(up) = self.better(gauge, needs, calm, trial, now) {
            self.climbs_to = Some(up);
            self.probe = None;
            return Some(Move::Up(up));
        }
        if trial == Trial::Probe && calm >= PROBE_CALM {
            self.begin_probe(gauge, sent_bps.saturating_sub(of_probe), now);
        }
        None
    }

    fn jammed(&mut self, gauge: &Gauge, needs: &Needs, now: Instant) -> Option<Move> {
        self.climbs_to = None;
        self.is_proved = false;
        self.took = gauge.ceiling(now).or(self.took);
        let jammed_since = *self.jammed_since.get_or_insert(now);
        // Reports of the time before say the most that it can take; two that lost more than came through
        // may be believed.
        let takes = self.took.filter(|_| self.rung == Rung::Half && gauge.loss() > LOST_MOST);
        let is_hopeless =
            takes.is_some_and(|takes| !self.fits(needs.half, takes.saturating_mul(5) / 4));
        self.hopeless = if is_hopeless { self.hopeless + 1 } else { 0 };
        if self.changed.is_some_and(|at| since(at, now) < SETTLED) && self.hopeless < 2 {
            return None;
        }
        // Where nothing is known of what it takes, the next smaller is enough.
        let takes = self.took.unwrap_or(needs.half.saturating_mul(2));
        let below = match self.rung {
            Rung::Sound => return None,
            // Its rate follows what the line takes, as far down as it goes.
            Rung::Half if self.fits(needs.half, takes) => return None,
            Rung::Quarter if since(jammed_since, now) < SMALLEST_JAMMED => return None,
            Rung::Quarter => Rung::Sound,
            Rung::Half => Rung::Quarter,
            Rung::Master if self.fits(needs.half, takes) => Rung::Half,
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

    /// So many packets are asked for again that the picture is a smaller one at once: the next smaller, or
    /// with `needs` the largest that fits. A probe only ends.
    pub fn alarmed(&mut self, gauge: &Gauge, needs: Option<&Needs>, now: Instant) -> Option<Move> {
        if self.probe.is_some() {
            self.probe_failed(now);
            return None;
        }
        if self.blamed_probe(now).is_some() {
            return None;
        }
        let takes = gauge.ceiling(now).unwrap_or(0);
        let below = match self.rung {
            Rung::Master if needs.is_some_and(|n| !self.fits(n.half, takes)) => Rung::Quarter,
            Rung::Master => Rung::Half,
            Rung::Half => Rung::Quarter,
            Rung::Quarter | Rung::Sound => return None,
        };
        self.took = gauge.ceiling(now);
        self.note_undone(now);
        Some(self.fall(below, now))
    }

    /// The receiver says that less comes through since more is sent: a probe ends, and nothing else.
    pub fn receives_less(&mut self, now: Instant) {
        if self.probe.is_some() {
            self.probe_failed(now);
        }
    }

    /// Whether a picture that needs so much fits a line that takes so much.
    pub fn fits(&self, needs: u64, takes: u64) -> bool {
        needs.saturating_mul(20) <= takes.saturating_mul(USABLE_TWENTIETHS)
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
        self.is_gentle = false;
        self.is_proved = false;
        (self.jammed_since, self.hopeless) = (None, 0);
    }

    fn better(
        &self,
        gauge: &Gauge,
        needs: &Needs,
        calm: Duration,
        trial: Trial,
        now: Instant,
    ) -> Option<Rung> {
        let next = self.rung.above().filter(|_| self.climbs_to.is_none())?;
        if next == Rung::Master && self.rescued_until.is_some_and(|until| until > now) {
            return None;
        }
        let calm = self.changed.map_or(calm, |at| calm.min(since(at, now)));
        let ceiling = gauge.ceiling(now);
        let fits = ceiling.is_none_or(|takes| self.fits(needs.of(next), takes));
        let is_proved = self.is_proved && (fits || next == Rung::Master);
        // Whoever fell again soon, though it was proved, is not believed at once.
        let is_trusted = self.patience == PATIENCE.0;
        let patience = if is_proved && is_trusted { PROVED } else { self.patience };
        // Who cannot be probed is tried, though a jam said that it would not fit.
        let may = is_proved || fits || trial == Trial::Picture && calm >= self.patience * UNPROBED;
        (may && calm >= patience).then_some(next)
    }

    fn begin_probe(&mut self, gauge: &Gauge, sent_bps: u64, now: Instant) {
        let Some(takes) = gauge.ceiling(now).filter(|_| self.probe.is_none()) else { return };
        let is_known = self.is_proved && self.rung == Rung::Half;
        let is_over = self.rung == Rung::Master || self.climbs_to.is_some() || is_known;
        if is_over || self.probe_after.is_some_and(|at| at > now) {
            return;
        }
        let steps = match self.rung {
            Rung::Half => &PROBE_TWENTIETHS_OF_HALF[..],
            _ => &PROBE_TWENTIETHS[..],
        };
        let twentieths = steps[self.probes_passed.min(steps.len() - 1)];
        let more = (takes.saturating_mul(twentieths) / 20).saturating_sub(sent_bps);
        let sure = (more / REPETITION_BPS).clamp(1, u64::from(MOST_REPETITIONS)) as u8;
        // Where it is only known what a line takes at most, probes grow from nothing.
        let first = if self.rung == Rung::Half { 1 } else { 0 };
        let unsure = (1 << (first + self.probes_passed).min(3)).min(MOST_REPETITIONS);
        let gentle = (GENTLE_STEP * (self.probes_passed + 1)).min(MOST_REPETITIONS.into()) as u8;
        let sure = if self.is_gentle { sure.min(gentle) } else { sure };
        let repetitions = if gauge.is_sure() { sure } else { unsure.min(sure) };
        self.probe = Some(Probe { began: now, repetitions, before: sent_bps });
    }

    fn judge_probe(&mut self, gauge: &mut Gauge, sent_bps: u64, now: Instant) {
        let Some(probe) = self.probe else { return };
        let is_lost = gauge.loss() > gauge.random_loss() + PROBE_LOSES;
        if gauge.is_jammed() || gauge.calm_since().is_none() || is_lost {
            return self.probe_failed(now);
        }
        let is_quick = self.probes_passed > 0 && self.rung == Rung::Quarter;
        let seen = if is_quick { PROBE_SEEN.1 } else { PROBE_SEEN.0 };
        if since(probe.began, now) < seen {
            return;
        }
        self.probe = None;
        self.probes_passed += 1;
        gauge.proved(sent_bps, now);
        let is_most = probe.repetitions == MOST_REPETITIONS;
        let has_changed = self
            .took
            .is_none_or(|took| sent_bps.saturating_mul(10) >= took.saturating_mul(CHANGED_TENTHS));
        self.is_proved = self.rung != Rung::Half || is_most && has_changed;
        if !self.is_proved && is_most {
            // It takes what it always took: nothing is learnt from the same again soon.
            self.probe_after = Some(now + PROBE_PAUSE.1);
        }
    }

    /// What was sent before a probe that failed just now.
    fn blamed_probe(&self, now: Instant) -> Option<u64> {
        let is_new = |at: Instant| since(at, now) < PROBE_BLAMED;
        self.probe_failed.filter(|(at, _)| is_new(*at)).map(|(_, before)| before)
    }

    fn probe_failed(&mut self, now: Instant) {
        self.probe_failed = self.probe.take().map(|probe| (now, probe.before));
        self.is_gentle = self.rung == Rung::Half;
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
        self.probes_passed = 0;
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
