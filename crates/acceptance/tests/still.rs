//! A canvas on which nothing moves costs next to nothing, and is back at full rate at once.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content, Receive};
use rotunda_acceptance::{Room, Stack, fairly, observe};
use serde_json::json;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);
const FPS: f64 = 20.0;
const TICK: Duration = Duration::from_millis(50);
const WAKE: Duration = Duration::from_millis(150);

/// One rest and one waking.
#[derive(Debug)]
struct Round {
    /// Pictures a second while nothing moves, and the longest time without.
    resting: f64,
    gap: Duration,
    /// When pictures flowed again, after the change was sent.
    first: Option<Duration>,
    /// Pictures a second then.
    awake: f64,
}

/// Lets the camera run again; gives when its first picture went out.
async fn wake(client: &Client) -> Instant {
    let before = Instant::now();
    client.set_camera(true);
    let first =
        |c: &Client| c.leg().look(|f| f.sent_recently.iter().copied().find(|at| *at >= before));
    client.until("a picture is sent", WITHIN, first).await.unwrap()
}

/// From when on pictures came that were soon followed by another one, after `changed`: a single
/// one may be of the still canvas.
fn flows_from(client: &Client, changed: Instant) -> Option<Instant> {
    client.leg().look(|f| {
        let came: Vec<_> = f.pictures.arrivals.recent.iter().map(|a| a.at).collect();
        let soon = |w: &&[Instant]| w[0] >= changed && w[1] - w[0] <= 3 * TICK;
        came.windows(2).find(soon).map(|w| w[0])
    })
}

fn pictures_a_second(client: &Client, (from, to): (Instant, Instant)) -> f64 {
    let n = client.leg().look(|f| f.pictures.arrivals.between(from, to));
    n as f64 / (to - from).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_still_canvas_rests_and_wakes_within_150_ms() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "still", json!({"layout": "1x1"})).await;
    let camera = Camera::new(Content::Stamped { sender: 3 });
    let client = room.join(room.member("Ann").await.camera(camera).receive(Receive::count())).await;
    let flows = |c: &Client| c.leg().look(|f| f.pictures.arrivals.count > 20).then_some(());
    let round = async || {
        client.until("the canvas flows", WITHIN, flows).await.unwrap();
        client.set_camera(false);
        observe(Duration::from_secs(1)).await;
        let rest = observe(Duration::from_secs(4)).await;
        let resting = pictures_a_second(&client, rest);
        let gap = client.leg().look(|f| f.pictures.arrivals.longest_gap(rest.0, rest.1));
        let changed = wake(&client).await;
        let (_, to) = observe(Duration::from_millis(1200)).await;
        let first = flows_from(&client, changed).map(|at| at - changed);
        Round { resting, gap, first, awake: pictures_a_second(&client, (changed + WAKE, to)) }
    };
    fairly(&stack, round, |r: &Round| {
        (0.7..=3.0).contains(&r.resting)
            && r.gap < Duration::from_millis(1500)
            && r.first.is_some_and(|first| first <= WAKE)
            && r.awake >= 0.85 * FPS
    })
    .await;
    drop(client);
    stack.stop().await;
}
