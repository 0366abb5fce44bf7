//! WebRTC stacks of other makes publish by WHIP and watch by WHEP: aiortc, with either kind of
//! certificate, and GStreamer, whose own is RSA. Pictures and sound are looked at, both ways.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Content, Microphone, Receive, Rect, Yuv, mean_of, tone_dbfs,
};
use rotunda_acceptance::{Peer, Room, Stack};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(40);
const HOST: Yuv = Yuv::from_rgb(40, 160, 70);
const PEER: Yuv = Yuv::from_rgb(60, 70, 200);

fn is_near(a: Yuv, b: Yuv) -> bool {
    a.y.abs_diff(b.y) <= 20 && a.u.abs_diff(b.u) <= 20 && a.v.abs_diff(b.v) <= 20
}

/// Joins a host, lets `program` publish and watch, and waits until each perceives the other.
async fn meets(program: &str, options: &[&str]) {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "stage", json!({})).await;
    let host = room.member("Host").await.camera(Camera::new(Content::solid(HOST)));
    let host = host.microphone(Microphone::tone(500.0, -14.0)).receive(Receive::decode());
    let host = room.join(host).await;
    let publish = stack.token("stage", "Peer", json!({"permissions": []})).await;
    let watch = stack.token("stage", "Eve", json!({"join_as": "audience"})).await;
    let colour = |c: Yuv| format!("{},{},{}", c.y, c.u, c.v);
    let mut arguments = vec![stack.http().to_owned(), publish, watch, colour(PEER), "700".into()];
    arguments.extend([colour(HOST), "500".into()]);
    arguments.extend(options.iter().map(|option| (*option).to_owned()));
    let mut peer = Peer::start(program, &arguments);

    let sees = |client: &rotunda_acceptance::client::Client| {
        client.leg().look_at_picture(|picture| {
            let (columns, rows) = (picture.width() / 16, picture.height() / 16);
            let patch = |n: u32| Rect::new(n % columns * 16, n / columns * 16, 16, 16);
            (0..columns * rows).any(|n| is_near(mean_of(picture.view(), patch(n)), PEER))
        }) == Some(true)
    };
    let hears = |client: &rotunda_acceptance::client::Client| {
        let heard: Vec<f32> =
            client.leg().look(|f| f.sound.pcm.iter().rev().take(24_000).rev().copied().collect());
        tone_dbfs(&heard, 700.0) > -30.0
    };
    let both = |c: &rotunda_acceptance::client::Client| (sees(c) && hears(c)).then_some(());
    let met = host.until("the peer's colour and tone", WITHIN, both).await;
    assert!(met.is_ok(), "{program} {options:?}: {met:?}, it said {:?}", peer.said());
    peer.until(&["seen", "heard"], WITHIN);
    drop((peer, host));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aiortc_publishes_and_watches_with_an_ecdsa_and_with_an_rsa_certificate() {
    meets("aiortc_wish.py", &[]).await;
    meets("aiortc_wish.py", &["rsa"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gstreamers_webrtcbin_publishes_h264_and_watches_with_its_rsa_certificate() {
    meets("gst_wish.py", &["0xff3c46c8", "h264"]).await;
}
