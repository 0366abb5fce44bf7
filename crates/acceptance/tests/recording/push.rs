//! Finished recordings are pushed to the server of the project's live-chat site, each once, however
//! often the server is killed meanwhile.

use crate::bucket::{enlarge, kept};
use crate::support::{WITHIN, completed, downloaded, events, roll, stamper, start};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rotunda_acceptance::client::Client;
use rotunda_acceptance::{
    Bucket, CREDENTIALS, Manner, Receiver, Room, Stack, ThrottledTcp, binary, observe, send, sha256,
};
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Of the address, and in no log and no list.
const SECRETS: [&str; 2] = ["hunter2", "hunter3"];

struct Scene {
    receiver: Receiver,
    line: ThrottledTcp,
    stack: Stack,
    ids: Vec<String>,
    /// Of the films as they are pushed.
    hashes: Vec<String>,
}

fn rotunda(stack: &Stack, args: &[&str]) -> String {
    let data = stack.data();
    let mut command = Command::new(binary());
    command.args(args).arg("--data-dir").arg(data).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that asks for none may be gone already.
    let _ = child.stdin.take().unwrap().write_all(b"a long password\n");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{args:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Lets a site govern the project that records every session and sends it to `url`.
async fn govern(stack: &Stack, url: &str) {
    let added = ["agent", "add", "--site", "10000", "--email", "ann@a.test", "--manage-settings"];
    let key = rotunda(stack, &added);
    rotunda(stack, &["livechat", "link", "--site", "10000"]);
    let basic = BASE64_STANDARD.encode(format!("ann@a.test:{}", key.trim()));
    let body = json!({"isEnabled": true, "isAutomaticallyRecordingAudioVideoChatsEnabled": true,
        "recordingServerUrl": url});
    let door = format!("{}/v4/livechat/audioVideoChatConfig?siteId=10000", stack.http());
    let set = send("PUT", &door, Some(&format!("Basic {basic}")), Some(&body)).await.unwrap();
    assert_eq!(set.status, 200, "{}", set.text);
}

/// The recording that began with the session, and so many begun by hand.
async fn recordings(stack: &Stack, member: &Client, by_hand: usize) -> Vec<String> {
    let from = Instant::now();
    let mut ids = Vec::new();
    while ids.is_empty() {
        assert!(from.elapsed() < WITHIN, "the session is not recorded");
        observe(Duration::from_millis(50)).await;
        let rows = stack.rest("GET", "/room_recordings", None).await.json()["data"].clone();
        ids.extend(
            rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()),
        );
    }
    for _ in 0..by_hand {
        ids.push(start(member).await);
    }
    ids
}

/// Recordings that are finished and not pushed yet, by a server that is killed; the last is large.
async fn scene(count: usize, settings: &[(&str, &str)]) -> Scene {
    let reach = [("network.allow_addresses", "127.0.0.1")];
    let stack = Stack::start(&[&reach, settings].concat()).await;
    let receiver = Receiver::start(stack.data()).await;
    let line = ThrottledTcp::before(receiver.address()).await;
    receiver.be(Manner::Busy);
    line.let_pass(200_000_000);
    let [name, key] = SECRETS;
    let url = format!("http://{}/{name}?key={key}", line.address());
    govern(&stack, &url).await;
    let room = Room::new(&stack, "pushed", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let ids = recordings(&stack, &member, count - 1).await;
    observe(Duration::from_secs(2)).await;
    let mut films = Vec::new();
    for id in &ids {
        roll(&member, "stop", id).await;
        let (row, _) = completed(&stack, id).await;
        films.push(kept(&stack, &row).await);
    }
    drop(member);
    // From then on nothing of the server's changes the files.
    let (from, all) = (Instant::now(), |list: &str| list.matches("answered 503").count() == count);
    while !all(&rotunda(&stack, &["push", "list"])) {
        assert!(from.elapsed() < WITHIN, "not each was tried");
        observe(Duration::from_millis(50)).await;
    }
    let mut scene = Scene { receiver, line, stack, ids, hashes: Vec::new() };
    scene.stack.kill();
    enlarge(films.last().unwrap());
    scene.hashes.extend(films.iter().map(|film| sha256(film)));
    scene.receiver.be(Manner::Taking);
    scene
}

impl Scene {
    /// Starts the server and kills it when so many bytes more are on their way.
    async fn kill_after(&mut self, bytes: u64) {
        let most = self.line.passed() + bytes;
        self.kill_when(|scene| scene.line.passed() >= most).await;
    }

    async fn kill_when(&mut self, is_time: impl Fn(&Self) -> bool) {
        self.stack.start_again().await;
        let until = Instant::now() + WITHIN;
        while !is_time(self) {
            assert!(Instant::now() < until, "nothing more was pushed");
            observe(Duration::from_millis(5)).await;
        }
        self.stack.kill();
    }

    /// Whole bodies that came.
    fn whole(&self) -> usize {
        self.receiver.received().values().map(|one| one.whole).sum()
    }

    async fn until_reported(&self, event: &str) {
        let from = Instant::now();
        for id in &self.ids {
            while !events(&self.stack, id).await.iter().any(|name| name == event) {
                assert!(from.elapsed() < WITHIN * 2, "{:?}", events(&self.stack, id).await);
                observe(Duration::from_millis(50)).await;
            }
        }
    }

    /// Each arrived once, as it was; whole bodies beside those were sent under the same key.
    fn check(&self, whole: usize) {
        let received = self.receiver.received();
        assert_eq!(received.len(), self.ids.len(), "{received:#?}");
        for (id, hash) in self.ids.iter().zip(&self.hashes) {
            let one = &received[id];
            assert_eq!((&one.sha256, one.false_ones), (hash, 0), "{one:#?}");
        }
        assert_eq!(self.whole(), whole, "{received:#?}");
        assert_eq!(rotunda(&self.stack, &["push", "list"]), "");
        let log = self.stack.log();
        assert!(SECRETS.iter().all(|secret| !log.contains(secret)), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_is_killed_is_begun_anew_and_arrives_once() {
    let mut scene = scene(1, &[]).await;
    scene.line.let_pass(8_000_000);
    scene.kill_after(3_000_000).await;
    let (id, cut) = (scene.ids[0].clone(), scene.receiver.received());
    assert_eq!((cut[&id].whole, &*cut[&id].sha256), (0, ""), "half a film is none");
    let waiting = rotunda(&scene.stack, &["push", "list"]);
    let host = scene.line.address();
    assert!(waiting.starts_with(&format!("{id}  http://{host}  due")), "{waiting}");
    assert!(SECRETS.iter().all(|secret| !waiting.contains(secret)), "{waiting}");
    scene.line.let_pass(200_000_000);
    scene.stack.start_again().await;
    scene.until_reported("recording.pushed").await;
    scene.check(1);
    let head = scene.receiver.received()[&id].head.clone();
    assert!(head.starts_with("POST /hunter2?key=hunter3 HTTP/1.1\r\n"), "{head}");
    let (row, _) = completed(&scene.stack, &id).await;
    let kept = sha256(&downloaded(&scene.stack, &row).await);
    assert_eq!(kept, scene.hashes[0], "pushed, and kept as it was");
    for (name, value) in [
        ("rotunda-session-id", row["room_session_id"].as_str().unwrap()),
        ("rotunda-room-name", "pushed"),
        ("content-type", "video/mp4"),
    ] {
        assert!(head.contains(&format!("{name}: {value}\r\n")), "{name}: {head}");
    }
    scene.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn killed_ten_times_while_pushing_and_storing_every_film_arrives_once_and_unchanged() {
    let bucket = Bucket::start().await;
    let way = ThrottledTcp::before(bucket.address()).await;
    let endpoint = format!("http://{}", way.address());
    let settings =
        [("recordings.bucket", "s3://films"), ("recordings.bucket_endpoint", &*endpoint)];
    let mut scene = scene(2, &[&settings[..], &CREDENTIALS].concat()).await;
    // While they are pushed from the folder, they are moved away from under it.
    way.let_pass(3_000_000);
    scene.line.let_pass(6_000_000);
    // Somewhere in the first third of the larger one, wherever it begins.
    for n in 0..8 {
        scene.kill_after(50_000 + n * 800_000).await;
    }
    // Twice where it hurts most: all of it is there, and the answer is not heard.
    scene.line.let_pass(200_000_000);
    scene.receiver.be(Manner::Silent);
    for _ in 0..2 {
        let more = scene.whole() + 1;
        scene.kill_when(|scene| scene.whole() == more).await;
    }
    scene.receiver.be(Manner::Taking);
    way.let_pass(200_000_000);
    scene.stack.start_again().await;
    scene.until_reported("recording.pushed").await;
    scene.until_reported("recording.stored").await;
    println!("{:#?}", scene.receiver.received());
    let whole = scene.whole();
    assert!((4..=5).contains(&whole), "{whole}: two films, two or three answers unheard");
    scene.check(whole);
    // What was acknowledged is not sent again.
    scene.stack.kill();
    scene.stack.start_again().await;
    observe(Duration::from_secs(3)).await;
    let mut stored: Vec<_> = bucket.objects().into_iter().map(|object| object.sha256).collect();
    let mut hashes = scene.hashes.clone();
    stored.sort();
    hashes.sort();
    assert_eq!(stored, hashes);
    scene.check(whole);
    scene.stack.stop().await;
}
