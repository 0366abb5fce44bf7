//! Each receiver gets the codec it takes, in the size of its room and in true colours.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, Content, JoinOptions, Receive, Rect, VideoCodec, Yuv, mean_of,
};
use rotunda_acceptance::{Room, Stack};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
/// What is sent, as BT.601 values; far apart in every channel.
const COLOURS: [Yuv; 4] = [
    Yuv::from_rgb(200, 40, 40),
    Yuv::from_rgb(40, 180, 60),
    Yuv::from_rgb(60, 70, 200),
    Yuv::from_rgb(120, 120, 120),
];

fn is_near(a: Yuv, b: Yuv, by: u8) -> bool {
    a.y.abs_diff(b.y) <= by && a.u.abs_diff(b.u) <= by && a.v.abs_diff(b.v) <= by
}

/// The middle half of a rectangle: what no edge touches.
fn middle(of: Rect) -> Rect {
    Rect::new(of.x + of.w / 4, of.y + of.h / 4, of.w / 2, of.h / 2)
}

/// The colour in the middle of the place where `who` is seen.
fn colour_of(viewer: &Client, who: &str, size: (u32, u32)) -> Option<Yuv> {
    let canvas = viewer.leg().look(|f| f.pictures.size);
    let place = viewer.place_of(who, canvas, size)?;
    viewer.leg().look_at_picture(|frame| mean_of(frame.view(), middle(place)))
}

async fn sees(viewer: &Client, who: &Client, colour: Yuv, size: (u32, u32)) {
    let seen = |c: &Client| {
        let seen = colour_of(c, who.member_id(), size)?;
        is_near(seen, colour, 8).then_some(seen)
    };
    let seen = viewer.until("the colour", WITHIN, seen).await;
    assert!(
        seen.is_ok(),
        "sent {colour:?}, seen {:?} at {:?} in {:?}",
        colour_of(viewer, who.member_id(), size),
        viewer.place_of(who.member_id(), viewer.facts().pictures.size, size),
        viewer.layout(),
    );
}

async fn looks(room: &Room<'_>, name: &str) -> JoinOptions {
    room.member(name).await.receive(Receive::look())
}

fn codec(client: &Client) -> Option<VideoCodec> {
    client.leg().look(|f| f.pictures.codec)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_receiver_gets_its_codec_and_true_colours() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "codecs", json!({})).await;
    let solid = |colour| Camera::new(Content::solid(colour));
    let old = room.join(looks(&room, "Old").await.vp8_only().camera(solid(COLOURS[0]))).await;
    let new = room.join(looks(&room, "New").await.camera(solid(COLOURS[1]).h264())).await;
    let seen = |c: &Client| codec(c).filter(|_| c.leg().look(|f| f.pictures.decoded > 0));
    assert_eq!(old.until("a picture", WITHIN, seen).await.unwrap(), VideoCodec::Vp8);
    assert_eq!(new.until("a picture", WITHIN, seen).await.unwrap(), VideoCodec::H264);
    for viewer in [&old, &new] {
        sees(viewer, &old, COLOURS[0], (640, 360)).await;
        sees(viewer, &new, COLOURS[1], (640, 360)).await;
        let facts = viewer.facts().pictures;
        assert_eq!((facts.size, facts.undecodable), ((1280, 720), 0));
    }
    drop((old, new));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_vp8_alone_gives_vp8_to_all() {
    let stack = Stack::start(&[("media.codecs", "vp8")]).await;
    let room = Room::new(&stack, "vp8", json!({})).await;
    let camera = Camera::new(Content::solid(COLOURS[2]));
    let one = room.join(looks(&room, "One").await.camera(camera)).await;
    let two = room.join(looks(&room, "Two").await).await;
    for viewer in [&one, &two] {
        sees(viewer, &one, COLOURS[2], (640, 360)).await;
        assert_eq!(codec(viewer), Some(VideoCodec::Vp8));
    }
    drop((one, two));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_1080p_room_is_1920_by_1080_and_4_by_3_lies_between_bars() {
    let stack = Stack::start(&[("canvas.fps_1080p", "10")]).await;
    let room = Room::new(&stack, "large", json!({"quality": "1080p", "layout": "1x1"})).await;
    let camera = Camera::new(Content::solid(COLOURS[3])).size(640, 480).fps(10);
    let sender = room.join(looks(&room, "Sender").await.camera(camera)).await;
    for h264 in [true, false] {
        let mut options = looks(&room, "Viewer").await;
        options.offer_h264 = h264;
        let viewer = room.join(options).await;
        sees(&viewer, &sender, COLOURS[3], (640, 480)).await;
        let picture = viewer.picture().unwrap();
        assert_eq!((picture.width(), picture.height()), (1920, 1080));
        let cell = viewer.cell_of(sender.member_id(), 1920, 1080).unwrap();
        let place = viewer.place_of(sender.member_id(), (1920, 1080), (640, 480)).unwrap();
        let bar = place.x - cell.x;
        assert!(bar > 100, "{cell:?} {place:?}");
        let left = Rect::new(cell.x + bar / 4, cell.y + cell.h / 4, bar / 2, cell.h / 2);
        let right = Rect::new(place.x + place.w + bar / 4, left.y, left.w, left.h);
        for bar in [left, right] {
            let seen = mean_of(picture.view(), bar);
            assert!(seen.y < 40, "a bar is dark: {seen:?}");
        }
        let edge = Rect::new(place.x + 16, place.y + place.h / 4, 32, place.h / 2);
        assert!(
            is_near(mean_of(picture.view(), edge), COLOURS[3], 8),
            "the picture fills its place"
        );
    }
    drop(sender);
    stack.stop().await;
}
