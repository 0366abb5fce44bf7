//! A link on virtual time: what was asked of it is what it does.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_netlab::{Link, Packet};
use std::time::{Duration, Instant};

/// A packet that knows its number; 1250 bytes, ten thousand bits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Numbered(u64);

impl Packet for Numbered {
    fn size(&self) -> usize {
        1250
    }
    fn is_udp(&self) -> bool {
        self.0.is_multiple_of(2)
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn link(settings: &str) -> Link<Numbered> {
    Link::new(settings.parse().unwrap(), 7)
}

/// Sends `count` packets, one every `gap`, and gives what arrived and when, after the first was sent.
fn carry(link: &mut Link<Numbered>, count: u64, gap: Duration) -> Vec<(u64, Duration)> {
    let begin = Instant::now();
    let mut arrived = vec![];
    let mut collect = |link: &mut Link<Numbered>, until: Option<Instant>| {
        while let Some(at) = link.deadline().filter(|at| until.is_none_or(|until| *at <= until)) {
            while let Some(packet) = link.receive(at) {
                arrived.push((packet.0, at - begin));
            }
        }
    };
    for number in 0..count {
        let now = begin + gap * u32::try_from(number).unwrap();
        collect(link, Some(now));
        link.send(Numbered(number), now);
    }
    collect(link, None);
    arrived
}

/// How long the rows of missing numbers are.
fn rows(arrived: &[(u64, Duration)]) -> Vec<u64> {
    let gaps = arrived.windows(2).map(|pair| pair[1].0 - pair[0].0 - 1);
    gaps.filter(|gap| *gap > 0).collect()
}

#[test]
fn a_perfect_link_gives_everything_at_once() {
    let mut link = link("");
    let arrived = carry(&mut link, 100, ms(1));
    assert!(arrived.iter().enumerate().all(|(n, one)| *one == (n as u64, ms(n as u64))));
    assert_eq!(link.deadline(), None);
    let counts = link.take_counts();
    assert_eq!((counts.taken, counts.given, counts.lost, counts.overflowed), (100, 100, 0, 0));
    assert_eq!((counts.taken_bytes, counts.given_bytes), (125_000, 125_000));
    assert_eq!(link.counts(), rotunda_netlab::Counts::default());
}

#[test]
fn so_many_are_lost_as_were_asked_for() {
    for (settings, share) in [
        ("loss=2", 0.02),
        ("loss=5", 0.05),
        ("loss=20", 0.2),
        ("loss=10 burst=3", 0.1),
        ("loss=20 burst=3", 0.2),
        ("loss=60 burst=5", 0.6),
    ] {
        let mut link = link(settings);
        let arrived = carry(&mut link, 100_000, ms(1));
        let lost = 1.0 - arrived.len() as f64 / 100_000.0;
        assert!((lost - share).abs() < 0.1 * share, "{settings}: {lost}");
        assert_eq!(link.counts().lost, 100_000 - arrived.len() as u64);
    }
}

#[test]
fn all_or_nothing_is_lost_when_that_is_asked_for() {
    assert_eq!(carry(&mut link("loss=100"), 1000, ms(1)).len(), 0);
    assert_eq!(carry(&mut link("loss=0"), 1000, ms(1)).len(), 1000);
}

#[test]
fn rows_are_as_long_as_was_asked_for() {
    let all = rows(&carry(&mut link("loss=5 burst=3"), 100_000, ms(1)));
    assert!(all.iter().all(|row| row.is_multiple_of(3)), "rows may touch, not end early");
    let threes = all.iter().filter(|row| **row == 3).count();
    assert!(threes as f64 > 0.95 * all.len() as f64);
    let ones = rows(&carry(&mut link("loss=5"), 100_000, ms(1)));
    assert!(ones.iter().sum::<u64>() as f64 / (ones.len() as f64) < 1.1);
}

#[test]
fn the_rate_is_what_was_asked_for() {
    // 10,000 bits each millisecond are twenty times what the line takes.
    let mut link = link("rate=500k queue=300");
    let arrived = carry(&mut link, 10_000, ms(1));
    let last = arrived.last().unwrap().1;
    let rate = arrived.len() as f64 * 10_000.0 / last.as_secs_f64();
    assert!((rate - 500_000.0).abs() < 1_000.0, "{rate}");
}

#[test]
fn the_queue_is_never_longer_than_was_asked_for() {
    let mut link = link("rate=500k queue=300 delay=20");
    let arrived = carry(&mut link, 10_000, ms(1));
    let waited = |(number, at): &(u64, Duration)| *at - ms(*number);
    let longest = arrived.iter().map(waited).max().unwrap();
    assert!(longest > ms(290) && longest <= ms(320), "{longest:?}");
    let counts = link.counts();
    assert!(counts.longest_queue > ms(270) && counts.longest_queue <= ms(300));
    assert_eq!(counts.overflowed, 10_000 - arrived.len() as u64);
}

#[test]
fn a_single_packet_passes_however_short_the_queue() {
    assert_eq!(carry(&mut link("rate=100k queue=0"), 10, ms(200)).len(), 10);
}

#[test]
fn every_packet_takes_its_delay() {
    let arrived = carry(&mut link("delay=75"), 100, ms(3));
    assert!(arrived.iter().all(|(number, at)| *at == ms(3 * number + 75)));
}

#[test]
fn jitter_keeps_the_order_and_its_bounds() {
    let arrived = carry(&mut link("delay=20 jitter=30"), 10_000, ms(10));
    assert!(arrived.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
    let waited: Vec<_> = arrived.iter().map(|(number, at)| *at - ms(10 * number)).collect();
    assert!(waited.iter().all(|waited| (ms(20)..=ms(80)).contains(waited)));
    assert!(*waited.iter().min().unwrap() < ms(25) && *waited.iter().max().unwrap() > ms(75));
}

#[test]
fn jitter_may_change_the_order_when_asked_to() {
    let arrived = carry(&mut link("jitter=30 reorder=1"), 10_000, ms(10));
    assert_eq!(arrived.len(), 10_000);
    let overtaken = arrived.windows(2).filter(|pair| pair[0].0 > pair[1].0).count();
    assert!(overtaken > 1000, "{overtaken}");
    let mean =
        arrived.iter().map(|(n, at)| (*at - ms(10 * n)).as_secs_f64()).sum::<f64>() / 10_000.0;
    assert!((mean - 0.03).abs() < 0.002, "{mean}");
}

#[test]
fn so_many_come_twice_as_were_asked_for() {
    let arrived = carry(&mut link("dup=10"), 10_000, ms(1));
    let twice = arrived.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    assert!((900..1100).contains(&twice), "{twice}");
    assert_eq!(arrived.len(), 10_000 + twice);
}

#[test]
fn only_tcp_passes_when_asked_to() {
    let mut link = link("tcponly=1");
    let arrived = carry(&mut link, 100, ms(1));
    assert!(arrived.iter().all(|(number, _)| !number.is_multiple_of(2)));
    assert_eq!((arrived.len(), link.counts().refused), (50, 50));
}

#[test]
fn the_same_seed_meets_the_same_fate() {
    let settings = "rate=5M delay=20 jitter=30 loss=10 dup=5 reorder=1";
    let one = carry(&mut link(settings), 1000, ms(2));
    assert_eq!(one, carry(&mut link(settings), 1000, ms(2)));
    let mut other = Link::new(settings.parse().unwrap(), 8);
    assert_ne!(one, carry(&mut other, 1000, ms(2)));
}

#[test]
fn a_new_rate_holds_for_what_waits() {
    let mut link = link("rate=100k queue=1000");
    let begin = Instant::now();
    (0..5).for_each(|number| link.send(Numbered(number), begin));
    link.set("rate=1M queue=1000".parse().unwrap(), begin + ms(50));
    // The one on the line needs its hundred milliseconds, the others ten each.
    assert_eq!(link.receive(begin + ms(99)), None);
    for (number, at) in [(0, 100), (1, 110), (2, 120), (3, 130), (4, 140)] {
        assert_eq!(link.deadline(), Some(begin + ms(at)));
        assert_eq!(link.receive(begin + ms(at)), Some(Numbered(number)));
    }
}

#[test]
fn what_waits_passes_when_the_limit_falls() {
    let mut link = link("rate=100k queue=1000");
    let begin = Instant::now();
    (0..3).for_each(|number| link.send(Numbered(number), begin));
    link.set("".parse().unwrap(), begin + ms(10));
    link.send(Numbered(3), begin + ms(20));
    assert_eq!(link.receive(begin + ms(99)), None, "the one on the line keeps its time");
    let arrived: Vec<_> = std::iter::from_fn(|| link.receive(begin + ms(100))).collect();
    assert_eq!(arrived, [0, 1, 2, 3].map(Numbered));
}

#[test]
fn a_link_holds_a_bounded_number_of_packets() {
    let mut link = link("delay=10000");
    let begin = Instant::now();
    (0..100_000).for_each(|number| link.send(Numbered(number), begin));
    assert_eq!(link.counts().overflowed, 100_000 - 65_536);
    let arrived = std::iter::from_fn(|| link.receive(begin + ms(10_000))).count();
    assert_eq!(arrived, 65_536);
}
