//! Strangers who stop a server, and do not: each attack runs from addresses of its own, and
//! meanwhile health answers and people get in from 127.0.0.1.

use crate::proxies::address;
use crate::raw::{alive, connect, opened, resident, sent};
use rotunda_acceptance::client::Client;
use rotunda_acceptance::{Room, Stack};
use serde_json::json;
use std::net::SocketAddr;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// More is never held at a time by a test in CI: its own descriptors are bounded, too.
const CROWD: usize = 1_500;
const MEBIBYTE: u64 = 1 << 20;

/// Every door that reads a body, and one that takes none.
const BODIES: [&str; 9] = [
    "/api/v1/auth/signin",
    "/api/v1/auth/sessions",
    "/api/video/rooms",
    "/dev/token",
    "/socket/?EIO=4&transport=polling",
    "/whip",
    "/oauth/token",
    "/livez",
    "/nowhere",
];

/// Bodies that never come, `many` of them from 127.0.0.`from`, one door after the other.
async fn slow_bodies(to: SocketAddr, from: u8, many: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..many {
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: 1000\r\n\r\n{{",
            BODIES[number % BODIES.len()]
        );
        // One of an earlier connection's may be cut off meanwhile; so may this.
        held.extend(sent(to, from, &request).await.ok());
    }
    held
}

#[tokio::test]
async fn bodies_that_never_come_shut_nobody_else_out() {
    let stack = Stack::start(&[("server.max_connections", "600")]).await;
    let to = address(&stack);
    let held = slow_bodies(to, 2, CROWD).await;
    println!("/livez beside {} slow bodies: {:?}", held.len(), alive(to).await);
    let room = Room::new(&stack, "open", json!({})).await;
    let ann = room.join(room.member("Ann").await).await;
    let files = std::fs::read_dir(format!("/proc/{}/fd", stack.pid())).unwrap().count();
    assert!(files <= 800, "{files} files are open");
    ann.leave().await.unwrap();
    drop(held);
    stack.stop().await;
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up_at_every_door() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    let mut doors = JoinSet::new();
    for mut stream in slow_bodies(to, 2, BODIES.len()).await {
        doors.spawn(async move {
            let mut answer = Vec::new();
            // Whatever is said, the connection ends.
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        });
    }
    let all = timeout(Duration::from_secs(30), doors.join_all()).await;
    let answers = all.expect("each connection ends by itself");
    assert_eq!(answers.len(), BODIES.len());
    let late = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 408")).count();
    // The others need no body to say no, or refuse one that has ended early.
    assert!(late >= 3, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 4")), "{answers:?}");
    stack.stop().await;
}

/// A masked ping of 125 bytes, many times over.
fn pings() -> Vec<u8> {
    let mut ping = vec![0x89, 0x80 | 125, 0, 0, 0, 0];
    ping.extend([b'x'; 125]);
    ping.repeat(500)
}

/// Writes pings as fast as they are taken for `length`, and reads nothing; gives the bytes.
async fn flood(mut stream: TcpStream, length: Duration) -> u64 {
    let (pings, mut written) = (pings(), 0);
    let writing = async {
        while let Ok(some) = stream.write(&pings).await {
            written += some as u64;
        }
    };
    let _ = timeout(length, writing).await;
    written
}

async fn ping_floods(length: Duration) {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    alive(to).await;
    for path in ["/ws", "/", "/socket/?EIO=4&transport=websocket"] {
        let (stream, header) = opened(to, 2, path).await.unwrap();
        assert!(header.starts_with("HTTP/1.1 101"), "{path}: {header}");
        let before = resident(stack.pid());
        let flooding = tokio::spawn(flood(stream, length));
        let slowest = alive(to).await.max(alive(to).await);
        let written = flooding.await.unwrap();
        let more = resident(stack.pid()).saturating_sub(before);
        println!("{path}: {written} bytes of pings, {more} bytes of memory, /livez {slowest:?}");
        assert!(more <= MEBIBYTE, "{path}: {more} bytes of memory");
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_flood_of_pings_takes_no_memory() {
    ping_floods(Duration::from_secs(2)).await;
}

#[tokio::test]
#[ignore = "takes its time; `make soak` runs it"]
async fn a_long_flood_of_pings_takes_no_memory() {
    ping_floods(Duration::from_secs(20)).await;
}

/// A message in pieces of 4 KiB that has no end, until it is refused; gives the bytes.
async fn endless_message(stream: &mut TcpStream) -> u64 {
    let (mut header, mut written) = ([0x01, 0x80 | 126, 0x10, 0, 0, 0, 0, 0], 0);
    let writing = async {
        loop {
            let piece = [&header[..], &[b'x'; 4096]].concat();
            if stream.write_all(&piece).await.is_err() {
                return;
            }
            written += piece.len() as u64;
            // From the second on they go on with the first.
            header[0] = 0;
        }
    };
    let _ = timeout(Duration::from_secs(1), writing).await;
    written
}

#[tokio::test]
async fn a_message_in_pieces_without_end_is_refused_at_its_bound() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    alive(to).await;
    for path in ["/ws", "/", "/socket/?EIO=4&transport=websocket"] {
        let (mut stream, _) = opened(to, 2, path).await.unwrap();
        let before = resident(stack.pid());
        let written = endless_message(&mut stream).await;
        let more = resident(stack.pid()).saturating_sub(before);
        println!("{path}: {written} bytes of a message, {more} bytes of memory");
        assert!(more <= MEBIBYTE, "{path}: {more} bytes of memory");
        // What the server says last, and that it ends; some of its kernel's is lost to a reset.
        let rest = timeout(Duration::from_secs(15), stream.read_to_end(&mut Vec::new())).await;
        assert!(rest.is_ok(), "{path}: the socket goes on");
    }
    stack.stop().await;
}

#[tokio::test]
async fn requests_in_a_row_whose_answers_nobody_reads_take_no_memory() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    alive(to).await;
    let mut stream = connect(to, 2).await.unwrap();
    let before = resident(stack.pid());
    let requests = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2_000);
    let writing = async { while stream.write_all(requests.as_bytes()).await.is_ok() {} };
    let _ = timeout(Duration::from_secs(1), writing).await;
    alive(to).await;
    let more = resident(stack.pid()).saturating_sub(before);
    println!("unread answers: {more} bytes of memory");
    assert!(more <= 2 * MEBIBYTE, "{more} bytes of memory");
    stack.stop().await;
}

/// Handshakes of Engine.IO by polling for `length`, from 127.0.0.2, as fast as they are answered.
async fn handshakes(to: SocketAddr, length: Duration) -> usize {
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        tasks.spawn(async move {
            let (end, mut many) = (Instant::now() + length, 0);
            let request = "GET /socket/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\
                           Connection: close\r\n\r\n";
            while Instant::now() < end {
                let asked = timeout(Duration::from_secs(6), crate::raw::exchange(to, 2, request));
                many +=
                    usize::from(matches!(asked.await, Ok(Ok(a)) if a.starts_with("HTTP/1.1 200")));
            }
            many
        });
    }
    tasks.join_all().await.into_iter().sum()
}

