//! Somebody in the audience who sends anyway, well-formed, encrypted, on their own connection; and
//! audience that may receive one kind of media only.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, Content, Leg, LegOptions, Microphone, Receive, Rect, Yuv, mean_of, tone_dbfs,
};
use rotunda_acceptance::{Posted, Room, Stack, observe};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const HOST: Yuv = Yuv::from_rgb(40, 160, 70);
const INTRUDER: Yuv = Yuv::from_rgb(220, 30, 30);
const METRIC: &str = "rotunda_packets_unwanted_total";

fn is_near(a: Yuv, b: Yuv) -> bool {
    a.y.abs_diff(b.y) <= 20 && a.u.abs_diff(b.u) <= 20 && a.v.abs_diff(b.v) <= 20
}

/// Whether a colour is anywhere on the canvas, in patches of 16 by 16.
fn is_anywhere(viewer: &Client, colour: Yuv) -> bool {
    let picture = viewer.picture().expect("a picture");
    let (columns, rows) = (picture.width() / 16, picture.height() / 16);
    let patch = |n: u32| Rect::new(n % columns * 16, n / columns * 16, 16, 16);
    (0..columns * rows).any(|n| is_near(mean_of(picture.view(), patch(n)), colour))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_audience_sends_reaches_neither_canvas_nor_mix_and_is_counted() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "stage", json!({})).await;
    let camera = Camera::new(Content::Lively(HOST));
    let host = room.member("Host").await.camera(camera).microphone(Microphone::tone(500.0, -20.0));
    let host = room.join(host).await;
    let viewer = room.join(room.audience("Viewer").await.receive(Receive::decode())).await;
    let hears = |c: &Client| {
        let heard = c.heard(Duration::from_millis(500));
        (tone_dbfs(&heard, 500.0) > -23.0 && is_anywhere(c, HOST)).then_some(())
    };
    let seen = |c: &Client| c.picture().and_then(|_| hears(c));
    viewer.until("the host is seen and heard", WITHIN, seen).await.unwrap();
    let before = stack.metric(METRIC).await;
    let marks = (host.journal().mark(), viewer.journal().mark());

    let camera = Camera::new(Content::Lively(INTRUDER));
    let mut intruder = room.audience("Intruder").await.camera(camera);
    intruder.microphone = Some(Microphone::tone(900.0, -6.0));
    intruder.sends_anyway = true;
    let intruder = room.join(intruder).await;
    let sends = |c: &Client| {
        c.leg().look(|f| f.pictures_sent > 50 && f.sounds_sent > 100 && f.unsent == 0).then_some(())
    };
    intruder.until("it really sends", WITHIN, sends).await.unwrap();
    stack.until_metric(METRIC, |now| now >= before + 100.0).await;
    observe(Duration::from_secs(2)).await;

    let heard = viewer.heard(Duration::from_secs(1));
    let (wanted, unwanted) = (tone_dbfs(&heard, 500.0), tone_dbfs(&heard, 900.0));
    assert!((wanted + 20.0).abs() < 3.0, "the host at {wanted} dBFS");
    assert!(unwanted < wanted - 40.0, "the intruder at {unwanted} dBFS");
    assert!(is_anywhere(&viewer, HOST), "the host is seen");
    assert!(!is_anywhere(&viewer, INTRUDER), "the intruder is not");
    for (client, mark) in [(&host, marks.0), (&viewer, marks.1)] {
        let news = client.journal().since(mark);
        let of_host = |who: &str| who.is_empty() || who == host.member_id();
        assert!(news.iter().all(|e| of_host(e.text("/member/id"))), "{news:?}");
    }
    drop((host, viewer, intruder));
    stack.stop().await;
}

/// Packets of sound and of pictures that came.
fn packets(leg: &Leg) -> [u64; 2] {
    leg.look(|f| [f.sound.arrivals.packets, f.pictures.arrivals.packets])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_kind_that_its_token_leaves_out_audience_gets_no_packet_by_socket_and_by_whep() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "stage", json!({})).await;
    let camera = Camera::new(Content::Lively(HOST));
    let host = room.member("Host").await.camera(camera).microphone(Microphone::tone(500.0, -20.0));
    let host = room.join(host).await;
    for (media_allowed, kind) in [("audio-only", 0), ("video-only", 1)] {
        let options = json!({"join_as": "audience", "media_allowed": media_allowed});
        let token = stack.token("stage", "Viewer", options).await;
        let mut joining = room.audience("Viewer").await;
        joining.token = token.clone();
        let viewer = room.join(joining).await;
        let mut posted = Posted::watch(&stack, &token, LegOptions::default()).await;
        posted.restart_ice().await;
        for leg in [viewer.leg(), &posted.leg] {
            let flows = |leg: &Leg| (packets(leg)[kind] > 40).then_some(());
            leg.until("the kind that is allowed", WITHIN, flows).await.unwrap();
            assert_eq!(packets(leg)[1 - kind], 0, "{media_allowed}");
        }
    }
    drop(host);
    stack.stop().await;
}
