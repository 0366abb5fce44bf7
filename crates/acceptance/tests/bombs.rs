//! One member throws what it can: pictures that lie about their size, rubbish, offers without end.
//! Each is answered by a typed error or dropped and counted; the others see and hear on.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Beat, Camera, Client, ClientError, Content, Journal, Leg, LegOptions, Microphone, RawPicture,
    RawSound, Receive, Signal, VideoCodec, Yuv, mean_of,
};
use rotunda_acceptance::{Had, Room, Stack, pause, undisturbed, watched};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);

/// A seeded stream of bytes: the same rubbish every time.
struct Rubbish(u64);

impl Rubbish {
    fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut next = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            (self.0 >> 33) as u8
        };
        (0..n).map(|_| next()).collect()
    }
}

/// A VP8 key frame that says it is 16383 pixels wide and high (RFC 6386 §9.1).
fn giant() -> Vec<u8> {
    let first_part = 100u32;
    let tag = (first_part << 5 | 1 << 4).to_le_bytes();
    let mut frame = tag[..3].to_vec();
    frame.extend([0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F]);
    frame.extend(Rubbish(1).bytes(400));
    frame
}

/// The kinds of pictures thrown, in turn.
fn bomb(n: u64, rubbish: &mut Rubbish) -> (VideoCodec, Vec<u8>) {
    match n % 5 {
        0 => (VideoCodec::Vp8, giant()),
        1 => (VideoCodec::Vp8, rubbish.bytes(3000)),
        2 => (VideoCodec::H264, [&[0, 0, 0, 1, 0x67][..], &rubbish.bytes(40)].concat()),
        3 => (VideoCodec::H264, [&[0, 0, 0, 1, 0x65][..], &rubbish.bytes(5000)].concat()),
        _ => {
            // A key frame's beginning, true size, and rubbish for the rest.
            let mut frame = giant();
            frame[6..10].copy_from_slice(&[0x40, 0x01, 0xB4, 0x00]);
            frame.extend(rubbish.bytes(2000));
            (VideoCodec::Vp8, frame)
        }
    }
}

/// What somebody has once pictures flow and before anything is thrown.
async fn calm(viewer: &Client) -> Had {
    let flows = |c: &Client| c.leg().look(|f| f.pictures.arrivals.count > 20).then_some(());
    viewer.until("pictures", WITHIN, flows).await.unwrap();
    watched(viewer).await
}