async fn engine_io_handshakes(length: Duration) {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    alive(to).await;
    let before = resident(stack.pid());
    let attack = tokio::spawn(handshakes(to, length));
    let slowest = alive(to).await.max(alive(to).await);
    let opened = attack.await.unwrap();
    let more = resident(stack.pid()).saturating_sub(before);
    println!("{opened} handshakes, {more} bytes of memory, /livez {slowest:?}");
    let seconds = length.as_secs() as usize + 6;
    // A hundred at a time, each at least a second.
    assert!(opened <= 100 * (seconds + 1), "{opened} strangers in {seconds} s");
    assert!(more <= 48 * MEBIBYTE, "{more} bytes of memory");
    stack.stop().await;
}

#[tokio::test]
async fn handshakes_without_a_session_are_a_hundred_at_a_time() {
    engine_io_handshakes(Duration::from_secs(2)).await;
}

#[tokio::test]
#[ignore = "takes its time; `make soak` runs it"]
async fn handshakes_without_a_session_take_no_memory_however_long_they_come() {
    engine_io_handshakes(Duration::from_secs(30)).await;
}

/// Sockets that say nothing, `of_each` from each of `addresses` addresses.
async fn strangers(to: SocketAddr, addresses: u8, of_each: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for from in 2..2 + addresses {
        for _ in 0..of_each {
            held.extend(
                timeout(Duration::from_secs(2), connect(to, from)).await.ok().and_then(Result::ok),
            );
        }
    }
    held
}

