//! People who do not read what they are sent: nobody else notices, and they can come back.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content, Microphone, Receive};
use rotunda_acceptance::{Room, Stack, observe, undisturbed, watched};
use serde_json::json;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);

async fn speaker(room: &Room<'_>, camera: Camera) -> Client {
    let tone = Microphone::tone(440.0, -20.0);
    room.join(room.member("Speaker").await.camera(camera).microphone(tone)).await
}

fn decoded(client: &Client) -> u64 {
    client.leg().look(|f| f.pictures.decoded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_stops_reading_over_tcp_misses_whole_pictures_and_nobody_else_notices() {
    // A high rate and a restless picture fill the network's buffers soon; few pictures a second
    // leave the machine time.
    let settings = [("canvas.bitrate_720p", "4000000"), ("canvas.fps_720p", "10")];
    let stack = Stack::start(&settings).await;
    let room = Room::new(&stack, "slow", json!({"layout": "1x1"})).await;
    let mut camera = Camera::new(Content::Restless).size(320, 180).fps(10);
    camera.bitrate_bps = 2_000_000;
    let speaker = speaker(&room, camera).await;
    let viewer = room.join(room.audience("Viewer").await).await;
    let slow = room.audience("Slow").await.narrow().over_tcp(stack.tcp());
    let slow = room.join(slow.receive(Receive::look())).await;
    let sees = |c: &Client| (decoded(c) > 20).then_some(());
    slow.until("pictures over TCP", WITHIN, sees).await.unwrap();

    let calm = watched(&viewer).await;
    let before = stack.metric("rotunda_pictures_skipped_total").await;
    slow.leg().set_reading(false).await.unwrap();
    stack.until_metric("rotunda_pictures_skipped_total", |n| n > before + 5.0).await;
    let skipping = Instant::now();
    // The server ends one who reads nothing for 15 s; this one comes back before.
    let (from, to) = observe(Duration::from_secs(3)).await;
    let (pictures, gap) = viewer
        .leg()
        .look(|f| (f.pictures.arrivals.between(from, to), f.sound.arrivals.longest_gap(from, to)));
    println!("while one does not read: {pictures} pictures in 3 s, longest gap in sound {gap:?}");
    assert!(pictures > 8 && gap < Duration::from_secs(1), "{pictures}, {gap:?}");
    assert!(skipping.elapsed() < Duration::from_secs(10), "the machine stood still");

    let seen = decoded(&slow);
    slow.leg().set_reading(true).await.unwrap();
    let again = |c: &Client| (decoded(c) > seen + 30).then_some(());
    slow.until("pictures again", WITHIN, again).await.unwrap();
    assert_eq!(slow.leg().look(|f| f.pictures.undecodable), 0, "whole pictures were left out");

    // Now it does not read for good: it is let go, and still nobody notices.
    slow.leg().set_reading(false).await.unwrap();
    undisturbed(&stack, &viewer, calm).await;
    drop((speaker, viewer, slow));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_never_reads_the_websocket_loses_it_and_nobody_else_notices() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "deaf", json!({})).await;
    let speaker = speaker(&room, Camera::new(Content::Stamped { sender: 1 })).await;
    let viewer = room.join(room.audience("Viewer").await).await;
    let deaf = room.join(room.audience("Deaf").await.narrow()).await;
    // Events are made by somebody else, so that nothing but not reading can disturb.
    let chatterer = room.join(room.member("Chatterer").await).await;
    assert_eq!(stack.metric("rotunda_sockets").await, 4.0);
    let seen = |c: &Client| c.leg().look(|f| f.pictures.arrivals.count > 20).then_some(());
    viewer.until("pictures", WITHIN, seen).await.unwrap();
    let calm = watched(&viewer).await;
    deaf.signal().unwrap().stop_reading();

    let chatter = async {
        let end = Instant::now() + Duration::from_secs(60);
        let (mut calls, mut slowest) = (0u32, Duration::ZERO);
        while stack.metric("rotunda_sockets").await > 3.0 {
            assert!(Instant::now() < end, "{calls} calls, and the deaf one is still written to");
            for method in ["video.member.audio_mute", "video.member.audio_unmute"] {
                let asked = Instant::now();
                let whom = json!({"member_id": chatterer.member_id()});
                chatterer.rpc(method, whom).await.unwrap();
                slowest = slowest.max(asked.elapsed());
                calls += 1;
            }
            // Below the rate a client is allowed.
            rotunda_acceptance::pause(Duration::from_millis(15)).await;
        }
        (calls, slowest)
    };
    let ((calls, slowest), ()) = tokio::join!(chatter, undisturbed(&stack, &viewer, calm));
    println!("{calls} calls, the slowest took {slowest:?}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let reported = viewer.journal().since(0);
    assert!(reported.iter().filter(|e| e.kind == "video.member.updated").count() as u32 >= calls);
    // The seat is not the socket: it goes on receiving.
    let count = |c: &Client| c.leg().look(|f| f.sound.arrivals.count);
    let before = count(&deaf);
    deaf.until("sound", WITHIN, |c| (count(c) > before + 50).then_some(())).await.unwrap();
    drop((speaker, chatterer, viewer, deaf));
    stack.stop().await;
}
