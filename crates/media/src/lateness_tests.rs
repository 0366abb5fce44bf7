use super::*;
use crate::jitter_lines::Dice;

const MS: i64 = 48;

/// A line, and packets of 20 ms.
struct Way {
    lateness: Lateness,
    n: u64,
}

impl Way {
    fn new() -> Self {
        Self { lateness: Lateness::default(), n: 0 }
    }

    /// For so many seconds packets are late by what `late_ms` says of each.
    fn run(&mut self, seconds: u64, mut late_ms: impl FnMut(u64) -> i64) {
        for n in self.n..self.n + seconds * 50 {
            self.lateness.arrived(n as i64 * 960 + late_ms(n) * MS, n * 960);
        }
        self.n += seconds * 50;
    }

    fn ms(&self) -> (i64, i64) {
        (self.lateness.low() / MS, self.lateness.high() / MS)
    }
}

#[test]
fn what_is_not_known_yet_waits_as_it_always_did_and_what_is_proven_steady_less() {
    let mut way = Way::new();
    assert_eq!(way.ms(), (20, 20));
    way.run(9, |_| 0);
    assert_eq!(way.ms(), (20, 20));
    way.run(2, |_| 0);
    assert_eq!(way.ms(), (5, 5));
    way.run(1, |n| i64::from(n % 50 == 0) * 12);
    assert_eq!(way.ms(), (12, 12), "one late packet in ten seconds and it is not proven");
}

#[test]
fn a_line_that_is_late_by_chance_waits_for_its_late_packets_and_not_for_ever() {
    for most in [60, 100, 150] {
        let (mut way, mut dice) = (Way::new(), Dice(most as u64));
        way.run(15, |_| 0);
        way.run(4, |_| (dice.roll() * most as f64) as i64);
        let (low, high) = way.ms();
        assert!((most - 15..=most).contains(&low) && high <= most, "{most}: {low} {high}");
        way.run(11, |_| 0);
        assert_eq!(way.ms(), (5, 5), "{most}");
    }
}

#[test]
fn a_single_stall_is_no_reason_to_wait_but_one_to_stay_a_while() {
    let mut way = Way::new();
    way.run(15, |_| 0);
    way.run(1, |n| (40 - (n as i64 % 50).max(20)).max(0) * 20);
    assert_eq!(
        way.ms(),
        (20, 240),
        "as little as a line that is not known, and as much as a stall may"
    );
    way.run(5, |_| 0);
    assert_eq!(way.ms(), (20, 240), "another may come");
    way.run(1, |_| 0);
    assert_eq!(way.ms(), (20, 20));
}

#[test]
fn rtp_time_that_leaps_ahead_makes_nothing_late() {
    let mut way = Way::new();
    way.run(15, |_| 0);
    way.run(3, |_| -1_500);
    assert_eq!(way.ms(), (20, 20));
}

#[test]
fn neither_a_wrong_clock_nor_a_longer_way_is_lateness() {
    let mut way = Way::new();
    way.run(60, |n| n as i64 / 250);
    assert_eq!(way.ms(), (5, 5), "200 ppm");
    let clock = way.n as i64 / 250;
    way.run(11, |_| clock + 100);
    assert_eq!(way.ms(), (5, 5));
}

#[test]
fn another_count_of_time_begins_anew() {
    let mut way = Way::new();
    way.run(15, |_| 0);
    way.n += 5000;
    way.run(1, |_| -5000 * 20);
    assert_eq!(way.ms(), (20, 20));
}

#[test]
fn hostile_times_keep_within_bounds() {
    let mut dice = Dice(3);
    let mut lateness = Lateness::default();
    for n in 0..50_000 {
        let rtp = (dice.roll() * u64::MAX as f64) as u64 >> (n % 64);
        let arrived = ((dice.roll() - 0.5) * i64::MAX as f64) as i64 >> (n % 61);
        lateness.arrived(arrived, rtp);
        let (low, high) = (lateness.low(), lateness.high());
        assert!((LEAST..=MOST).contains(&low) && (low..=MOST).contains(&high), "{low} {high}");
        assert!((0..=JUMP).contains(&lateness.of(arrived, rtp)));
    }
}
