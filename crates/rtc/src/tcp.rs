//! The ICE-TCP listener and its connections (RFC 6544 passive candidates). It refuses to know legs:
//! it hands frames out and takes frames in by peer address.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::SockRef;

use crate::command::HandedOver;
use crate::counters::{Tally, add, one};
use crate::outlet::{Class, Progress};
use crate::tcp_conn::{Conn, STAGE as PIECE, UNOWNED_TIME};
use crate::tcp_pieces::Pieces;

/// So many from one address, an IPv6 /64 being one, may belong to no leg yet; then the oldest goes.
const MAX_UNOWNED_PER_NETWORK: usize = 64;
/// What the kernel holds of a connection, acknowledged by nobody yet, when nothing is known of it, and
/// the bounds of what it holds later on. On a line that jams all of it stands before whatever is sent
/// next, and none of it can be taken back.
const HELD: usize = 24 << 10;
const LEAST_HELD: usize = 6 << 10;
const MOST_HELD: usize = 128 << 10;
/// The kernel takes more only when less than this waits there, so that what is urgent stands behind
/// four kilobytes of pictures at most, however much is on the way.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NOT_SENT: u32 = 4 << 10;
/// How the kernel is to find out what a line takes, the first it knows and allows. Not BBR, which some
/// systems have as their default: for ten round trips it goes on as before when a line becomes narrow, and
/// loses whatever it sends again, too (155 of 300 kB on a line that fell to 300 kbit/s).
#[cfg(target_os = "linux")]
const CONGESTION_CONTROL: [&[u8]; 2] = [b"cubic", b"reno"];
/// Reads of one connection before others get a turn.
const READS_PER_TURN: usize = 4;
/// Tokens below belong to the driver.
const FIRST_TOKEN: usize = 16;

/// A connection that ended, and whether because its peer did not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub peer: SocketAddr,
    pub stalled: bool,
}

pub(crate) struct TcpPeers {
    /// One thread listens for all.
    pub listener: Option<TcpListener>,
    max: usize,
    conns: HashMap<Token, Conn>,
    by_peer: HashMap<SocketAddr, Token>,
    next_token: usize,
    /// Connections with something new to write.
    dirty: Vec<Token>,
    /// Connections not read to the end in their last turn.
    pub unread: Vec<Token>,
    pub ended: Vec<Ended>,
    sweep_at: Option<Instant>,
    tally: Arc<Tally>,
}

impl TcpPeers {
    pub fn bind(addr: SocketAddr, max: usize, tally: Arc<Tally>) -> io::Result<Self> {
        Ok(Self::new(Some(TcpListener::bind(addr)?), max, tally))
    }

    pub fn new(listener: Option<TcpListener>, max: usize, tally: Arc<Tally>) -> Self {
        Self {
            listener,
            max,
            conns: HashMap::new(),
            by_peer: HashMap::new(),
            next_token: FIRST_TOKEN,
            dirty: Vec::new(),
            unread: Vec::new(),
            ended: Vec::new(),
            sweep_at: None,
            tally,
        }
    }

