//! What a room says of itself and everybody feels: modes that keep cameras and microphones on, names
//! in the picture, and the tones of people who come and go.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, ClientError, Content, Receive, Rect, Yuv, mean_of, tone_dbfs,
};
use rotunda_acceptance::{Room, Stack, observe};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const GREEN: Yuv = Yuv::from_rgb(40, 160, 70);
/// The two notes of a tone, and one that is in nothing here.
const NOTES_HZ: [f64; 2] = [523.25, 783.99];
const OTHER_HZ: f64 = 1700.0;

async fn refusal(client: &Client, method: &str, params: Value) -> (String, String) {
    match client.rpc(method, params).await {
        Err(ClientError::Refused(refused)) => (refused.code, refused.message),
        other => panic!("{method} is not refused: {other:?}"),
    }
}

fn mode(client: &Client, name: &str) -> bool {
    let session = &client.seat().subscribed["room_session"];
    session[name].as_bool().unwrap_or_else(|| panic!("{name} is missing"))
}

/// Whether both notes, and not just any noise, are in what was heard lately.
fn hears_a_tone(client: &Client) -> Option<()> {
    let heard = client.heard(Duration::from_millis(400));
    let notes = NOTES_HZ.map(|hz| tone_dbfs(&heard, hz));
    let is_there = notes.iter().all(|note| *note > -38.0);
    (is_there && tone_dbfs(&heard, OTHER_HZ) < -50.0).then_some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cameras_and_microphones_of_such_a_room_stay_on_and_its_names_are_seen() {
    let stack = Stack::start(&[]).await;
    let options = json!({
        "blind_mode": true, "silent_mode": true, "meeting_mode": true, "logos_visible": true,
        "layout": "1x1",
    });
    let room = Room::new(&stack, "modes", options).await;
    let camera = Camera::new(Content::Lively(GREEN));
    let host = room.member("Somebody with a long name").await.camera(camera);
    let host = room.join(host.receive(Receive::decode())).await;
    for name in ["blind_mode", "silent_mode", "meeting_mode", "logos_visible"] {
        assert!(mode(&host, name), "{name} of room.joined");
    }
    let unauthorized = ("403".to_owned(), "Unauthorized".to_owned());
    for method in ["video.member.video_mute", "video.member.audio_mute"] {
        assert_eq!(refusal(&host, method, json!({})).await, unauthorized, "{method}");
    }
    host.rpc("video.member.video_unmute", json!({})).await.unwrap();

    // The name lies dark over the lower left corner of the cell, and over no other.
    let luma = |c: &Client, x: u32| {
        let picture = c.picture()?;
        let (w, h) = (picture.width(), picture.height());
        Some(mean_of(picture.view(), Rect::new(w * x / 100, h * 95 / 100, w / 20, h / 40).even()).y)
    };
    let is_named = |c: &Client| {
        let (left, right) = (luma(c, 5)?, luma(c, 80)?);
        (right.abs_diff(GREEN.y) < 8 && left + 8 < right).then_some(())
    };
    host.until("the name is seen", WITHIN, is_named).await.unwrap();
    let ben = room.join(room.member("Ben").await).await;
    observe(Duration::from_millis(600)).await;
    assert!(hears_a_tone(&host).is_none(), "no tone in a meeting");
    drop((host, ben));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_and_who_goes_is_heard_as_one_short_tone() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "tones", json!({})).await;
    let host = room.join(room.member("Host").await.receive(Receive::listen())).await;
    for name in ["blind_mode", "silent_mode", "meeting_mode", "logos_visible"] {
        assert!(!mode(&host, name), "{name} of room.joined");
    }
    let ben = room.join(room.member("Ben").await).await;
    host.until("Ben is heard to come", WITHIN, hears_a_tone).await.unwrap();
    let is_over = |c: &Client| {
        let heard = c.heard(Duration::from_millis(400));
        NOTES_HZ.iter().all(|hz| tone_dbfs(&heard, *hz) < -60.0).then_some(())
    };
    host.until("it is over", Duration::from_secs(2), is_over).await.unwrap();
    ben.leave().await.unwrap();
    host.until("Ben is heard to go", WITHIN, hears_a_tone).await.unwrap();
    host.until("it is over", Duration::from_secs(2), is_over).await.unwrap();
    let viewer = room.join(room.audience("Viewer").await).await;
    observe(Duration::from_millis(600)).await;
    assert!(hears_a_tone(&host).is_none(), "audience comes without a sound");
    drop((host, viewer));
    stack.stop().await;
}
