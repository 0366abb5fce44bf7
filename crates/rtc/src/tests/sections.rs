//! Offers judged section by section.

use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::media::Direction;

use crate::negotiate::{Answer, Offer, negotiate, renegotiate};
use crate::offer::OfferRefused;
use crate::tests::peer::Peer;
use crate::tests::rig::{World, host, vp8_frame};
use crate::{LegKey, Uplink};

fn peer() -> Peer {
    Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now())
}

fn answer(offer: Offer) -> Result<Answer, OfferRefused> {
    negotiate(&host(), &offer, "one".into(), Instant::now()).map(|(_, answer)| answer)
}

/// The kind and whether it lives, of each section.
fn order(answer: &Answer) -> Vec<(String, bool)> {
    let lines = answer.sdp.lines().filter_map(|line| line.strip_prefix("m="));
    let words = lines.map(|line| line.split(' ').collect::<Vec<_>>());
    words.map(|words| (words[0].to_owned(), words[1] != "0")).collect()
}

/// An offer of sound and pictures, cut into what stands before, sound and pictures.
fn cut(offer: &str) -> [String; 3] {
    let parts: Vec<&str> = offer.split("m=").collect();
    [parts[0].to_owned(), format!("m={}", parts[1]), format!("m={}", parts[2])]
}

const CHANNEL: &str = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
                       a=mid:data\r\na=sctp-port:5000\r\n";
const DEAD: &str = "m=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n";

#[test]
fn dead_and_unwanted_sections_are_refused_by_themselves_in_their_places() {
    let [head, audio, video] = cut(&peer().full_offer());
    let head = head.replace("a=group:BUNDLE", "a=group:BUNDLE data gone");
    let text = "m=text 9 RTP/AVP 98\r\na=mid:t\r\n";
    let gone = DEAD.replace("a=inactive", "a=mid:gone\r\na=inactive");
    let offer = format!("{head}{CHANNEL}{DEAD}{video}{text}{gone}{audio}");
    let answer = answer(Offer::new(offer)).unwrap();
    let kinds = ["application", "video", "video", "text", "video", "audio"];
    let lives = [false, false, true, false, false, true];
    let expected: Vec<_> = kinds.map(str::to_owned).into_iter().zip(lives).collect();
    assert_eq!(order(&answer), expected, "{}", answer.sdp);
    assert!(answer.sdp.contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    for name in ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"] {
        assert_eq!(answer.sdp.matches(name).count(), 6, "aiortc wants it in each: {name}");
    }
    assert!(answer.sdp.contains("a=mid:data\r\n") && answer.sdp.contains("a=mid:gone\r\n"));
    let group = answer.sdp.lines().find(|line| line.starts_with("a=group:BUNDLE")).unwrap();
    assert!(!group.contains("data") && !group.contains("gone"), "{group}");
    assert!(answer.client_sends_audio && answer.client_sends_video);
}

#[test]
fn of_several_sections_of_a_kind_the_first_that_goes_most_ways_is_taken() {
    let [head, audio, video] = cut(&peer().full_offer());
    let second = |direction: &str| {
        let mid = video.lines().find(|line| line.starts_with("a=mid:")).unwrap();
        let own = video.replace(mid, "a=mid:second").replace("a=sendrecv", direction);
        own.lines().filter(|l| !l.starts_with("a=ssrc")).map(|l| format!("{l}\r\n")).collect()
    };
    let head = head.replace("a=group:BUNDLE", "a=group:BUNDLE second");
    let (both, hold): (String, String) = (second("a=sendrecv"), second("a=inactive"));
    for (offer, lives) in [
        (format!("{head}{audio}{video}{both}"), [true, true, false]),
        (format!("{head}{hold}{audio}{video}"), [false, true, true]),
    ] {
        let answer = answer(Offer::new(offer)).unwrap();
        assert_eq!(order(&answer).iter().map(|(_, live)| *live).collect::<Vec<_>>(), lives);
    }
    let twice = format!("{head}{audio}{video}{video}");
    let answer = answer(Offer::new(twice)).unwrap();
    assert_eq!(order(&answer)[2], ("video".to_owned(), false), "the same id twice");
}

