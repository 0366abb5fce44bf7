//! Live sources, from a real RTMP server: seen and heard, never sought in, waited for when they
//! stall, taken up again when they return.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

#[path = "support/playing.rs"]
mod playing;

use playing::{
    Look, WITHIN, colour_of, ended, hears, hears_no, host, play, sees, server, steer, steered,
};
use rotunda_acceptance::client::{Client, ClientError, Event};
use rotunda_acceptance::{Publisher, Room, RtmpServer, observe};
use serde_json::json;
use std::time::{Duration, Instant};

const DBFS: f64 = -25.0;
/// The key of what is published.
const SHOW: &str = "show-4ac0ffee17";

/// Publishes `looks`, so many seconds of each.
fn publish(rtmp: &RtmpServer, looks: &[Look], seconds: u32) -> Publisher {
    let pictures: Vec<_> = looks.iter().map(|look| look.picture(seconds)).collect();
    let tones: Vec<_> = looks.iter().map(|look| look.tone(seconds, DBFS)).collect();
    let joined = |parts: &[String], kind: &str| {
        let names: String = (0..parts.len()).map(|n| format!("[{n}]")).collect();
        let parts: Vec<_> = parts.iter().enumerate().map(|(n, p)| format!("{p}[{n}]")).collect();
        format!("{};{names}concat=n={}:{kind}", parts.join(";"), parts.len())
    };
    let (pictures, tones) = (joined(&pictures, "v=1:a=0"), joined(&tones, "v=0:a=1"));
    let inputs = ["-f", "lavfi", "-i", &pictures, "-re", "-f", "lavfi", "-i", &tones];
    let encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "10"];
    let sound = ["-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "1", "-map", "0:v", "-map", "1:a"];
    rtmp.publish(SHOW, &[&inputs[..], &encoders, &sound].concat())
}

