//! Ten minutes of two people whose clocks are wrong, one fast and one slow: in their films picture and
//! sound stay together. Only in a soak.

use crate::film::LENGTH;
use crate::support::{completed, downloaded, roll, start};
use rotunda_acceptance::client::{Camera, Client, Content, Microphone, Voice};
use rotunda_acceptance::{Film, Room, Stack, observe};
use serde_json::json;
use std::time::Duration;

/// As wrong as the cheapest quartz.
const PPM: i32 = 100;
/// Not a whole number of pictures, and a camera of another rate than the canvas: what a flash waits for
/// the canvas' next picture is then anything from nothing to 40 ms, and its mean stays what it is.
const EVERY: Duration = Duration::from_millis(1013);
const FPS: u32 = 30;

async fn drifter(room: &Room<'_>, ppm: i32) -> Client {
    let content = Content::Flash { every: EVERY, length: LENGTH };
    let voice = Voice::Beep { hz: 1000.0, dbfs: -12.0, every: EVERY, length: LENGTH };
    let options = room.member("Drifter").await.camera(Camera::new(content).fps(FPS).drifting(ppm));
    room.join(options.microphone(Microphone::new(voice).drifting(ppm))).await
}

/// The line through points that is nearest to them: how steep it is.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let up: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    up / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn judge(film: &Film, ppm: i32, length: Duration) {
    assert_eq!(film.complaints(), "");
    assert!(film.end("v") >= length.as_secs_f64() - 1.0, "{} s", film.end("v"));
    let apart: Vec<_> = film.apart().into_iter().map(|(at, s)| (at / 60.0, s * 1000.0)).collect();
    let last_minute = film.end("v") / 60.0 - 1.0;
    let late = median(apart.iter().filter(|p| p.0 >= last_minute).map(|p| p.1).collect());
    let drift = slope(&apart);
    println!("{ppm} ppm: {} pairs, {late:.0} ms at the end, {drift:.2} ms a minute", apart.len());
    assert!(late.abs() <= 40.0 && drift.abs() <= 2.0, "{ppm} ppm");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn for_ten_minutes_picture_and_sound_of_wrong_clocks_stay_together() {
    let minutes = minutes();
    let stack = Stack::start(&[("canvas.fps_720p", "25")]).await;
    let mut scenes = Vec::new();
    for ppm in [PPM, -PPM] {
        let room = Room::new(&stack, &format!("drift{ppm}"), json!({"layout": "1x1"})).await;
        let member = drifter(&room, ppm).await;
        let id = start(&member).await;
        scenes.push((ppm, member, id));
    }
    observe(minutes).await;
    for (ppm, member, id) in scenes {
        roll(&member, "stop", &id).await;
        let (row, took) = completed(&stack, &id).await;
        assert!(took < Duration::from_secs(3), "downloadable after {took:?}");
        judge(&Film::at(downloaded(&stack, &row).await), ppm, minutes);
        member.leave().await.unwrap();
    }
    stack.stop().await;
}

/// How long; `ROTUNDA_SOAK_MINUTES` says otherwise.
fn minutes() -> Duration {
    let minutes = std::env::var("ROTUNDA_SOAK_MINUTES").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(60) * minutes.unwrap_or(10)
}