#[test]
fn a_video_first_offer_is_answered_video_first() {
    let both = Some(Direction::SendRecv);
    let offer = peer().offer(both, both, true);
    let answer = answer(Offer::publisher(offer)).unwrap();
    assert_eq!(order(&answer)[0].0, "video");
}

#[test]
fn every_profile_that_must_be_taken_is_taken_and_repeated() {
    let offer = peer().full_offer();
    for profile in [
        "RTP/AVP",
        "RTP/AVPF",
        "RTP/SAVP",
        "RTP/SAVPF",
        "TCP/DTLS/RTP/SAVP",
        "TCP/DTLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP",
        "UDP/TLS/RTP/SAVPF",
        "TCP/TLS/RTP/SAVPF",
    ] {
        let answer = answer(Offer::new(offer.replace("UDP/TLS/RTP/SAVPF", profile))).unwrap();
        assert_eq!(answer.sdp.matches(&format!(" 9 {profile} ")).count(), 2, "{}", answer.sdp);
    }
    let other = answer(Offer::new(offer.replace("UDP/TLS/RTP/SAVPF", "RTP/XYZ")));
    assert_eq!(other.unwrap_err(), OfferRefused::NoMedia);
}

#[test]
fn who_is_sent_nothing_hears_of_no_source() {
    let offer = peer().offer(Some(Direction::SendRecv), Some(Direction::SendOnly), false);
    let answer = answer(Offer::new(offer)).unwrap();
    let (audio, video) = answer.sdp.split_once("m=video").unwrap();
    for name in ["a=ssrc:", "a=msid:"] {
        assert!(audio.contains(name) && !video.contains(name), "{name} {}", answer.sdp);
    }
    assert!(!video.contains("a=ssrc-group:"));
}

/// An offer whose pictures are H.264 alone, with these parameters.
fn h264(direction: Direction, fmtp: &str) -> String {
    let offer = peer().offer(Some(direction), Some(direction), false);
    let [head, audio, video] = cut(&offer);
    let kept = video.lines().skip(1).filter(|line| {
        !["a=rtpmap", "a=fmtp", "a=rtcp-fb"].iter().any(|start| line.starts_with(start))
    });
    let fmtp = if fmtp.is_empty() { String::new() } else { format!("a=fmtp:97 {fmtp}\r\n") };
    let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
    let line = "m=video 9 UDP/TLS/RTP/SAVPF 97\r\n";
    format!("{head}{audio}{line}{kept}a=rtpmap:97 H264/90000\r\na=rtcp-fb:* nack pli\r\n{fmtp}")
}

#[test]
fn h264_is_taken_in_every_spelling_the_decoder_reads_and_answered_in_the_same() {
    for fmtp in [
        "",
        "packetization-mode=1",
        "profile-level-id=42001f;packetization-mode=1;level-asymmetry-allowed=1",
        "profile-level-id=42e01f",
        "profile-level-id=42C028;packetization-mode=0",
        "profile-level-id=4d0032;packetization-mode=1",
        "profile-level-id=4D401F",
        "profile-level-id=64001f;packetization-mode=1",
        "packetization-mode=1; profile-level-id=640c34",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;max-fs=8160",
    ] {
        let answer = answer(Offer::publisher(h264(Direction::SendOnly, fmtp))).unwrap();
        assert!(answer.client_sends_video, "{fmtp}");
        assert!(answer.sdp.contains("a=rtpmap:97 H264/90000\r\n"), "{}", answer.sdp);
        assert!(answer.sdp.contains("a=rtcp-fb:97 nack pli\r\n"), "{}", answer.sdp);
        let said = answer.sdp.lines().find_map(|line| line.strip_prefix("a=fmtp:97 "));
        for part in said.unwrap_or("").split(';').filter(|part| !part.is_empty()) {
            assert!(fmtp.contains(part), "{part} was not offered by {fmtp}");
        }
        for name in ["profile-level-id", "packetization-mode"] {
            let is_said = said.is_some_and(|said| said.contains(name));
            assert_eq!(fmtp.contains(name), is_said, "{fmtp}: {said:?}");
        }
    }
}

