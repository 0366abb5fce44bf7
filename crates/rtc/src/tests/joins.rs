//! Legs from the answer to their end, on virtual time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use str0m::format::Codec;
use str0m::media::Direction;
use str0m::rtp::VideoOrientation;

use crate::command::SoundPart;
use crate::negotiate::Offer;
use crate::offer::OfferRefused;
use crate::tests::rig::{World, vp8, vp8_frame};
use crate::{Closed, LegKey, MediaKind, Rotation, Uplink, VideoCodec};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_client_connects_once_and_within_a_second() {
    let mut world = World::new();
    let started = world.now;
    let i = world.join();
    assert!(world.peers[i].connected);
    assert!(world.now - started < SECOND);
    world.run(5 * SECOND);
    assert_eq!(world.heard(|h| h.connected.clone()), [LegKey(0)]);
    assert_eq!(world.counters().legs, 1);
}

#[test]
fn an_answer_nobody_follows_up_is_given_up_after_ten_seconds() {
    let mut world = World::new();
    world.deaf = true;
    world.call(|peer| Offer::new(peer.full_offer()));
    world.run(Duration::from_millis(9900));
    assert!(world.heard(|h| h.closed.is_empty()));
    world.run(Duration::from_millis(200));
    assert_eq!(world.heard(|h| h.closed.clone()), [(LegKey(0), Closed::NotConnected)]);
    assert_eq!(world.counters().legs, 0);
}

#[test]
fn with_five_per_cent_loss_every_picture_still_arrives_whole_and_in_order() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.loss = 5;
    let total = 300u32;
    for n in 0..total {
        let len = if n == 0 { 30_000 } else { 6000 + (world.random() % 4000) as usize };
        world.publish(&vp8(n, n == 0, len));
        world.run(Duration::from_millis(33));
    }
    world.loss = 0;
    world.run(SECOND);
    let lost = world.counters();
    let got = &world.peers[i].pictures;
    assert_eq!(got.len(), total as usize);
    assert!(got.iter().all(|g| g.contiguous));
    for (n, g) in got.iter().enumerate() {
        assert_eq!(g.data[..], vp8_frame(n as u32, n == 0, g.data.len())[..], "picture {n}");
    }
    // Repaired by retransmission alone: the encoder was asked for nothing but the first picture.
    assert!(lost.retransmitted > 20, "{lost:?}");
    assert_eq!(lost.plis_in, 0);
    assert_eq!(lost.keyframes_wanted, 1);
}

#[test]
fn what_a_client_sends_is_an_event_with_its_times() {
    let mut world = World::new();
    let i = world.join();
    for n in 0..100u32 {
        let now = world.now;
        let (codec, frame) = if n < 60 {
            (Codec::Vp8, vp8_frame(n, n == 0, 3000))
        } else {
            (
                Codec::H264,
                [&[0, 0, 0, 1, if n == 60 { 0x65 } else { 0x41 }][..], &[7; 3000]].concat(),
            )
        };
        world.peers[i].send_picture(now, codec, u64::from(n) * 1800, &frame);
        world.peers[i].tick(now);
        world.peers[i].send_sound(now, u64::from(n) * 960, &[n as u8; 60]);
        world.peers[i].tick(now);
        world.run(Duration::from_millis(20));
    }
    world.run(SECOND);
    world.heard(|h| {
        assert_eq!(h.pictures.len(), 100);
        assert_eq!(h.sounds.len(), 100);
        let pictures: Vec<_> = h.pictures.iter().map(|(_, p)| p).collect();
        assert!(pictures.windows(2).all(|w| w[1].rtp_time_90khz - w[0].rtp_time_90khz == 1800));
        assert!(pictures[0].keyframe && !pictures[1].keyframe && pictures[60].keyframe);
        assert_eq!(pictures[59].codec, VideoCodec::Vp8);
        assert_eq!(pictures[60].codec, VideoCodec::H264);
        assert_eq!(pictures[0].rotation, Rotation::Deg0);
        let sounds: Vec<_> = h.sounds.iter().map(|(_, s)| s).collect();
        assert!(sounds.windows(2).all(|w| w[1].rtp_time_48khz - w[0].rtp_time_48khz == 960));
        assert!(sounds.windows(2).all(|w| w[1].seq == w[0].seq + 1));
        assert_eq!(sounds[5].data[..], [5; 60]);
        assert_eq!(sounds[5].audio_level, Some(-30));
        // A sender report names a moment on the same clock as the media.
        let newest = pictures[99].rtp_time_90khz;
        let video = h.reports.iter().filter(|r| r.kind == crate::MediaKind::Video);
        assert!(video.clone().count() > 0);
        assert!(video.into_iter().all(|r| r.rtp_time.abs_diff(newest) < 90_000 * 10));
    });
}

