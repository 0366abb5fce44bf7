//! Addresses and files of people who mean harm: nobody is led inward, and a hostile file ends its
//! own playback while the room and other playbacks go on.
//!
//! 127.0.0.2 stands for the public Internet; at 127.0.0.1 a listener counts who comes.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

#[path = "support/playing.rs"]
mod playing;
#[allow(dead_code)] // shared with the fetcher's own tests
#[path = "../../playback/src/web.rs"]
mod web;

use playing::{Look, WITHIN, ended, hears, host, made, play, sees, server};
use rotunda_acceptance::client::{Camera, Client, ClientError, Content, Receive};
use rotunda_acceptance::{Room, Stack, undisturbed, watched};
use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use web::{Page, Web};

/// What a file or an address comes to.
async fn outcome(client: &Client, url: &str) -> String {
    match client.rpc("video.playback.start", json!({ "url": url })).await {
        Ok(answer) => {
            let id = answer["playback"]["id"].as_str().unwrap();
            ended(client, id, WITHIN * 2).await.as_str().unwrap_or("none").to_owned()
        }
        Err(ClientError::Refused(refused)) => refused.code,
        Err(error) => panic!("{url}: {error}"),
    }
}

/// What all of them come to, two at a time: a session has no more than three.
async fn outcomes(client: &Client, urls: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for some in urls.chunks(2) {
        let turn = async |n: usize| match some.get(n) {
            Some(url) => outcome(client, url).await,
            None => String::new(),
        };
        let (a, b) = tokio::join!(turn(0), turn(1));
        all.extend([a, b].into_iter().take(some.len()));
    }
    all
}

