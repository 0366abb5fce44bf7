//! Films and sounds from the web: what people have is seen in its place and heard at its level, at
//! its time, and ends by itself.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

#[path = "support/playing.rs"]
mod playing;
#[allow(dead_code)] // shared with the fetcher's own tests
#[path = "../../playback/src/web.rs"]
mod web;

use playing::{Look, WITHIN, ended, hears, hears_no, host, level, made, play, sees, server, steer};
use rotunda_acceptance::client::{Client, Microphone, Receive};
use rotunda_acceptance::{Room, observe};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use web::{Page, Web};

const DBFS: f64 = -30.0;

/// Five seconds of each look.
fn film(first: Look, then: Look, args: &[&str]) -> Vec<u8> {
    let picture = format!("{}[a];{}[b];[a][b]concat", first.picture(5), then.picture(5));
    let tone = format!("{}[a];{}[b];[a][b]concat=v=0:a=1", first.tone(5, DBFS), then.tone(5, DBFS));
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone];
    let usual = ["-g", "10", "-pix_fmt", "yuv420p", "-ac", "1"];
    made(&[&inputs[..], &usual, args].concat())
}

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"];

/// What people have: a name, and the arguments for it.
fn kinds() -> Vec<(&'static str, Vec<&'static str>)> {
    let h264 = |more: &[&'static str]| [&H264[..], more].concat();
    let vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm"];
    vec![
        ("/a.mp4", h264(&["-f", "mp4"])),
        ("/a.webm", vp8.to_vec()),
        ("/segment", h264(&["-f", "mpegts"])),
        ("/a.flv", h264(&["-f", "flv"])),
        ("/a.mp3", vec!["-map", "1", "-f", "mp3"]),
    ]
}

const LIST: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\nsegment?n=1\n\
                    #EXT-X-ENDLIST\n";

/// What is played: its id and what it looks and sounds like.
struct Played {
    name: &'static str,
    id: String,
    looks: [Look; 2],
}

async fn play_at(client: &Client, web: &Web, name: &'static str, looks: [Look; 2]) -> Played {
    let name = if name == "/segment" { "/list.m3u8" } else { name };
    Played { name, id: play(client, json!({"url": web.url(name)})).await, looks }
}

/// How far the playback is, as the list says, in milliseconds.
async fn position(client: &Client, id: &str) -> u64 {
    let list = client.rpc("video.playback.list", json!({})).await.unwrap();
    let one = list["playbacks"].as_array().unwrap().iter().find(|one| one["id"] == id);
    one.and_then(|one| one["position"].as_u64()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_have_is_seen_and_heard_by_all_in_its_place_and_time_several_at_once() {
    let stack = server(&[]).await;
    let room = Room::new(&stack, "films", json!({"layout": "grid-responsive"})).await;
    let ann = host(&stack, &room, "Ann").await;
    let ben = room.join(room.audience("Ben").await.receive(Receive::decode())).await;
    let kinds = kinds();
    let looks: Vec<_> =
        (0..kinds.len() as u32).map(|n| [Look::random(2 * n), Look::random(2 * n + 1)]).collect();
    let mut pages = HashMap::from([("/list.m3u8", Page::Bytes(LIST.into()))]);
    for ((name, args), look) in kinds.iter().zip(&looks) {
        pages.insert(name, Page::Bytes(film(look[0], look[1], args)));
    }
    let web = Web::serve("127.0.0.2", pages).await;
    let all: Vec<_> = kinds.iter().map(|(name, _)| *name).zip(looks).collect();
    for some in all.chunks(3) {
        let mut played = Vec::new();
        for (name, looks) in some {
            played.push(play_at(&ann, &web, name, *looks).await);
        }
        for turn in 0..2 {
            for Played { name, id, looks } in &played {
                if *name != "/a.mp3" {
                    sees(&ben, id, looks[turn]).await;
                }
                hears(&ben, looks[turn], DBFS).await;
                let at = position(&ann, id).await;
                println!("{name}: look {turn} seen and heard by {at} ms");
                assert!(at / 5_000 >= turn as u64, "{name} is at {at} ms");
            }
        }
        for Played { id, looks, .. } in &played {
            assert_eq!(ended(&ann, id, WITHIN).await, Value::Null, "it ends by itself");
            hears_no(&ben, looks[1]).await;
            assert_eq!(ben.cell_of(id, 1280, 720), None, "its place is free");
        }
    }
    for client in [ann, ben] {
        client.leave().await.unwrap();
    }
    stack.stop().await;
}

/// A second hears both for a while; the level of each.
async fn levels(ben: &Client, film: Look, voice: Look) -> [f64; 2] {
    observe(Duration::from_millis(1200)).await;
    [level(ben, film), level(ben, voice)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_is_as_loud_as_a_member_at_the_same_volume() {
    let stack = server(&[]).await;
    let room = Room::new(&stack, "volume", json!({})).await;
    let [film, voice] = [Look::random(0), Look::random(4)];
    let song = made(&["-f", "lavfi", "-i", &film.tone(120, DBFS), "-f", "wav"]);
    let web = Web::serve("127.0.0.2", HashMap::from([("/a.wav", Page::Bytes(song))])).await;
    let ann = host(&stack, &room, "Ann").await;
    let may = json!({"permissions": ["room.self.set_input_volume"]});
    let token = stack.token(&room.name, "Cid", may).await;
    let options = rotunda_acceptance::client::JoinOptions::new(stack.ws(), token);
    let cid = room.join(options.microphone(Microphone::tone(f64::from(voice.hz), DBFS))).await;
    let ben = room.join(room.audience("Ben").await.receive(Receive::decode())).await;
    let id = play(&ann, json!({"url": web.url("/a.wav"), "volume": -10})).await;
    hears(&ben, film, DBFS - 10.0).await;
    for volume in [-10, 0, 8, -35] {
        steer(&ann, "set_volume", &id, json!({"volume": volume})).await;
        cid.rpc("video.member.set_input_volume", json!({"volume": volume})).await.unwrap();
        let [film, voice] = levels(&ben, film, voice).await;
        println!("volume {volume}: film {film:.1} dBFS, member {voice:.1} dBFS");
        assert!((film - voice).abs() < 1.0, "film {film}, member {voice} at {volume}");
        assert!((film - DBFS - f64::from(volume)).abs() < 1.5, "{film} at {volume}");
    }
    for volume in [-50, 50] {
        steer(&ann, "set_volume", &id, json!({"volume": volume})).await;
        cid.rpc("video.member.set_input_volume", json!({"volume": -50})).await.unwrap();
        let [film, voice] = levels(&ben, film, voice).await;
        assert!(voice < -80.0, "{voice}");
        assert!(if volume < 0 { film < -80.0 } else { film > -4.0 }, "{film} at {volume}");
    }
    for client in [ann, ben, cid] {
        client.leave().await.unwrap();
    }
    stack.stop().await;
}
