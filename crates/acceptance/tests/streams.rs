//! Streams of the built server to a real RTMP server, pulled from there and judged by FFmpeg.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content, JoinOptions, Microphone, Voice};
use rotunda_acceptance::{Film, Room, RtmpServer, Stack, observe};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const EVERY: Duration = Duration::from_secs(1);
const LENGTH: Duration = Duration::from_millis(200);
const WITHIN: Duration = Duration::from_secs(25);

async fn clapper(stack: &Stack, room: &Room<'_>) -> Client {
    let params = json!({"permissions": ["room.stream"]});
    let token = stack.token(&room.name, "Clapper", params).await;
    let content = Content::Flash { every: EVERY, length: LENGTH };
    let voice = Voice::Beep { hz: 1000.0, dbfs: -12.0, every: EVERY, length: LENGTH };
    let options = JoinOptions::new(stack.ws(), token).camera(Camera::new(content));
    room.join(options.microphone(Microphone::new(voice))).await
}

async fn begun(member: &Client, url: &str) -> String {
    let answer = member.rpc("video.stream.start", json!({"url": url})).await.unwrap();
    assert_eq!(answer["stream"]["state"], "streaming", "{answer}");
    answer["stream"]["id"].as_str().unwrap().to_owned()
}

/// Waits until one of the member's streams is as `is` wants it.
async fn until(member: &Client, id: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let from = Instant::now();
    loop {
        let answer = member.rpc("video.stream.list", json!({})).await.unwrap();
        let all = answer["streams"].as_array().unwrap();
        let stream = all.iter().find(|stream| stream["id"] == id).unwrap();
        if is(stream) {
            return stream.clone();
        }
        assert!(from.elapsed() < WITHIN, "not {what}: {stream}");
        observe(Duration::from_millis(50)).await;
    }
}

async fn room_stream(stack: &Stack, id: &str, state: &str) -> Value {
    let from = Instant::now();
    loop {
        let row = stack.rest("GET", &format!("/streams/{id}"), None).await.json();
        if row["state"] == state {
            return row;
        }
        assert!(from.elapsed() < WITHIN, "not {state}: {row}");
        observe(Duration::from_millis(50)).await;
    }
}

/// When the first picture that is pulled is shown, in seconds of the stream's own clock.
async fn first_picture(url: &str) -> f64 {
    let mut command = tokio::process::Command::new("ffprobe");
    // Who comes late gets sound at once and pictures from the next key frame on.
    command.args(["-v", "error", "-analyzeduration", "3000000", "-select_streams", "v"]);
    command.args(["-show_entries", "packet=pts_time", "-of", "csv=p=0", "-read_intervals", "%+#1"]);
    let done = timeout(WITHIN, command.arg(url).kill_on_drop(true).output()).await;
    let done = done.expect("a picture in time").unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let first = text.lines().next().unwrap_or_default().trim_end_matches(',').parse();
    first.unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&done.stderr)))
}

fn judge(film: &Film) {
    assert_eq!(film.complaints(), "");
    assert_eq!(film.codecs(), ["h264", "aac"]);
    let (flashes, beeps) = (film.flashes(), film.beeps());
    assert!(flashes.len() >= 3 && beeps.len() >= 3, "{flashes:?} {beeps:?}");
    let nearest = |flash: &f64| {
        beeps.iter().map(|beep| flash - beep).min_by(|a, b| a.abs().total_cmp(&b.abs()))
    };
    let mut apart: Vec<f64> = flashes.iter().filter_map(nearest).map(|s| s * 1000.0).collect();
    apart.sort_by(f64::total_cmp);
    println!("flashes come {apart:.0?} ms after their beeps");
    assert!(apart[apart.len() / 2].abs() <= 80.0, "{apart:?}");
}

