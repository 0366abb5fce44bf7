use super::*;
use crate::gauge::Report;
use crate::tier::Tier;
use crate::tier_rate::{Room, TierRate};

const SECOND: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(500);
const SOUND: u64 = 70_000;
const NEEDS: Needs = Needs { master: 1_600_000, half: 290_000, quarter: 120_000 };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A receiver behind a line with a queue of 300 ms, its reports half a second apart, as Chromium's are.
struct Line {
    now: Instant,
    began: Instant,
    bps: u64,
    loss: f32,
    jitter_ms: u64,
    queue_bits: f32,
    gauge: Gauge,
    chooser: Chooser,
    half: TierRate,
    trial: Trial,
    moves: Vec<(u64, Rung)>,
}

impl Line {
    fn new(bps: u64) -> Self {
        let now = Instant::now();
        Self {
            now,
            began: now,
            bps,
            loss: 0.0,
            jitter_ms: 0,
            queue_bits: 0.0,
            gauge: Gauge::new(Some(ms(42))),
            chooser: Chooser::new(Rung::Master),
            half: TierRate::new(Tier::Half).unwrap(),
            trial: Trial::Probe,
            moves: Vec::new(),
        }
    }

    fn sent(&self) -> u64 {
        let picture = match self.chooser.rung() {
            Rung::Master => 1_500_000,
            Rung::Half => u64::from(self.half.bps()),
            Rung::Quarter => 60_000,
            Rung::Sound => 8_000,
        };
        picture + SOUND + u64::from(self.chooser.repetitions()) * REPETITION_BPS
    }

    fn run(&mut self, seconds: u64) -> Rung {
        (0..2 * seconds).for_each(|_| self.step());
        self.chooser.rung()
    }

    fn step(&mut self) {
        let (sent, room) = (self.sent(), self.bps as f32 * 0.3);
        let mut lost = 0.0;
        for _ in 0..10 {
            let (comes, leaves) = (sent as f32 / 20.0, self.bps as f32 / 20.0);
            self.queue_bits = (self.queue_bits + comes - leaves).max(0.0);
            lost += (self.queue_bits - room).max(0.0);
            self.queue_bits = self.queue_bits.min(room);
        }
        self.now += STEP;
        let loss = lost * 2.0 / sent as f32;
        let wait = (self.queue_bits * 1000.0 / self.bps as f32) as u64;
        // A jitter that is not the same in any two reports.
        let steps = self.now.saturating_duration_since(self.began).as_millis() as u64 / 500;
        let jitter = self.jitter_ms * (steps * 7 % 11) / 10;
        let report = Report {
            loss: loss + (1.0 - loss) * self.loss,
            rtt: Some(ms(42 + wait + jitter)),
            sent_bps: sent,
            is_mixed: false,
            said_bps: 0,
            is_denied: false,
        };
        self.gauge.report(report, self.now);
        let (gauge, now) = (&mut self.gauge, self.now);
        match self.chooser.report(gauge, &NEEDS, (sent, self.trial), now) {
            Some(Move::Down(rung)) => self.moves.push((self.seconds(), rung)),
            Some(Move::Up(rung)) => {
                self.chooser.arrived(rung, self.now);
                self.moves.push((self.seconds(), rung));
            }
            None => {}
        }
        if self.chooser.rung() == Rung::Half {
            let room =
                self.gauge.ceiling(self.now).map(|takes| (takes * 9 / 10).saturating_sub(SOUND));
            let room = Room { bps: room, is_calm: self.gauge.calm_since().is_some() };
            self.half.follow([room].into_iter(), self.now);
        }
    }

    fn seconds(&self) -> u64 {
        self.now.saturating_duration_since(self.began).as_secs()
    }
}

#[test]
fn a_narrow_line_is_given_what_it_takes_within_three_reports() {
    for (bps, rung) in [
        (1_000_000, Rung::Half),
        (500_000, Rung::Half),
        (380_000, Rung::Half),
        (200_000, Rung::Quarter),
        (150_000, Rung::Quarter),
    ] {
        let mut line = Line::new(4_000_000);
        line.run(5);
        line.bps = bps;
        assert_eq!(line.run(5), rung, "{bps}: {:?}", line.moves);
        assert_eq!(line.run(50), rung, "and stays there: {bps}: {:?}", line.moves);
    }
}

#[test]
fn a_line_too_narrow_for_any_picture_keeps_the_sound() {
    let mut line = Line::new(100_000);
    assert_eq!(line.run(20), Rung::Sound, "{:?}", line.moves);
}