#[test]
fn sound_reaches_those_named_and_nobody_else() {
    let mut world = World::new();
    let (a, b, c) = (world.join(), world.join(), world.join());
    for n in 0..20u64 {
        let part = |legs: &[u64], byte: u8| SoundPart {
            payload: Arc::from([byte; 40]),
            past: Default::default(),
            legs: legs.iter().map(|l| LegKey(*l)).collect(),
        };
        let parts = [part(&[a as u64, b as u64], 1), part(&[c as u64, 99], 2)];
        let now = world.now;
        world.legs.sound(now, &parts, n * 960, &mut world.pipe);
        world.run(Duration::from_millis(20));
    }
    for (i, byte) in [(a, 1), (b, 1), (c, 2)] {
        let got = &world.peers[i].sounds;
        assert!(got.len() >= 19, "{}", got.len());
        assert!(got.iter().all(|g| g.data[..] == [byte; 40]));
        assert!(got.windows(2).all(|w| w[1].time - w[0].time == 960));
    }
}

#[test]
fn a_bitrate_limit_reaches_the_client_and_is_repeated() {
    let mut world = World::new();
    let i = world.join();
    let now = world.now;
    world.peers[i].send_picture(now, Codec::Vp8, 0, &vp8_frame(0, true, 500));
    world.run(Duration::from_millis(100));
    let now = world.now;
    world.legs.set_uplink(
        now,
        LegKey(0),
        Some(Uplink { bps: 300_000, height: 190 }),
        &mut world.pipe,
    );
    for _ in 0..2 {
        world.peers[i].remb = None;
        world.run(Duration::from_millis(1500));
        let got = world.peers[i].remb.expect("a REMB");
        assert!(got.abs_diff(300_000) < 3000, "{got}");
    }
}

#[test]
fn a_silent_client_gets_nothing_after_fifteen_seconds_and_is_gone_after_thirty() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.deaf = true;
    let fell_silent = world.now;
    let mut n = 1;
    let mut last_media = world.now;
    while world.heard(|h| h.closed.is_empty()) && world.now - fell_silent < 60 * SECOND {
        world.seen.clear();
        world.publish(&vp8(n, n % 20 == 0, 2000));
        world.run(Duration::from_millis(50));
        n += 1;
        if world.seen.iter().any(|(_, class, _)| *class == crate::outlet::Class::Picture) {
            last_media = world.now;
        }
    }
    let (quiet, gone) = (last_media - fell_silent, world.now - fell_silent);
    assert!(quiet <= 19 * SECOND, "media went on for {quiet:?}");
    assert!(gone >= 15 * SECOND && gone <= 34 * SECOND, "{gone:?}");
    assert_eq!(world.heard(|h| h.closed.clone()), [(LegKey(0), Closed::Lost)]);
    assert_eq!(world.heard(|h| h.lost.len()), 1);
}

