//! Requests for key frames, in both directions.

use std::time::{Duration, Instant};

use str0m::format::Codec;

use crate::LegKey;
use crate::keyframe_requests::KeyframeRequests;
use crate::tests::rig::{World, vp8, vp8_frame};

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_first_ask_is_served_at_once_and_the_others_as_one() {
    let start = Instant::now();
    let mut keyframe_requests = KeyframeRequests::default();
    assert!(keyframe_requests.ask(start));
    assert!(!keyframe_requests.ask(start + 100 * MS));
    assert!(!keyframe_requests.ask(start + 200 * MS));
    assert_eq!(keyframe_requests.deadline(), Some(start + 500 * MS));
    assert!(!keyframe_requests.due(start + 499 * MS));
    assert!(keyframe_requests.due(start + 500 * MS));
    assert!(!keyframe_requests.due(start + 501 * MS));
    assert_eq!(keyframe_requests.deadline(), None);
    assert!(keyframe_requests.ask(start + 1001 * MS), "quiet for half a second: at once");
}

#[test]
fn a_key_frame_satisfies_whoever_waits() {
    let start = Instant::now();
    let mut keyframe_requests = KeyframeRequests::default();
    keyframe_requests.ask(start);
    keyframe_requests.ask(start + 100 * MS);
    keyframe_requests.satisfied();
    assert_eq!(keyframe_requests.deadline(), None);
    assert!(!keyframe_requests.due(start + 600 * MS));
}

/// Publishes more than is kept for newcomers.
fn outlast_the_group(world: &mut World) {
    for n in 1..40 {
        world.publish(&vp8(n, false, 500));
        world.run(33 * MS);
    }
}

#[test]
fn forty_losses_at_once_ask_the_encoder_once_and_everyone_gets_the_key_frame() {
    let mut world = World::new();
    let peers: Vec<usize> = (0..8).map(|_| world.join()).collect();
    world.publish(&vp8(0, true, 2000));
    peers.iter().for_each(|i| world.subscribe(*i));
    world.run(700 * MS);
    outlast_the_group(&mut world);
    let before = world.heard(|h| h.keyframes_wanted);
    for round in 0..5 {
        for i in &peers {
            world.peers[*i].send_pli();
        }
        world.run(20 * MS);
        assert_eq!(world.heard(|h| h.keyframes_wanted), before + 1, "round {round}");
    }
    assert!(world.counters().plis_in >= 8);
    world.publish(&vp8(60, true, 2000));
    world.run(1000 * MS);
    assert_eq!(world.heard(|h| h.keyframes_wanted), before + 1, "the key frame served all");
    for i in peers {
        assert!(world.peers[i].pictures.last().unwrap().keyframe);
    }
}

#[test]
fn a_loss_soon_after_a_key_frame_is_healed_by_what_is_kept_and_costs_nobody_else() {
    let mut world = World::new();
    let (loser, other) = (world.join(), world.join());
    world.publish(&vp8(0, true, 2000));
    world.subscribe(loser);
    world.subscribe(other);
    world.run(2000 * MS);
    let before = world.heard(|h| h.keyframes_wanted);
    world.peers[loser].send_pli();
    world.run(100 * MS);
    assert_eq!(world.heard(|h| h.keyframes_wanted), before);
    let keys = |i: usize| world.peers[i].pictures.iter().filter(|p| p.keyframe).count();
    assert_eq!((keys(loser), keys(other)), (2, 1));
}

#[test]
fn while_a_newcomer_waits_the_encoder_is_asked_every_second() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    assert_eq!(world.heard(|h| h.keyframes_wanted), 1);
    world.run(3100 * MS);
    assert_eq!(world.heard(|h| h.keyframes_wanted), 4);
    world.publish(&vp8(0, true, 2000));
    world.run(3000 * MS);
    assert_eq!(world.heard(|h| h.keyframes_wanted), 4);
}

