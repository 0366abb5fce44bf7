//! Clients that know nothing of this server, only WHIP and WHEP: they see, are seen, and go.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, Content, Leg, LegOptions, Microphone, Receive, Rect, VideoCodec, Yuv, mean_of,
    tone_dbfs,
};
use rotunda_acceptance::{Posted, Room, Stack, as_obs_writes_it};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const HOST: Yuv = Yuv::from_rgb(40, 160, 70);
const OBS: Yuv = Yuv::from_rgb(60, 70, 200);

fn is_near(a: Yuv, b: Yuv) -> bool {
    a.y.abs_diff(b.y) <= 20 && a.u.abs_diff(b.u) <= 20 && a.v.abs_diff(b.v) <= 20
}

/// Whether a colour is anywhere on the canvas, in patches of 16 by 16.
fn shows(leg: &Leg, colour: Yuv) -> bool {
    let seen = leg.look_at_picture(|picture| {
        let (columns, rows) = (picture.width() / 16, picture.height() / 16);
        let patch = |n: u32| Rect::new(n % columns * 16, n / columns * 16, 16, 16);
        (0..columns * rows).any(|n| is_near(mean_of(picture.view(), patch(n)), colour))
    });
    seen == Some(true)
}

fn sounds(leg: &Leg, hz: f64) -> bool {
    let heard: Vec<f32> =
        leg.look(|f| f.sound.pcm.iter().rev().take(24_000).rev().copied().collect());
    tone_dbfs(&heard, hz) > -23.0
}

async fn perceives(leg: &Leg, colour: Yuv, hz: f64) {
    let both = |l: &Leg| (shows(l, colour) && sounds(l, hz)).then_some(());
    leg.until("colour and tone", WITHIN, both).await.unwrap();
}

fn viewer(h264: bool) -> LegOptions {
    LegOptions { h264, receive: Receive::decode(), ..LegOptions::default() }
}

/// Waits for the audience count to be told as `total`.
async fn counts(host: &Client, from: u64, total: u64) {
    let is = |e: &rotunda_acceptance::client::Event| e.get("/total") == Some(&json!(total));
    host.event(from, "video.room.audience_count", WITHIN, is).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whep_viewers_are_audience_in_either_codec_and_leave_as_they_came() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "stage", json!({})).await;
    let camera = Camera::new(Content::solid(HOST)).h264();
    let host = room.member("Host").await.camera(camera).microphone(Microphone::tone(500.0, -20.0));
    let host = room.join(host).await;
    let audience = stack.token("stage", "Eve", json!({"join_as": "audience"})).await;
    let member = stack.token("stage", "Max", json!({"permissions": ["room.member.remove"]})).await;

    let mut eve = Posted::watch(&stack, &audience, viewer(true)).await;
    let max = Posted::watch(&stack, &member, viewer(false)).await;
    for (posted, codec) in [(&eve, VideoCodec::H264), (&max, VideoCodec::Vp8)] {
        perceives(&posted.leg, HOST, 500.0).await;
        assert_eq!(posted.leg.look(|f| f.pictures.codec), Some(codec));
    }
    counts(&host, 0, 2).await;
    let members = host.rpc("video.members.get", json!({})).await.unwrap();
    assert_eq!(members["members"].as_array().unwrap().len(), 1, "{members}");

    let tag = eve.etag.clone();
    assert_eq!(eve.patch(&tag, "a=end-of-candidates\r\n").await.status, 204);
    eve.restart_ice().await;
    assert_eq!(eve.patch(&tag, "a=end-of-candidates\r\n").await.status, 412);
    let before = eve.leg.look(|f| f.pictures.arrivals.packets + f.sound.arrivals.packets);
    let more = |l: &Leg| {
        l.look(|f| f.pictures.arrivals.packets + f.sound.arrivals.packets > before + 100)
            .then_some(())
    };
    eve.leg.until("media after the restart", WITHIN, more).await.unwrap();

    let mark = host.journal().mark();
    assert_eq!((eve.asks("DELETE").await, eve.asks("GET").await), (200, 404));
    counts(&host, mark, 1).await;
    eve.leg.until("our end of DTLS", WITHIN, |l| l.look(|f| f.closed_at)).await.unwrap();
    // Closed by the client without a DELETE: nothing could bring it back.
    max.leg.hang_up().await.unwrap();
    counts(&host, mark, 0).await;
    assert_eq!(max.asks("DELETE").await, 404);
    drop(host);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_obs_offers_becomes_a_member_like_any_other() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "studio", json!({})).await;
    let host = room.join(room.member("Host").await.receive(Receive::decode())).await;
    let may = json!({"permissions": ["room.member.video_mute", "room.member.remove", "room.member.set_position"]});
    let director = stack.token("studio", "Director", may).await;
    let director = rotunda_acceptance::client::JoinOptions::new(stack.ws(), director);
    let director = room.join(director).await;
    let token = stack.token("studio", "OBS", json!({"permissions": []})).await;
    let options = || LegOptions {
        h264: true,
        is_h264_only: true,
        is_one_way: true,
        sends_picture: true,
        sends_sound: true,
        ..LegOptions::default()
    };
    let sources = || {
        let camera = Camera::new(Content::solid(OBS)).h264();
        (Some(camera), Some(Microphone::tone(700.0, -20.0)))
    };
    let obs = Posted::publish(&stack, &token, options(), as_obs_writes_it, sources()).await;
    perceives(host.leg(), OBS, 700.0).await;
    let is_obs = |e: &rotunda_acceptance::client::Event| e.text("/member/name") == "OBS";
    let joined = host.event(0, "video.member.joined", WITHIN, is_obs).await.unwrap();
    assert_eq!(joined.text("/member/type"), "member");
    assert_eq!(obs.leg.look(|f| f.pictures.arrivals.packets + f.sound.arrivals.packets), 0);

    let id = joined.text("/member/id").to_owned();
    let mark = host.journal().mark();
    let place = json!({"member_id": id, "position": "off-canvas"});
    director.rpc("video.member.set_position", place).await.unwrap();
    let left = |c: &Client| (!shows(c.leg(), OBS)).then_some(());
    host.until("it is off the canvas", WITHIN, left).await.unwrap();
    assert!(sounds(host.leg(), 700.0), "and still heard");
    director.rpc("video.member.remove", json!({"member_id": id})).await.unwrap();
    host.event(mark, "video.member.left", WITHIN, is_obs).await.unwrap();
    assert_eq!(obs.asks("GET").await, 404);
    obs.leg.until("our end of DTLS", WITHIN, |l| l.look(|f| f.closed_at)).await.unwrap();

    // Who was removed needs another token. OBS closes the connection first and sends its DELETE then.
    let token = stack.token("studio", "OBS", json!({"permissions": []})).await;
    let obs = Posted::publish(&stack, &token, options(), as_obs_writes_it, sources()).await;
    host.until("it is back", WITHIN, |c| shows(c.leg(), OBS).then_some(())).await.unwrap();
    let mark = host.journal().mark();
    obs.leg.hang_up().await.unwrap();
    obs.leg.until("it is closed", WITHIN, |l| l.look(|f| f.closed_at)).await.unwrap();
    assert_eq!(obs.asks("DELETE").await, 200);
    host.event(mark, "video.member.left", WITHIN, is_obs).await.unwrap();
    drop((host, director));
    stack.stop().await;
}
