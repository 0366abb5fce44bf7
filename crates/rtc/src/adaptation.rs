//! What one receiver's line is given: reads its statistics, and answers which picture, how much
//! redundancy of sound and which voice it gets. It refuses to know streams and packets; time is an
//! argument.

use std::time::{Duration, Instant};

use str0m::rtp::ExtensionValues;
use str0m::stats::MediaEgressStats;

use crate::alarm::Alarm;
use crate::chooser::{Chooser, Move, Needs, Trial};
use crate::estimate::Estimate;
use crate::gauge::{Gauge, Report, smoothed};
use crate::outlet::Progress;
use crate::playout_delay::PlayoutDelay;
use crate::redundancy::Redundancy;
use crate::sent::Sent;
use crate::tier::Rung;
use crate::tier_rate::Room;
use crate::{LegKey, MediaKind};

/// IPv4, UDP and what SRTP adds to each packet that the stack counts.
const HEADERS: u64 = 20 + 8 + 10;
/// Bits a second of plain sound, headers included.
pub(crate) const SOUND_BPS: u64 = 70_000;
/// The same of a voice for narrow lines.
pub(crate) const VOICE_BPS: u64 = 50_000;
/// Pictures' packets are a sixteenth larger than pictures.
const PACKETED: u64 = 16;
/// With a small picture, a line that takes this has room for plain sound.
const PLAIN_BPS: u64 = 200_000;
/// Below this, one repetition of the sound is as much as a line has room for.
const NARROW_BPS: u64 = 150_000;
/// So many tenths of what the receiver said before are less.
const SAID_LESS_TENTHS: u64 = 9;
/// From this random loss on, who does not read RED is sent a voice that repeats itself.
const VOICE_FROM: f32 = 0.04;
/// From this random loss on repeats are sent twice.
const REPEATED_TWICE: f32 = 0.05;
/// Reports of sound count only where pictures have had none for this long.
const PICTURES_SILENT: Duration = Duration::from_secs(3);

/// Bits a second of a line for a picture of `bps`, sound not counted.
pub(crate) const fn packeted(bps: u64) -> u64 {
    bps + bps / PACKETED
}

/// A report is of the time up to so long before it is read: what was sent then is what it speaks of.
const REPORTED: (Duration, Duration) = (Duration::from_millis(2_100), Duration::from_millis(400));
/// A jam of fewer bits a second than the half has says nothing against it.
const TELLING_BPS: u64 = 400_000;
/// Nothing is an alarm for so long after the receiver's address changed.
const QUIET_AFTER_MOVE: Duration = Duration::from_secs(2);
/// What the queue of a line takes to empty: lines of phones and homes have as much.
const QUEUES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(500));
/// The same where an alarm came before any report of how long the queue is.
const QUEUE_UNKNOWN: Duration = Duration::from_millis(400);
/// Of what a line takes a picture gets this much, in twentieths, once the sound's is taken off: a queue
/// that is filled as fast as it empties makes everything late. While the queue is to empty, much less.
const PICTURE_TWENTIETHS: u64 = 17;
const EMPTYING_TWENTIETHS: u64 = 12;
/// Round trips this near to each other are of the same way and queue.
const SAME_WAY: Duration = Duration::from_millis(20);
/// A line that loses more than this may still be full.
const LOST_IN_QUEUES: f32 = 0.2;
/// A way that became longer loses no more than by chance, and this.
const LOST_BY_WAY: f32 = 0.1;
/// The last second.
const LATELY: (Duration, Duration) = (Duration::from_millis(1_100), Duration::ZERO);
/// In a jam nothing is repeated for so long; until then a queue has emptied.
const REFUSED: Duration = Duration::from_millis(1_500);
/// Reports this soon after a change speak of the time before it, too.
const MIXED: Duration = Duration::from_millis(2_600);

/// One receiver's.
#[derive(Clone, Debug)]
pub(crate) struct Adaptation {
    pub gauge: Gauge,
    pub chooser: Chooser,
    pub redundancy: Redundancy,
    playout_delay: PlayoutDelay,
    alarm: Alarm,
    pub estimate: Estimate,
    /// The round trip over TCP when nothing waits, as far as it was seen.
    least_rtt: Option<Duration>,
    /// The last one, and when a report told it.
    last_rtt: Option<(Duration, Instant)>,
    began: Option<Instant>,
    moved: Option<Instant>,
    /// Of sound and pictures.
    sent: [Sent; 2],
    report: Option<Report>,
    /// Bits a second and the round trip before the picture was last made smaller.
    sent_before: u64,
    rtt_before: Option<Duration>,
    pictures_reported: Option<Instant>,
    /// Of sound, which is not repeated on demand: reports of pictures may count what was as received.
    sound_loss: f32,
    /// The most that the receiver said of its line since it is probed.
    said_in_probe: u64,
    backlog: usize,
    owes_keyframe: bool,
    refused_bytes: u64,
    is_speech: bool,
    /// There are smaller pictures for it.
    adapts: bool,
    /// Bits a second a line of TCP took when something waited for it.
    drains_bps: Option<u64>,
    /// Of a line of TCP.
    jam: Option<over_tcp::Jam>,
}

