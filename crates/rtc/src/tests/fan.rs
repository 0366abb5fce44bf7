//! The fan-out by itself: catching up, timestamps, caches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::LegKey;
use crate::command::SoundPart;
use crate::fanout::{MAX_BACKLOG, Receiver, Serve};
use crate::group::Group;
use crate::outlet::Class;
use crate::tests::rig::{STREAM, World, vp8, vp8_frame};

const FRAME: Duration = Duration::from_millis(33);

#[test]
fn a_newcomer_gets_the_group_at_once_in_order_and_goes_on_live() {
    let mut world = World::new();
    let early = world.join();
    world.subscribe(early);
    for n in 0..12 {
        world.publish(&vp8(n, n == 0, 3000));
        world.run(FRAME);
    }
    let asked = world.heard(|h| h.keyframes_wanted);
    let late = world.join();
    world.subscribe(late);
    world.run(Duration::from_millis(5));
    for n in 12..20 {
        world.publish(&vp8(n, false, 3000));
        world.run(FRAME);
    }
    let got = &world.peers[late].pictures;
    assert_eq!(got.len(), 20);
    for (n, g) in got.iter().enumerate() {
        assert_eq!(g.data[..], vp8_frame(n as u32, n == 0, 3000)[..]);
        assert!(g.contiguous);
    }
    let gaps: Vec<u64> = got.windows(2).map(|w| w[1].time - w[0].time).collect();
    assert_eq!(gaps[..11], [90; 11], "catching up, 1 ms apart");
    assert_eq!(gaps[11..], [3000; 8], "live, true spacing");
    assert_eq!(world.heard(|h| h.keyframes_wanted), asked, "a join costs no key frame");
}

#[test]
fn a_leg_subscribed_before_it_is_connected_starts_when_it_is() {
    let mut world = World::new();
    world.publish(&vp8(0, true, 3000));
    let (i, _) = world.call(|peer| crate::Offer::new(peer.full_offer()));
    world.subscribe(i);
    assert!(world.run_until(Duration::from_secs(3), |w| !w.peers[i].pictures.is_empty()));
    assert!(world.peers[i].pictures[0].keyframe);
}

#[test]
fn a_group_too_long_or_too_big_is_not_sent_but_a_key_frame_asked_for() {
    let now = Instant::now();
    let mut group = Group::default();
    for n in 0..30 {
        group.push(&vp8(n, n == 0, 1000));
    }
    assert_eq!(group.pictures().len(), 30);
    group.push(&vp8(30, false, 1000));
    assert!(group.pictures().is_empty());
    group.push(&vp8(31, false, 1000));
    assert!(group.pictures().is_empty(), "what follows a broken group cannot be decoded");
    let mut receiver = Receiver::new();
    assert!(!receiver.join(group.pictures(), now));
    assert!(receiver.needs_key());
    assert_eq!(receiver.live(&vp8(32, false, 1000), (0, None), now), Serve::Skip);
    assert!(matches!(receiver.live(&vp8(33, true, 1000), (0, None), now), Serve::Send(_)));

    let mut big = Group::default();
    big.push(&vp8(0, true, 200_000));
    assert_eq!(big.pictures().len(), 1);
    big.push(&vp8(1, false, 60_000));
    assert!(big.pictures().is_empty());
}

#[test]
fn changing_streams_never_runs_the_clock_backwards() {
    let start = Instant::now();
    let mut receiver = Receiver::new();
    let mut last = 0;
    for (round, base) in [1_000_000u32, 5, 2_000_000, 0].into_iter().enumerate() {
        let mut group = Group::default();
        let now = start + Duration::from_secs(round as u64);
        for n in 0..20 {
            group.push(&vp8(base + n, n == 0, 100));
        }
        assert!(receiver.join(group.pictures(), now));
        for due in receiver.catch_up.portion(now) {
            assert!(due.ts > last, "round {round}");
            last = due.ts;
        }
        for n in 20..25u32 {
            let later = now + FRAME * (n - 19);
            let Serve::Send(ts) = receiver.live(&vp8(base + n, false, 100), (0, None), later)
            else {
                panic!("live");
            };
            assert_eq!(ts - last, 3000, "round {round}");
            last = ts;
        }
    }
}

