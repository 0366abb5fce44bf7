//! What is refused before the WebRTC stack sees it, and how fast.

use std::time::{Duration, Instant};

use crate::offer::{OfferRefused, Takes};
use crate::sift::{Sifted, sift as judge};
use crate::tests::peer::{Peer, is_sdp};

const ALL: Takes =
    Takes { audio: true, video: true, gives_audio: true, gives_video: true, h264: true };

fn sift(sdp: &str, takes: Takes) -> Result<Sifted, OfferRefused> {
    judge(sdp, takes, &[])
}

fn offer() -> String {
    Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now()).full_offer()
}

#[test]
fn ten_thousand_candidates_cost_nothing_and_none_is_kept() {
    let line = "a=candidate:1 1 udp 2122 10.0.0.1 4444 typ host\r\n";
    let many = |n: usize| offer().replacen("a=mid:", &format!("{}a=mid:", line.repeat(n)), 1);
    let sifted = sift(&many(4000), ALL).unwrap().sdp;
    assert!(!sifted.contains("candidate"));
    assert!(is_sdp(&sifted));
    assert_eq!(sift(&many(10_000), ALL), Err(OfferRefused::TooLong));
}

#[test]
fn odd_candidates_are_no_reason_to_refuse() {
    for odd in [
        "a=candidate:1 1 udp 2122 0b5c-11.local 4444 typ host",
        "a=candidate:1 1 tcp 1518 192.168.0.1 9 typ host tcptype active",
        "a=candidate:rubbish",
        "a=end-of-candidates",
    ] {
        let sdp = offer().replace("a=mid:", &format!("{odd}\r\na=mid:"));
        assert!(sdp.contains(odd));
        assert!(is_sdp(&sift(&sdp, ALL).unwrap().sdp), "{odd}");
    }
}

#[test]
fn too_much_of_anything_is_refused_by_name() {
    let media = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
    let many = format!("{}{}", offer(), media.repeat(64));
    assert_eq!(sift(&many, ALL), Err(OfferRefused::TooManyMediaLines(66)));
    let long = format!("{}a=x:{}\r\n", offer(), "y".repeat(9000));
    assert_eq!(sift(&long, ALL), Err(OfferRefused::LineTooLong));
    let attributes = format!("{}{}", offer(), "a=fmtp:96 x=1\r\n".repeat(700));
    assert_eq!(sift(&attributes, ALL), Err(OfferRefused::TooLong));
}

#[test]
fn what_is_missing_is_said() {
    let without = |what: &str| {
        offer()
            .lines()
            .filter(|l| !l.contains(what))
            .map(|l| format!("{l}\r\n"))
            .collect::<String>()
    };
    assert_eq!(sift(&without("fingerprint"), ALL), Err(OfferRefused::NoFingerprint));
    assert_eq!(sift(&without("ice-pwd"), ALL), Err(OfferRefused::NoIce));
    let header = offer().split("m=").next().unwrap().to_owned();
    assert_eq!(sift(&header, ALL), Err(OfferRefused::NoMedia));
    for text in ["", "hello", "{\"type\":\"offer\"}", "v=1\r\n"] {
        assert!(matches!(sift(text, ALL), Err(OfferRefused::NotSdp(_))), "{text}");
    }
    let channel = format!("{header}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    assert_eq!(sift(&channel, ALL), Err(OfferRefused::NoMedia));
}

#[test]
fn a_client_that_may_not_send_is_taken_to_have_offered_to_receive_only() {
    let sifted = sift(&offer(), Takes { audio: false, ..ALL }).unwrap().sdp;
    let (audio, video) = sifted.split_once("m=video").unwrap();
    assert!(audio.contains("a=recvonly\r\n") && !audio.contains("a=sendrecv"));
    assert!(video.contains("a=sendrecv\r\n"));
    let sendonly = offer().replace("a=sendrecv", "a=sendonly");
    let none = sift(&sendonly, Takes { audio: false, video: false, ..ALL }).unwrap().sdp;
    assert_eq!(none.matches("a=inactive").count(), 2);
}

#[test]
fn rubbish_never_panics_and_is_judged_quickly() {
    let base = offer();
    let mut seed = 88_172_645_463_325_252u64;
    let started = Instant::now();
    for _ in 0..2000 {
        let mut bytes = base.clone().into_bytes();
        for _ in 0..8 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = (seed >> 8) as usize % bytes.len();
            bytes[at] = (seed >> 40) as u8 & 0x7f;
        }
        let _ = sift(&String::from_utf8(bytes).unwrap(), ALL);
    }
    let lines = format!("v=0\r\n{}", "a=x\r\n".repeat(50_000));
    assert!(sift(&lines, ALL).is_err());
    assert!(started.elapsed() < Duration::from_secs(10), "quadratic somewhere");
}