/// What every user of the machine can read of a process.
fn command_line(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

fn reported(client: &Client, id: &str) -> Vec<Event> {
    let events = client.journal().since(0);
    let of = |e: &Event| e.kind.starts_with("video.playback.") && e.params["playback"]["id"] == id;
    events.into_iter().filter(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn a_live_source_plays_what_is_on_stalls_and_returns() {
    let mut rtmp = RtmpServer::start("127.0.0.2").await;
    let stack = server(&[]).await;
    let room = Room::new(&stack, "live", json!({"layout": "grid-responsive"})).await;
    let ann = host(&stack, &room, "Ann").await;
    let [first, then] = [Look::random(0), Look::random(1)];
    let publisher = publish(&rtmp, &[first], 600);
    rtmp.until_published(SHOW, true).await;

    let since = Instant::now();
    let id = play(&ann, json!({"url": rtmp.url(SHOW)})).await;
    sees(&ann, &id, first).await;
    hears(&ann, first, DBFS).await;
    println!("seen and heard {:?} after it was asked for", since.elapsed());
    let is = |e: &Event| e.params["playback"]["id"] == *id;
    let opened = ann.event(0, "video.playback.started", WITHIN, is).await.unwrap();
    assert_eq!(opened.params["playback"]["seekable"], false);
    for (verb, position) in [("seek_absolute", 5_000), ("seek_relative", -5_000)] {
        match steered(&ann, verb, &id, json!({"position": position})).await {
            Err(ClientError::Refused(refused)) => {
                assert_eq!(refused.code, "409", "{verb}: {refused}");
                assert!(refused.message.contains("live"), "{refused}");
            }
            other => panic!("{verb}: {other:?}"),
        }
    }

    // It falls silent with its connection open, and goes on.
    publisher.freeze(true);
    hears_no(&ann, first).await;
    assert!(colour_of(&ann, &id).is_some(), "its cell is still there");
    publisher.freeze(false);
    let since = Instant::now();
    hears(&ann, first, DBFS).await;
    println!("heard again {:?} after it went on", since.elapsed());

    // It breaks off; another comes in its place.
    drop(publisher);
    rtmp.until_published(SHOW, false).await;
    hears_no(&ann, first).await;
    let publisher = publish(&rtmp, &[then], 600);
    let since = Instant::now();
    sees(&ann, &id, then).await;
    hears(&ann, then, DBFS).await;
    println!("seen and heard again {:?} after another came", since.elapsed());

    // The server itself goes and comes.
    rtmp.kill();
    hears_no(&ann, then).await;
    drop(publisher);
    rtmp.start_again().await;
    let publisher = publish(&rtmp, &[first, then], 12);
    sees(&ann, &id, first).await;

    // Paused, it goes on with what is on.
    steer(&ann, "pause", &id, json!({})).await;
    hears_no(&ann, first).await;
    observe(Duration::from_secs(12)).await;
    sees(&ann, &id, first).await;
    steer(&ann, "resume", &id, json!({})).await;
    sees(&ann, &id, then).await;
    hears(&ann, then, DBFS).await;
    assert!(reported(&ann, &id).iter().all(|e| e.params["playback"]["seekable"] == false));
    steer(&ann, "stop", &id, json!({})).await;
    assert_eq!(ended(&ann, &id, WITHIN).await, json!(null));
    drop(publisher);
    ann.leave().await.unwrap();
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn live_hls_is_played_as_it_grows_and_returns_after_a_hole() {
    let rtmp = RtmpServer::start("127.0.0.2").await;
    let stack = server(&[]).await;
    let room = Room::new(&stack, "hls", json!({})).await;
    let ann = host(&stack, &room, "Ann").await;
    let [first, then] = [Look::random(0), Look::random(1)];
    let publisher = publish(&rtmp, &[first, then], 20);
    rtmp.until_hls(SHOW).await;
    let id = play(&ann, json!({"url": rtmp.hls_url(SHOW)})).await;
    sees(&ann, &id, first).await;
    hears(&ann, first, DBFS).await;
    let seek = steered(&ann, "seek_absolute", &id, json!({"position": 0})).await;
    assert!(matches!(seek, Err(ClientError::Refused(no)) if no.code == "409"));
    sees(&ann, &id, then).await;
    hears(&ann, then, DBFS).await;
    drop(publisher);
    hears_no(&ann, then).await;
    let publisher = publish(&rtmp, &[first], 600);
    sees(&ann, &id, first).await;
    hears(&ann, first, DBFS).await;
    drop(publisher);
    ann.leave().await.unwrap();
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rtmps_and_https_are_played_from_whom_the_operators_authority_vouches_for_only() {
    let rtmp = RtmpServer::start("127.0.0.2").await;
    let look = Look::random(2);
    let publisher = publish(&rtmp, &[look], 600);
    rtmp.until_hls(SHOW).await;
    let authority = rtmp.authority();
    let trusting = server(&[("network.ca_file", authority.to_str().unwrap())]).await;
    let room = Room::new(&trusting, "secret", json!({})).await;
    let ann = host(&trusting, &room, "Ann").await;
    for url in [rtmp.secure_url(SHOW), rtmp.secure_hls_url(SHOW)] {
        let id = play(&ann, json!({ "url": url })).await;
        sees(&ann, &id, look).await;
        hears(&ann, look, DBFS).await;
        let lines: Vec<_> = trusting.children().into_iter().map(command_line).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains(SHOW)), "{lines:?}");
        steer(&ann, "stop", &id, json!({})).await;
        hears_no(&ann, look).await;
    }
    ann.leave().await.unwrap();
    trusting.stop().await;
    let other = server(&[]).await;
    let room = Room::new(&other, "secret", json!({})).await;
    let ann = host(&other, &room, "Ann").await;
    for url in [rtmp.secure_url(SHOW), rtmp.secure_hls_url(SHOW)] {
        let id = play(&ann, json!({ "url": url })).await;
        assert_eq!(ended(&ann, &id, WITHIN).await, "source_untrusted", "{url}");
    }
    drop(publisher);
    ann.leave().await.unwrap();
    other.stop().await;
}
