//! A leg's own socket: UDP, or one ICE-TCP connection with the two-byte framing of RFC 4571.

use crate::transport::Transport;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

/// Unsent bytes towards a TCP peer. When full, datagrams are dropped as a full UDP buffer does.
const UNSENT: usize = 1 << 20;
/// The longest datagram.
pub(crate) const LONGEST: usize = 65_535;

pub(crate) enum Wire {
    Udp(UdpSocket),
    Tcp { stream: TcpStream, peer: SocketAddr, inbox: Vec<u8>, unsent: Vec<u8> },
}

impl Wire {
    pub async fn open(transport: Transport, receive_buffer: Option<u32>) -> io::Result<Self> {
        match transport {
            Transport::Udp => Ok(Self::Udp(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?)),
            Transport::Tcp(peer) => {
                let stream = connect(peer, receive_buffer).await?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp { stream, peer, inbox: Vec::new(), unsent: Vec::new() })
            }
        }
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Udp(socket) => socket.local_addr(),
            Self::Tcp { stream, .. } => stream.local_addr(),
        }
    }

    pub async fn readable(&self) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.readable().await,
            Self::Tcp { stream, .. } => stream.readable().await,
        }
    }

    /// Sends one datagram; one that does not fit now is lost.
    pub fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        match self {
            // A full buffer or an unreachable port is a lost packet, as on any network.
            Self::Udp(socket) => drop(socket.try_send_to(bytes, to)),
            // Other candidates of the server would have connections of their own.
            Self::Tcp { peer, .. } if *peer != to => {}
            Self::Tcp { unsent, .. } => {
                let Ok(len) = u16::try_from(bytes.len()) else { return };
                if unsent.len() + bytes.len() <= UNSENT {
                    unsent.extend_from_slice(&len.to_be_bytes());
                    unsent.extend_from_slice(bytes);
                }
                self.flush();
            }
        }
    }

    /// Sends what TCP did not take before.
    pub fn flush(&mut self) {
        let Self::Tcp { stream, unsent, .. } = self else { return };
        while !unsent.is_empty() {
            match stream.try_write(unsent) {
                Ok(n) => drop(unsent.drain(..n)),
                Err(_) => return,
            }
        }
    }

    /// One datagram that is there, or `WouldBlock`.
    pub fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match self {
            Self::Udp(socket) => socket.try_recv_from(buffer),
            Self::Tcp { stream, peer, inbox, .. } => loop {
                if let Some(len) = unframe(inbox, buffer) {
                    return Ok((len, *peer));
                }
                match stream.try_read(buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(n) => inbox.extend_from_slice(&buffer[..n]),
                    Err(error) => return Err(error),
                }
            },
        }
    }
}

/// A TCP connection; with a small `receive_buffer` (bytes) one that does not read is noticed soon.
pub(crate) async fn connect(
    peer: SocketAddr,
    receive_buffer: Option<u32>,
) -> io::Result<TcpStream> {
    let socket = if peer.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.connect(peer).await
}

/// Takes the first whole frame out of `inbox`.
fn unframe(inbox: &mut Vec<u8>, buffer: &mut [u8]) -> Option<usize> {
    let len = usize::from(u16::from_be_bytes([*inbox.first()?, *inbox.get(1)?]));
    let frame = inbox.get(2..2 + len)?;
    buffer[..len].copy_from_slice(frame);
    inbox.drain(..2 + len);
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_and_in_order() {
        let mut inbox = vec![0, 3, 1, 2, 3, 0, 0, 0, 2, 9];
        let mut buffer = [0; LONGEST];
        assert_eq!(unframe(&mut inbox, &mut buffer), Some(3));
        assert_eq!(&buffer[..3], [1, 2, 3]);
        assert_eq!(unframe(&mut inbox, &mut buffer), Some(0));
        assert_eq!(unframe(&mut inbox, &mut buffer), None);
        inbox.push(8);
        assert_eq!(unframe(&mut inbox, &mut buffer), Some(2));
    }
}
