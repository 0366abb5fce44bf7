//! What is said of lines, weak and good, on virtual time.

use std::time::Duration;

use crate::negotiate::Offer;
use crate::tests::rig::World;
use crate::tests::weak_lines::{Show, behind};
use crate::{LegKey, LineLevel, LineQuality, Rung};

fn said(world: &World, i: usize) -> Vec<LineQuality> {
    let of = LegKey(i as u64);
    let is_of = |(leg, line): &(LegKey, LineQuality)| (*leg == of).then_some(*line);
    world.heard(|h| h.lines.iter().filter_map(is_of).collect())
}

fn last(show: &Show, i: usize) -> LineQuality {
    *said(&show.world, i).last().unwrap()
}

#[test]
fn a_weak_line_is_said_to_be_weak_within_three_seconds_and_a_good_one_is_good() {
    for (line, least, most) in
        [("rate=500k", Rung::Quarter, Rung::Half), ("rate=150k", Rung::Sound, Rung::Quarter)]
    {
        for seed in 0..5 {
            let (show, weak, healthy) = behind(line, seed, 3);
            let quality = last(&show, weak);
            assert!(quality.level < LineLevel::Good, "{line}, seed {seed}: {quality:?}");
            assert!(
                (least..=most).contains(&quality.rung.unwrap()),
                "{line}, seed {seed}: {quality:?}"
            );
            assert!(!quality.is_over_tcp);
            let quality = last(&show, healthy);
            assert_eq!((quality.level, quality.rung), (LineLevel::Good, Some(Rung::Master)));
            assert!(quality.down.loss.unwrap() < 0.01, "{quality:?}");
            assert!(quality.round_trip.unwrap() >= Duration::from_millis(40), "{quality:?}");
            assert!((1_000_000..3_000_000).contains(&quality.down.bps), "{quality:?}");
            assert_eq!(quality.up.loss, None, "it sends nothing: {quality:?}");
        }
    }
}

#[test]
fn a_quarter_picture_and_a_fifth_lost_are_poor_and_the_figures_say_why() {
    let (show, narrow, _) = behind("rate=150k", 1, 12);
    let quality = last(&show, narrow);
    assert_eq!(quality.level, LineLevel::Poor, "{quality:?}");
    assert!(quality.down.bps < 250_000, "{quality:?}");
    // These receivers count repaired pictures as received, and report sound every five seconds.
    let (show, lossy, _) = behind("loss=20", 1, 12);
    let quality = last(&show, lossy);
    assert_eq!(quality.level, LineLevel::Poor, "{quality:?}");
    assert!((0.1..0.3).contains(&quality.down.loss.unwrap()), "{quality:?}");
}

#[test]
fn a_line_that_recovers_is_good_again_and_is_not_spoken_of_too_often() {
    let (mut show, weak, healthy) = behind("loss=20", 3, 12);
    show.change(weak, "");
    show.run(30_000);
    assert_eq!(last(&show, weak).level, LineLevel::Good);
    let count = said(&show.world, healthy).len();
    assert!((8..=11).contains(&count), "{count} of the healthy one in some forty seconds");
}

#[test]
fn what_a_client_sends_over_a_lossy_line_is_seen_too() {
    let mut world = World::new();
    let (i, _) = world.call(|peer| Offer::publisher(peer.full_offer()));
    world.run_until(Duration::from_secs(3), |w| w.is_up(i));
    world.loses_up = |n| n % 4 == 0;
    for n in 0..600 {
        let now = world.now;
        world.peers[i].send_sound(now, n * 960, &[0xfc; 80]);
        world.run(Duration::from_millis(20));
    }
    let quality = *said(&world, i).last().unwrap();
    assert_eq!((quality.level, quality.rung), (LineLevel::Poor, None), "{quality:?}");
    assert!((0.15..0.35).contains(&quality.up.loss.unwrap()), "{quality:?}");
    assert!((20_000..60_000).contains(&quality.up.bps), "{quality:?}");
    assert!(quality.up.jitter.unwrap() < Duration::from_millis(30), "{quality:?}");
    assert_eq!((quality.down.loss, quality.down.jitter), (None, None), "{quality:?}");
}
