//! HTTP, HTTPS and ICE-TCP on one port, and whoever begins like one of them and goes on otherwise.

use crate::proxies::address;
use crate::raw::{alive, connect};
use rotunda_acceptance::client::{Camera, Client, Content, Microphone, Receive, Yuv};
use rotunda_acceptance::{Room, Stack, pause};
use serde_json::json;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(20);
/// A first frame that does not come whole is waited for so long.
const FRAME_WITHIN: Duration = Duration::from_secs(5);

/// A binding request for a leg that there is not, in a frame.
fn stranger() -> Vec<u8> {
    let name = b"nobody12:anybody1";
    let attribute = [&[0, 6, 0, name.len() as u8][..], name, &[0; 3]].concat();
    let head = [0, 1, 0, attribute.len() as u8, 0x21, 0x12, 0xa4, 0x42];
    let message = [&head[..], &[7; 12], &attribute].concat();
    [&(message.len() as u16).to_be_bytes()[..], &message].concat()
}

/// A connection on which this was sent.
async fn begun(to: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(to, 2).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// After what time a connection was closed, without a byte back.
async fn closed_after(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let read = timeout(WITHIN, stream.read(&mut [0])).await.expect("it is closed");
    let is_reset = |error: std::io::Error| error.kind() == ErrorKind::ConnectionReset;
    assert!(read.map_or_else(is_reset, |read| read == 0), "it is answered");
    began.elapsed()
}

async fn has_media(client: &Client) {
    let both = |c: &Client| {
        c.leg().look(|f| f.pictures.decoded > 10 && f.sound.pcm.len() > 24_000).then_some(())
    };
    client.until("pictures and sound", WITHIN, both).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_https_and_ice_tcp_come_in_by_one_port() {
    let stack = Stack::start(&[("server.unproven_per_address", "8")]).await;
    let to = address(&stack);
    let room = Room::new(&stack, "port", json!({})).await;
    let sending =
        room.member("Host").await.camera(Camera::new(Content::solid(Yuv::from_rgb(9, 99, 9))));
    let host = room.join(sending.microphone(Microphone::tone(500.0, -14.0)).over_tcp(to)).await;
    let guest =
        room.join(room.audience("Guest").await.over_tcp(to).receive(Receive::decode())).await;
    has_media(&guest).await;
    stack.until_metric("rotunda_ice_tcp_connections", |n| n == 2.0).await;

    alive(to).await;
    let livez = format!("https://{to}/livez");
    let asked =
        Command::new("curl").args(["-sk", "-m", "5", "-w", "%{http_code}", &livez]).output();
    let said = String::from_utf8(asked.unwrap().stdout).unwrap();
    assert!(said.ends_with("200"), "{said}");

    // As many strangers of an address as may be come and stay; with one more the first of them goes, and
    // no leg.
    let mut slow = Vec::new();
    for _ in 0..9 {
        slow.push(begun(to, &[0]).await);
    }
    let first = closed_after(slow.remove(0)).await;
    assert!(first < FRAME_WITHIN / 2, "it made room after {first:?}");
    drop(slow);
    let pictures = guest.leg().look(|f| f.pictures.decoded);
    let more = |c: &Client| (c.leg().look(|f| f.pictures.decoded) > pictures + 5).then_some(());
    guest.until("more pictures", WITHIN, more).await.unwrap();
    drop((host, guest));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_begins_like_ice_tcp_and_is_not_is_closed_unanswered() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    let stranger = stranger();
    let mut garbage = vec![0; 64];
    garbage[1] = 62;
    for (bytes, what) in [(&stranger, "a stranger"), (&garbage, "garbage")] {
        let after = closed_after(begun(to, bytes).await).await;
        assert!(after < FRAME_WITHIN / 2, "{what}: after {after:?}");
    }
    // Bytes that come one by one do not put the end off.
    let mut slow = begun(to, &stranger[..1]).await;
    let began = Instant::now();
    for byte in &stranger[1..] {
        pause(Duration::from_millis(200)).await;
        if slow.write_all(&[*byte]).await.is_err() || began.elapsed() > FRAME_WITHIN * 2 {
            break;
        }
    }
    let whole = began.elapsed();
    assert!(
        whole > FRAME_WITHIN - Duration::from_secs(1) && whole < FRAME_WITHIN * 3 / 2,
        "{whole:?}"
    );
    assert_eq!(stack.metric("rotunda_ice_tcp_connections").await, 0.0);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_is_switched_off_ice_tcp_is_bad_http() {
    let stack = Stack::start(&[("media.tcp_on_https", "false")]).await;
    let mut stream = begun(address(&stack), &stranger()).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    stack.stop().await;
}