#[test]
fn pictures_nobody_here_can_read_are_refused_with_what_would_be_taken() {
    for fmtp in ["profile-level-id=6e001f", "packetization-mode=2", "profile-level-id=f4001f"] {
        let refused = answer(Offer::publisher(h264(Direction::SendOnly, fmtp))).unwrap_err();
        assert!(refused.to_string().contains("H.264 of the Baseline, Main or High"), "{refused}");
    }
    let offer = h264(Direction::SendOnly, "packetization-mode=1");
    let refused = answer(Offer { allow_h264: false, ..Offer::publisher(offer) }).unwrap_err();
    assert!(refused.to_string().ends_with("offer VP8"), "{refused}");
}

#[test]
fn a_viewer_is_sent_h264_only_in_packets_it_offered_to_take() {
    let fragments = "profile-level-id=64001f;packetization-mode=1";
    let takes = answer(Offer::audience(h264(Direction::RecvOnly, fragments))).unwrap();
    assert!(takes.takes_h264 && takes.client_receives_video);
    let single = "profile-level-id=42e01f;packetization-mode=0";
    let refused = answer(Offer::audience(h264(Direction::RecvOnly, single))).unwrap_err();
    assert!(refused.to_string().contains("packetization-mode=1"), "{refused}");
}

#[test]
fn ids_the_stack_cannot_hold_come_back_whole() {
    let mut peer = peer();
    let offer = peer.full_offer();
    let long = "a-section-with-a-very-long-name";
    let ids = [peer.audio.unwrap().to_string(), peer.video.unwrap().to_string()];
    let offer = offer.replace(&format!("a=mid:{}", ids[1]), &format!("a=mid:{long}"));
    let group = format!("a=group:BUNDLE {} {}", ids[0], ids[1]);
    let offer = offer.replace(&group, &format!("a=group:BUNDLE {} {long}", ids[0]));
    let answer = answer(Offer::new(offer)).unwrap();
    assert!(answer.sdp.contains(&format!("a=mid:{long}\r\n")), "{}", answer.sdp);
    assert!(answer.sdp.contains(&format!("a=group:BUNDLE {} {long}\r\n", ids[0])));
    let (_, video) = answer.sdp.split_once("m=video").unwrap();
    assert!(!video.contains("sdes:mid"), "packets cannot name it: {video}");
}

#[test]
fn two_sections_that_are_not_bundled_are_refused_with_the_way_out() {
    let offer = peer().full_offer().replace("a=group:BUNDLE", "a=group:LS");
    let refused = answer(Offer::new(offer)).unwrap_err();
    assert!(refused.to_string().contains("max-bundle"), "{refused}");
}

#[test]
fn no_refusal_shows_a_memory_address_or_another_programs_words() {
    let offer = peer().full_offer();
    let broken = [
        offer.replace("m=video 9", "m=video x"),
        offer.replace("a=mid:", "a=mid"),
        offer.replace("a=rtpmap:", "a=rtpmap:9"),
        offer.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 zz:"),
        offer.replace("a=ice-ufrag:", "a=ice-ufrag: "),
        offer.replace("a=setup:actpass", "a=setup:maybe"),
        offer.replace("m=audio", "m=\u{1}"),
        offer.replace("UDP/TLS/RTP/SAVPF", ""),
    ];
    for text in broken {
        if let Err(refused) = answer(Offer::new(text.clone())) {
            let words = format!("{refused} {refused:?}");
            assert!(!words.contains("0x") && !words.contains("Pointer"), "{words}");
            assert_ne!(refused, OfferRefused::Unusable, "{text}");
        }
    }
}