async fn throw(bomber: &Client, rubbish: &mut Rubbish, n: u64) {
    let now = Instant::now();
    let (codec, data) = bomb(n, rubbish);
    let picture = RawPicture {
        codec,
        data: data.into(),
        rtp_90khz: 1_000_000 + n * 3000,
        captured: now,
        due: now,
    };
    bomber.leg().send_picture(picture).await.unwrap();
    let sound = RawSound {
        data: rubbish.bytes((n % 400) as usize).into(),
        rtp_48khz: n * 960,
        captured: now,
    };
    bomber.leg().send_sound(sound).await.unwrap();
    bomber.leg().send_datagram(rubbish.bytes(1 + (n % 1400) as usize)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_lie_and_rubbish_disturb_nobody() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "range", json!({})).await;
    let tone = Microphone::tone(440.0, -20.0);
    let camera = Camera::new(Content::Stamped { sender: 1 });
    let speaker = room.join(room.member("Speaker").await.camera(camera).microphone(tone)).await;
    let viewer = room.join(room.audience("Viewer").await.receive(Receive::look())).await;
    // Its own camera and microphone stand: what it sends is thrown by hand.
    let camera = Camera::new(Content::Lively(Yuv::WHITE));
    let bomber = room.member("Bomber").await.camera(camera).microphone(Microphone::silence());
    let bomber = room.join(bomber).await;
    bomber.set_camera(false);
    bomber.set_microphone(false);
    let before = calm(&viewer).await;
    let refused = stack.metric("rotunda_packets_refused_total").await;
    let throwing = async {
        let mut rubbish = Rubbish(42);
        for n in 0u64.. {
            throw(&bomber, &mut rubbish, n).await;
            pause(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = undisturbed(&stack, &viewer, before) => {}
        () = throwing => {}
    }
    let thrown = bomber.leg().look(|f| (f.pictures_sent, f.unsent));
    assert!(thrown.0 > 100, "{thrown:?}");
    stack.until_metric("rotunda_packets_refused_total", |n| n > refused + 100.0).await;

    // Its session is whole: the same leg shows a true picture afterwards.
    let asks = bomber.leg().look(|f| f.keyframe_asks);
    assert!(asks > 0, "it was asked for a key frame");
    bomber.set_camera(true);
    let shown = |c: &Client| {
        let place = c.place_of(bomber.member_id(), (1280, 720), (640, 360))?;
        let seen = c.leg().look_at_picture(|frame| mean_of(frame.view(), place))?;
        (seen.y > 200).then_some(())
    };
    viewer.until("the bomber's true picture", WITHIN, shown).await.unwrap();
    assert_eq!(viewer.leg().look(|f| f.pictures.undecodable), 0);
    drop((speaker, viewer, bomber));
    stack.stop().await;
}

/// An offer as a member makes it.
async fn offer() -> (Leg, String) {
    Leg::offer(LegOptions::default(), Beat::default()).await.unwrap()
}

/// A connected socket that has not joined.
async fn door(stack: &Stack, token: &str) -> (Signal, Journal) {
    let journal = Journal::default();
    let signal = Signal::open(&stack.ws(), journal.clone()).await.unwrap();
    let hello = json!({"version": {"major": 3, "minor": 0, "revision": 0},
        "authentication": {"jwt_token": token}});
    signal.rpc("signalwire.connect", hello).await.unwrap();
    (signal, journal)
}

fn invite(call_id: &str, sdp: &str) -> Value {
    json!({"callID": call_id, "message": {"jsonrpc": "2.0", "id": "i", "method": "verto.invite",
        "params": {"dialogParams": {"callID": call_id}, "sdp": sdp}}})
}

async fn until_closed(journal: &Journal) -> Option<u16> {
    let mut heard = journal.beat().listen();
    let closed = async {
        loop {
            heard.mark_unchanged();
            if let Some(code) = journal.closed() {
                return code;
            }
            heard.changed().await.unwrap();
        }
    };
    tokio::time::timeout(WITHIN, closed).await.expect("the socket is closed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_without_end_are_answered_in_plain_words() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "offers", json!({})).await;
    let tone = Microphone::tone(440.0, -20.0);
    let camera = Camera::new(Content::Stamped { sender: 1 });
    let speaker = room.join(room.member("Speaker").await.camera(camera).microphone(tone)).await;
    let before = calm(&speaker).await;
    let token = stack.token(&room.name, "Bomber", json!({})).await;
    let (_leg, sdp) = offer().await;

    // As many candidates as a message holds: the rest is not looked at.
    let (signal, journal) = door(&stack, &token).await;
    let candidate = |n: usize| format!("a=candidate:{n} 1 udp 1 10.1.1.1 {} typ host\r\n", 1 + n);
    let many: String = (0..4_000).map(candidate).collect();
    let answered = signal.rpc("video.message", invite("many", &format!("{sdp}{many}"))).await;
    assert!(answered.is_ok() || matches!(answered, Err(ClientError::Refused(_))), "{answered:?}");
    println!("4000 candidates: {answered:?}");

    // Ten thousand are longer than a message may be.
    let more: String = (0..10_000).map(candidate).collect();
    assert!(signal.rpc("video.message", invite("more", &format!("{sdp}{more}"))).await.is_err());
    assert_eq!(until_closed(&journal).await, Some(1009));

    let (signal, journal) = door(&stack, &token).await;
    let at = sdp.find("m=").unwrap();
    let lines = sdp[at..].repeat(33);
    let refused = signal.rpc("video.message", invite("lines", &format!("{}{lines}", &sdp[..at])));
    let Err(ClientError::Refused(refused)) = refused.await else {
        panic!("66 sections were taken")
    };
    assert!(!refused.code.is_empty() && refused.message.len() > 10, "{refused:?}");
    println!("66 sections: {} {}", refused.code, refused.message);

    // The same socket goes on; a message of 300 KiB closes it.
    assert!(signal.rpc("video.message", invite("good", &sdp)).await.is_ok());
    signal.say(format!("\"{}\"", "x".repeat(300 * 1024))).await.unwrap();
    assert_eq!(until_closed(&journal).await, Some(1009));

    undisturbed(&stack, &speaker, before).await;
    drop(speaker);
    stack.stop().await;
}
