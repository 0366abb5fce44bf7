//! A server that takes pushed recordings as docs/livechat/pushes.md asks for: only whole bodies whose
//! digest fits, each key once. It counts what else comes.

use crate::sha256;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const LOOK: Duration = Duration::from_millis(10);

/// How it behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Takes what comes and says so.
    #[default]
    Taking,
    /// Takes what comes and says nothing.
    Silent,
    /// Takes nothing, and asks to be tried again.
    Busy,
}

/// What came of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// SHA-256 of what is kept, in hexadecimal; empty when nothing is.
    pub sha256: String,
    /// Whole bodies, the one that is kept included.
    pub whole: usize,
    /// Whole bodies whose digest did not fit.
    pub false_ones: usize,
    /// Bodies that ended too soon.
    pub cut: usize,
    /// The head of the last request.
    pub head: String,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    inbox: Mutex<BTreeMap<String, Received>>,
    manner: Mutex<Manner>,
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, BTreeMap<String, Received>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server; gone when its runtime is.
#[derive(Clone, Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// Starts one that keeps bodies in `folder` while it looks at them.
    ///
    /// # Panics
    /// No port is free.
    pub async fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (inbox, manner) = Default::default();
        let shared = Arc::new(Shared { folder, inbox, manner });
        let of_server = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Fails when the sender is killed, which is counted where it matters.
                tokio::spawn(take(of_server.clone(), stream));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it is so.
    pub fn be(&self, manner: Manner) {
        *self.shared.manner() = manner;
    }

    /// What came, by key.
    pub fn received(&self) -> BTreeMap<String, Received> {
        self.shared.inbox().clone()
    }
}

fn value<'a>(head: &'a str, name: &str) -> &'a str {
    let of_line =
        |line: &'a str| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name));
    head.lines().find_map(of_line).map_or("", |(_, value)| value)
}

async fn take(shared: Arc<Shared>, stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let length = value(&head, "content-length").parse().unwrap_or(0);
    if *shared.manner() == Manner::Busy {
        tokio::io::copy(&mut (&mut stream).take(length), &mut tokio::io::sink()).await?;
        let busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
        return stream.get_mut().write_all(busy).await;
    }
    let key = value(&head, "idempotency-key").trim_matches('"').to_owned();
    let digest = value(&head, "repr-digest").to_owned();
    shared.inbox().entry(key.clone()).or_default().head = head;
    let mut body = Vec::new();
    let _ = (&mut stream).take(length).read_to_end(&mut body).await;
    if (body.len() as u64) < length {
        shared.inbox().entry(key).or_default().cut += 1;
        return Ok(());
    }
    let file = shared.folder.join(format!("received-{}", uuid::Uuid::new_v4()));
    std::fs::write(&file, body)?;
    let hash = sha256(&file);
    std::fs::remove_file(&file)?;
    let fits = digest == format!("sha-256=:{}:", BASE64_STANDARD.encode(bytes(&hash)));
    {
        let mut inbox = shared.inbox();
        let entry = inbox.entry(key).or_default();
        entry.whole += 1;
        match fits {
            true if entry.sha256.is_empty() => entry.sha256 = hash,
            true => {}
            false => entry.false_ones += 1,
        }
    }
    while *shared.manner() == Manner::Silent {
        tokio::time::sleep(LOOK).await;
    }
    let answer = if fits { "204 No Content" } else { "422 Unprocessable Content" };
    let answer = format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("sha256sum writes hexadecimal");
    (0..hex.len()).step_by(2).map(byte).collect()
}