impl Adaptation {
    /// Begins with `rung`.
    pub fn new(rung: Rung) -> Self {
        Self {
            gauge: Gauge::new(None),
            chooser: Chooser::new(rung),
            redundancy: Redundancy::default(),
            playout_delay: PlayoutDelay::default(),
            alarm: Alarm::default(),
            estimate: Estimate::default(),
            least_rtt: None,
            last_rtt: None,
            began: None,
            moved: None,
            sent: [Sent::default(), Sent::default()],
            report: None,
            sent_before: 0,
            rtt_before: None,
            pictures_reported: None,
            sound_loss: 0.0,
            said_in_probe: 0,
            backlog: 0,
            owes_keyframe: false,
            refused_bytes: 0,
            is_speech: false,
            adapts: true,
            drains_bps: None,
            jam: None,
        }
    }

    /// Takes in what the stack counted. True if a report of the receiver's has come with it.
    pub fn counted(&mut self, stats: &MediaEgressStats, kind: MediaKind, now: Instant) -> bool {
        self.began.get_or_insert(now);
        let refused = if kind == MediaKind::Video { self.refused_bytes } else { 0 };
        let bytes = (stats.bytes + stats.packets * HEADERS).saturating_sub(refused);
        self.sent[kind as usize].read(bytes, now);
        let Some(loss) = stats.loss else { return false };
        self.note_rtt(stats.rtt, now);
        if kind == MediaKind::Audio && self.gauge.calm_since().is_some() {
            self.sound_loss = smoothed(self.sound_loss, loss);
        }
        if kind == MediaKind::Video {
            self.pictures_reported = Some(now);
        } else if self
            .pictures_reported
            .is_some_and(|at| now.saturating_duration_since(at) < PICTURES_SILENT)
        {
            return false;
        }
        let is_new = |at: Instant| now.saturating_duration_since(at) < MIXED;
        let is_mixed = self.chooser.changed().is_some_and(is_new);
        let sent_bps = if is_mixed { self.sent_before } else { self.sent_bps(REPORTED, now) };
        // A canvas that was still when its line jammed tells nothing of how little that takes.
        let is_small = self.chooser.rung() < Rung::Half;
        let sent_bps = if is_small { sent_bps } else { sent_bps.max(TELLING_BPS) };
        let is_denied = self.estimate.denies_jam(self.sent_bps(LATELY, now), now);
        let said_bps = self.estimate.came_through(now);
        self.report =
            Some(Report { loss, rtt: stats.rtt, sent_bps, is_mixed, said_bps, is_denied });
        true
    }

    fn sent_bps(&self, time: (Duration, Duration), now: Instant) -> u64 {
        self.sent.iter().map(|sent| sent.bps(time, now)).sum()
    }

    /// Decides, after a report; `reads_red` is whether the receiver can be sent redundant sound, which
    /// has no use on TCP, where so many bytes are `waiting`.
    pub fn judge(
        &mut self,
        needs: Option<&Needs>,
        reads_red: bool,
        waiting: Option<(usize, Progress)>,
        now: Instant,
    ) -> Option<Move> {
        match (waiting, self.report.take()) {
            (Some((backlog, progress)), _) => self.drained(backlog, &progress, now),
            (None, Some(report)) => {
                self.gauge.report(report, now);
                self.look_at_way(now);
            }
            (None, None) => return None,
        }
        let trial = match (waiting, reads_red) {
            (Some(_), _) => Trial::Patience,
            (None, true) => Trial::Probe,
            (None, false) => Trial::Picture,
        };
        let sent_bps = self.sent_bps(LATELY, now);
        self.adapts = needs.is_some();
        if !self.adapts {
            self.chooser.give_up();
        }
        let is_probed = self.chooser.repetitions() > 0;
        let chosen = needs
            .and_then(|needs| self.chooser.report(&mut self.gauge, needs, (sent_bps, trial), now));
        self.note_change(chosen, sent_bps);
        if is_probed && self.chooser.repetitions() == 0 {
            self.sent_before = sent_bps;
        }
        let most = if trial == Trial::Probe { self.most_redundancy(now) } else { 0 };
        self.redundancy.follow(self.random_loss(), most, now);
        self.redundancy.probe(self.chooser.repetitions());
        chosen
    }

    /// What the next picture says of how long it is to be held back; see [`PlayoutDelay::values`].
    pub fn playout_delay(&mut self) -> Option<ExtensionValues> {
        self.playout_delay.values(self.redundancy.reach())
    }