#[test]
fn a_client_that_comes_back_in_time_goes_on_with_a_decodable_picture() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    world.deaf = true;
    assert!(world.run_until(25 * SECOND, |w| w.heard(|h| !h.lost.is_empty())));
    world.publish(&vp8(600, true, 2000));
    world.deaf = false;
    let before = world.peers[i].pictures.len();
    assert!(world.run_until(8 * SECOND, |w| w.heard(|h| !h.recovered.is_empty())));
    world.run(SECOND);
    let got = &world.peers[i].pictures[before..];
    assert!(got.first().is_some_and(|g| g.keyframe), "{got:?}");
    assert!(world.heard(|h| h.closed.is_empty()));
}

#[test]
fn an_ice_restart_keeps_the_leg_and_its_media() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    let old = world.legs.map[&LegKey(0)].ufrag.clone();
    let offer = Offer::new(world.peers[i].restart_offer());
    let now = world.now;
    let answer =
        world.legs.renegotiate(now, &world.host, (LegKey(0), &offer), &mut world.pipe).unwrap();
    world.peers[i].answer(&answer.sdp);
    assert_ne!(world.legs.map[&LegKey(0)].ufrag, old);
    assert_eq!(world.legs.demux.by_ufrag(&old), None);
    for n in 1..700 {
        world.publish(&vp8(n, false, 2000));
        world.run(Duration::from_millis(33));
    }
    assert_eq!(world.peers[i].pictures.len(), 700);
    assert!(world.heard(|h| h.closed.is_empty() && h.connected.len() == 1));
}

/// How long it takes until a client that now comes from `outside` gets pictures again.
fn moved(world: &mut World, i: usize, outside: SocketAddr, n: &mut u32) -> Duration {
    let (from, before) = (world.now, world.peers[i].pictures.len());
    world.outside.insert(i, outside);
    while world.peers[i].pictures.len() == before {
        assert!(world.now < from + 20 * SECOND, "no picture at the new address");
        *n += 1;
        world.publish(&vp8(*n, true, 2000));
        world.run(SECOND / 20);
    }
    world.now - from
}

#[test]
fn a_client_whose_nat_shows_another_port_is_followed_there_and_back() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    let mut n = 0;
    world.publish(&vp8(n, true, 2000));
    world.run(SECOND);
    let home = world.peers[i].addr;
    for outside in
        ["203.0.113.7:40000".parse().unwrap(), "203.0.113.7:50000".parse().unwrap(), home]
    {
        let after = moved(&mut world, i, outside, &mut n);
        println!("pictures again after {after:?}");
        assert!(after <= 6 * SECOND, "{after:?}, longer than from one check to the next");
        let sound = world.heard(|heard| heard.sounds.len());
        for at in 0..10 {
            let now = world.now;
            world.peers[i].send_sound(now, u64::from(n) * 10_000 + at * 960, &[5; 40]);
            world.run(SECOND / 50);
        }
        assert!(
            world.heard(|heard| heard.sounds.len()) > sound,
            "what it sends is taken from there"
        );
    }
    assert!(world.is_up(i) && world.heard(|heard| heard.closed.is_empty()));
}

#[test]
fn an_offer_of_another_peer_connection_is_no_renegotiation() {
    let mut world = World::new();
    world.join();
    let mut other = crate::tests::peer::Peer::new("127.0.0.1:9".parse().unwrap(), false, world.now);
    let offer = Offer::new(other.full_offer());
    let now = world.now;
    let refused = world.legs.renegotiate(now, &world.host, (LegKey(0), &offer), &mut world.pipe);
    assert_eq!(refused.unwrap_err(), OfferRefused::OtherFingerprint);
    let unknown = world.legs.renegotiate(now, &world.host, (LegKey(9), &offer), &mut world.pipe);
    assert_eq!(unknown.unwrap_err(), OfferRefused::UnknownLeg);
}