#[test]
fn of_layers_written_as_sources_only_the_largest_is_named_to_the_stack() {
    let [head, audio, video] = cut(&peer().full_offer());
    let plain = video.lines().filter(|line| !line.starts_with("a=ssrc"));
    let mut video: String = plain.map(|line| format!("{line}\r\n")).collect();
    video += "a=ssrc-group:SIM 11 22 33\r\n";
    for n in [11, 22, 33] {
        video += &format!("a=ssrc-group:FID {n} {}\r\na=ssrc:{n} cname:x\r\n", n + 1);
        video += &format!("a=ssrc:{} cname:x\r\n", n + 1);
    }
    let offer = Offer::new(format!("{head}{audio}{video}"));
    let (agreed, _) = negotiate(&host(), &offer, "one".into(), Instant::now()).unwrap();
    assert_eq!(agreed.lines.unwanted, [11, 12, 22, 23]);
}

/// A client whose sources nothing but their payload types puts into a section.
fn unnamed(world: &mut World) -> usize {
    let long = "a-section-with-a-very-long-name";
    let make = |peer: &mut Peer| {
        let offer = peer.full_offer();
        let own = |line: &&str| !line.starts_with("a=ssrc") && !line.ends_with("sdes:mid");
        let offer: String = offer.lines().filter(own).map(|line| format!("{line}\r\n")).collect();
        let mid = peer.video.unwrap().to_string();
        let offer = offer.replace(&format!("a=mid:{mid}"), &format!("a=mid:{long}"));
        Offer::new(offer.replacen(&format!(" {mid}\r\n"), &format!(" {long}\r\n"), 1))
    };
    let read = |peer: &Peer, answer: &str| answer.replace(long, &peer.video.unwrap().to_string());
    let (i, _) = world.call_by(make, read);
    assert!(world.run_until(Duration::from_secs(3), |w| w.is_up(i) && w.peers[i].connected));
    i
}

/// Lets it send twenty pictures and sounds; gives how many of each came.
fn talk(world: &mut World, i: usize, from: u32) -> (usize, usize) {
    let count = |world: &World| world.heard(|h| (h.pictures.len(), h.sounds.len()));
    let before = count(world);
    for n in from..from + 20 {
        let (now, peer) = (world.now, &mut world.peers[i]);
        let frame = vp8_frame(n, n == from, 900);
        peer.send_picture(now, Codec::Vp8, u64::from(n) * 3000, &frame);
        peer.send_sound(now, u64::from(n) * 960, &[7; 40]);
        world.run(Duration::from_millis(20));
    }
    let after = count(world);
    (after.0 - before.0, after.1 - before.1)
}

#[test]
fn pictures_and_sound_that_only_their_payload_type_names_are_taken() {
    let mut world = World::new();
    let i = unnamed(&mut world);
    let (pictures, sounds) = talk(&mut world, i, 0);
    assert!(pictures >= 15 && sounds >= 15, "{pictures} {sounds}");
}

#[test]
fn the_twentieth_source_of_a_section_that_nobody_named_is_heard_as_the_first() {
    let mut world = World::new();
    let i = unnamed(&mut world);
    for n in 0..20u32 {
        let (pictures, sounds) = talk(&mut world, i, 20 * n);
        assert!(pictures >= 15 && sounds >= 15, "source {n}: {pictures} {sounds}");
        world.run(Duration::from_secs(1));
        let Peer { rtc, audio, video, .. } = &mut world.peers[i];
        for (mid, ssrc) in [(audio, 1000 + n), (video, 2000 + n)] {
            let rtx = Some((ssrc + 5000).into());
            rtc.direct_api().reset_stream_tx(mid.unwrap(), None, ssrc.into(), rtx).unwrap();
        }
    }
}

#[test]
fn forged_sources_do_not_take_the_place_of_the_one_that_is_heard() {
    let mut world = World::new();
    let i = unnamed(&mut world);
    talk(&mut world, i, 0);
    let (from, lines) = (world.peers[i].addr.to_string(), &world.legs.map[&LegKey(0)].lines);
    let kinds = [*lines.vp8.unwrap(), *lines.opus.unwrap()];
    for n in 0..1000u32 {
        for kind in kinds {
            let mut packet = vec![7; 200];
            packet[..2].copy_from_slice(&[0x80, kind]);
            packet[8..12].copy_from_slice(&(n + 1).to_be_bytes());
            world.inject(&from, &packet);
        }
    }
    let (pictures, sounds) = talk(&mut world, i, 20);
    assert!(pictures >= 19 && sounds >= 19, "{pictures} {sounds}");
}

