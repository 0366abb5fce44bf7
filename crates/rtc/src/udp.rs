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
use crate::outlet::Class;
use crate::run::{Run, To, Waiting};

/// What is more waits in the process, and is watched for.
const BUFFER: usize = 4 << 20;
/// Datagrams received per system call; each buffer holds a whole GRO train.
const BATCH: usize = 8;
const TRAIN: usize = 64 * 1024;
/// As many as a system call gives of them; one where the system has none for several.
const MOST_AT_ONCE: usize =
    if BATCH < quinn_udp::BATCH_SIZE { BATCH } else { quinn_udp::BATCH_SIZE };
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

/// What a read has left in the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    Perhaps,
}

pub(crate) struct Udp {
    /// None after `break_it`.
    socket: Option<mio::net::UdpSocket>,
    state: UdpSocketState,
    is_v6: bool,
    /// Addresses we may send from, if the socket listens on all.
    sources: Vec<IpAddr>,
    run: Run,
    waiting: Waiting,
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
        let (run, waiting) = (Run::new(addr, TRAIN), Waiting::default());
        let (is_v6, socket) = (addr.is_ipv6(), Some(socket));
        Ok(Self { socket, state, is_v6, sources, run, waiting, failed: 0, health, tally })
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

    /// Reads what has arrived, at most one batch.
    pub fn read(&mut self, inbox: &mut Inbox) -> Left {
        inbox.filled = 0;
        let Some(socket) = &self.socket else {
            return Left::Nothing;
        };
        let mut parts = inbox.buffer.chunks_mut(TRAIN);
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(parts.next().unwrap_or_default()));
        match self.state.recv(UdpSockRef::from(socket), &mut slices, &mut inbox.metas) {
            Ok(n) => {
                inbox.filled = n;
                self.health.set(true);
                // A batch that is not full was the last: whatever comes later wakes us again.
                if n < MOST_AT_ONCE { Left::Nothing } else { Left::Perhaps }
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => Left::Nothing,
            // ICMP errors of earlier sends; the socket itself is well.
            Err(e) if of_the_peer(&e) => Left::Perhaps,
            Err(error) => {
                tracing::error!(%error, "the UDP socket cannot be read");
                self.health.set(false);
                Left::Nothing
            }
        }
    }

    /// Adds a datagram to the run, or sends the run and starts another.
    pub fn queue(&mut self, destination: SocketAddr, source: IpAddr, class: Class, bytes: &[u8]) {
        let source = self.sources.contains(&source).then_some(source);
        let to = To { destination, source, is_urgent: class != Class::Picture };
        if !self.run.fits(&to, bytes, self.state.max_gso_segments()) {
            self.flush();
            self.run.begin(to, bytes.len());
        }
        self.run.push(bytes);
    }

    /// Whether the socket's buffer is full, and something waits for it.
    pub fn is_full(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sends what is queued, or has it wait.
    pub fn flush(&mut self) {
        if self.run.count == 0 {
            return;
        }
        // Sound passes by the pictures that wait.
        let empty = Run::new(self.run.to.destination, 0);
        let mut run = std::mem::replace(&mut self.run, empty);
        if self.waiting.is_before(run.to.is_urgent) || !self.transmit(&mut run) {
            let lost = self.waiting.push(&run);
            add(&self.tally.dropped_udp_full, lost);
        }
        run.end();
        self.run = run;
    }

    /// The socket's buffer has room again.
    pub fn resume(&mut self) {
        while let Some(mut run) = self.waiting.pop() {
            if !self.transmit(&mut run) {
                return self.waiting.put_back(run);
            }
        }
    }

    /// Sends a run. False: the socket's buffer is full, and this run, or what is left of it, has to wait.
    fn transmit(&mut self, run: &mut Run) -> bool {
        let whole = self.send(run, &run.bytes);
        let is_full = |sent: &io::Result<()>| {
            sent.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        };
        if is_full(&whole) {
            return false;
        }
        // A network card that cannot segment: the state has noted it, the datagrams go singly.
        if whole.is_ok() || run.count == 1 || self.state.max_gso_segments() > 1 {
            one_if(run.count > 1 && whole.is_ok(), &self.tally.gso_batches);
            self.settle(whole, run.count, run.bytes.len());
            return true;
        }
        let mut done = 0;
        while let Some(piece) = run.bytes[done..].chunks(run.segment).next() {
            let (sent, len) = (self.send(run, piece), piece.len());
            if is_full(&sent) {
                run.leave_out(done);
                return false;
            }
            self.settle(sent, 1, len);
            done += len;
        }
        true
    }

    fn send(&self, run: &Run, contents: &[u8]) -> io::Result<()> {
        let socket = self.socket.as_ref().ok_or(ErrorKind::NotConnected)?;
        let transmit = Transmit {
            destination: self.reachable(run.to.destination),
            ecn: None,
            contents,
            segment_size: (run.segment < contents.len()).then_some(run.segment),
            src_ip: run.to.source,
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

fn one_if(counts: bool, counter: &std::sync::atomic::AtomicU64) {
    if counts {
        one(counter);
    }
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

    /// Whether the last read brought nothing.
    pub fn is_empty(&self) -> bool {
        self.filled == 0
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
