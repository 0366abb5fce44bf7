//! Legs as they are answered: real offers and sockets, no peer.

use super::*;
use rotunda_domain::{MemberId, Outcome, Quality};
use uuid::Uuid;

struct Nobody;

impl EngineEvents for Nobody {
    fn happened(&self, _: SessionId, _: Outcome) {}
}

const MEMBER: MemberId = MemberId(Uuid::from_u128(1));
const SCREEN: MemberId = MemberId(Uuid::from_u128(2));
const SESSION: SessionId = SessionId(Uuid::from_u128(9));

fn native() -> Native {
    let net = NetConfig::new("127.0.0.1:0".parse().unwrap());
    let options = NativeOptions {
        net,
        graph: GraphOptions::default(),
        ffmpeg: "ffmpeg".into(),
        max_playbacks: 3,
        fence: None,
        reach: OutboundOptions::default(),
    };
    let native = Native::start(options, Arc::new(Nobody)).unwrap();
    let spec =
        CanvasSpec { quality: Quality::P720, fps: 20, audio_video_sync: false, name_banners: None };
    native.open(SESSION, spec);
    native
}

fn sdp(direction: &str) -> String {
    let head = "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n";
    let print = ["AB"; 32].join(":");
    let section = |mid, m: &str, map| {
        format!(
            "m={m}\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n\
             a=fingerprint:sha-256 {print}\r\na=setup:actpass\r\na=mid:{mid}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:{map}\r\n"
        )
    };
    let audio = section(0, "audio 9 UDP/TLS/RTP/SAVPF 111", "111 opus/48000/2");
    let video = section(1, "video 9 UDP/TLS/RTP/SAVPF 96", "96 VP8/90000");
    format!("{head}{audio}{video}")
}

fn request(leg: u64, member: MemberId, may_send: bool, direction: &str) -> LegRequest {
    LegRequest {
        session: SESSION,
        leg: LegKey(leg),
        member,
        person: "project/room/name".into(),
        owner: MEMBER,
        sdp: sdp(direction),
        may_send,
        may_receive_audio: true,
        may_receive_video: true,
        audio_first: true,
        takes_audio: may_send,
        takes_video: may_send,
    }
}

fn entry(native: &Native, leg: u64) -> LegEntry {
    native.shared.read(|legs| legs.get(LegKey(leg)).cloned()).unwrap()
}

fn is_muted(entry: &LegEntry) -> (bool, bool) {
    let intake = entry.intake.as_ref().unwrap();
    (intake.sound.is_muted(), intake.picture.is_muted())
}

#[test]
fn a_child_leg_that_receives_nothing_costs_no_sending() {
    let native = native();
    native.answer(request(1, SCREEN, true, "sendonly")).unwrap();
    let child = entry(&native, 1);
    assert!(child.intake.is_some() && child.receives.is_none() && !child.listens);
    assert_eq!(native.shared.read(|legs| legs.receivers(SESSION, VideoCodec::Vp8)), 0);
    native.answer(request(2, MEMBER, true, "sendrecv")).unwrap();
    assert_eq!(entry(&native, 2).receives, Some(VideoCodec::Vp8));
}

#[test]
fn a_mute_goes_with_the_member_to_a_new_leg_and_not_to_their_screen() {
    let native = native();
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    native.apply_media(SESSION, MemberMedia::nothing(MEMBER));
    native.answer(request(2, SCREEN, true, "sendonly")).unwrap();
    native.answer(request(3, MEMBER, true, "sendrecv")).unwrap();
    assert_eq!(is_muted(&entry(&native, 3)), (true, true));
    assert_eq!(is_muted(&entry(&native, 2)), (false, false));
    Engine::release(&native, LegKey(1));
    native.apply_media(SESSION, MemberMedia { audio_muted: false, ..MemberMedia::nothing(MEMBER) });
    assert_eq!(is_muted(&entry(&native, 3)), (false, true), "the newer leg's intake is in use");
}

#[test]
fn after_a_demotion_nothing_is_taken_of_the_old_leg_which_goes_on_receiving() {
    let native = native();
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    native.answer(request(2, MEMBER, false, "recvonly")).unwrap();
    let old = entry(&native, 1);
    assert!(old.intake.is_none() && old.receives.is_some() && old.listens);
    Engine::release(&native, LegKey(1));
    assert!(entry(&native, 2).intake.is_none());
    assert_eq!(native.shared.read(|legs| legs.sender(SESSION, MEMBER)), None);
    assert_eq!(native.shared.read(|legs| legs.receivers(SESSION, VideoCodec::Vp8)), 1);
}

