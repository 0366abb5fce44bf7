//! What a room shows and says is in the file.

use crate::support::{WITHIN, completed, downloaded, events, roll, start};
use rotunda_acceptance::client::{
    Camera, Client, Content, Microphone, Probe, Receive, VideoCodec, Voice,
};
use rotunda_acceptance::{Film, Room, Stack, download, observe, slices};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const EVERY: Duration = Duration::from_secs(1);
pub const LENGTH: Duration = Duration::from_millis(200);

/// What a viewer is sent, as it was coded.
#[derive(Default)]
struct Coded(Vec<Vec<u8>>);

impl Probe for Coded {
    fn coded(&mut self, codec: VideoCodec, data: &[u8]) {
        assert_eq!(codec, VideoCodec::H264);
        self.0.extend(slices(data));
    }
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
    let first = member.event(0, "video.room.subscribed", WITHIN, |_| true).await.unwrap();
    let session = &first.params["room_session"];
    assert_eq!(session["recording"], true, "it is recorded from its start");
    assert_eq!(session["recordings"][0]["state"], "recording");
    let coded = Arc::new(Mutex::new(Coded::default()));
    let viewer = room.audience("Viewer").await.receive(Receive::count().probe(coded.clone()));
    let viewer = room.join(viewer).await;
    let seen = |c: &Client| c.leg().look(|f| (f.pictures.arrivals.recent.len() > 5).then_some(()));
    viewer.until("pictures", WITHIN, seen).await.unwrap();
    let id = start(&member).await;
    observe(Duration::from_millis(5500)).await;
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
    let film = Film::at(downloaded(&stack, &row).await);
    judge(&film, row["duration"].as_f64().unwrap(), 10.5);
    is_copied(&film, &coded.lock().unwrap().0);
    links(&stack, &row).await;
    // The session's own recording ends with it.
    viewer.leave().await.unwrap();
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

/// The canvas is encoded once: what is in the file is what a viewer was sent.
fn is_copied(film: &Film, sent: &[Vec<u8>]) {
    let pictures = film.packets("v").iter().filter(|(at, _)| *at < 5.0).count();
    let kept = &film.slices()[..pictures];
    let from = sent.iter().position(|slice| *slice == kept[0]).expect("the first one was sent");
    println!("{pictures} slices of 5 s, {} bytes", kept.concat().len());
    assert!(pictures >= 40, "{pictures}");
    assert_eq!(&sent[from..from + pictures], kept, "byte for byte");
}

fn judge(film: &Film, duration: f64, seconds: f64) {
    assert_eq!(film.complaints(), "");
    assert_eq!(film.codecs(), ["h264", "aac"]);
    let (pictures, sound) = (film.end("v"), film.end("a"));
    println!("plays {pictures} s and {sound} s, row {duration} s");
    assert!((pictures - seconds).abs() < 1.5 && (pictures - sound).abs() < 0.2);
    assert!((duration - pictures).abs() <= 1.0);
    let mut apart: Vec<f64> = film.apart().into_iter().map(|(_, s)| s * 1000.0).collect();
    assert!(apart.len() >= 7, "{apart:?}");
    apart.sort_by(f64::total_cmp);
    println!("flashes come {apart:.0?} ms after their beeps");
    assert!(apart[apart.len() / 2].abs() <= 80.0, "{apart:?}");
}

async fn links(stack: &Stack, row: &Value) {
    let uri = row["uri"].as_str().unwrap();
    let expires: u64 =
        uri.split_once("expires=").unwrap().1.split('&').next().unwrap().parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!((880..=900).contains(&(expires - now)), "good for a quarter of an hour: {uri}");
    let signature = uri.split_once("signature=").unwrap().1;
    assert!(signature.len() * 6 >= 128, "{signature}");
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