#[test]
fn a_sender_is_asked_at_most_twice_a_second() {
    let mut world = World::new();
    let i = world.join();
    let now = world.now;
    world.peers[i].send_picture(now, Codec::Vp8, 0, &vp8_frame(0, true, 500));
    world.run(100 * MS);
    for _ in 0..100 {
        let now = world.now;
        world.legs.request_keyframe(now, LegKey(0), &mut world.pipe);
        world.run(10 * MS);
    }
    let keyframe_requests = world.peers[i].keyframe_asks;
    assert!((2..=3).contains(&keyframe_requests), "{keyframe_requests} requests in a second");
    assert_eq!(world.counters().plis_out, keyframe_requests as u64);
}

#[test]
fn a_picture_lost_on_the_way_to_the_net_thread_makes_all_wait_for_a_key_frame() {
    let mut world = World::new();
    let i = world.join();
    world.publish(&vp8(0, true, 2000));
    world.subscribe(i);
    world.run(1000 * MS);
    let now = world.now;
    world.legs.stream_broken(now, crate::tests::rig::STREAM);
    world.publish(&vp8(30, false, 2000));
    world.run(100 * MS);
    assert_eq!(world.peers[i].pictures.len(), 1);
    assert_eq!(world.heard(|h| h.keyframes_wanted), 1);
    world.publish(&vp8(33, true, 2000));
    world.run(100 * MS);
    assert_eq!(world.peers[i].pictures.len(), 2);
}

#[test]
fn whoever_asks_fifty_times_a_second_costs_the_room_no_more_than_its_budget_and_is_healed() {
    let mut world = World::new();
    let (greedy, honest) = (world.join(), world.join());
    world.publish(&vp8(0, true, 2000));
    world.subscribe(greedy);
    world.subscribe(honest);
    world.run(1000 * MS);
    let before = world.heard(|h| h.keyframes_wanted);
    let asked = |world: &World| world.heard(|h| h.keyframes_wanted) - before;
    let (mut n, mut made) = (1, 0);
    // Twelve seconds at 25 pictures a second; the encoder does what it is asked.
    for _ in 0..300 {
        let is_due = asked(&world) > made;
        made = asked(&world);
        world.publish(&vp8(n, is_due, 500));
        n += 1;
        for _ in 0..2 {
            world.peers[greedy].send_pli();
            world.run(20 * MS);
        }
    }
    assert!(asked(&world) <= 3 + 12 / 4 + 1, "{} key frames in 12 s", asked(&world));
    let keys =
        |world: &World, i: usize| world.peers[i].pictures.iter().filter(|p| p.keyframe).count();
    let (again, live) = (keys(&world, greedy), keys(&world, honest));
    assert!(again > live, "it was sent again what is kept: {again} {live}");
    let so_far = asked(&world);
    world.peers[honest].send_pli();
    world.run(600 * MS);
    assert!(asked(&world) > so_far, "an honest loser is served at once");
}

#[test]
fn losses_of_all_receivers_together_cost_a_key_frame_in_four_seconds() {
    let mut world = World::new();
    let peers: Vec<usize> = (0..4).map(|_| world.join()).collect();
    world.publish(&vp8(0, true, 2000));
    peers.iter().for_each(|i| world.subscribe(*i));
    outlast_the_group(&mut world);
    let before = world.heard(|h| h.keyframes_wanted);
    for _ in 0..5 {
        peers.iter().for_each(|i| world.peers[*i].send_pli());
        world.run(600 * MS);
    }
    assert_eq!(world.heard(|h| h.keyframes_wanted), before + 1);
    assert_eq!(world.counters().keyframes_for_losses, 1);
    // Nobody is forgotten: whoever asked and had nothing is served when it is time.
    assert!(world.run_until(4000 * MS, |w| w.heard(|h| h.keyframes_wanted) == before + 2));
}

#[test]
fn all_receivers_of_a_stream_together_have_a_budget_too() {
    let mut world = World::new();
    let peers: Vec<usize> = (0..8).map(|_| world.join()).collect();
    world.publish(&vp8(0, true, 2000));
    peers.iter().for_each(|i| world.subscribe(*i));
    world.run(1000 * MS);
    let before = world.heard(|h| h.keyframes_wanted);
    for round in 0..40 {
        world.peers[peers[round % 8]].send_pli();
        world.run(250 * MS);
        world.publish(&vp8(100 + round as u32, true, 500));
    }
    let asked = world.heard(|h| h.keyframes_wanted) - before;
    assert!(asked <= 8 + 10 + 1, "{asked} in ten seconds");
}
