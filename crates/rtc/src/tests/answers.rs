//! The form of the answer.

use std::time::Instant;

use str0m::media::Direction;

use crate::negotiate::{Answer, Offer, negotiate};
use crate::offer::OfferRefused;
use crate::tests::peer::Peer;
use crate::tests::rig::host;

fn peer() -> Peer {
    Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now())
}

fn answer(offer: Offer) -> Result<Answer, OfferRefused> {
    negotiate(&host(), &offer, "one".into(), Instant::now()).map(|(_, answer)| answer)
}

#[test]
fn a_video_first_offer_is_answered_audio_first_to_who_wants_it_so() {
    let mut peer = peer();
    let both = Some(Direction::SendRecv);
    let offer = peer.offer(both, both, true);
    assert!(offer.find("m=video").unwrap() < offer.find("m=audio").unwrap());
    let answer = answer(Offer { audio_first: true, ..Offer::new(offer) }).unwrap();
    // Whose transport carries all is decided by the first of the group, and that stays the client's.
    let group = format!("a=group:BUNDLE {} {}\r\n", peer.video.unwrap(), peer.audio.unwrap());
    assert!(answer.sdp.contains(&group), "{}", answer.sdp);
    let (audio, video) = answer.sdp.split_once("m=video").unwrap();
    assert!(audio.contains("m=audio"));
    assert!(audio.contains(&format!("a=mid:{}\r\n", peer.audio.unwrap())));
    assert!(video.contains(&format!("a=mid:{}\r\n", peer.video.unwrap())));
    assert!(answer.sdp.ends_with("\r\n") && !answer.sdp.contains("\r\n\r\n"));
    assert!(answer.sdp.lines().all(|l| !l.is_empty()));
}

#[test]
fn every_section_has_all_candidates_and_the_same_stream_id() {
    let answer = answer(Offer::new(peer().full_offer())).unwrap();
    let sections: Vec<&str> = answer.sdp.split("m=").skip(1).filter(|s| s.len() > 40).collect();
    assert_eq!(sections.len(), 2);
    for section in sections {
        assert_eq!(section.matches("a=candidate:").count(), 2, "{section}");
        assert!(section.contains(" tcptype passive") && section.contains(" udp "));
        assert!(section.contains("a=end-of-candidates\r\n"));
        assert!(section.contains("a=msid:one "), "{section}");
        assert!(section.contains("a=rtcp-mux\r\n") && section.contains("a=setup:passive\r\n"));
    }
    assert!(answer.sdp.contains("a=ice-lite\r\n"));
    assert!(answer.sdp.contains("a=group:BUNDLE"));
}

#[test]
fn both_codecs_are_answered_when_both_are_offered_and_allowed() {
    let both = answer(Offer::new(peer().full_offer())).unwrap();
    assert!(both.takes_vp8 && both.takes_h264);
    assert!(both.sdp.contains("VP8/90000") && both.sdp.contains("profile-level-id=42e01f"));
    assert_eq!(both.sdp.matches("H264/90000").count(), 1, "one profile is enough");
    assert!(both.sdp.contains("packetization-mode=1"));
    assert!(both.sdp.find("VP8/").unwrap() < both.sdp.find("H264/").unwrap());
    let vp8 = answer(Offer { allow_h264: false, ..Offer::new(peer().full_offer()) }).unwrap();
    assert!(vp8.takes_vp8 && !vp8.takes_h264 && !vp8.sdp.contains("H264"));
}

#[test]
fn the_audience_is_answered_sendonly_whatever_it_offers() {
    let answer = answer(Offer::audience(peer().full_offer())).unwrap();
    assert_eq!(answer.sdp.matches("a=sendonly\r\n").count(), 2);
    assert!(!answer.sdp.contains("a=sendrecv") && !answer.sdp.contains("a=recvonly"));
    assert!(!answer.client_sends_audio && !answer.client_sends_video);
    assert!(answer.client_receives_audio && answer.client_receives_video);
}

#[test]
fn directions_are_mirrored() {
    let offer = peer().offer(Some(Direction::SendOnly), Some(Direction::RecvOnly), false);
    let answer = answer(Offer::new(offer)).unwrap();
    let (audio, video) = answer.sdp.split_once("m=video").unwrap();
    assert!(audio.contains("a=recvonly\r\n") && video.contains("a=sendonly\r\n"));
    assert!(answer.client_sends_audio && !answer.client_receives_audio);
    assert!(!answer.client_sends_video && answer.client_receives_video);
}

#[test]
fn an_audio_only_offer_gets_an_audio_only_answer() {
    let answer = answer(Offer::new(peer().offer(Some(Direction::RecvOnly), None, false))).unwrap();
    assert!(!answer.sdp.contains("m=video") && answer.client_receives_audio);
    assert!(!answer.takes_vp8 && !answer.client_receives_video);
}

#[test]
fn no_codec_in_common_is_said_so() {
    let offer = peer().full_offer();
    let no_opus = offer.replace("opus/48000/2", "G722/8000");
    let refused = answer(Offer::new(no_opus));
    assert!(matches!(refused, Err(OfferRefused::NoCommonCodec("audio", _))), "{refused:?}");
    let no_video = offer.replace("VP8/90000", "AV1/90000").replace("H264/90000", "VP9/90000");
    assert!(matches!(answer(Offer::new(no_video)), Err(OfferRefused::NoCommonCodec("video", _))));
}

#[test]
fn a_damaged_offer_is_refused_or_answered_but_never_panics() {
    let offer = peer().full_offer();
    let mut seed = 12_345_678_901u64;
    let host = host();
    for _ in 0..300 {
        let mut bytes = offer.clone().into_bytes();
        for _ in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8 & 0x7f;
        }
        let text = String::from_utf8(bytes).unwrap();
        let result = negotiate(&host, &Offer::new(text.clone()), "one".into(), Instant::now());
        let panicked = matches!(&result, Err(OfferRefused::Unusable));
        assert!(!panicked, "the stack met what it cannot read: {text}");
    }
}
