//! A network thread's UDP socket: many datagrams per system call in (recvmmsg, GRO) and out (GSO). All
//! threads' sockets have one port; which of them gets a client's datagrams the kernel chooses, by the
//! client's address, always alike (`SO_REUSEPORT`). It refuses to know what the datagrams are.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};

use crate::config::interface_ips;
use crate::counters::{Tally, add, one};

/// A key frame for hundreds of receivers leaves in one burst.
const BUFFER: usize = 4 << 20;
/// Datagrams received per system call; each buffer holds a whole GRO train.
const BATCH: usize = 8;
const TRAIN: usize = 64 * 1024;
/// The kernel's limit for one segmented send, headers left aside.
const MAX_SEGMENTED: usize = 60_000;
/// Sends that failed in a row until the socket counts as broken: a single one may be the fault of
/// the peer's address.
const BROKEN_AFTER: u32 = 16;

/// Whether the socket still works; read by the readiness probe.
#[derive(Debug)]
pub(crate) struct Health(AtomicBool);

impl Health {
    pub fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    pub fn is_usable(&self) -> bool {
        self.0.load(Relaxed)
    }

    pub fn set(&self, usable: bool) {
        self.0.store(usable, Relaxed);
    }
}

/// Datagrams of equal size to one peer, not yet sent.
#[derive(Debug)]
struct Run {
    destination: SocketAddr,
    source: Option<IpAddr>,
    segment: usize,
    count: usize,
    /// A shorter one was the last: the kernel allows no more after it.
    ended: bool,
    bytes: Vec<u8>,
}

pub(crate) struct Udp {
    /// None after `break_it`.
    socket: Option<mio::net::UdpSocket>,
    state: UdpSocketState,
    is_v6: bool,
    /// Addresses we may send from, if the socket listens on all.
    sources: Vec<IpAddr>,
    run: Run,
    failed: u32,
    health: Arc<Health>,
    tally: Arc<Tally>,
}

impl Udp {
    /// Binds one of several sockets of the same port if it `is_shared`.
    pub fn bind(
        addr: SocketAddr,
        is_shared: bool,
        health: Arc<Health>,
        tally: Arc<Tally>,
    ) -> io::Result<Self> {
        let socket = unbound(addr)?;
        share(&socket, is_shared)?;
        socket.set_recv_buffer_size(BUFFER)?;
        socket.set_send_buffer_size(BUFFER)?;
        let granted = socket.send_buffer_size()?;
        if granted < BUFFER {
            tracing::warn!(granted, "small UDP buffers: raise net.core.wmem_max and rmem_max");
        }
        socket.bind(&addr.into())?;
        let socket = mio::net::UdpSocket::from_std(socket.into());
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let sources = if addr.ip().is_unspecified() { interface_ips() } else { Vec::new() };
        let run = Run {
            destination: addr,
            source: None,
            segment: 0,
            count: 0,
            ended: true,
            bytes: Vec::with_capacity(TRAIN),
        };
        let is_v6 = addr.is_ipv6();
        Ok(Self { socket: Some(socket), state, is_v6, sources, run, failed: 0, health, tally })
    }

    /// The address to bind all sockets to: a port that no other program has, which binding shared sockets
    /// alone would not find out if it is one of ours.
    pub fn free(addr: SocketAddr) -> io::Result<SocketAddr> {
        let socket = unbound(addr)?;
        socket.bind(&addr.into())?;
        let bound = socket.local_addr()?.as_socket().ok_or(ErrorKind::AddrNotAvailable)?;
        Ok(SocketAddr::new(addr.ip(), bound.port()))
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.as_ref().ok_or(ErrorKind::NotConnected)?.local_addr()
    }

    pub fn socket(&mut self) -> Option<&mut mio::net::UdpSocket> {
        self.socket.as_mut()
    }

    /// Closes the socket, as if the kernel had taken it away. For tests of the readiness probe.
    pub fn break_it(&mut self) {
        self.socket = None;
        self.health.set(false);
    }

    /// Reads what has arrived, at most one batch. False: nothing is left.
    pub fn read(&mut self, inbox: &mut Inbox) -> bool {
        inbox.filled = 0;
        let Some(socket) = &self.socket else {
            return false;
        };
        let mut parts = inbox.buffer.chunks_mut(TRAIN);
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(parts.next().unwrap_or_default()));
        match self.state.recv(UdpSockRef::from(socket), &mut slices, &mut inbox.metas) {
            Ok(n) => {
                inbox.filled = n;
                self.health.set(true);
                n > 0
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => false,
            // ICMP errors of earlier sends; the socket itself is well.
            Err(e) if of_the_peer(&e) => true,
            Err(error) => {
                tracing::error!(%error, "the UDP socket cannot be read");
                self.health.set(false);
                false
            }
        }
    }

