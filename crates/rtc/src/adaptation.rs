//! What one receiver's line is given: reads its statistics, and answers which picture, how much
//! redundancy of sound and which voice it gets. It refuses to know streams and packets; time is an
//! argument.

use std::time::{Duration, Instant};

use str0m::stats::MediaEgressStats;

use crate::chooser::{Chooser, Move, Needs};
use crate::gauge::{Gauge, Report};
use crate::hold::Hold;
use crate::redundancy::Redundancy;
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
/// Below this, one repetition of the sound is as much as a line has room for.
const NARROW_BPS: u64 = 150_000;
/// From this random loss on, who does not read RED is sent a voice that repeats itself.
const VOICE_FROM: f32 = 0.04;
/// Reports of sound count only where pictures have had none for this long.
const PICTURES_SILENT: Duration = Duration::from_secs(3);

/// Bits a second of a line for a picture of `bps`, sound not counted.
pub(crate) const fn packeted(bps: u64) -> u64 {
    bps + bps / PACKETED
}

/// What has been sent of one kind.
#[derive(Clone, Copy, Debug)]
struct Sent {
    bytes: u64,
    at: Instant,
    bps: u64,
}

/// One receiver's.
#[derive(Clone, Debug)]
pub(crate) struct Adaptation {
    pub gauge: Gauge,
    pub chooser: Chooser,
    pub redundancy: Redundancy,
    pub hold: Hold,
    /// Of sound and pictures.
    sent: [Option<Sent>; 2],
    report: Option<Report>,
    pictures_reported: Option<Instant>,
    backlog: usize,
    is_speech: bool,
    /// Bits a second a line of TCP took when something waited for it.
    pub drains_bps: Option<u64>,
}

impl Adaptation {
    /// Begins with `rung`.
    pub fn new(rung: Rung) -> Self {
        Self {
            gauge: Gauge::new(None),
            chooser: Chooser::new(rung),
            redundancy: Redundancy::default(),
            hold: Hold::default(),
            sent: [None; 2],
            report: None,
            pictures_reported: None,
            backlog: 0,
            is_speech: rung < Rung::Half,
            drains_bps: None,
        }
    }

    /// Takes in what the stack counted. True if a report of the receiver's has come with it.
    pub fn counted(&mut self, stats: &MediaEgressStats, kind: MediaKind, now: Instant) -> bool {
        let bytes = stats.bytes + stats.packets * HEADERS;
        let before = self.sent[kind as usize];
        let bps = before.map_or(0, |before| {
            let micros = now.saturating_duration_since(before.at).as_micros().max(1_000) as u64;
            bytes.saturating_sub(before.bytes).saturating_mul(8_000_000) / micros
        });
        self.sent[kind as usize] = Some(Sent { bytes, at: now, bps });
        let Some(loss) = stats.loss else { return false };
        if kind == MediaKind::Video {
            self.pictures_reported = Some(now);
        } else if self
            .pictures_reported
            .is_some_and(|at| now.saturating_duration_since(at) < PICTURES_SILENT)
        {
            return false;
        }
        self.report = Some(Report { loss, rtt: stats.rtt, sent_bps: self.sent_bps() });
        true
    }

    fn sent_bps(&self) -> u64 {
        self.sent.iter().flatten().map(|sent| sent.bps).sum()
    }

    /// Decides, after a report; `reads_red` is whether the receiver can be sent redundant sound, which
    /// has no use on TCP, where `backlog` bytes wait.
    pub fn judge(
        &mut self,
        needs: Option<&Needs>,
        reads_red: bool,
        backlog: Option<usize>,
        now: Instant,
    ) -> Option<Move> {
        match (backlog, self.report.take()) {
            (Some(backlog), _) => self.drained(backlog, now),
            (None, Some(report)) => self.gauge.report(report, now),
            (None, None) => return None,
        }
        self.hold.reported();
        let can_probe = reads_red && backlog.is_none();
        let sent_bps = self.sent_bps();
        let chosen = needs.and_then(|needs| {
            self.chooser.report(&mut self.gauge, needs, (sent_bps, can_probe), now)
        });
        let most = if can_probe { self.most_redundancy(now) } else { 0 };
        self.redundancy.follow(self.gauge.random_loss(), most, now);
        self.redundancy.probe(self.chooser.repetitions());
        chosen
    }

    /// Writes down what is known of the line, for whoever looks why a picture is as it is.
    pub fn log(&self, leg: LegKey, now: Instant) {
        let gauge = &self.gauge;
        tracing::debug!(
            leg = leg.0,
            rung = self.chooser.rung().word(),
            loss = gauge.loss(),
            random = gauge.random_loss(),
            rtt = ?gauge.rtt(),
            queue = ?gauge.queue(),
            jammed = gauge.is_jammed(),
            ceiling = gauge.ceiling(now),
            sent = self.sent_bps(),
            repeats = self.redundancy.distances().len(),
            "a line reported"
        );
    }

    fn most_redundancy(&self, now: Instant) -> usize {
        match (self.gauge.is_jammed(), self.gauge.ceiling(now)) {
            (true, _) => 0,
            (false, Some(takes)) if takes < NARROW_BPS => 1,
            _ => usize::MAX,
        }
    }

    fn drained(&mut self, backlog: usize, now: Instant) {
        let grew = backlog as i64 - std::mem::replace(&mut self.backlog, backlog) as i64;
        // What was handed over in about half a second, without what still waits of it.
        let bps = self.sent_bps().saturating_add_signed(-grew * 16).max(1);
        if backlog > 0 {
            self.drains_bps = Some(bps);
        }
        let waits = Duration::from_secs_f64((backlog as f64 * 8.0 / bps as f64).min(60.0));
        self.gauge.drained(bps, waits, now);
    }

    /// Another voice that the receiver is to be sent from now on; `true` for one made for narrow or
    /// lossy lines. None if it stays what it is.
    pub fn other_voice(&mut self, reads_red: bool) -> Option<bool> {
        let is_lossy = !reads_red && self.gauge.random_loss() >= VOICE_FROM;
        let is_narrow = self.chooser.rung() < Rung::Half;
        let is_probed = self.chooser.repetitions() > 0;
        let wanted = (is_narrow || is_lossy) && !is_probed;
        (std::mem::replace(&mut self.is_speech, wanted) != wanted).then_some(wanted)
    }

    /// What its line leaves for the picture it is given.
    pub fn room(&self, now: Instant) -> Room {
        let sound = if self.chooser.rung() == Rung::Half { SOUND_BPS } else { VOICE_BPS };
        let takes = self.gauge.ceiling(now);
        let bps = takes.map(|takes| (takes * 9 / 10).saturating_sub(sound));
        let bps = bps.map(|bps| bps * PACKETED / (PACKETED + 1));
        Room { bps, is_calm: self.gauge.calm_since().is_some() }
    }

    /// Whether nothing is to be sent to it again now, for it would wait behind what it is to repair.
    pub fn refuses_repeats(&self, now: Instant) -> bool {
        self.gauge.is_jammed() || self.hold.is_on(now)
    }
}