#[test]
fn sequence_numbers_start_low_and_go_on_by_one() {
    let mut receiver = Receiver::new();
    let first = receiver.clock.next_seq();
    assert!(first <= 1 << 15);
    for n in 1..100 {
        assert_eq!(receiver.clock.next_seq(), first + n);
    }
}

#[test]
fn a_choked_receiver_skips_whole_pictures_until_drained_and_a_key_frame() {
    let now = Instant::now();
    let mut group = Group::default();
    group.push(&vp8(0, true, 100));
    let mut receiver = Receiver::new();
    receiver.join(group.pictures(), now);
    assert_eq!(receiver.catch_up.portion(now).len(), 1);
    let full = MAX_BACKLOG + 1;
    let delta = |n| vp8(n, false, 100);
    assert!(matches!(receiver.live(&delta(1), (MAX_BACKLOG, None), now), Serve::Send(_)));
    assert_eq!(receiver.live(&delta(2), (full, None), now), Serve::Skip);
    assert_eq!(receiver.live(&vp8(3, true, 100), (1, None), now), Serve::Skip, "not yet drained");
    assert_eq!(receiver.live(&delta(4), (0, None), now), Serve::SkipAndAsk);
    assert_eq!(receiver.live(&delta(5), (0, None), now), Serve::Skip, "asked once");
    assert!(matches!(receiver.live(&vp8(6, true, 100), (0, None), now), Serve::Send(_)));
    assert!(matches!(receiver.live(&delta(7), (0, None), now), Serve::Send(_)));
}

#[test]
fn what_comes_while_a_newcomer_catches_up_waits_behind_it() {
    let now = Instant::now();
    let mut group = Group::default();
    (0..4).for_each(|n| group.push(&vp8(n, n == 0, 40_000)));
    let mut receiver = Receiver::new();
    assert!(receiver.join(group.pictures(), now));
    let mut stamps: Vec<u64> = Vec::new();
    stamps.extend(receiver.catch_up.portion(now).iter().map(|d| d.ts));
    assert_eq!(stamps.len(), 1);
    assert_eq!(receiver.live(&vp8(4, false, 100), (0, None), now), Serve::Later);
    for step in 1..=4 {
        let later = now + Duration::from_millis(5) * step;
        stamps.extend(receiver.catch_up.portion(later).iter().map(|d| d.ts));
    }
    assert_eq!(stamps.len(), 5);
    assert!(stamps.is_sorted_by(|a, b| a < b), "{stamps:?}");
    assert!(matches!(receiver.live(&vp8(5, false, 100), (0, None), now), Serve::Send(_)));
}

#[test]
fn a_long_picture_goes_round_a_dozen_packets_at_a_time() {
    let mut world = World::new();
    let viewers = [world.join(), world.join(), world.join()];
    viewers.iter().for_each(|i| world.subscribe(*i));
    world.publish(&vp8(0, true, 30_000));
    world.pipe.sent.clear();
    world.publish(&vp8(1, true, 30_000));
    let to: Vec<_> = world.pipe.sent.iter().map(|(path, ..)| path.peer).collect();
    let runs: Vec<usize> = to.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
    assert_eq!(runs, [12, 12, 12, 12, 12, 12, 2, 2, 2]);
}

