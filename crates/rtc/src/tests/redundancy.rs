//! Sound that carries what came before it (RED, RFC 2198).

use std::time::Duration;

use str0m::RtcConfig;
use str0m::rtp::RtpWrite;

use crate::LegKey;
use crate::negotiate::Offer;
use crate::tests::peer::Peer;
use crate::tests::rig::World;

const TICK: Duration = Duration::from_millis(20);

/// A client that speaks RED, connected.
fn join(world: &mut World) -> usize {
    let shape = |config: RtcConfig| config.enable_opus(true, true);
    let peer = Peer::configured(world.next_addr(), false, world.now, shape);
    let (i, answer) =
        world.call_as(peer, |peer| Offer::new(peer.full_offer()), |_, answer| answer.to_owned());
    assert!(answer.sdp.contains(" red/48000/2\r\n"), "{}", answer.sdp);
    world.run_until(Duration::from_secs(3), |w| w.peers[i].connected && w.is_up(i));
    i
}

/// Lets client `i` speak 200 packets and answers the RTP times that reached the server.
fn speak(world: &mut World, i: usize, is_redundant: bool) -> Vec<u64> {
    let mid = world.peers[i].audio.unwrap();
    world.peers[i].rtc.direct_api().set_red_send(mid, is_redundant);
    for n in 0..200u64 {
        let now = world.now;
        world.peers[i].send_sound(now, n * 960, &[0xfc, 0xff, 0xfe, n as u8]);
        world.run(TICK);
    }
    world.run(Duration::from_millis(200));
    world.heard(|h| h.sounds.iter().map(|(_, sound)| sound.rtp_time_48khz).collect())
}

#[test]
fn every_third_packet_may_be_lost_of_sound_that_is_sent_twice() {
    for (is_redundant, least, most) in [(true, 198, 200), (false, 100, 140)] {
        let mut world = World::new();
        let i = join(&mut world);
        world.loses_up = |n| n % 3 == 0;
        let times = speak(&mut world, i, is_redundant);
        assert!((least..=most).contains(&times.len()), "{is_redundant}: {}", times.len());
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "in order, and each once");
    }
}

#[test]
fn redundant_sound_is_preferred_in_the_answer() {
    let mut world = World::new();
    let i = join(&mut world);
    let lines = &world.legs.map[&LegKey(i as u64)].lines;
    let (red, opus) = (*lines.red.unwrap(), *lines.opus.unwrap());
    let mut peer = Peer::configured(world.next_addr(), false, world.now, |config| {
        config.enable_opus(true, true)
    });
    let offer = Offer::new(peer.full_offer());
    let (_, answer) =
        crate::negotiate::negotiate(&world.host, &offer, "one".into(), world.now).unwrap();
    let preferred = format!("m=audio 9 UDP/TLS/RTP/SAVPF {red} {opus}\r\n");
    assert!(answer.sdp.contains(&preferred), "{}", answer.sdp);
}

#[test]
fn redundancy_that_lies_about_its_lengths_hurts_nobody() {
    let mut world = World::new();
    let (liar, other) = (join(&mut world), join(&mut world));
    let mid = world.peers[liar].audio.unwrap();
    let (red, opus) = {
        let lines = &world.legs.map[&LegKey(liar as u64)].lines;
        (lines.red.unwrap(), *lines.opus.unwrap())
    };
    let hundred_blocks: Vec<u8> =
        [[0x80 | opus, 0x0f, 0x00, 0x01]; 100].concat().into_iter().chain([opus, 1, 2]).collect();
    let too_long = vec![0x80 | opus, 0x0f, 0x03, 0xff, opus, 1];
    let endless = vec![0x80 | opus; 40];
    let foreign = vec![0x80 | 3, 0x0f, 0x00, 0x01, 3, 1, 2];
    let payloads = [hundred_blocks, too_long, endless, foreign, vec![0x80], vec![]];
    for (n, payload) in payloads.into_iter().cycle().take(60).enumerate() {
        let now = world.now;
        let mut api = world.peers[liar].rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).unwrap();
        let seq = (1000 + n as u64).into();
        stream.write_rtp(RtpWrite::new(red, seq, n as u32 * 960, now, payload));
        world.run(TICK);
    }
    assert!(world.heard(|h| h.closed.is_empty()), "nobody is thrown out");
    speak(&mut world, other, true);
    let heard = world.heard(|h| h.sounds.iter().filter(|(leg, _)| leg.0 == other as u64).count());
    assert!(heard >= 198, "{heard}");
}
