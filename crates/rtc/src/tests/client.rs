//! A client with a socket of its own, for tests. Nothing sleeps: it waits for packets, with a limit.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::tests::peer::Peer;
use crate::{LegKey, Net, Offer};

pub const LIMIT: Duration = Duration::from_secs(20);
/// Half the time that a connection may belong to nobody.
pub const SOON: Duration = Duration::from_secs(5);
const MOMENT: Duration = Duration::from_millis(1);

/// A client's socket.
pub enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

impl Wire {
    fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        match self {
            Wire::Udp(socket) => drop(socket.send_to(bytes, to)),
            // Checks of other candidates would go by connections of their own.
            Wire::Tcp(stream, _) if stream.peer_addr().unwrap() != to => {}
            Wire::Tcp(stream, _) => {
                let len = (bytes.len() as u16).to_be_bytes();
                // It may be closed by now.
                drop(stream.write_all(&[&len[..], bytes].concat()));
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

/// Whether the other side closes a connection within so long.
pub fn is_closed(stream: &TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    match stream.peek(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

pub struct Client {
    pub peer: Peer,
    wire: Wire,
}

impl Client {
    pub fn new(net: &Net, tcp: bool) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), net, tcp)
    }

    /// From and to a loopback address of either family.
    pub fn at(ip: IpAddr, net: &Net, tcp: bool) -> Self {
        if tcp {
            return Self::connected((ip, net.local_tcp_addr().unwrap().port()).into());
        }
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        let peer = Peer::new(socket.local_addr().unwrap(), false, Instant::now());
        Self { peer, wire: Wire::Udp(socket) }
    }

    /// By TCP, wherever that leads.
    pub fn connected(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        let peer = Peer::new(stream.local_addr().unwrap(), true, Instant::now());
        Self { peer, wire: Wire::Tcp(stream, vec![]) }
    }

    /// Whether the server closes its connection while it tries to connect.
    pub fn ends(mut self) -> bool {
        let end = Instant::now() + SOON;
        while Instant::now() < end {
            self.turn();
            if matches!(&self.wire, Wire::Tcp(stream, _) if is_closed(stream, MOMENT)) {
                return true;
            }
        }
        false
    }

    /// Goes on from another port, as behind a NAT that has forgotten it.
    pub fn rebind(&mut self) {
        if let Wire::Udp(socket) = &mut self.wire {
            *socket = UdpSocket::bind((socket.local_addr().unwrap().ip(), 0)).unwrap();
        }
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
