//! Offers of clients that only send, or only receive.

use std::time::Instant;

use crate::negotiate::{Answer, Offer, negotiate};
use crate::offer::OfferRefused;
use crate::tests::peer::Peer;
use crate::tests::rig::host;

/// What OBS 30 and later offer by WHIP: its two sections (`plugins/obs-webrtc/whip-output.cpp`) as
/// libdatachannel writes them, with an H.264 codec alone and no header extension.
const OBS: &str = "v=0\r\no=rtc 3767197920 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    a=group:BUNDLE 0 1\r\na=group:LS 0 1\r\na=msid-semantic:WMS *\r\na=setup:actpass\r\n\
    a=ice-ufrag:8ZLg\r\na=ice-pwd:dQ7BEn1mLZ9dYq5+OhaHgq\r\na=ice-options:ice2,trickle\r\n\
    a=fingerprint:sha-256 E8:AB:D7:64:68:33:2A:D1:8B:0E:D4:25:DA:4C:1D:F0:5E:8F:44:41:51:5F:B9:05:\
C6:4C:4F:59:A2:C6:7E:4C\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\n\
    a=ssrc:1001 cname:c9WcTQXJKXJ8V2v6\r\na=ssrc:1001 msid:vMXkYfDLqkRjT3lZ vMXkYfDLqkRjT3lZ-audio\r\n\
    a=msid:vMXkYfDLqkRjT3lZ vMXkYfDLqkRjT3lZ-audio\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\n\
    a=ssrc:1002 cname:c9WcTQXJKXJ8V2v6\r\na=ssrc:1002 msid:vMXkYfDLqkRjT3lZ vMXkYfDLqkRjT3lZ-video\r\n\
    a=msid:vMXkYfDLqkRjT3lZ vMXkYfDLqkRjT3lZ-video\r\na=rtcp-mux\r\na=rtpmap:96 H264/90000\r\n\
    a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 goog-remb\r\n\
    a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\r\n";

fn answer(offer: Offer) -> Result<Answer, OfferRefused> {
    negotiate(&host(), &offer, "one".into(), Instant::now()).map(|(_, answer)| answer)
}

/// How often each direction stands in an answer: sendrecv, sendonly, recvonly, inactive.
fn directions(answer: &Answer) -> [usize; 4] {
    ["sendrecv", "sendonly", "recvonly", "inactive"]
        .map(|word| answer.sdp.matches(&format!("a={word}\r\n")).count())
}

#[test]
fn what_obs_offers_is_taken_with_its_own_numbers() {
    let answer = answer(Offer::publisher(OBS)).unwrap();
    assert_eq!(directions(&answer), [0, 0, 2, 0], "{}", answer.sdp);
    assert!(answer.client_sends_audio && answer.client_sends_video);
    assert!(!answer.client_receives_audio && !answer.client_receives_video);
    assert!(answer.sdp.contains("a=rtpmap:111 opus/48000/2\r\n"), "{}", answer.sdp);
    assert!(answer.sdp.contains("a=rtpmap:96 H264/90000\r\n"), "{}", answer.sdp);
}

#[test]
fn whoever_only_sends_is_sent_nothing_and_whoever_only_receives_sends_nothing() {
    let both = Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now()).full_offer();
    let publishes = answer(Offer::publisher(&*both)).unwrap();
    assert_eq!(directions(&publishes), [0, 0, 2, 0]);
    let watches = answer(Offer::audience(&*both)).unwrap();
    assert_eq!(directions(&watches), [0, 2, 0, 0]);
    assert!(watches.client_receives_video && !watches.client_sends_video);
    let neither = Offer { receive_from_client: false, ..Offer::publisher(both) };
    assert_eq!(directions(&answer(neither).unwrap()), [0, 0, 0, 2]);
}

#[test]
fn of_a_kind_that_may_not_be_received_nothing_is_sent_whoever_offers_what() {
    let peer = || Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now()).full_offer();
    let only_watches = peer().replace("a=sendrecv", "a=recvonly");
    let hears = Offer { send_video: false, ..Offer::audience(&*only_watches) };
    let sees = Offer { send_audio: false, ..Offer::audience(&*only_watches) };
    let sends_too = Offer { send_video: false, ..Offer::new(peer()) };
    for (offer, gets, expected) in [
        (hears, (true, false), [0, 1, 0, 1]),
        (sees, (false, true), [0, 1, 0, 1]),
        (sends_too, (true, false), [1, 0, 1, 0]),
    ] {
        let answer = answer(offer).unwrap();
        assert_eq!(directions(&answer), expected, "{}", answer.sdp);
        assert_eq!((answer.client_receives_audio, answer.client_receives_video), gets);
        let (_, video) = answer.sdp.split_once("m=video").unwrap();
        assert_eq!(video.contains("a=ssrc:"), gets.1, "{video}");
    }
}