#[test]
fn closing_says_goodbye_to_the_client_and_is_no_event() {
    let mut world = World::new();
    world.join();
    let now = world.now;
    world.pipe.sent.clear();
    world.legs.close(now, LegKey(0), &mut world.pipe);
    assert!(!world.pipe.sent.is_empty());
    assert!(world.heard(|h| h.closed.is_empty()));
    assert_eq!(world.counters().legs, 0);
    assert_eq!(world.legs.next_deadline(), None, "nothing is left to wake up for");
}

#[test]
fn a_client_that_closes_is_reported() {
    let mut world = World::new();
    let i = world.join();
    world.peers[i].rtc.close().unwrap();
    world.run(SECOND);
    assert_eq!(world.heard(|h| h.closed.clone()), [(LegKey(0), Closed::ByPeer)]);
}

#[test]
fn an_orientation_is_the_turn_that_sets_the_picture_upright() {
    let mut world = World::new();
    let i = world.join();
    // str0m's names are those of the picture as it lies; its Deg270 is 1 on the wire.
    let lies = [VideoOrientation::Deg270, VideoOrientation::Deg180, VideoOrientation::Deg90];
    for (n, how) in (0..).zip(lies) {
        let now = world.now;
        let frame = vp8_frame(n, true, 500);
        world.peers[i].send_turned(now, u64::from(n) * 3000, &frame, how);
        world.peers[i].tick(now);
        world.run(Duration::from_millis(33));
    }
    let reported = world.heard(|h| h.pictures.iter().map(|(_, p)| p.rotation).collect::<Vec<_>>());
    assert_eq!(reported, [Rotation::Deg90, Rotation::Deg180, Rotation::Deg270]);
}

#[test]
fn pictures_stop_and_start_with_the_direction_a_client_asks_for() {
    let mut world = World::new();
    let i = world.join();
    world.subscribe(i);
    world.publish(&vp8(0, true, 2000));
    world.run(SECOND);
    for (direction, expected) in [(Direction::Inactive, 1), (Direction::RecvOnly, 2)] {
        let offer = Offer::new(world.peers[i].redirect(direction));
        let now = world.now;
        let answer =
            world.legs.renegotiate(now, &world.host, (LegKey(0), &offer), &mut world.pipe).unwrap();
        world.peers[i].answer(&answer.sdp);
        world.publish(&vp8(30, true, 2000));
        world.run(SECOND);
        assert!(world.peers[i].pictures.len() >= expected, "{direction}");
        if expected == 1 {
            assert_eq!(world.peers[i].pictures.len(), 1, "{direction}");
        }
    }
    let wanted = world.heard(|h| h.keyframes_wanted);
    world.run(3 * SECOND);
    assert_eq!(world.heard(|h| h.keyframes_wanted), wanted);
}

#[test]
fn an_audio_only_client_never_makes_the_encoder_work() {
    let mut world = World::new();
    let sound = Some(Direction::RecvOnly);
    let (i, _) = world.call(|peer| Offer::new(peer.offer(sound, None, false)));
    world.subscribe(i);
    assert!(world.run_until(3 * SECOND, |w| w.is_up(i)));
    world.run(5 * SECOND);
    assert_eq!(world.heard(|h| h.keyframes_wanted), 0);
    world.publish(&vp8(0, true, 2000));
    assert_eq!(world.counters().pictures_out, 0);
}

#[test]
fn the_first_packet_of_each_kind_is_reported_once() {
    let mut world = World::new();
    let i = world.join();
    assert_eq!(world.heard(|h| h.sends.len()), 0);
    for n in 0..10u32 {
        let now = world.now;
        world.peers[i].send_sound(now, u64::from(n) * 960, &[7; 40]);
        if n > 4 {
            world.peers[i].send_picture(
                now,
                Codec::Vp8,
                u64::from(n) * 3000,
                &vp8_frame(n, true, 3000),
            );
        }
        world.run(Duration::from_millis(20));
    }
    let expected = [MediaKind::Audio, MediaKind::Video].map(|kind| (LegKey(0), kind));
    assert_eq!(world.heard(|h| h.sends.clone()), expected);
}
