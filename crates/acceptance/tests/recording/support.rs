//! Short words for recordings: begun, ended, downloaded, and what their lists of events say.

use rotunda_acceptance::client::{Camera, Client, Content, Microphone};
use rotunda_acceptance::{Film, Room, Stack, download, observe};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

pub const WITHIN: Duration = Duration::from_secs(20);

pub async fn start(client: &Client) -> String {
    let answer = client.rpc("video.recording.start", json!({})).await.unwrap();
    assert_eq!(answer["recording"]["state"], "recording");
    answer["recording"]["id"].as_str().unwrap().to_owned()
}

pub async fn roll(client: &Client, verb: &str, id: &str) {
    let method = format!("video.recording.{verb}");
    client.rpc(&method, json!({"recording_id": id})).await.unwrap();
}

/// Waits until the file is whole; gives the row, and how long that took.
pub async fn completed(stack: &Stack, id: &str) -> (Value, Duration) {
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

pub async fn downloaded(stack: &Stack, row: &Value) -> PathBuf {
    let (status, bytes) = download(row["uri"].as_str().unwrap(), None).await.unwrap();
    assert_eq!(status, 200);
    let path = stack.data().join(format!("{}.mp4", row["id"].as_str().unwrap()));
    std::fs::write(&path, bytes).unwrap();
    path
}

pub async fn events(stack: &Stack, id: &str) -> Vec<String> {
    let answer = stack.rest("GET", &format!("/room_recordings/{id}/events"), None).await;
    let rows = answer.json()["data"].as_array().cloned().unwrap_or_default();
    rows.iter().rev().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Milliseconds of the wall clock, as stamps say them.
pub fn age_ms(film: &Film, since: Instant) -> i64 {
    let stamp = film.last_stamp().expect("a picture with a stamp");
    i64::from(stamp.age_ms()) - since.elapsed().as_millis() as i64
}

pub async fn stamper(room: &Room<'_>) -> Client {
    let options = room.member("Stamper").await;
    let camera = Camera::new(Content::Stamped { sender: 7 });
    room.join(options.camera(camera).microphone(Microphone::tone(440.0, -12.0))).await
}

pub fn kill_children(stack: &Stack) {
    for child in stack.children() {
        let killed = Command::new("kill").args(["-9", &child.to_string()]).status();
        assert!(killed.unwrap().success());
    }
}
