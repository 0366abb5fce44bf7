use str0m::stats::RemoteIngressStats;

use super::*;

/// Half-second readings of one leg's line, on virtual time.
struct Desk {
    watch: LineWatch,
    now: Instant,
    count: u64,
    rung: Option<Rung>,
    is_over_tcp: bool,
}

impl Desk {
    fn new() -> Self {
        let (now, rung) = (Instant::now(), Some(Rung::Master));
        Self { watch: LineWatch::default(), now, count: 0, rung, is_over_tcp: false }
    }

    /// A reading with a report of loss, round trip and jitter, in milliseconds, of 100 packets of 962
    /// bytes.
    fn reported(&mut self, loss: f32, rtt_ms: u64, jitter_ms: u32) -> Option<LineQuality> {
        self.now += Duration::from_millis(500);
        self.count += 1;
        let stats = MediaEgressStats {
            mid: "0".into(),
            rid: None,
            bytes: self.count * 100 * 962,
            packets: self.count * 100,
            firs: 0,
            plis: 0,
            nacks: 0,
            rtt: Some(Duration::from_millis(rtt_ms)),
            loss: Some(loss),
            timestamp: self.now,
            remote: Some(RemoteIngressStats {
                jitter: jitter_ms.saturating_mul(48),
                maximum_sequence_number: self.count.into(),
                packets_lost: u64::MAX,
            }),
        };
        self.watch.sent(&stats, (MediaKind::Audio, 0), self.now);
        self.settle()
    }

    fn settle(&mut self) -> Option<LineQuality> {
        self.watch.settle(self.rung, self.is_over_tcp, self.now)
    }

    /// What is told within so many readings of the same.
    fn heard_in(&mut self, readings: usize, loss: f32) -> Vec<LineQuality> {
        (0..readings).filter_map(|_| self.reported(loss, 40, 5)).collect()
    }
}

fn near(figure: f32, expected: f32) -> bool {
    (figure - expected).abs() < 0.01
}

#[test]
fn a_healthy_line_is_spoken_of_every_five_seconds() {
    let mut desk = Desk::new();
    let all = desk.heard_in(40, 0.0);
    assert_eq!(all.len(), 4, "in twenty seconds");
    let last = all[3];
    assert_eq!((last.level, last.rung), (LineLevel::Good, Some(Rung::Master)));
    assert_eq!(last.round_trip, Some(Duration::from_millis(40)));
    assert_eq!((last.down.loss, last.down.jitter), (Some(0.0), Some(Duration::from_millis(5))));
    let kbps = last.down.bps.div_ceil(1_000);
    assert_eq!(kbps, 1_600, "a hundred packets of a thousand bytes, twice a second");
    assert_eq!(last.up, Way::default());
}

#[test]
fn worse_is_said_at_once_and_better_after_five_seconds() {
    let mut desk = Desk::new();
    desk.heard_in(3, 0.0);
    let first = desk.reported(0.3, 40, 5).unwrap();
    assert_eq!(first.level, LineLevel::Poor);
    let after = desk.heard_in(20, 0.0);
    let levels: Vec<_> = after.iter().map(|it| it.level).collect();
    assert_eq!(
        levels.first(),
        Some(&LineLevel::Poor),
        "five seconds of which it was better in four"
    );
    assert_eq!(levels.last(), Some(&LineLevel::Fair), "no better than at its worst meanwhile");
    let levels: Vec<_> = desk.heard_in(20, 0.0).iter().map(|it| it.level).collect();
    assert_eq!(levels.last(), Some(&LineLevel::Good));
}

#[test]
fn a_line_that_flaps_stays_what_it_was_at_worst() {
    let mut desk = Desk::new();
    desk.heard_in(1, 0.0);
    let all: Vec<_> =
        (0..120).filter_map(|n| desk.reported(if n % 6 == 0 { 0.5 } else { 0.0 }, 40, 5)).collect();
    assert!(all.iter().all(|it| it.level == LineLevel::Poor));
    assert!(all.len() <= 13, "{} in a minute", all.len());
}

#[test]
fn another_picture_or_transport_is_said_at_once() {
    let mut desk = Desk::new();
    desk.heard_in(3, 0.1);
    desk.rung = Some(Rung::Half);
    assert_eq!(desk.reported(0.1, 40, 5).unwrap().rung, Some(Rung::Half));
    assert_eq!(desk.reported(0.1, 40, 5), None);
    desk.is_over_tcp = true;
    let quality = desk.reported(0.1, 40, 5).unwrap();
    assert!(quality.is_over_tcp);
    assert_eq!(quality.down.loss, Some(0.0), "nothing is lost over TCP");
}

#[test]
fn reports_that_lie_give_bounded_figures() {
    for loss in [f32::NAN, f32::INFINITY, -1.0, 255.0, 1.0] {
        for rtt_ms in [0, u64::MAX / 4] {
            let mut desk = Desk::new();
            let all: Vec<_> =
                (0..40).filter_map(|_| desk.reported(loss, rtt_ms, u32::MAX)).collect();
            assert!(!all.is_empty());
            for quality in all {
                assert!((0.0..=1.0).contains(&quality.down.loss.unwrap()), "{quality:?}");
                assert!(quality.round_trip.unwrap() <= LONGEST, "{quality:?}");
                assert!(quality.down.jitter.unwrap() <= LONGEST, "{quality:?}");
            }
        }
    }
}

#[test]
fn one_of_a_few_packets_says_little() {
    let mut course = Course::default();
    let count = |packets| Count { packets, loss: Some(0.5), ..Count::default() };
    course.count(count(2));
    course.settle(EVERY, 90_000, Instant::now());
    assert!(course.loss < 0.02, "{}", course.loss);
    course.count(count(102));
    course.settle(EVERY, 90_000, Instant::now());
    assert!(course.loss > 0.2, "{}", course.loss);
}

#[test]
fn of_layers_the_bits_are_added_and_the_worst_loss_counts() {
    let mut course = Course::default();
    let layer =
        |loss| Count { bytes: 125_000 - 3_800, packets: 100, loss: Some(loss), jitter: None };
    [0.0, 0.2].into_iter().for_each(|loss| course.count(layer(loss)));
    course.settle(Duration::from_secs(1), 90_000, Instant::now());
    assert!(near(course.loss, 0.1), "half of a first report is believed: {}", course.loss);
    assert!((course.bps - 1_000_000.0).abs() < 1.0, "half of two megabits: {}", course.bps);
}

#[test]
fn what_nobody_repeats_is_forgotten_and_whoever_sends_nothing_more_sends_nothing() {
    let mut desk = Desk::new();
    desk.heard_in(3, 0.3);
    let mut last = None;
    for _ in 0..60 {
        desk.now += Duration::from_millis(500);
        last = desk.settle().or(last);
    }
    let last = last.unwrap();
    assert_eq!((last.down, last.round_trip), (Way::default(), None));
    assert_eq!(last.level, LineLevel::Good);
}
