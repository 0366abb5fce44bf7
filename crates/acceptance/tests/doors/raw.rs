//! Connections below HTTP, from any address of 127.0.0.0/8.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

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
