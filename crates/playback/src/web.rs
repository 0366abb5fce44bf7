//! A web server for tests: paths with fixed answers, counted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a path answers.
#[allow(dead_code)] // shared by tests that need some of them
pub(crate) enum Page {
    /// These bytes, or the part asked for.
    Bytes(Vec<u8>),
    /// Go there.
    To(String),
    /// This, again and again.
    Endless(Vec<u8>),
    /// These bytes to whoever asks for all of them; who asks for a part is answered this status, and
    /// gets all if that is 200.
    NoParts(u16, Vec<u8>),
    /// These bytes, or the part asked for, of something said to be so long; then it breaks off.
    Cut(usize, Vec<u8>),
    /// These bytes with this header line.
    With(&'static str, Vec<u8>),
    /// These bytes, one a second.
    Drip(Vec<u8>),
}

pub(crate) struct Web {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
}

impl Web {
    /// Serves `pages` at a free port of `ip`; any name will do for the host.
    pub async fn serve(ip: &str, pages: HashMap<&str, Page>) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let pages: HashMap<String, Page> =
            pages.into_iter().map(|(path, page)| (path.to_owned(), page)).collect();
        let pages = Arc::new(pages);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let pages = pages.clone();
                tokio::spawn(async move {
                    let _ = answer(stream, &pages).await;
                });
            }
        });
        Self { address, connections }
    }

    /// A trap: nobody should ever come.
    pub async fn trap() -> Self {
        Self::serve("127.0.0.1", HashMap::new()).await
    }

    pub fn visits(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn answer(stream: TcpStream, pages: &HashMap<String, Page>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut path, mut from) = (String::new(), None);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? <= 2 {
            break;
        }
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split([' ', '?']).next().unwrap_or_default().to_owned();
        }
        if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            from = range.split('-').next().and_then(|n| n.parse::<usize>().ok());
        }
    }
    let mut stream = stream.into_inner();
    match pages.get(&path) {
        None => stream.write_all(b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n").await,
        Some(Page::To(url)) => {
            let head = format!("HTTP/1.1 302 On\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await
        }
        Some(Page::Endless(bytes)) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(bytes).await?;
            }
        }
        Some(Page::With(header, bytes)) => {
            let head = format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(bytes).await
        }
        Some(Page::Drip(bytes)) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            let mut turns = tokio::time::interval(Duration::from_secs(1));
            for byte in bytes {
                turns.tick().await;
                stream.write_all(&[*byte]).await?;
            }
            Ok(())
        }
        Some(Page::NoParts(status, bytes)) => {
            if from.is_some() && *status != 200 {
                let head = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
                return stream.write_all(head.as_bytes()).await;
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(bytes).await
        }
        Some(page @ (Page::Bytes(bytes) | Page::Cut(_, bytes))) => {
            let total = if let Page::Cut(total, _) = page { *total } else { bytes.len() };
            let start = from.unwrap_or(0).min(bytes.len());
            let part = &bytes[start..];
            let head = match from {
                Some(from) => format!(
                    "HTTP/1.1 206 Part\r\ncontent-range: bytes {from}-{}/{total}\r\n",
                    total.saturating_sub(1)
                ),
                None => "HTTP/1.1 200 OK\r\naccept-ranges: bytes\r\n".into(),
            };
            let length = total.saturating_sub(start);
            let head = format!("{head}content-length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(part).await
        }
    }
}