    fn random_loss(&self) -> f32 {
        self.gauge.random_loss().max(self.sound_loss)
    }

    /// Writes down what is known of the line, for whoever looks why a picture is as it is.
    pub fn log(&self, leg: LegKey, now: Instant) {
        let gauge = &self.gauge;
        tracing::debug!(
            leg = leg.0,
            rung = self.chooser.rung().word(),
            loss = gauge.loss(),
            random = self.random_loss(),
            rtt = ?gauge.rtt(),
            queue = ?gauge.queue(),
            jammed = gauge.is_jammed(),
            ceiling = gauge.ceiling(now),
            sent = self.sent_bps(LATELY, now),
            repeats = self.redundancy.distances().len(),
            remb = self.estimate.last(),
            "a line reported"
        );
    }

    /// A round trip that stays what it was with a fraction of the bits was never that of a full queue.
    fn look_at_way(&mut self, now: Instant) {
        let is_settled = |at: Instant| now.saturating_duration_since(at) >= MIXED;
        let Some((before, rtt)) = self.rtt_before.zip(self.gauge.rtt()) else { return };
        if self.chooser.changed().is_some_and(is_settled) && self.gauge.loss() < LOST_IN_QUEUES {
            self.rtt_before = None;
            if rtt.abs_diff(before) < SAME_WAY {
                self.gauge.way_is_longer();
            }
        }
    }

    fn note_change(&mut self, chosen: Option<Move>, sent_bps: u64) {
        if let Some(Move::Down(_)) = chosen {
            self.sent_before = sent_bps;
            let is_full = self.gauge.queue() > SAME_WAY * 3
                && self.gauge.loss() < self.random_loss() + LOST_BY_WAY;
            self.rtt_before = self.gauge.rtt().filter(|_| is_full);
        }
    }

    fn most_redundancy(&self, now: Instant) -> usize {
        let takes = self.gauge.ceiling(now).unwrap_or(u64::MAX);
        match self.chooser.rung() {
            _ if self.gauge.is_jammed() => 0,
            Rung::Sound => 1,
            _ if takes < NARROW_BPS => 1,
            _ => usize::MAX,
        }
    }

    /// Another voice that the receiver is to be sent from now on; `true` for one made for narrow or
    /// lossy lines. None if it stays what it is.
    pub fn other_voice(&mut self, reads_red: bool, now: Instant) -> Option<bool> {
        let is_lossy = !reads_red && self.random_loss() >= VOICE_FROM;
        let is_calm = self.gauge.calm_since().is_some();
        let is_narrow = match (self.chooser.rung(), self.gauge.ceiling(now)) {
            (Rung::Master | Rung::Half, _) => false,
            (Rung::Sound, _) => true,
            _ if self.gauge.is_jammed() => true,
            // Plain again only when it is calm.
            (_, Some(takes)) => takes < PLAIN_BPS || self.is_speech && !is_calm,
            (_, None) => self.is_speech || self.chooser.changed().is_none(),
        };
        let is_probed = self.chooser.repetitions() > 0;
        let wanted = (is_narrow || is_lossy) && !is_probed;
        (std::mem::replace(&mut self.is_speech, wanted) != wanted).then_some(wanted)
    }

    /// When what stands in a jammed line's queue is through: a key frame that is sent before is lost in
    /// it. None if it can be sent now, as over TCP, where nothing is lost.
    pub fn empties_at(&self, is_over_tcp: bool, now: Instant) -> Option<Instant> {
        let (least, most) = QUEUES;
        let least = if self.estimate.is_alarm_new(now) { QUEUE_UNKNOWN } else { least };
        let is_full = self.gauge.is_jammed() && !is_over_tcp;
        is_full.then(|| now + self.gauge.queue().clamp(least, most))
    }

    /// So many bytes of pictures wait, because others were left out.
    pub fn backlog_is(&mut self, bytes: usize) {
        self.backlog = bytes;
    }

    /// What its line leaves for the picture it is given.
    pub fn room(&self, now: Instant) -> Room {
        let sound = if self.is_speech { VOICE_BPS } else { SOUND_BPS };
        let is_jammed = self.gauge.is_jammed();
        let share = if is_jammed { EMPTYING_TWENTIETHS } else { PICTURE_TWENTIETHS };
        let takes = self.gauge.ceiling(now);
        let bps = takes.map(|takes| (takes.saturating_mul(share) / 20).saturating_sub(sound));
        let bps = bps.map(|bps| bps * PACKETED / (PACKETED + 1));
        Room { bps, is_calm: self.gauge.calm_since().is_some() || !self.gauge.is_known() }
    }

