//! What a room shows and says is in the file, and a kill costs at most a second of it.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content, Event, Microphone, Voice};
use rotunda_acceptance::{Film, Room, Stack, download, observe};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);
const EVERY: Duration = Duration::from_secs(1);
const LENGTH: Duration = Duration::from_millis(200);

async fn start(client: &Client) -> String {
    let answer = client.rpc("video.recording.start", json!({})).await.unwrap();
    assert_eq!(answer["recording"]["state"], "recording");
    answer["recording"]["id"].as_str().unwrap().to_owned()
}

async fn roll(client: &Client, verb: &str, id: &str) {
    let method = format!("video.recording.{verb}");
    client.rpc(&method, json!({"recording_id": id})).await.unwrap();
}

/// Waits until the file is whole; gives the row, and how long that took.
async fn completed(stack: &Stack, id: &str) -> (Value, Duration) {
    let from = Instant::now();
    loop {
        let answer = stack.rest("GET", &format!("/room_recordings/{id}"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let row = answer.json();
        if row["status"] == "completed" {
            return (row, from.elapsed());
        }
        assert_ne!(row["uri"].as_str(), Some(""), "no link before there is a file");
        assert!(from.elapsed() < WITHIN, "{row}");
        observe(Duration::from_millis(50)).await;
    }
}

async fn downloaded(stack: &Stack, row: &Value) -> PathBuf {
    let (status, bytes) = download(row["uri"].as_str().unwrap(), None).await.unwrap();
    assert_eq!(status, 200);
    let path = stack.data().join(format!("{}.mp4", row["id"].as_str().unwrap()));
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn events(stack: &Stack, id: &str) -> Vec<String> {
    let answer = stack.rest("GET", &format!("/room_recordings/{id}/events"), None).await;
    let rows = answer.json()["data"].as_array().cloned().unwrap_or_default();
    rows.iter().rev().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

async fn clapper(room: &Room<'_>) -> Client {
    let content = Content::Flash { every: EVERY, length: LENGTH };
    let voice = Voice::Beep { hz: 1000.0, dbfs: -12.0, every: EVERY, length: LENGTH };
    let options = room.member("Clapper").await;
    room.join(options.camera(Camera::new(content)).microphone(Microphone::new(voice))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_film_has_what_was_shown_and_said_without_its_pause() {
    let stack = Stack::start(&[("canvas.fps_720p", "25")]).await;
    let room = Room::new(&stack, "film", json!({"layout": "1x1", "record_on_start": true})).await;
    let member = clapper(&room).await;
    let id = start(&member).await;
    observe(Duration::from_secs(5)).await;
    roll(&member, "pause", &id).await;
    observe(Duration::from_secs(3)).await;
    roll(&member, "resume", &id).await;
    observe(Duration::from_secs(5)).await;
    let while_running = stack.rest("DELETE", &format!("/room_recordings/{id}"), None).await;
    assert_eq!(while_running.status, 422, "{}", while_running.text);
    assert_eq!(while_running.json()["errors"][0]["code"], "invalid_state");
    roll(&member, "stop", &id).await;
    let (row, took) = completed(&stack, &id).await;
    assert!(took < Duration::from_secs(3), "downloadable after {took:?}");
    judge(&Film::at(downloaded(&stack, &row).await), row["duration"].as_f64().unwrap(), 10.0);
    links(&stack, &row).await;
    // The session's own recording ends with it.
    member.leave().await.unwrap();
    let list = stack.rest("GET", "/room_recordings", None).await.json();
    let own = list["data"].as_array().unwrap().iter().find(|row| row["id"] != id.as_str()).unwrap();
    let (row, _) = completed(&stack, own["id"].as_str().unwrap()).await;
    assert!(row["duration"].as_f64().unwrap() >= 12.0, "{row}");
    assert_eq!(events(&stack, &id).await[..2], ["recording.started", "recording.updated"]);
    let gone = stack.rest("DELETE", &format!("/room_recordings/{id}"), None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(stack.rest("GET", &format!("/room_recordings/{id}"), None).await.status, 404);
    stack.stop().await;
}

fn judge(film: &Film, duration: f64, seconds: f64) {
    assert_eq!(film.complaints(), "");
    assert_eq!(film.codecs(), ["h264", "aac"]);
    let (pictures, sound) = (film.end("v"), film.end("a"));
    println!("plays {pictures} s and {sound} s, row {duration} s");
    assert!((pictures - seconds).abs() < 1.5 && (pictures - sound).abs() < 0.2);
    assert!((duration - pictures).abs() <= 1.0);
    let (flashes, beeps) = (film.flashes(), film.beeps());
    assert!(flashes.len() >= 7, "{flashes:?}");
    let nearest = |flash: &f64| {
        beeps.iter().map(|beep| flash - beep).min_by(|a, b| a.abs().total_cmp(&b.abs()))
    };
    let mut apart: Vec<f64> = flashes.iter().filter_map(nearest).map(|s| s * 1000.0).collect();
    apart.sort_by(f64::total_cmp);
    println!("flashes come {apart:.0?} ms after their beeps");
    assert!(apart[apart.len() / 2].abs() <= 80.0, "{apart:?}");
}

async fn links(stack: &Stack, row: &Value) {
    let uri = row["uri"].as_str().unwrap();
    let size = row["size_in_bytes"].as_u64().unwrap();
    let (status, part) = download(uri, Some("bytes=4-7")).await.unwrap();
    assert_eq!((status, &part[..]), (206, &b"ftyp"[..]));
    let (status, _) = download(uri, Some(&format!("bytes={}-", size * 3))).await.unwrap();
    assert_eq!(status, 416);
    let forged = [uri.replace("expires=", "expires=9"), uri[..uri.len() - 2].to_owned()];
    for forged in forged {
        assert_eq!(download(&forged, None).await.unwrap().0, 403, "{forged}");
    }
    let path = format!("/room_recordings/{}?media_ttl=0", row["id"].as_str().unwrap());
    let old = stack.rest("GET", &path, None).await.json();
    assert_eq!(download(old["uri"].as_str().unwrap(), None).await.unwrap().0, 403);
}

/// Milliseconds of the wall clock, as stamps say them.
fn age_ms(film: &Film, since: Instant) -> i64 {
    let stamp = film.last_stamp().expect("a picture with a stamp");
    i64::from(stamp.age_ms()) - since.elapsed().as_millis() as i64
}

async fn stamper(room: &Room<'_>) -> Client {
    let options = room.member("Stamper").await;
    let camera = Camera::new(Content::Stamped { sender: 7 });
    room.join(options.camera(camera).microphone(Microphone::tone(440.0, -12.0))).await
}

fn kill_children(stack: &Stack) {
    for child in stack.children() {
        let killed = Command::new("kill").args(["-9", &child.to_string()]).status();
        assert!(killed.unwrap().success());
    }
}

/// Moments to kill at, seconds after the start of the recording; more and later ones in a soak.
fn moments() -> Vec<f64> {
    if std::env::var_os("ROTUNDA_SOAK").is_none() {
        return vec![0.9, 3.3];
    }
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    println!("seed {}", seed.as_nanos());
    let mut state = seed.as_nanos() as u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        0.5 + (state >> 40) as f64 / f64::from(1 << 24) * 19.5
    };
    (0..12).map(|_| next()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_at_most_a_second_and_finishes_the_file_when_it_is_back() {
    let mut stack = Stack::start(&[]).await;
    for (n, seconds) in moments().into_iter().enumerate() {
        let name = format!("kill-{n}");
        let room = Room::new(&stack, &name, json!({"layout": "1x1"})).await;
        let member = stamper(&room).await;
        member
            .until("pictures", WITHIN, |c| {
                c.leg().look(|f| (f.pictures.arrivals.recent.len() > 40).then_some(()))
            })
            .await
            .unwrap();
        let id = start(&member).await;
        observe(Duration::from_secs_f64(seconds)).await;
        let both = n % 2 == 1;
        if both {
            kill_children(&stack);
        }
        stack.kill();
        let killed = Instant::now();
        drop(member);
        stack.start_again().await;
        let (row, _) = completed(&stack, &id).await;
        let film = Film::at(downloaded(&stack, &row).await);
        assert_eq!(film.complaints(), "");
        let lost = age_ms(&film, killed);
        println!("killed after {seconds} s (children too: {both}): {lost} ms before the kill");
        assert!(lost <= 1000, "{lost} ms");
        let plays = film.end("v");
        assert!((row["duration"].as_f64().unwrap() - plays).abs() <= 1.0, "{row} plays {plays}");
        assert_eq!(events(&stack, &id).await.last().unwrap(), "recording.interrupted");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_child_is_replaced_and_the_room_and_the_film_go_on() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "child", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let id = start(&member).await;
    for _ in 0..2 {
        observe(Duration::from_secs(2)).await;
        assert_eq!(stack.children().len(), 1, "one child a session");
        kill_children(&stack);
    }
    observe(Duration::from_secs(3)).await;
    roll(&member, "stop", &id).await;
    let (row, _) = completed(&stack, &id).await;
    let film = Film::at(downloaded(&stack, &row).await);
    assert_eq!(film.complaints(), "");
    let gap = film.longest_gap("a");
    println!("longest time without sound {gap} s; pictures {}", film.longest_gap("v"));
    assert!(gap <= 1.0 && film.longest_gap("v") <= 0.5);
    let told = events(&stack, &id).await;
    assert_eq!(
        told.iter().filter(|name| *name == "recording.sound_restarted").count(),
        2,
        "{told:?}"
    );
    member.leave().await.unwrap();
    stack.stop().await;
}

/// A small file system of its own; `None` where this machine lets nobody mount one.
struct Disk(PathBuf);

impl Disk {
    fn of(size: &str) -> Option<Self> {
        let path = std::env::temp_dir().join(format!("rotunda-disk-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={size}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .status();
        let disk = Self(path);
        mount.is_ok_and(|status| status.success()).then_some(disk)
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Both fail only where nothing was mounted.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_or_read_only_ends_the_recording_and_nothing_else() {
    let Some(disk) = Disk::of("1m") else {
        println!("nothing can be mounted here: not tested");
        return;
    };
    let folder = disk.0.join("films");
    let stack = Stack::start(&[
        ("recordings.folder", folder.to_str().unwrap()),
        ("recordings.quota_bytes", "3000000"),
    ])
    .await;
    let room = Room::new(&stack, "full", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let from = Instant::now();
    let id = start(&member).await;
    let ended = |e: &Event| e.params["recording"]["id"] == id.as_str();
    let event = member.event(0, "video.recording.ended", WITHIN * 2, ended).await.unwrap();
    assert!(event.params["recording"]["error"].is_string(), "{event:?}");
    let (row, _) = completed(&stack, &id).await;
    let film = Film::at(downloaded(&stack, &row).await);
    assert_eq!(film.complaints(), "");
    assert!(film.end("v") > 0.5, "what fitted is whole");
    assert!(events(&stack, &id).await.contains(&"recording.failed".to_owned()));
    let gap = member.leg().look(|f| f.pictures.arrivals.longest_gap(from, Instant::now()));
    println!("longest time without a picture in the room {gap:?}");
    assert!(gap < Duration::from_secs(1), "the room does not notice: {gap:?}");
    disk.remount("ro");
    let refused = member.rpc("video.recording.start", json!({})).await.unwrap_err().to_string();
    assert!(refused.contains("501") || refused.contains("cannot be written"), "{refused}");
    disk.remount("rw,size=8m");
    let project =
        std::fs::read_dir(&folder).unwrap().flatten().find(|e| e.path().is_dir()).unwrap();
    std::fs::write(project.path().join("large"), vec![0; 3_000_000]).unwrap();
    let refused = member.rpc("video.recording.start", json!({})).await.unwrap_err().to_string();
    assert!(refused.contains("quota"), "{refused}");
    member.leave().await.unwrap();
    stack.stop().await;
}