#[test]
fn a_wide_line_never_changes_through_random_loss_and_jitter() {
    for (loss, jitter_ms) in [(0.05, 0), (0.2, 0), (0.0, 60), (0.1, 50)] {
        let mut line = Line::new(5_000_000);
        (line.loss, line.jitter_ms) = (loss, jitter_ms);
        assert_eq!(line.run(600), Rung::Master, "{loss} {jitter_ms}: {:?}", line.moves);
        assert!(line.moves.is_empty());
    }
}

#[test]
fn after_a_dip_the_whole_canvas_is_back_within_ten_seconds() {
    let mut line = Line::new(4_000_000);
    line.run(10);
    line.bps = 200_000;
    assert!(line.run(3) <= Rung::Half, "{:?}", line.moves);
    assert_eq!(line.run(7), Rung::Quarter, "{:?}", line.moves);
    line.bps = 4_000_000;
    assert_eq!(line.run(10), Rung::Master, "{:?}", line.moves);
}

#[test]
fn a_line_that_stays_narrow_is_seldom_tried_with_more_than_it_takes() {
    for bps in [1_000_000, 500_000, 300_000, 200_000] {
        let mut line = Line::new(bps);
        line.run(600);
        let ups = line.moves.iter().filter(|(_, rung)| *rung == Rung::Master).count();
        assert!(ups <= 10, "{bps}: {:?}", line.moves);
    }
}

#[test]
fn who_cannot_be_probed_is_tried_ever_more_seldom() {
    let mut line = Line::new(500_000);
    line.trial = Trial::Picture;
    line.run(600);
    let ups: Vec<u64> =
        line.moves.iter().filter(|(_, rung)| *rung == Rung::Master).map(|(at, _)| *at).collect();
    assert!(ups.len() <= 10, "{ups:?}");
    let mut line = Line::new(500_000);
    line.trial = Trial::Picture;
    line.run(20);
    line.bps = 5_000_000;
    assert_eq!(line.run(60), Rung::Master, "{:?}", line.moves);
}

#[test]
fn flapping_every_second_for_ten_minutes_changes_ever_less() {
    let mut line = Line::new(4_000_000);
    for n in 0..600 {
        line.bps = if n % 2 == 0 { 4_000_000 } else { 150_000 };
        line.run(1);
    }
    let in_minute = |minute: u64| line.moves.iter().filter(|(at, _)| at / 60 == minute).count();
    assert!(in_minute(9) <= 4, "{:?}", line.moves);
    assert!(line.moves.len() <= 60, "{:?}", line.moves);
}

#[test]
fn three_key_frames_for_one_receiver_within_twenty_seconds_give_it_the_half_for_a_while() {
    let mut line = Line::new(5_000_000);
    line.run(3);
    let now = line.now;
    assert_eq!(line.chooser.rescued(now), None);
    assert_eq!(line.chooser.rescued(now + SECOND * 4), None);
    assert_eq!(line.chooser.rescued(now + SECOND * 8), Some(Move::Down(Rung::Half)));
    line.now += SECOND * 8;
    assert_eq!(line.run(29), Rung::Half, "{:?}", line.moves);
    assert_eq!(line.run(10), Rung::Master, "{:?}", line.moves);
}

#[test]
fn key_frames_far_apart_change_nothing() {
    let (mut chooser, now) = (Chooser::new(Rung::Master), Instant::now());
    assert!((0..50).all(|n| chooser.rescued(now + SECOND * 11 * n).is_none()));
}

#[test]
fn a_line_that_can_never_take_the_half_is_not_left_in_it_until_all_has_settled() {
    let needs = Needs { master: 1_600_000, half: 300_000, quarter: 120_000 };
    for (loss, rung) in [(0.88, Rung::Quarter), (0.8, Rung::Half)] {
        let (mut gauge, now) = (Gauge::new(None), Instant::now());
        let mut chooser = Chooser::new(Rung::Master);
        gauge.alarmed(700_000, now);
        assert_eq!(chooser.alarmed(&gauge, None, now), Some(Move::Down(Rung::Half)));
        for n in 1..=2 {
            let at = now + Duration::from_millis(450) * n;
            let report = Report {
                loss,
                rtt: None,
                sent_bps: 1_600_000,
                is_mixed: true,
                said_bps: 0,
                is_denied: false,
            };
            gauge.report(report, at);
            chooser.report(&mut gauge, &needs, (1_600_000, Trial::Probe), at);
            assert!(n == 2 || chooser.rung() == Rung::Half, "one report may speak of a moment");
        }
        assert_eq!(chooser.rung(), rung, "{loss}");
    }
}
