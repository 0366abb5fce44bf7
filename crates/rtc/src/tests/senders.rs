//! What senders are asked for by their own line.

use std::time::Duration;

use str0m::format::Codec;

use crate::negotiate::Offer;
use crate::tests::rig::{World, vp8_frame};
use crate::{LegKey, Uplink};

/// A publisher who sends sound and a picture of 600 kbit/s for so long; gives each bound it was told.
fn publishes(world: &mut World, seconds: u32) -> Vec<u64> {
    let mut bounds = vec![];
    for n in 0..seconds * 50 {
        let now = world.now;
        world.peers[0].send_sound(now, u64::from(n) * 960, &[0xfc; 80]);
        if n % 5 == 0 {
            let frame = vp8_frame(n, n % 250 == 0, 7_500);
            world.peers[0].send_picture(now, Codec::Vp8, u64::from(n) * 1_800, &frame);
        }
        world.run(Duration::from_millis(20));
        bounds.extend(world.peers[0].remb.take());
    }
    bounds.dedup();
    bounds
}

fn publisher() -> World {
    let mut world = World::new();
    let (i, _) = world.call(|peer| Offer::publisher(peer.full_offer()));
    world.run_until(Duration::from_secs(3), |w| w.is_up(i));
    world
}

#[test]
fn a_sender_whose_sound_is_lost_beside_a_large_picture_is_asked_for_half_of_it() {
    let mut world = publisher();
    world.loses_up = |n| n % 4 == 0;
    let bounds = publishes(&mut world, 25);
    let first = *bounds.first().expect("a bound");
    assert!((200_000..450_000).contains(&first), "{bounds:?}");
    // It did not help: the line loses whatever is sent.
    let bounds = publishes(&mut world, 15);
    assert!(bounds.last().is_some_and(|last| *last > 5_000_000), "{bounds:?}");
}

#[test]
fn a_bound_by_the_cell_holds_beside_that_of_the_line() {
    let mut world = publisher();
    let now = world.now;
    world.legs.set_uplink(
        now,
        LegKey(0),
        Some(Uplink { bps: 180_000, height: 100 }),
        &mut world.pipe,
    );
    world.loses_up = |n| n % 4 == 0;
    let bounds = publishes(&mut world, 40);
    assert!(bounds.iter().all(|bound| *bound < 190_000), "{bounds:?}");
}
