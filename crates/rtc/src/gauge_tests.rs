use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn report(loss: f32, rtt: u64, sent_bps: u64) -> Report {
    Report { loss, rtt: Some(ms(rtt)), sent_bps, is_mixed: false, said_bps: 0, is_denied: false }
}

/// A gauge that has had these reports, a second apart, and the time of the last.
fn after(reports: impl IntoIterator<Item = Report>) -> (Gauge, Instant) {
    let (mut gauge, mut now) = (Gauge::new(Some(ms(42))), Instant::now());
    for one in reports {
        now += SECOND;
        gauge.report(one, now);
    }
    (gauge, now)
}

#[test]
fn loss_with_an_unmoved_round_trip_is_random() {
    let (gauge, _) = after([report(0.2, 42, 1_500_000); 12]);
    assert!(!gauge.is_jammed());
    assert!((0.18..0.21).contains(&gauge.random_loss()), "{}", gauge.random_loss());
    assert_eq!(gauge.ceiling(Instant::now()), None);
}

#[test]
fn loss_with_a_round_trip_that_grew_is_a_jam_and_tells_what_the_line_takes() {
    let (gauge, now) = after([report(0.0, 42, 1_500_000), report(0.68, 339, 1_500_000)]);
    assert!(gauge.is_jammed());
    assert_eq!(gauge.random_loss(), 0.0, "it is not to be repaired");
    assert!(gauge.ceiling(now).unwrap().abs_diff(480_000) < 1_000);
    assert_eq!(gauge.ceiling(now + CEILING_HOLDS), None);
}

#[test]
fn a_line_that_is_full_from_the_first_picture_on_is_known_by_the_handshake() {
    let (gauge, _) = after([report(0.33, 340, 1_500_000)]);
    assert!(gauge.is_jammed());
}

#[test]
fn loss_that_chance_does_not_make_is_a_jam_whatever_the_round_trip() {
    assert!(after([report(0.5, 42, 0)]).0.is_jammed());
    assert!(after([report(0.4, 42, 0); 2]).0.is_jammed());
    assert!(!after([report(0.4, 42, 0), report(0.1, 42, 0), report(0.4, 42, 0)]).0.is_jammed());
}

#[test]
fn jitter_of_thirty_milliseconds_is_calm() {
    let wander = [42, 98, 60, 75, 44, 90].map(|rtt| report(0.0, rtt, 1_500_000));
    let (gauge, _) = after(wander);
    assert!(!gauge.is_jammed());
}

#[test]
fn a_route_that_is_longer_for_good_becomes_the_new_shortest() {
    let (gauge, _) = after((0..40).map(|n| report(0.0, if n < 5 { 20 } else { 180 }, 0)));
    assert_eq!(gauge.queue(), Duration::ZERO);
    assert!(gauge.calm_since().is_some());
}

#[test]
fn what_was_tried_and_passed_raises_the_ceiling_and_never_makes_one() {
    let (mut gauge, now) = after([report(0.5, 339, 400_000)]);
    gauge.proved(300_000, now);
    assert_eq!(gauge.ceiling(now), Some(300_000));
    gauge.proved(250_000, now);
    assert_eq!(gauge.ceiling(now), Some(300_000));
    let (mut gauge, now) = after([report(0.0, 42, 400_000)]);
    gauge.proved(300_000, now);
    assert_eq!(gauge.ceiling(now), None);
}

#[test]
fn reports_that_lie_are_taken_for_what_they_can_mean() {
    for loss in [f32::NAN, f32::INFINITY, -1.0, 255.0] {
        for rtt in [Some(Duration::ZERO), Some(Duration::MAX), None] {
            let (mut gauge, now) = after([report(0.0, 42, 0)]);
            gauge.report(
                Report {
                    loss,
                    rtt,
                    sent_bps: u64::MAX,
                    is_mixed: false,
                    said_bps: 0,
                    is_denied: false,
                },
                now,
            );
            assert!((0.0..=1.0).contains(&gauge.random_loss()), "{loss} {rtt:?}");
            assert!(gauge.queue() <= LONGEST);
        }
    }
}

#[test]
fn tcp_is_jammed_by_what_waits() {
    let (mut gauge, now) = after([]);
    gauge.drained(2_000_000, ms(40), now);
    assert!(!gauge.is_jammed() && gauge.calm_since().is_some());
    gauge.drained(290_000, ms(460), now);
    assert!(gauge.is_jammed());
    assert_eq!(gauge.ceiling(now), Some(290_000));
}

#[test]
fn a_report_that_speaks_in_part_of_the_time_before_only_lowers_the_ceiling() {
    let (mut gauge, now) = after([report(0.0, 42, 0)]);
    gauge.alarmed(600_000, now);
    let mixed = |loss| Report {
        loss,
        rtt: Some(ms(340)),
        sent_bps: 1_500_000,
        is_mixed: true,
        said_bps: 0,
        is_denied: false,
    };
    gauge.report(mixed(0.5), now);
    assert_eq!(gauge.ceiling(now), Some(600_000));
    gauge.report(mixed(0.8), now);
    assert!(gauge.ceiling(now).unwrap().abs_diff(300_000) < 1_000);
}

#[test]
fn what_the_receiver_says_came_through_is_the_least_that_its_line_takes() {
    let (mut gauge, now) = after([report(0.0, 42, 0)]);
    gauge.alarmed(1_000_000, now);
    // Most of what the line took were repeats, which are no part of what is reported lost.
    let mixed = |said_bps| Report {
        loss: 0.81,
        rtt: Some(ms(316)),
        sent_bps: 1_600_000,
        is_mixed: true,
        said_bps,
        is_denied: false,
    };
    gauge.report(mixed(890_000), now);
    assert_eq!(gauge.ceiling(now), Some(890_000));
    gauge.report(mixed(u64::MAX), now);
    assert_eq!(gauge.ceiling(now), Some(890_000), "it never raises it");
}

#[test]
fn a_way_that_became_longer_is_no_full_queue() {
    let (mut gauge, now) = after([report(0.0, 42, 1_500_000), report(0.03, 150, 1_500_000)]);
    assert!(gauge.is_jammed());
    gauge.way_is_longer();
    gauge.report(report(0.03, 151, 400_000), now + SECOND);
    assert!(!gauge.is_jammed());
    assert_eq!(gauge.ceiling(now), None);
}
