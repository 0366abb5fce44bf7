//! A member whose picture is 200 ms late: with audio_video_sync its sound waits, without it each
//! comes as early as it can.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, Content, FlashBeep, JoinOptions, Microphone, Offset, Receive, Voice,
};
use rotunda_acceptance::{Room, Stack, fairly, median_ms};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);
const LENGTH: Duration = Duration::from_millis(200);
const LATE: Duration = Duration::from_millis(200);
/// Pairs that are judged together.
const PAIRS: usize = 5;
const WITHIN: Duration = Duration::from_secs(40);

type Watched = Arc<Mutex<FlashBeep>>;

fn clapper(options: JoinOptions, late: Duration) -> JoinOptions {
    let content = Content::Flash { every: EVERY, length: LENGTH };
    let voice = Voice::Beep { hz: 1000.0, dbfs: -12.0, every: EVERY, length: LENGTH };
    options.camera(Camera::new(content).late(late)).microphone(Microphone::new(voice))
}

/// Somebody who claps and somebody who watches.
async fn scene(stack: &Stack, sync: bool, late: Duration) -> (Client, Client, Watched) {
    let room = Room::new(stack, "clap", json!({"audio_video_sync": sync, "layout": "1x1"})).await;
    let clapper = room.join(clapper(room.member("Clapper").await, late)).await;
    let watched: Watched = Arc::new(Mutex::new(FlashBeep::new(None)));
    let options = room.audience("Viewer").await.receive(Receive::decode().probe(watched.clone()));
    let viewer = room.join(options).await;
    (clapper, viewer, watched)
}

fn latest(watched: &Watched) -> Vec<Offset> {
    let offsets = watched.lock().unwrap().offsets();
    offsets[offsets.len().saturating_sub(PAIRS)..].to_vec()
}

/// Waits until `PAIRS` pairs came that are all later than `after`.
async fn pairs_after(viewer: &Client, watched: &Watched, after: Instant) -> Vec<Offset> {
    let enough = |_: &Client| {
        let offsets = latest(watched);
        (offsets.len() == PAIRS && offsets[0].at > after).then_some(offsets)
    };
    let pairs = viewer.until("flashes and beeps", WITHIN, enough).await;
    pairs.unwrap_or_else(|e| panic!("{e}: {:?}", watched.lock().unwrap().offsets()))
}

/// Medians of some pairs, in ms.
#[derive(Debug)]
struct Round {
    /// How much later than its beep a flash comes.
    apart: f64,
    /// The same as a browser plays them, by the server's sender reports.
    reported: Option<f64>,
    /// How long after capture a beep arrives.
    sound: f64,
}

/// The next pairs from now on.
async fn next(clapper: &Client, viewer: &Client, watched: &Watched) -> Round {
    let pairs = pairs_after(viewer, watched, Instant::now()).await;
    let reported: Vec<i64> = pairs.iter().filter_map(|o| o.reported_us).collect();
    Round {
        apart: median_ms(pairs.iter().map(|o| o.arrived_us)),
        reported: (!reported.is_empty()).then(|| median_ms(reported)),
        sound: sound_delay(clapper, watched),
    }
}

/// How long after capture beeps arrive, in ms.
fn sound_delay(clapper: &Client, watched: &Watched) -> f64 {
    let watched = watched.lock().unwrap();
    let beeps: Vec<_> = watched.beeps().collect();
    let last = &beeps[beeps.len().saturating_sub(PAIRS)..];
    let since = |at: &Instant| at.saturating_duration_since(clapper.origin()).as_micros();
    median_ms(last.iter().map(|at| (since(at) % EVERY.as_micros()) as i64))
}

async fn aligned(late: Duration) {
    let stack = Stack::start(&[("canvas.fps_720p", "25")]).await;
    let (clapper, viewer, watched) = scene(&stack, true, late).await;
    // Reports come once a second, and sound follows bit by bit.
    pairs_after(&viewer, &watched, Instant::now()).await;
    fairly(
        &stack,
        async || next(&clapper, &viewer, &watched).await,
        |r| r.apart.abs() <= 40.0 && r.reported.is_some_and(|ms| ms.abs() <= 60.0),
    )
    .await;
    drop((clapper, viewer));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sync_the_sound_waits_for_a_picture_that_is_200_ms_late() {
    aligned(LATE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sync_a_picture_in_time_stays_in_time() {
    aligned(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_sync_the_picture_is_200_ms_late_and_the_sound_is_not() {
    let stack = Stack::start(&[("canvas.fps_720p", "25")]).await;
    let (clapper, viewer, watched) = scene(&stack, false, LATE).await;
    fairly(
        &stack,
        async || next(&clapper, &viewer, &watched).await,
        |r| (110.0..=290.0).contains(&r.apart) && r.sound <= 170.0,
    )
    .await;
    drop((clapper, viewer));
    stack.stop().await;
}