#[test]
fn nothing_is_kept_of_somebody_who_has_no_leg() {
    let native = native();
    native.apply_media(SESSION, MemberMedia::nothing(MEMBER));
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    assert_eq!(is_muted(&entry(&native, 1)), (false, false));
    native.apply_media(SESSION, MemberMedia::nothing(MEMBER));
    Engine::release(&native, LegKey(1));
    native.answer(request(2, MEMBER, true, "sendrecv")).unwrap();
    assert_eq!(is_muted(&entry(&native, 2)), (false, false));
}

#[test]
fn holding_ends_the_sending_and_its_end_begins_it_again() {
    let native = native();
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    let receivers = || native.shared.read(|legs| legs.receivers(SESSION, VideoCodec::Vp8));
    native.renegotiate(LegKey(1), sdp("sendonly")).unwrap();
    assert_eq!((entry(&native, 1).listens, receivers()), (false, 0));
    native.renegotiate(LegKey(1), sdp("sendrecv")).unwrap();
    assert_eq!((entry(&native, 1).listens, receivers()), (true, 1));
}

#[test]
fn a_held_leg_is_sent_nothing_whatever_it_offers_until_it_is_taken_off_hold() {
    let native = native();
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    let sent = || {
        let receivers = native.shared.read(|legs| legs.receivers(SESSION, VideoCodec::Vp8));
        (entry(&native, 1).listens, receivers)
    };
    native.hold(LegKey(1), true);
    assert_eq!(sent(), (false, 0));
    native.renegotiate(LegKey(1), sdp("recvonly")).unwrap();
    assert!(native.renegotiate(LegKey(1), sdp("sendrecv")).unwrap().is_held);
    assert_eq!(sent(), (false, 0));
    native.hold(LegKey(1), false);
    assert_eq!(sent(), (true, 1));
}

#[test]
fn a_later_offer_gives_nobody_the_camera_they_were_not_allowed() {
    let native = native();
    let request = LegRequest { takes_video: false, ..request(1, MEMBER, true, "sendrecv") };
    let first = native.answer(request).unwrap().sdp;
    let again = native.renegotiate(LegKey(1), sdp("sendrecv")).unwrap().sdp;
    for answer in [first, again] {
        let (audio, video) = answer.split_once("m=video").unwrap();
        assert!(audio.contains("a=sendrecv") && video.contains("a=sendonly"), "{answer}");
    }
}

#[test]
fn a_later_offer_gives_nobody_a_kind_they_may_not_receive() {
    let native = native();
    let hears = LegRequest { may_receive_video: false, ..request(1, MEMBER, false, "recvonly") };
    let first = native.answer(hears).unwrap().sdp;
    let again = native.renegotiate(LegKey(1), sdp("recvonly")).unwrap().sdp;
    native.hold(LegKey(1), true);
    native.hold(LegKey(1), false);
    for answer in [first, again] {
        let (audio, video) = answer.split_once("m=video").unwrap();
        assert!(audio.contains("a=sendonly") && video.contains("a=inactive"), "{answer}");
    }
    assert_eq!((entry(&native, 1).receives, entry(&native, 1).listens), (None, true));
}

#[test]
fn after_a_demotion_the_old_leg_gets_no_kind_that_the_new_one_may_not_receive() {
    let native = native();
    native.answer(request(1, MEMBER, true, "sendrecv")).unwrap();
    native.answer(request(3, SCREEN, true, "sendrecv")).unwrap();
    let hears = LegRequest { may_receive_video: false, ..request(2, MEMBER, false, "recvonly") };
    native.answer(hears).unwrap();
    native.renegotiate(LegKey(1), sdp("sendrecv")).unwrap();
    let old = entry(&native, 1);
    assert_eq!((old.receives, old.listens), (None, true));
    assert!(entry(&native, 3).receives.is_some(), "what is another's is left alone");
    assert_eq!(native.shared.read(|legs| legs.receivers(SESSION, VideoCodec::Vp8)), 1);
}