/// What anybody on the machine may read of the children.
fn command_lines(stack: &Stack) -> String {
    let read =
        |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    stack.children().into_iter().map(read).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_with_a_room_is_seen_at_the_server_through_loss_move_and_end() {
    let mut server = RtmpServer::start("127.0.0.21").await;
    let stack = Stack::start(&[("network.allow_addresses", "127.0.0.21")]).await;
    let room = Room::new(&stack, "hall", json!({"layout": "1x1"})).await;
    let params = json!({"url": server.url("first-secret")});
    let made = stack.rest("POST", "/rooms/hall/streams", Some(&params)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!((&made["state"], &made["url"]), (&json!("idle"), &params["url"]));
    let (id, from) = (made["id"].as_str().unwrap(), Instant::now());
    let member = clapper(&stack, &room).await;
    first_picture(&server.url("first-secret")).await;
    println!("seen {} ms after the join", from.elapsed().as_millis());
    room_stream(&stack, id, "live").await;
    assert!(!command_lines(&stack).contains("secret"), "the key is nobody's business");
    assert!(stack.has_fenced_children(), "who speaks to strangers has no rights of ours");
    // The buffers of somebody who just came need seconds until sound and picture meet.
    observe(Duration::from_secs(4)).await;
    let path = stack.data().join("pulled.flv");
    server.pull("first-secret", Duration::from_secs(6), &path).await;
    judge(&Film::at(&path));

    server.kill();
    let row = room_stream(&stack, id, "retrying").await;
    assert!(row["error"].is_string(), "{row}");
    server.start_again().await;
    server.until_published("first-secret", true).await;
    let again = first_picture(&server.url("first-secret")).await;
    assert!(again > 6.0, "time goes on over a reconnection: {again} s");

    let elsewhere = json!({"url": server.url("second-secret")});
    let moved = stack.rest("PUT", &format!("/streams/{id}"), Some(&elsewhere)).await;
    assert_eq!((moved.status, &moved.json()["url"]), (200, &elsewhere["url"]));
    server.until_published("second-secret", true).await;
    server.until_published("first-secret", false).await;
    assert!(first_picture(&server.url("second-secret")).await > again);

    let gone = stack.rest("DELETE", &format!("/streams/{id}"), None).await;
    assert_eq!(gone.status, 204);
    server.until_published("second-secret", false).await;
    assert_eq!(stack.rest("GET", &format!("/streams/{id}"), None).await.status, 404);
    let log = stack.log();
    assert!(log.contains("a stream is interrupted") && !log.contains("secret"), "{log}");
    let expected =
        ["started", "connected", "interrupted", "connected", "moved", "connected", "ended"];
    let expected = expected.map(|name| format!("stream.{name}"));
    let end = Instant::now() + WITHIN;
    // History is a moment behind.
    while events(&stack).await.len() < expected.len() && Instant::now() < end {
        observe(Duration::from_millis(50)).await;
    }
    assert_eq!(events(&stack).await, expected);
    member.leave().await.unwrap();
    stack.stop().await;
}

/// Names of what happened to streams in the only session, oldest first; no key is among them.
async fn events(stack: &Stack) -> Vec<String> {
    let sessions = stack.rest("GET", "/room_sessions", None).await.json();
    let id = sessions["data"][0]["id"].as_str().unwrap().to_owned();
    let answer = stack.rest("GET", &format!("/room_sessions/{id}/events"), None).await;
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    let rows = answer.json()["data"].as_array().unwrap().clone();
    let names = rows.iter().rev().map(|row| row["name"].as_str().unwrap().to_owned());
    names.filter(|name| name.starts_with("stream.")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_must_prove_who_it_is_and_one_that_says_nothing_is_left() {
    let (known, stranger) =
        (RtmpServer::start("127.0.0.22").await, RtmpServer::start("127.0.0.23").await);
    let dumb = TcpListener::bind("127.0.0.22:0").unwrap();
    let authority = known.authority();
    let settings = [
        ("network.allow_addresses", "127.0.0.22,127.0.0.23"),
        ("network.ca_file", authority.to_str().unwrap()),
    ];
    let stack = Stack::start(&settings).await;
    let room = Room::new(&stack, "hall", json!({"layout": "1x1"})).await;
    let member = clapper(&stack, &room).await;
    let inner = member.rpc("video.stream.start", json!({"url": "rtmp://127.0.0.1/live/key"})).await;
    assert!(inner.unwrap_err().to_string().contains("url_is_unsafe"));
    let inner = json!({"url": "rtmp://127.0.0.1/live/key"});
    let inner = stack.rest("POST", "/rooms/hall/streams", Some(&inner)).await;
    assert_eq!((inner.status, &inner.json()["errors"][0]["code"]), (422, &json!("url_is_unsafe")));
    let proven = begun(&member, &known.secure_url("proven")).await;
    let strange = begun(&member, &stranger.secure_url("strange")).await;
    let url = format!("rtmp://{}/live/dumb", dumb.local_addr().unwrap());
    let silent = begun(&member, &url).await;
    let is = |state: &'static str| move |stream: &Value| stream["health"] == state;
    until(&member, &proven, "live", is("live")).await;
    known.until_published("proven", true).await;
    let refused = until(&member, &strange, "refused", is("retrying")).await;
    assert!(refused["error"].as_str().unwrap().contains("certificate"), "{refused}");
    let left = until(&member, &silent, "left", is("retrying")).await;
    assert!(left["error"].as_str().unwrap().contains("did not accept"), "{left}");
    for id in [&proven, &strange, &silent] {
        member.rpc("video.stream.stop", json!({"stream_id": id})).await.unwrap();
    }
    known.until_published("proven", false).await;
    assert!(stranger.published().await.is_empty());
    // What they left behind.
    let end = Instant::now() + WITHIN;
    while !stack.children().is_empty() {
        assert!(Instant::now() < end, "{}", command_lines(&stack));
        observe(Duration::from_millis(50)).await;
    }
    member.leave().await.unwrap();
    stack.stop().await;
}
