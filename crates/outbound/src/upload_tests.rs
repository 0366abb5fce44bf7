//! What a host that is slow, early, deaf or gone makes of a file. 127.0.0.2 plays the public
//! Internet here, 127.0.0.1 the inner network.

use super::*;
use crate::{AddressRules, Resolve, tls_client};
use futures_util::future::BoxFuture;
use futures_util::stream;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MIB: u64 = 1 << 20;

/// Every name leads to one address.
struct Everywhere(&'static str);

impl Resolve for Everywhere {
    fn resolve(&self, _: String) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(vec![self.0.parse().unwrap()]) })
    }
}

fn fetcher() -> Fetcher {
    let rules = AddressRules::new(vec!["127.0.0.2".parse().unwrap()]);
    Fetcher::new(rules, Arc::new(Everywhere("127.0.0.1")), tls_client(None).unwrap())
}

/// So many bytes, and a count of those that were asked for.
fn upload(length: u64) -> (Upload, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    let bytes = stream::unfold(length, move |left| {
        let piece = left.min(64 * 1024);
        count.fetch_add(piece, Ordering::Relaxed);
        async move { (piece > 0).then(|| (Ok(Bytes::from(vec![7; piece as usize])), left - piece)) }
    });
    let headers = vec![("content-type", HeaderValue::from_static("video/mp4"))];
    (Upload { headers, length, bytes: Box::pin(bytes) }, asked)
}

async fn listen(ip: &str) -> (TcpListener, u16) {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn url(text: &str) -> SourceUrl {
    SourceUrl::parse(text).unwrap()
}

/// Reads a request's head; what follows stays in the stream.
async fn head_of(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap().to_ascii_lowercase()
}

async fn read_all(stream: &mut TcpStream, length: u64) -> u64 {
    let mut taken = 0;
    let mut piece = vec![0; 64 * 1024];
    while taken < length {
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            len => taken += len as u64,
        }
    }
    taken
}

fn hurry() -> Patience {
    let short = Duration::from_millis(300);
    Patience { stall: short, answer: short, ..Patience::default() }
}

#[tokio::test]
async fn a_file_arrives_whole_and_a_redirect_is_only_an_answer() {
    let (listener, port) = listen("127.0.0.2").await;
    let receiver = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = head_of(&mut stream).await;
        let taken = read_all(&mut stream, 3 * MIB).await;
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        (head, taken)
    });
    let to = url(&format!("http://me:p%40ss@127.0.0.2:{port}/in?to=here"));
    let answer = fetcher().post(&to, upload(3 * MIB).0, Patience::default()).await.unwrap();
    assert_eq!(answer, Answer { status: 302, retry_after: Some("7".into()) });
    let (head, taken) = receiver.await.unwrap();
    assert_eq!(taken, 3 * MIB);
    assert!(head.starts_with("post /in?to=here http/1.1\r\n"), "{head}");
    for line in [
        &format!("host: 127.0.0.2:{port}"),
        "content-length: 3145728",
        "content-type: video/mp4",
        "authorization: basic bwu6cebzcw==",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
}

#[tokio::test]
async fn an_inner_address_is_not_connected_to_however_it_is_named() {
    let (listener, port) = listen("127.0.0.1").await;
    for host in ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "inner.test"] {
        let to = url(&format!("http://{host}:{port}/"));
        let (upload, asked) = upload(MIB);
        let refused = fetcher().post(&to, upload, Patience::default()).await.unwrap_err();
        assert!(matches!(refused, UploadError::Fetch(_)), "{host}: {refused}");
        assert_eq!(asked.load(Ordering::Relaxed), 0, "{host}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "nobody came");
}

#[tokio::test]
async fn who_takes_nothing_is_left_and_the_file_is_not_held_meanwhile() {
    let (listener, port) = listen("127.0.0.2").await;
    let (upload, asked) = upload(256 * MIB);
    let to = url(&format!("http://127.0.0.2:{port}/"));
    let fetcher = fetcher();
    let (sent, accepted) = tokio::join!(fetcher.post(&to, upload, hurry()), listener.accept());
    assert!(matches!(sent, Err(UploadError::Slow)), "{sent:?}");
    // What the kernel's buffers on both sides took, at most some megabytes each.
    let asked = asked.load(Ordering::Relaxed);
    assert!((1..64 * MIB).contains(&asked), "{asked}");
    drop(accepted);
}

#[tokio::test]
async fn who_takes_it_and_says_nothing_is_left() {
    let (listener, port) = listen("127.0.0.2").await;
    let receiver = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head_of(&mut stream).await;
        read_all(&mut stream, u64::MAX).await
    });
    let to = url(&format!("http://127.0.0.2:{port}/"));
    let sent = fetcher().post(&to, upload(MIB).0, hurry()).await;
    assert!(matches!(sent, Err(UploadError::Slow)), "{sent:?}");
    assert_eq!(receiver.await.unwrap(), MIB, "and the connection is ended");
}

#[tokio::test]
async fn who_accepts_early_and_reads_on_gets_the_rest() {
    let (listener, port) = listen("127.0.0.2").await;
    let receiver = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head_of(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        read_all(&mut stream, 32 * MIB).await
    });
    let to = url(&format!("http://127.0.0.2:{port}/"));
    let answer = fetcher().post(&to, upload(32 * MIB).0, Patience::default()).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(receiver.await.unwrap(), 32 * MIB);
}

#[tokio::test]
async fn a_file_that_ends_too_soon_is_no_whole_file_for_whoever_gets_it() {
    let (listener, port) = listen("127.0.0.2").await;
    let receiver = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = head_of(&mut stream).await;
        (head, read_all(&mut stream, u64::MAX).await)
    });
    let (mut short, _) = upload(MIB);
    short.length = 2 * MIB;
    let to = url(&format!("http://127.0.0.2:{port}/"));
    let sent = fetcher().post(&to, short, Patience::default()).await;
    assert!(matches!(sent, Err(UploadError::Source(_))), "{sent:?}");
    let (head, taken) = receiver.await.unwrap();
    assert!(head.contains("content-length: 2097152") && taken < 2 * MIB, "{taken}: {head}");
}