fn list(line: &str) -> Page {
    Page::Bytes(format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n{line}\n#EXT-X-ENDLIST\n").into_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_an_inner_address_is_reached_for_nobody_comes() {
    let stack = server(&[]).await;
    let room = Room::new(&stack, "inward", json!({})).await;
    let ann = host(&stack, &room, "Ann").await;
    let trap = Web::trap().await;
    let port = trap.address.port();
    // Said at once: the address itself says it.
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "0177.1", "127.1", "[::1]", "0", "[::]"]
        .into_iter()
        .chain(["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "127.0.0.1."])
    {
        for scheme in ["http", "https", "rtmp", "rtmps"] {
            let url = format!("{scheme}://{host}:{port}/a.mp4");
            assert_eq!(outcome(&ann, &url).await, "422", "{url}");
        }
    }
    // Found out on the way: names, redirects, and what stands in a playlist.
    let at = |host: &str| format!("http://{host}:{port}/seg.ts");
    let pages = HashMap::from([
        ("/to", Page::To(at("127.0.0.1"))),
        ("/to-mapped", Page::To(at("[::ffff:127.0.0.1]"))),
        ("/to-name", Page::To(at("localhost"))),
        ("/twice", Page::To("/to".into())),
        ("/seg.m3u8", list(&format!("#EXTINF:4,\n{}", at("127.0.0.1")))),
        ("/seg-decimal.m3u8", list(&format!("#EXTINF:4,\n{}", at("2130706433")))),
        ("/seg-name.m3u8", list(&format!("#EXTINF:4,\n{}", at("localhost")))),
        ("/seg-to.m3u8", list("#EXTINF:4,\n/to")),
        ("/master.m3u8", list("#EXT-X-STREAM-INF:BANDWIDTH=1\n/seg.m3u8")),
        ("/inner-master.m3u8", list(&format!("#EXT-X-STREAM-INF:BANDWIDTH=1\n{}", at("0x7f.1")))),
        ("/map.m3u8", list(&format!("#EXT-X-MAP:URI=\"{}\"\n#EXTINF:4,\nx.ts", at("127.1")))),
        (
            "/key.m3u8",
            list(&format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\"\n#EXTINF:4,\nx.ts", at("[::1]"))),
        ),
    ]);
    let names: Vec<_> = pages.keys().map(|name| (*name).to_owned()).collect();
    let web = Web::serve("127.0.0.2", pages).await;
    let mut urls: Vec<_> = names.iter().map(|name| web.url(name)).collect();
    urls.push(at("localhost"));
    urls.push(format!("rtmp://localhost:{port}/live/x"));
    let said = outcomes(&ann, &urls).await;
    for (url, said) in urls.iter().zip(said) {
        assert_eq!(said, "url_is_unsafe", "{url}");
    }
    assert_eq!(trap.visits(), 0, "somebody came");
    ann.leave().await.unwrap();
    stack.stop().await;
}

/// Waits until every child has lost the rights it began with.
async fn fenced(stack: &Stack) {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let end = Instant::now() + Duration::from_secs(10);
    while !stack.has_fenced_children() {
        look.tick().await;
        assert!(Instant::now() < end, "a child is not fenced");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_playback_leaves_nothing_behind_and_the_server_has_a_bound() {
    let stack = server(&[("playback.max_at_once", "2")]).await;
    let room = Room::new(&stack, "bound", json!({})).await;
    let ann = host(&stack, &room, "Ann").await;
    let web = Web::serve("127.0.0.2", HashMap::from([("/drip", Page::Drip(vec![0; 600]))])).await;
    let params = json!({"url": web.url("/drip")});
    let children = async |wanted: usize| {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let end = Instant::now() + Duration::from_secs(10);
        while stack.children().len() != wanted {
            look.tick().await;
            assert!(Instant::now() < end, "{} children", stack.children().len());
        }
    };
    // While they are looked at, which takes 15 s, they are stopped, again and again.
    for _ in 0..5 {
        let two = [play(&ann, params.clone()).await, play(&ann, params.clone()).await];
        children(2).await;
        fenced(&stack).await;
        match ann.rpc("video.playback.start", params.clone()).await {
            Err(ClientError::Refused(no)) => {
                assert!(no.code == "422" && no.message.contains("playback.max_at_once"), "{no}");
            }
            other => panic!("a third of two: {other:?}"),
        }
        for id in two {
            playing::steer(&ann, "stop", &id, json!({})).await;
        }
        children(0).await;
    }
    ann.leave().await.unwrap();
    stack.stop().await;
}

/// Most memory that a child of the server holds, bytes.
async fn largest_child(stack: &Stack, end: Instant) -> u64 {
    let mut look = tokio::time::interval(Duration::from_millis(100));
    let mut most = 0;
    while Instant::now() < end {
        look.tick().await;
        let sizes =
            stack.children().into_iter().filter_map(rotunda_acceptance::client::cpu::memory_of);
        most = most.max(sizes.max().unwrap_or(0));
    }
    most
}

/// A file of 100 kB that is a picture of 144 million pixels.
fn huge(format: &str) -> Vec<u8> {
    let picture = ["-f", "lavfi", "-i", "color=black:s=16000x9000:r=1", "-frames:v", "1"];
    made(&[&picture[..], &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-f", format]].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn a_hostile_file_harms_its_own_playback_only() {
    let stack = server(&[]).await;
    let room = Room::new(&stack, "hostile", json!({"layout": "grid-responsive"})).await;
    let camera = Camera::new(Content::Stamped { sender: 1 });
    let ben = room.join(room.member("Ben").await.camera(camera).receive(Receive::decode())).await;
    let ann = host(&stack, &room, "Ann").await;
    let look = Look::random(0);
    let tone = look.tone(300, -30.0);
    let inputs = ["-f", "lavfi", "-i", &look.picture(300), "-f", "lavfi", "-i", &tone];
    let good =
        made(&[&inputs[..], &["-c:v", "libx264", "-preset", "ultrafast", "-f", "mp4"]].concat());
    let pages = HashMap::from([
        ("/good.mp4", Page::Bytes(good)),
        ("/huge.mkv", Page::Bytes(huge("matroska"))),
        ("/huge.mp4", Page::Bytes(huge("mov"))),
        ("/zeros.mp4", Page::Endless(vec![0; 65536])),
        ("/lines.m3u8", Page::Endless(b"#EXTM3U\n#EXTINF:4,\nx.ts\n".repeat(1000))),
        ("/packed.mp4", Page::With("content-encoding: gzip", vec![0x1f; 4096])),
        ("/lies.mp4", Page::With("content-length: 9000000000000000000", b"ftyp".to_vec())),
        ("/drip.mp4", Page::Drip(vec![0; 600])),
        ("/itself.m3u8", list("#EXTINF:4,\nitself.m3u8")),
        ("/master.m3u8", list("#EXT-X-STREAM-INF:BANDWIDTH=1\nmaster.m3u8")),
        ("/page.html", Page::Bytes(b"<html><video src=x></html>".to_vec())),
        ("/nothing.mp4", Page::Bytes(Vec::new())),
    ]);
    let names: Vec<_> = pages.keys().filter(|name| **name != "/good.mp4").copied().collect();
    let web = Web::serve("127.0.0.2", pages).await;
    let id = play(&ann, json!({"url": web.url("/good.mp4")})).await;
    sees(&ben, &id, look).await;
    let before = watched(&ben).await;
    let since = Instant::now();
    let play_all = async {
        let urls: Vec<_> = names.iter().map(|name| web.url(name)).collect();
        for (name, said) in names.iter().zip(outcomes(&ann, &urls).await) {
            println!("{name}: {said}");
            assert!(said.starts_with("source_"), "{name}: {said}");
        }
        println!("all after {:?}", since.elapsed());
    };
    let watch = async {
        undisturbed(&stack, &ben, before).await;
        largest_child(&stack, since + Duration::from_secs(20)).await
    };
    let ((), most) = tokio::join!(play_all, watch);
    println!("the largest child held {} MB", most >> 20);
    assert!(most < 300 << 20, "{most} bytes");
    sees(&ben, &id, look).await;
    hears(&ben, look, -30.0).await;
    let list = ann.rpc("video.playback.list", json!({})).await.unwrap();
    let states: Vec<_> =
        list["playbacks"].as_array().unwrap().iter().map(|p| &p["state"]).collect();
    assert_eq!(states[0], "playing");
    assert_eq!(states.iter().filter(|state| **state == "playing").count(), 1, "{states:?}");
    for client in [ann, ben] {
        client.leave().await.unwrap();
    }
    stack.stop().await;
}