    /// Where it listens.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_addr().ok()
    }

    /// The next of the connections that wait at the listener.
    pub fn accept(&self) -> Option<TcpStream> {
        loop {
            match self.listener.as_ref()?.accept() {
                Ok((stream, _)) => return Some(stream),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return None,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // Out of descriptors or memory: the next event tries again.
                    tracing::warn!(%error, "ICE-TCP connections cannot be accepted");
                    return None;
                }
            }
        }
    }

    /// Gives a connection away that belongs to no leg yet, with the frames that were taken out of it and
    /// what was read after them: its leg is another thread's.
    pub fn release(
        &mut self,
        token: Token,
        frames: &[Vec<u8>],
        registry: &Registry,
    ) -> Option<HandedOver> {
        self.conns.get(&token).filter(|conn| !conn.owned)?;
        let mut conn = self.conns.remove(&token)?;
        if self.by_peer.get(&conn.peer) == Some(&token) {
            self.by_peer.remove(&conn.peer);
        }
        self.count();
        registry.deregister(&mut conn.stream.0).ok()?;
        let read = conn.unread(frames);
        Some(HandedOver { stream: OwnedFd::from(conn.stream.0).into(), read })
    }

    /// Takes in a connection that another listener took, with what was read of it.
    pub fn take_over(
        &mut self,
        connection: HandedOver,
        registry: &Registry,
        now: Instant,
    ) -> io::Result<Token> {
        let HandedOver { stream, read } = connection;
        stream.set_nonblocking(true)?;
        self.admit(TcpStream::from_std(stream), read, registry, now)
    }

    /// Whether a leg has accepted something from a connection.
    pub fn is_owned(&self, token: Token) -> bool {
        self.conns.get(&token).is_some_and(|conn| conn.owned)
    }

    /// Ends a connection that belongs to no leg.
    pub fn end_stranger(&mut self, token: Token) {
        if self.conns.get(&token).is_some_and(|conn| !conn.owned) {
            self.end(token, false);
        }
    }

    /// Takes a connection in, of which this much was read already.
    pub fn admit(
        &mut self,
        mut stream: TcpStream,
        read: Vec<u8>,
        registry: &Registry,
        now: Instant,
    ) -> io::Result<Token> {
        let peer = canonical(stream.peer_addr()?);
        self.make_room(network(peer.ip()))?;
        stream.set_nodelay(true)?;
        let socket = SockRef::from(&stream);
        socket.set_send_buffer_size(HELD)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        socket.set_tcp_notsent_lowat(NOT_SENT)?;
        // Where neither is known or allowed, it stays what the system chose.
        #[cfg(target_os = "linux")]
        CONGESTION_CONTROL.iter().any(|name| socket.set_tcp_congestion(name).is_ok());
        let local = canonical(stream.local_addr()?);
        let token = Token(self.next_token);
        self.next_token += 1;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let mut conn = Conn::new(Pieces(stream), peer, local, now).after(read);
        conn.progress.held = HELD / 3 * 4 + PIECE;
        self.conns.insert(token, conn);
        self.by_peer.insert(peer, token);
        self.unread.push(token);
        self.sweep_by(now + UNOWNED_TIME);
        self.count();
        Ok(token)
    }

    /// Whoever belongs to a leg stays; of the others the oldest goes, of the same network or of all.
    fn make_room(&mut self, newcomer: IpAddr) -> io::Result<()> {
        let unowned = || self.conns.iter().filter(|(_, conn)| !conn.owned);
        let of_network = || unowned().filter(|(_, conn)| network(conn.peer.ip()) == newcomer);
        // Tokens grow, so that the least is the oldest.
        let oldest = if of_network().count() >= MAX_UNOWNED_PER_NETWORK {
            of_network().map(|(token, _)| *token).min()
        } else if self.conns.len() >= self.max {
            let oldest = unowned().map(|(token, _)| *token).min();
            Some(oldest.ok_or(io::ErrorKind::QuotaExceeded)?)
        } else {
            None
        };
        oldest.into_iter().for_each(|token| self.end(token, false));
        Ok(())
    }

    /// Frames that arrived on `token`: peer, our address, bytes.
    pub fn read(&mut self, token: Token) -> (Option<(SocketAddr, IpAddr)>, Vec<Vec<u8>>) {
        let Some(conn) = self.conns.get_mut(&token) else {
            return (None, Vec::new());
        };
        let ends = (conn.peer, conn.local.ip());
        let mut frames = Vec::new();
        for _ in 0..READS_PER_TURN {
            let more = conn.read();
            match conn.frames() {
                Ok(read) => frames.extend(read),
                Err(_) => {
                    self.end(token, false);
                    return (Some(ends), frames);
                }
            }
            match more {
                Ok(true) => {}
                Ok(false) => return (Some(ends), frames),
                Err(_) => {
                    self.end(token, false);
                    return (Some(ends), frames);
                }
            }
        }
        self.unread.push(token);
        (Some(ends), frames)
    }

    /// A leg has accepted something from `peer`.
    pub fn own(&mut self, peer: SocketAddr) {
        if let Some(conn) = self.by_peer.get(&peer).and_then(|token| self.conns.get_mut(token)) {
            conn.owned = true;
        }
    }

    pub fn queue(&mut self, peer: SocketAddr, class: Class, bytes: &[u8], now: Instant) {
        let found = self.by_peer.get(&peer).copied();
        let Some((token, conn)) = found.and_then(|t| Some((t, self.conns.get_mut(&t)?))) else {
            one(&self.tally.dropped_tcp_full);
            return;
        };
        if !conn.queue(class, bytes, now) {
            one(&self.tally.dropped_tcp_full);
            return;
        }
        one(&self.tally.packets_out);
        add(&self.tally.bytes_out, bytes.len());
        let deadline = conn.deadline();
        self.dirty.push(token);
        deadline.into_iter().for_each(|at| self.sweep_by(at));
    }

    pub fn backlog(&self, peer: SocketAddr) -> usize {
        self.by_peer.get(&peer).and_then(|t| self.conns.get(t)).map_or(0, Conn::backlog)
    }

    pub fn progress(&self, peer: SocketAddr) -> Progress {
        let conn = self.by_peer.get(&peer).and_then(|token| self.conns.get(token));
        conn.map_or_else(Progress::default, |conn| conn.progress)
    }

    pub fn forget_pictures(&mut self, peer: SocketAddr) {
        if let Some(conn) = self.by_peer.get(&peer).and_then(|token| self.conns.get_mut(token)) {
            conn.forget_pictures();
        }
    }

    /// The kernel is to hold about so many bytes that the peer has not acknowledged.
    pub fn hold(&mut self, peer: SocketAddr, bytes: usize) {
        let conn = self.by_peer.get(&peer).and_then(|token| self.conns.get_mut(token));
        if let Some(conn) = conn {
            // It takes twice as much as it is told, and counts with each piece what that costs beside its
            // bytes; and it takes a piece when there is room for less.
            let bytes = (bytes.saturating_sub(PIECE) / 4 * 3).clamp(LEAST_HELD, MOST_HELD);
            conn.progress.held = bytes / 3 * 4 + PIECE;
            let _ = SockRef::from(&conn.stream.0).set_send_buffer_size(bytes);
        }
    }

    /// The kernel has room again.
    pub fn writable(&mut self, token: Token) {
        self.dirty.push(token);
    }

    /// Writes what is queued.
    pub fn flush(&mut self, now: Instant) {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        dirty.dedup();
        for token in dirty.drain(..) {
            let Some(conn) = self.conns.get_mut(&token) else { continue };
            let is_over = conn.write(now).is_err();
            add(&self.tally.dropped_tcp_full, std::mem::take(&mut conn.late));
            if is_over {
                self.end(token, false);
            }
        }
        self.dirty = dirty;
    }

    /// Ends connections that do not read or belong to nobody.
    pub fn sweep(&mut self, now: Instant) {
        if self.sweep_at.is_none_or(|at| at > now) {
            return;
        }
        let due = |c: &Conn| c.deadline().is_some_and(|at| at <= now);
        let over: Vec<(Token, bool)> = self
            .conns
            .iter()
            .filter(|(_, c)| due(c))
            .map(|(token, c)| (*token, c.is_stalled(now)))
            .collect();
        over.into_iter().for_each(|(token, stalled)| self.end(token, stalled));
        self.sweep_at = self.conns.values().filter_map(Conn::deadline).min();
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.sweep_at
    }

    fn sweep_by(&mut self, at: Instant) {
        self.sweep_at = Some(self.sweep_at.map_or(at, |before| before.min(at)));
    }

    fn end(&mut self, token: Token, stalled: bool) {
        let Some(conn) = self.conns.remove(&token) else {
            return;
        };
        if self.by_peer.get(&conn.peer) == Some(&token) {
            self.by_peer.remove(&conn.peer);
        }
        self.ended.push(Ended { peer: conn.peer, stalled });
        self.count();
    }

    fn count(&self) {
        self.tally.tcp_connections.store(self.conns.len() as u64, Relaxed);
    }
}

fn canonical(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip().to_canonical(), addr.port())
}

/// What counts as one address: an IPv4 address, or an IPv6 /64, which one subscriber has.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}
