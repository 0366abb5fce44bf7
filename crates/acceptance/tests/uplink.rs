//! A sender is asked for what its cell can show.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content};
use rotunda_acceptance::{Room, Stack, observe};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

fn camera(sender: u8) -> Camera {
    Camera::new(Content::Stamped { sender }).size(320, 180).fps(5)
}

fn asked(client: &Client) -> Option<u64> {
    client.leg().look(|f| f.asked_now())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_canvas_to_itself_is_asked_for_more_than_one_of_nine() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "uplink", json!({"layout": "grid-responsive"})).await;
    let first = room.join(room.member("First").await.camera(camera(0))).await;
    // The very first wish may still be that for somebody whom nobody sees.
    let large = |c: &Client| asked(c).filter(|bps| *bps > 1_000_000);
    let alone = first.until("a wish", WITHIN, large).await.unwrap();
    let mut others = Vec::new();
    for n in 1..9 {
        others.push(room.join(room.member(&format!("M{n}")).await.camera(camera(n))).await);
    }
    let less = |c: &Client| asked(c).filter(|bps| *bps < alone);
    first.until("a smaller wish", WITHIN, less).await.unwrap();
    // It may fall in steps while they come; what counts is where it comes to rest.
    observe(Duration::from_secs(4)).await;
    let of_nine = asked(&first).unwrap();
    println!("asked for {alone} bit/s alone and {of_nine} as one of nine");
    assert!(of_nine * 2 < alone, "{of_nine} of {alone}");
    for other in &others {
        assert_eq!(asked(other), Some(of_nine), "all cells are alike");
    }
    drop(others);
    let more = |c: &Client| asked(c).filter(|bps| *bps >= alone);
    // Their seats are kept for a while; the layout is told to show one.
    first.rpc("video.set_layout", json!({"name": "1x1"})).await.unwrap();
    first.until("the first wish again", WITHIN, more).await.unwrap();
    drop(first);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_uplink_shaping_nobody_is_asked_for_anything() {
    let stack = Stack::start(&[("canvas.uplink_shaping", "false")]).await;
    let room = Room::new(&stack, "free", json!({"layout": "grid-responsive"})).await;
    let one = room.join(room.member("One").await.camera(camera(1))).await;
    let two = room.join(room.member("Two").await.camera(camera(2))).await;
    let flows = |c: &Client| c.leg().look(|f| f.pictures.arrivals.count > 20).then_some(());
    two.until("pictures", WITHIN, flows).await.unwrap();
    one.rpc("video.set_layout", json!({"name": "3x3"})).await.unwrap();
    observe(Duration::from_secs(4)).await;
    assert_eq!((asked(&one), asked(&two)), (None, None));
    drop((one, two));
    stack.stop().await;
}
