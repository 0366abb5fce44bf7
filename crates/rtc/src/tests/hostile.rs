//! Strangers, and members who do what they may not.

use std::time::Duration;

use str0m::format::Codec;

use crate::LegKey;
use crate::negotiate::Offer;
use crate::tests::rig::{World, vp8, vp8_frame};

const SECOND: Duration = Duration::from_secs(1);
const STRANGER: &str = "192.0.2.66:6666";

/// Lengths 0 to 1500 with every first byte, as rubbish and as half-made STUN.
fn sweep(world: &mut World, from: &str) {
    for first in 0..=255u8 {
        for len in (0..64).chain((64..1500).step_by(131)).chain([1500, 2001, 9000]) {
            let mut bytes = vec![first; len];
            if let Some(head) = bytes.get_mut(1..8) {
                head.copy_from_slice(&[1, 0, len as u8 & 0xfc, 0x21, 0x12, 0xa4, 0x42]);
            }
            world.inject(from, &bytes);
        }
    }
}

#[test]
fn a_stranger_gets_nothing_back_and_ends_nothing() {
    let mut world = World::new();
    sweep(&mut world, STRANGER);
    let i = world.join();
    world.pipe.sent.clear();
    sweep(&mut world, STRANGER);
    assert!(world.pipe.sent.iter().all(|(path, ..)| path.peer.to_string() != STRANGER));
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    assert_eq!(world.peers[i].pictures.len(), 1);
    let counters = world.counters();
    assert_eq!(counters.panics, 0);
    assert!(counters.dropped_rubbish > 0 && counters.dropped_stranger > 0);
    assert!(counters.dropped_stun > 0 && counters.dropped_size > 0);
}

#[test]
fn rubbish_from_a_clients_own_address_ends_nothing_either() {
    let mut world = World::new();
    let (i, _) = world.call(|peer| Offer::new(peer.full_offer()));
    let from = world.peers[i].addr.to_string();
    sweep(&mut world, &from);
    world.run_until(3 * SECOND, |w| w.is_up(i));
    sweep(&mut world, &from);
    assert_eq!(world.counters().panics, 0);
    assert!(world.heard(|h| h.closed.is_empty()));
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    assert_eq!(world.peers[i].pictures.len(), 1);
}

#[test]
fn a_stranger_who_knows_the_user_fragment_but_not_the_password_learns_nothing() {
    let mut world = World::new();
    let i = world.join();
    let ufrag = world.legs.map[&LegKey(0)].ufrag.clone();
    let user = format!("{ufrag}:zzzz");
    // A binding request with a wrong integrity: RFC 5389 header, USERNAME, PRIORITY, INTEGRITY.
    let mut attributes = Vec::new();
    let mut put = |kind: u16, value: &[u8]| {
        attributes.extend(kind.to_be_bytes());
        attributes.extend((value.len() as u16).to_be_bytes());
        attributes.extend(value);
        attributes.extend(vec![0; (4 - value.len() % 4) % 4]);
    };
    put(0x0006, user.as_bytes());
    put(0x0024, &[0; 4]);
    put(0x0008, &[7; 20]);
    let mut request = vec![0, 1];
    request.extend((attributes.len() as u16).to_be_bytes());
    request.extend([0x21, 0x12, 0xa4, 0x42]);
    request.extend([9; 12]);
    request.extend(attributes);
    world.pipe.sent.clear();
    for _ in 0..1000 {
        assert!(!world.inject(STRANGER, &request));
    }
    assert!(world.pipe.sent.is_empty());
    let checks = world.counters().dropped_stun;
    assert_eq!(checks, 1000);
    assert_eq!(world.legs.map[&LegKey(0)].known_paths.len(), 1);
    world.run(5 * SECOND);
    assert!(world.heard(|h| h.closed.is_empty()));
    assert_eq!(i, 0);
}

#[test]
fn media_from_a_third_address_changes_nothing() {
    let mut world = World::new();
    let i = world.join();
    let now = world.now;
    world.peers[i].send_picture(now, Codec::Vp8, 0, &vp8_frame(0, true, 500));
    world.peers[i].tick(now);
    let stolen: Vec<Vec<u8>> = world.peers[i].drain().into_iter().map(|(_, b)| b).collect();
    assert!(!stolen.is_empty());
    for bytes in &stolen {
        assert!(!world.inject(STRANGER, bytes));
    }
    world.run(SECOND);
    assert!(world.heard(|h| h.pictures.is_empty()));
    assert_eq!(world.legs.map[&LegKey(0)].path.unwrap().peer, world.peers[i].addr);
}

#[test]
fn media_from_the_audience_is_dropped_before_anything_reads_it() {
    let mut world = World::new();
    // It offers to send, is answered sendonly, and sends all the same.
    let (i, answer) = world.call(|peer| Offer::audience(peer.full_offer()));
    assert!(!answer.client_sends_video);
    assert!(world.run_until(3 * SECOND, |w| w.is_up(i)));
    assert_eq!(world.counters().dropped_unwanted, 0);
    let addr = world.peers[i].addr.to_string();
    let (vp8_pt, opus_pt) = {
        let lines = &world.legs.map[&LegKey(0)].lines;
        (*lines.vp8.unwrap(), *lines.opus.unwrap())
    };
    for pt in [vp8_pt, opus_pt] {
        let mut packet = vec![0x80, pt, 0, 1];
        packet.resize(200, 3);
        assert!(!world.inject(&addr, &packet));
    }
    assert_eq!(world.counters().dropped_unwanted, 2);
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    assert_eq!(world.peers[i].pictures.len(), 1, "it still watches");
    assert!(world.heard(|h| h.pictures.is_empty() && h.sounds.is_empty()));
}

#[test]
fn a_clients_addresses_are_bounded() {
    let mut world = World::new();
    let i = world.join();
    let requests: Vec<Vec<u8>> = {
        let now = world.now + 5 * SECOND;
        world.peers[i].tick(now);
        world.peers[i].drain().into_iter().map(|(_, b)| b).filter(|b| b[0] < 2).collect()
    };
    assert!(!requests.is_empty(), "the client checks its consent");
    for port in 1..2000 {
        world.inject(&format!("198.51.100.7:{port}"), &requests[0]);
    }
    let leg = &world.legs.map[&LegKey(0)];
    assert!((2..=crate::leg::MAX_PATHS).contains(&leg.known_paths.len()));
}

#[test]
fn a_flood_from_a_member_is_dropped_before_it_is_deciphered_and_others_notice_nothing() {
    let mut world = World::new();
    let (flooder, other) = (world.join(), world.join());
    let from = world.peers[flooder].addr.to_string();
    let mut packet = [0u8; 1200];
    packet[0] = 0x80;
    packet[1] = 96;
    let start = world.counters();
    for _ in 0..20_000 {
        world.inject(&from, &packet);
    }
    let dropped = world.counters().dropped_flood - start.dropped_flood;
    assert!((15_900..=16_100).contains(&dropped), "{dropped}");
    let now = world.now;
    world.peers[other].send_picture(now, Codec::Vp8, 0, &vp8_frame(0, true, 500));
    world.run(Duration::from_millis(50));
    assert_eq!(world.heard(|h| h.pictures.len()), 1);
    world.run(SECOND);
    assert!(world.inject(&from, &packet), "a second later it is heard again");
}
