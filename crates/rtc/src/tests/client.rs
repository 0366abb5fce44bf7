//! A client with a socket of its own, for tests. Nothing sleeps: it waits for packets, with a limit.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::tests::peer::Peer;
use crate::{LegKey, Net, Offer};

pub const LIMIT: Duration = Duration::from_secs(20);

/// A client's socket.
pub enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

impl Wire {
    fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        match self {
            Wire::Udp(socket) => drop(socket.send_to(bytes, to)),
            Wire::Tcp(stream, _) => {
                let len = (bytes.len() as u16).to_be_bytes();
                stream.write_all(&[&len[..], bytes].concat()).unwrap();
            }
        }
    }

    /// Waits up to `time` for packets.
    fn receive(&mut self, time: Duration) -> Vec<(SocketAddr, Vec<u8>)> {
        let time = time.max(Duration::from_millis(1));
        let mut buffer = vec![0; 65_536];
        match self {
            Wire::Udp(socket) => {
                socket.set_read_timeout(Some(time)).unwrap();
                match socket.recv_from(&mut buffer) {
                    Ok((n, from)) => vec![(from, buffer[..n].to_vec())],
                    Err(_) => vec![],
                }
            }
            Wire::Tcp(stream, rest) => {
                stream.set_read_timeout(Some(time)).unwrap();
                let from = stream.peer_addr().unwrap();
                if let Ok(n) = stream.read(&mut buffer) {
                    rest.extend_from_slice(&buffer[..n]);
                }
                let mut frames = vec![];
                while rest.len() >= 2 {
                    let len = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                    if rest.len() < 2 + len {
                        break;
                    }
                    frames.push((from, rest[2..2 + len].to_vec()));
                    rest.drain(..2 + len);
                }
                frames
            }
        }
    }
}

pub struct Client {
    pub peer: Peer,
    wire: Wire,
}

impl Client {
    pub fn new(net: &Net, tcp: bool) -> Self {
        let wire = if tcp {
            Wire::Tcp(TcpStream::connect(net.local_tcp_addr().unwrap()).unwrap(), vec![])
        } else {
            Wire::Udp(UdpSocket::bind("127.0.0.1:0").unwrap())
        };
        let addr = match &wire {
            Wire::Udp(socket) => socket.local_addr().unwrap(),
            Wire::Tcp(stream, _) => stream.local_addr().unwrap(),
        };
        Self { peer: Peer::new(addr, tcp, Instant::now()), wire }
    }

    pub fn call(&mut self, net: &Net, leg: LegKey) {
        let answer = net.answer(leg, &Offer::new(self.peer.full_offer())).unwrap();
        self.peer.answer(&answer.sdp);
    }

    /// Runs until `done`, or panics when the limit is reached.
    pub fn run(&mut self, what: &str, done: impl Fn(&Peer) -> bool) {
        let end = Instant::now() + LIMIT;
        while !done(&self.peer) {
            assert!(Instant::now() < end, "{what}: not in time");
            self.turn();
        }
    }

    pub fn turn(&mut self) {
        for (to, bytes) in self.peer.drain() {
            self.wire.send(to, &bytes);
        }
        let wait = self.peer.deadline.saturating_duration_since(Instant::now());
        for (from, bytes) in self.wire.receive(wait.min(Duration::from_millis(20))) {
            self.peer.receive(Instant::now(), from, &bytes);
        }
        self.peer.tick(Instant::now());
    }
}