    /// Adds a datagram to the run, or sends the run and starts another.
    pub fn queue(&mut self, destination: SocketAddr, source: IpAddr, bytes: &[u8]) {
        let source = self.sources.contains(&source).then_some(source);
        let run = &self.run;
        let fits = !run.ended
            && run.destination == destination
            && run.source == source
            && bytes.len() <= run.segment
            && run.count < self.state.max_gso_segments()
            && run.bytes.len() + bytes.len() <= MAX_SEGMENTED;
        if !fits {
            self.flush();
            self.run.destination = destination;
            self.run.source = source;
            self.run.segment = bytes.len();
            self.run.ended = false;
        }
        self.run.ended = bytes.len() < self.run.segment;
        self.run.count += 1;
        self.run.bytes.extend_from_slice(bytes);
    }

    /// Sends what is queued.
    pub fn flush(&mut self) {
        if self.run.count == 0 {
            return;
        }
        let bytes = std::mem::take(&mut self.run.bytes);
        let whole = self.send(&bytes, self.run.segment);
        if let Err(error) = whole {
            // A network card that cannot segment: the state has noted it, the datagrams go singly.
            let singly = self.run.count > 1 && self.state.max_gso_segments() == 1;
            let pieces = bytes.chunks(if singly { self.run.segment } else { bytes.len() });
            for piece in pieces {
                let sent = if singly { self.send(piece, piece.len()) } else { Err(copy(&error)) };
                self.settle(sent, piece.len().div_ceil(self.run.segment), piece.len());
            }
        } else {
            self.settle(Ok(()), self.run.count, bytes.len());
            if self.run.count > 1 {
                one(&self.tally.gso_batches);
            }
        }
        self.run.bytes = bytes;
        self.run.bytes.clear();
        self.run.count = 0;
        self.run.ended = true;
    }

    fn send(&self, contents: &[u8], segment: usize) -> io::Result<()> {
        let socket = self.socket.as_ref().ok_or(ErrorKind::NotConnected)?;
        let transmit = Transmit {
            destination: self.reachable(self.run.destination),
            ecn: None,
            contents,
            segment_size: (segment < contents.len()).then_some(segment),
            src_ip: self.run.source,
        };
        self.state.try_send(UdpSockRef::from(socket), &transmit)
    }

    fn settle(&mut self, sent: io::Result<()>, datagrams: usize, bytes: usize) {
        match sent {
            Ok(()) => {
                self.failed = 0;
                add(&self.tally.packets_out, datagrams);
                add(&self.tally.bytes_out, bytes);
            }
            // Waiting would hold up every other receiver; a lost packet is asked for again.
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                add(&self.tally.dropped_udp_full, datagrams);
            }
            Err(e) => {
                add(&self.tally.dropped_udp_error, datagrams);
                self.failed += u32::from(!of_the_peer(&e));
                if self.failed >= BROKEN_AFTER {
                    self.health.set(false);
                }
            }
        }
    }

    /// A socket for both families takes IPv4 addresses only in IPv6 clothes.
    fn reachable(&self, addr: SocketAddr) -> SocketAddr {
        match addr.ip() {
            IpAddr::V4(ip) if self.is_v6 => {
                SocketAddr::new(ip.to_ipv6_mapped().into(), addr.port())
            }
            _ => addr,
        }
    }
}

fn unbound(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    if addr.is_ipv6() {
        socket.set_only_v6(!addr.ip().is_unspecified())?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Only Linux spreads what comes over sockets that share a port.
fn share(socket: &Socket, is_shared: bool) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    socket.set_reuse_port(is_shared)?;
    let _ = (socket, is_shared);
    Ok(())
}

fn of_the_peer(error: &io::Error) -> bool {
    quinn_udp::is_msg_size_err(error)
        || matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::PermissionDenied
                | ErrorKind::Interrupted
        )
}

fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error)
}

/// Where received datagrams lie until they are looked at.
pub(crate) struct Inbox {
    buffer: Box<[u8]>,
    metas: [RecvMeta; BATCH],
    filled: usize,
}

impl Inbox {
    pub fn new() -> Self {
        let buffer = vec![0; BATCH * TRAIN].into_boxed_slice();
        Self { buffer, metas: [RecvMeta::default(); BATCH], filled: 0 }
    }

    /// Sender, our own address if known, and bytes of each datagram of the last read.
    pub fn datagrams(&self) -> impl Iterator<Item = (SocketAddr, Option<IpAddr>, &[u8])> {
        let trains = self.buffer.chunks(TRAIN).zip(&self.metas).take(self.filled);
        trains.flat_map(|(buffer, meta)| {
            let whole = &buffer[..meta.len.min(buffer.len())];
            let peer = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let own = meta.dst_ip.map(|ip| ip.to_canonical());
            whole.chunks(meta.stride.max(1)).map(move |datagram| (peer, own, datagram))
        })
    }
}