/// Sends 30 pictures in three layers, the lowest a quarter of 640 by 480; told apart by their lengths, which
/// those that came through have: 300, 600, 900 bytes.
fn show_in_layers(world: &mut World, i: usize, rids: &[&str], from: u32) -> Vec<usize> {
    let before = world.heard(|h| h.pictures.len());
    for n in from..from + 30 {
        for (step, rid) in rids.iter().enumerate() {
            let mut frame = vp8_frame(n, n == from, 300 * (step + 1));
            let (wide, high) = (160u16 << step, 120u16 << step);
            frame[6..8].copy_from_slice(&wide.to_le_bytes());
            frame[8..10].copy_from_slice(&high.to_le_bytes());
            let now = world.now;
            world.peers[i].send_layer(now, rid, u64::from(n) * 3000, &frame);
            world.peers[i].tick(now);
        }
        world.run(Duration::from_millis(33));
    }
    world.heard(|h| h.pictures[before..].iter().map(|(_, p)| p.data.len()).collect())
}

#[test]
fn of_a_picture_in_layers_the_largest_comes_though_the_lowest_is_listed_first() {
    let mut world = World::new();
    let rids = ["q", "h", "f"];
    let (i, answer) = world.call(|peer| Offer::publisher(peer.layered_offer(&rids)));
    assert!(answer.sdp.contains("a=simulcast:recv q;h;f\r\n"), "{}", answer.sdp);
    assert!(world.run_until(Duration::from_secs(3), |w| w.is_up(i) && w.peers[i].connected));
    let lengths = show_in_layers(&mut world, i, &rids, 0);
    assert!(lengths.len() >= 29, "{lengths:?}");
    assert!(lengths.iter().skip(3).all(|length| *length == 900), "{lengths:?}");
}

#[test]
fn whoever_sends_layers_is_sent_a_picture_whose_source_is_named() {
    let group = |answer: &str| {
        let groups = answer.lines().filter_map(|line| line.strip_prefix("a=ssrc-group:FID "));
        let group = groups.collect::<Vec<_>>().join(" and ");
        let is_named = |ssrc: &str| answer.contains(&format!("a=ssrc:{ssrc} cname:"));
        (group.split(' ').count() == 2 && group.split(' ').all(is_named)).then_some(group)
    };
    let mut peer = peer();
    let offer = Offer::new(peer.layered_full_offer(&["q", "h", "f"]));
    let (mut made, first) = negotiate(&host(), &offer, "one".into(), Instant::now()).unwrap();
    let named = group(&first.sdp);
    assert!(named.is_some() && first.sdp.contains("a=sendrecv\r\n"), "{}", first.sdp);
    peer.answer(&first.sdp);
    let offer = Offer::new(peer.restart_offer());
    let leg = (&mut made.rtc, &mut made.lines);
    let second = renegotiate(&host(), leg, &made.fingerprint, &made.stream_id, &offer).unwrap();
    assert_eq!(group(&second.sdp), named, "and it stays the same: {}", second.sdp);
}

#[test]
fn of_a_picture_in_layers_the_smallest_that_fills_its_cell_comes() {
    let mut world = World::new();
    let rids = ["a", "b", "c"];
    let (i, _) = world.call(|peer| Offer::publisher(peer.layered_offer(&rids)));
    assert!(world.run_until(Duration::from_secs(3), |w| w.is_up(i) && w.peers[i].connected));
    for (turn, (cell, length)) in [(100, 300), (370, 900), (240, 600)].into_iter().enumerate() {
        let uplink = Uplink { bps: 2_500_000, height: cell };
        let now = world.now;
        world.legs.set_uplink(now, LegKey(i as u64), Some(uplink), &mut world.pipe);
        let lengths = show_in_layers(&mut world, i, &rids, turn as u32 * 30);
        assert!(lengths.len() >= 28, "{lengths:?}");
        assert!(lengths.iter().skip(3).all(|got| *got == length), "a cell of {cell}: {lengths:?}");
    }
}
