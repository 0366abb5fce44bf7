//! A peer that says nothing any more, and one that only says little.

use std::time::Duration;

use str0m::format::Codec;
use str0m::media::Direction;

use crate::tests::rig::{World, vp8_frame};
use crate::{LegKey, MediaKind, Offer};

const SECOND: Duration = Duration::from_secs(1);

/// Lets a client send a camera at 20 Hz for `time`.
fn film(world: &mut World, i: usize, from: u32, time: Duration) {
    for n in from..from + (time.as_millis() / 50) as u32 {
        let now = world.now;
        let frame = vp8_frame(n, n % 20 == 0, 500);
        world.peers[i].send_picture(now, Codec::Vp8, u64::from(n) * 4500, &frame);
        world.peers[i].tick(now);
        world.run(Duration::from_millis(50));
    }
}

#[test]
fn a_camera_whose_cable_is_cut_is_silent_within_two_seconds_and_heard_when_mended() {
    let mut world = World::new();
    let i = world.join();
    film(&mut world, i, 0, 3 * SECOND);
    world.deaf = true;
    let cut = world.now;
    assert!(world.run_until(3 * SECOND, |w| w.heard(|h| !h.silent.is_empty())));
    let after = world.now - cut;
    assert!(after >= SECOND && after <= Duration::from_millis(1_800), "{after:?}");
    film(&mut world, i, 100, 3 * SECOND);
    assert_eq!(world.heard(|h| (h.silent.len(), h.heard.len())), (1, 0), "told once");
    world.deaf = false;
    film(&mut world, i, 200, SECOND);
    assert_eq!(world.heard(|h| h.heard.clone()), [LegKey(0)]);
    film(&mut world, i, 240, 3 * SECOND);
    assert_eq!(world.heard(|h| (h.silent.len(), h.heard.len())), (1, 1));
}

#[test]
fn a_line_that_brings_no_picture_whole_is_bad_and_not_silent() {
    let mut world = World::new();
    let i = world.join();
    film(&mut world, i, 0, 3 * SECOND);
    world.tailless = true;
    for n in 60..140 {
        let now = world.now;
        world.peers[i].send_picture(now, Codec::Vp8, n * 4500, &vp8_frame(n as u32, false, 4_000));
        world.peers[i].tick(now);
        world.run(Duration::from_millis(50));
    }
    assert_eq!(world.heard(|h| h.silent.clone()), []);
    world.deaf = true;
    assert!(world.run_until(2 * SECOND, |w| w.heard(|h| !h.silent.is_empty())));
}

/// Packets from a client's address by somebody who has no key: RTP of each kind, RTCP, DTLS.
fn forge(world: &mut World, i: usize) {
    let (from, lines) = (world.peers[i].addr.to_string(), &world.legs.map[&LegKey(i as u64)].lines);
    for kind in [*lines.vp8.unwrap(), *lines.opus.unwrap(), 200, 201] {
        let mut packet = vec![7; 200];
        packet[..2].copy_from_slice(&[0x80, kind]);
        world.inject(&from, &packet);
    }
    world.inject(&from, &[23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 7]);
}

#[test]
fn forged_packets_from_the_address_of_a_dead_member_do_not_keep_it_alive() {
    let mut world = World::new();
    let i = world.join();
    film(&mut world, i, 0, 3 * SECOND);
    world.deaf = true;
    let cut = world.now;
    while world.now < cut + Duration::from_millis(1_900) {
        forge(&mut world, i);
        world.run(Duration::from_millis(20));
    }
    assert_eq!(world.heard(|h| (h.silent.len(), h.heard.len())), (1, 0));
}

#[test]
fn a_forged_packet_does_not_announce_that_somebody_sends() {
    let mut world = World::new();
    let i = world.join();
    forge(&mut world, i);
    world.run(SECOND);
    assert_eq!(world.heard(|h| (h.sends.clone(), h.closed.clone())), (vec![], vec![]));
    film(&mut world, i, 0, SECOND);
    assert_eq!(world.heard(|h| h.sends.clone()), [(LegKey(0), MediaKind::Video)]);
}

#[test]
fn whoever_never_sends_media_is_never_silent_while_it_is_there() {
    let mut world = World::new();
    let both = Some(Direction::RecvOnly);
    let (viewer, _) = world.call(|peer| Offer::audience(peer.offer(both, both, false)));
    let (listener, _) = world.call(|peer| Offer::audience(peer.offer(both, None, false)));
    assert!(world.run_until(3 * SECOND, |w| w.is_up(viewer) && w.is_up(listener)));
    world.run(60 * SECOND);
    assert_eq!(world.heard(|h| h.silent.clone()), []);
}

#[test]
fn a_camera_switched_off_is_no_silence() {
    let mut world = World::new();
    let i = world.join();
    film(&mut world, i, 0, 3 * SECOND);
    world.run(60 * SECOND);
    // This client, unlike a browser, may be silent for longer than two seconds next to a picture;
    // then the next consent check puts it right, and after that it is at rest.
    let (silent, heard) = world.heard(|h| (h.silent.len(), h.heard.len()));
    assert!(silent <= 1 && silent == heard, "{silent} {heard}");
}

#[test]
fn a_leg_closed_by_us_is_not_called_silent() {
    let mut world = World::new();
    let i = world.join();
    film(&mut world, i, 0, SECOND);
    let now = world.now;
    world.legs.close(now, LegKey(0), &mut world.pipe);
    world.run(20 * SECOND);
    assert_eq!(world.heard(|h| h.silent.clone()), []);
}