    /// Whether nothing is to be sent to it again now, for it would wait behind what it is to repair. In the
    /// half not for long: its rate has left the queue room by then, and a way that became longer looks like
    /// a jam for a while.
    pub fn refuses_repeats(&self, now: Instant) -> bool {
        let is_new = |at: Instant| now.saturating_duration_since(at) < REFUSED;
        let is_half = self.chooser.rung() == Rung::Half;
        self.adapts && self.gauge.jammed_since().is_some_and(|at| !is_half || is_new(at))
    }

    /// Whether a smaller picture, and no key frame of this one, is what helps it.
    pub fn is_to_fall(&self) -> bool {
        self.adapts && self.gauge.is_jammed() && self.chooser.rung() == Rung::Master
    }

    /// Something was asked for again, and was not sent, though the stack takes it for sent.
    pub fn refused_repeat(&mut self, bytes: usize) {
        self.owes_keyframe = true;
        self.refused_bytes += bytes as u64 + HEADERS;
    }

    /// Bytes of pictures that the stack counts and that were not sent, headers included.
    pub fn refused_bytes(&self) -> u64 {
        self.refused_bytes
    }

    /// Another picture begins with a key frame.
    pub fn begins_anew(&mut self) {
        self.owes_keyframe = false;
    }

    /// Whether what was not sent again is to be healed by a key frame now that the line takes it; once.
    /// Until a receiver asks for one itself, its picture stands still for seconds.
    pub fn pays_keyframe(&mut self) -> bool {
        !self.gauge.is_jammed() && std::mem::take(&mut self.owes_keyframe)
    }

    /// Whether what is sent again is sent twice: on a line that loses much by chance a repeat is lost as
    /// often, and what is lost twice comes too late. SRTP drops the second one that arrives.
    pub fn doubts_repeats(&self) -> bool {
        self.gauge.random_loss() >= REPEATED_TWICE
    }

    /// Its packets go another way from now on: what the old one took says nothing, and what was lost
    /// between the two is asked for again all at once.
    pub fn moved(&mut self, now: Instant) {
        self.gauge.moved();
        (self.least_rtt, self.last_rtt, self.rtt_before) = (None, None, None);
        (self.drains_bps, self.jam) = (None, None);
        (self.estimate, self.alarm) = (Estimate::default(), Alarm::default());
        (self.sent_before, self.backlog) = (0, 0);
        self.moved = Some(now);
    }

    /// A packet of a picture leaves, for the first time or again. True if so many are asked for again
    /// that no report need be waited for.
    pub fn picture_sent(&mut self, is_repeat: bool, bytes: usize, now: Instant) -> bool {
        if !self.adapts
            || self.moved.is_some_and(|at| now.saturating_duration_since(at) < QUIET_AFTER_MOVE)
        {
            return false;
        }
        let Some(per_cent) = self.chooser.alarmed_by(now) else { return false };
        let Some(takes) = self.alarm.sent((is_repeat, bytes), per_cent, now) else { return false };
        if self.estimate.denies_jam(self.sent_bps(LATELY, now), now) {
            return false;
        }
        self.gauge.alarmed(takes + SOUND_BPS, now);
        true
    }

    /// The receiver says what its line takes. True if that may be believed. Whatever it is, a browser says
    /// less at once when what comes is later and later, long before a report tells of it: a probe ends.
    pub fn receiver_said(&mut self, bps: u64, now: Instant) -> bool {
        let before = self.estimate.last_of(now).unwrap_or(0);
        let is_probed = self.chooser.repetitions() > 0;
        self.said_in_probe = if is_probed { self.said_in_probe.max(before) } else { 0 };
        if bps < self.said_in_probe / 10 * SAID_LESS_TENTHS {
            self.chooser.receives_less(now);
            self.redundancy.probe(0);
            self.sent_before = self.sent_bps(LATELY, now);
        }
        self.estimate.said(bps, now)
    }

    /// What is to be done about an alarm; `needs` where what the line takes was measured, as over TCP.
    pub fn alarmed(&mut self, needs: Option<&Needs>, now: Instant) -> Option<Move> {
        self.estimate.alarmed(now);
        let chosen = self.chooser.alarmed(&self.gauge, needs, now);
        self.note_change(chosen, self.sent_bps(LATELY, now));
        self.redundancy.follow(0.0, 0, now);
        self.redundancy.probe(0);
        chosen
    }

    /// What is to be done about the receiver's own estimate, soon after an alarm.
    pub fn doubted(&mut self, needs: &Needs, now: Instant) -> Option<Move> {
        let takes = self.estimate.takes(now).filter(|_| self.chooser.rung() == Rung::Half)?;
        self.gauge.estimated(takes, now);
        if self.chooser.fits(needs.half, takes) {
            return None;
        }
        self.chooser.alarmed(&self.gauge, None, now)
    }
}

mod over_tcp;

#[cfg(test)]
#[path = "adaptation_tests.rs"]
mod tests;
