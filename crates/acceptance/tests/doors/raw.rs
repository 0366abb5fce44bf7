//! Connections below HTTP, from any address of 127.0.0.0/8, and the server's health beside them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A connection to `to` from 127.0.0.`from`.
pub async fn connect(to: SocketAddr, from: u8) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, from), 0)))?;
    socket.connect(to).await
}

/// Sends `request` from 127.0.0.`from` and reads what comes until the end.
pub async fn exchange(to: SocketAddr, from: u8, request: &str) -> io::Result<String> {
    let mut stream = connect(to, from).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A connection from 127.0.0.`from` on which `request` was sent; nothing is read.
pub async fn sent(to: SocketAddr, from: u8, request: &str) -> io::Result<TcpStream> {
    let mut stream = connect(to, from).await?;
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// The same, and the header of the answer was read.
pub async fn opened(to: SocketAddr, from: u8, path: &str) -> io::Result<(TcpStream, String)> {
    let upgrade = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut stream = sent(to, from, &upgrade).await?;
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        header.push(stream.read_u8().await?);
    }
    Ok((stream, String::from_utf8_lossy(&header).into_owned()))
}

const LIVEZ: &str = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// How long `/livez` takes, asked from 127.0.0.1 on a connection of its own.
///
/// # Panics
/// It is not answered within 2 s.
pub async fn alive(to: SocketAddr) -> Duration {
    let began = Instant::now();
    let answer = timeout(Duration::from_secs(2), exchange(to, 1, LIVEZ)).await;
    let answer = answer.expect("/livez answers within 2 s").expect("/livez is reached");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    began.elapsed()
}

/// Resident memory of a process, bytes.
pub fn resident(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