#[tokio::test]
async fn a_server_that_may_open_few_files_serves_its_members_beside_strangers() {
    // No right to raise the limit, as a service under a strict supervisor has none.
    let stack = Stack::start_by(
        &[
            "prlimit",
            "--nofile=1024:1024",
            "setpriv",
            "--bounding-set",
            "-sys_resource",
            "--inh-caps",
            "-sys_resource",
        ],
        &[],
    )
    .await;
    let to = address(&stack);
    let held = strangers(to, 16, 94).await;
    println!("/livez beside {} strangers: {:?}", held.len(), alive(to).await);
    let room = Room::new(&stack, "open", json!({})).await;
    let mut people: Vec<Client> = Vec::new();
    for name in ["Ann", "Ben", "Cid"] {
        people.push(room.join(room.member(name).await).await);
    }
    let started = people[0].rpc("video.recording.start", json!({})).await;
    assert!(started.is_ok(), "a recording begins: {started:?}");
    assert!(stack.log().contains("open files"), "{}", stack.log());
    drop(held);
    for person in people {
        person.leave().await.unwrap();
    }
    stack.stop().await;
}

/// A text frame of a client, its mask all zeros.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let mut frame = vec![0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    frame
}

/// Opens a socket from 127.0.0.3 and connects on it with a room token.
async fn enter(to: SocketAddr, token: String) -> bool {
    let Ok((mut stream, _)) = opened(to, 3, "/").await else { return false };
    let connect = json!({
        "jsonrpc": "2.0", "id": "c", "method": "signalwire.connect",
        "params": {"version": {"major": 3, "minor": 0, "revision": 0},
            "authentication": {"jwt_token": token}},
    });
    if stream.write_all(&text_frame(&connect.to_string())).await.is_err() {
        return false;
    }
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains("authorization_state") {
        if !matches!(stream.read_buf(&mut heard).await, Ok(1..)) {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn an_office_of_five_hundred_behind_one_address_gets_in_within_ten_seconds() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    let mut tokens = Vec::new();
    for number in 0..25 {
        tokens.push(stack.token("office", &format!("p{number}"), json!({})).await);
    }
    let began = Instant::now();
    let mut people = JoinSet::new();
    for number in 0..500 {
        people.spawn(enter(to, tokens[number % tokens.len()].clone()));
    }
    let entered = people.join_all().await.into_iter().filter(|entered| *entered).count();
    println!("{entered} of 500 after {:?}", began.elapsed());
    assert_eq!(entered, 500);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    stack.stop().await;
}

/// Asks `/livez` two hundred times on one connection: the 95th hundredth of the times from request to
/// answer, which are the server's own but for the way through loopback. Now and then somebody asks on
/// a connection of their own, and is answered within 2 s.
async fn p95(to: SocketAddr) -> Duration {
    let mut stream = connect(to, 1).await.unwrap();
    let mut times = Vec::new();
    for number in 0..200 {
        let began = Instant::now();
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"alive\n") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "health is cut off");
        }
        times.push(began.elapsed());
        if number % 20 == 0 {
            alive(to).await;
        }
    }
    times.sort_unstable();
    times[189]
}

/// Runs an attack on a thread that is held to the second core, for whoever attacks does it with a machine
/// of their own.
fn apart<T: Send + 'static>(attack: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(move || {
        let own = std::fs::read_link("/proc/thread-self").unwrap();
        let own = own.file_name().unwrap().to_os_string();
        let held = Command::new("taskset").args(["-c", "-p", "1"]).arg(own).output().unwrap();
        assert!(held.status.success(), "{held:?}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(attack)
    })
}

#[tokio::test]
#[ignore = "takes its time; `make soak` runs it"]
async fn health_is_as_quick_as_ever_beside_every_attack() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    println!("nobody attacks: p95 {:?}", p95(to).await);
    let bodies = apart(async move { slow_bodies(to, 2, 16_384).await });
    let beside = p95(to).await;
    println!("slow bodies: p95 {beside:?}");
    assert!(beside <= Duration::from_millis(50));
    drop(bodies.join().unwrap());
    let attack = apart(handshakes(to, Duration::from_secs(5)));
    let beside = p95(to).await;
    println!("handshakes: p95 {beside:?}");
    assert!(beside <= Duration::from_millis(50));
    attack.join().unwrap();
    let attack = apart(async move {
        let (stream, _) = opened(to, 2, "/ws").await.unwrap();
        flood(stream, Duration::from_secs(5)).await
    });
    let beside = p95(to).await;
    println!("pings: p95 {beside:?}");
    assert!(beside <= Duration::from_millis(50));
    attack.join().unwrap();
    stack.stop().await;
}