#[test]
fn while_the_socket_is_full_pictures_wait_and_sound_does_not_and_nothing_is_lost() {
    let mut world = World::new();
    let viewers: Vec<usize> = (0..5).map(|_| world.join()).collect();
    viewers.iter().for_each(|i| world.subscribe(*i));
    world.publish(&vp8(0, true, 3_000));
    world.run(FRAME);
    let legs: Arc<[LegKey]> = viewers.iter().map(|i| LegKey(*i as u64)).collect();
    for n in 1..20u32 {
        // Of each round the socket takes what makes up the first few legs' portions.
        world.pipe.room = Some(30);
        world.publish(&vp8(n, n == 10, 20_000));
        let part = SoundPart {
            payload: [n as u8; 40].into(),
            past: Default::default(),
            legs: legs.clone(),
        };
        world.legs.sound(world.now, &[part], u64::from(n) * 1600, &mut world.pipe);
        world.run(FRAME / 2);
        assert!(viewers.iter().all(|i| world.peers[*i].sounds.len() + 3 >= n as usize));
        while world.pipe.room == Some(0) {
            world.pipe.room = Some(30);
            world.legs.resume(world.now, &mut world.pipe);
            world.run(FRAME / 6);
        }
        world.run(FRAME / 2);
    }
    world.pipe.room = None;
    world.legs.resume(world.now, &mut world.pipe);
    world.run(10 * FRAME);
    for i in viewers {
        let got = &world.peers[i].pictures;
        assert_eq!(got.len(), 20);
        assert!(got.iter().all(|got| got.contiguous));
        assert!(
            got.iter()
                .zip(0..)
                .skip(1)
                .all(|(got, n)| got.data[..] == vp8_frame(n, n == 10, 20_000)[..])
        );
    }
    assert_eq!(world.counters().pictures_skipped, 0);
}

#[test]
fn whoever_waits_for_a_full_socket_too_long_waits_for_a_key_frame_then() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 3_000));
    world.run(FRAME);
    world.pipe.room = Some(0);
    (1..100).for_each(|n| world.publish(&vp8(n, false, 3_000)));
    assert!(world.counters().pictures_skipped > 0, "what waits has a bound");
    world.pipe.room = None;
    world.legs.resume(world.now, &mut world.pipe);
    world.publish(&vp8(100, true, 3_000));
    world.run(10 * FRAME);
    let last = world.peers[i].pictures.last().unwrap();
    assert!(last.keyframe && last.data[..] == vp8_frame(100, true, 3_000)[..]);
    world.legs.close(world.now, LegKey(i as u64), &mut world.pipe);
    world.legs.resume(world.now, &mut world.pipe);
}

#[test]
fn a_picture_in_portions_is_not_torn_by_what_is_sent_again() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    for n in 0..3 {
        world.publish(&vp8(n, n == 0, 3_000));
        world.run(FRAME);
    }
    for n in 3..5 {
        world.peers[i].send_pli();
        world.run(FRAME);
        world.publish(&vp8(n, false, 3_000));
        world.run(FRAME);
    }
    let retry = world.legs.map[&LegKey(i as u64)].keyframe_budget.deadline().expect("it waits");
    while world.now + FRAME < retry {
        world.run(FRAME);
    }
    // What is to be sent again comes up with a picture's first portion, before the timer does.
    world.pipe.sent.clear();
    world.now = retry + Duration::from_micros(100);
    world.publish(&vp8(5, false, 30_000));
    let pictures = world.pipe.sent.iter().filter(|(_, _, class, _)| *class == Class::Picture);
    let mut stamps: Vec<[u8; 4]> = pictures.map(|it| it.3[4..8].try_into().unwrap()).collect();
    stamps.dedup();
    let runs = stamps.len();
    stamps.sort_unstable();
    stamps.dedup();
    assert!(runs > 1 && stamps.len() == runs, "a picture goes on after another has begun");
}

#[test]
fn a_picture_that_had_to_wait_is_counted_once() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 3_000));
    world.run(FRAME);
    let before = world.counters().pictures_out;
    world.pipe.room = Some(10);
    world.publish(&vp8(1, false, 30_000));
    world.pipe.room = None;
    world.legs.resume(world.now, &mut world.pipe);
    world.run(FRAME);
    world.publish(&vp8(2, false, 30_000));
    assert_eq!(world.counters().pictures_out - before, 2);
}

#[test]
fn of_a_stream_that_was_dropped_nothing_stays() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    for n in 0..60 {
        world.publish(&vp8(n, n == 0, 3_000));
        world.run(FRAME);
    }
    // Its legs report on, until their thread gets to its part.
    world.legs.routes.forget(STREAM);
    world.run(Duration::from_secs(2));
    world.legs.drop_stream(STREAM);
    world.run(FRAME);
    assert!(!format!("{:?}", world.legs.routes).contains("Route {"));
}
