//! The way out of a leg: what a peer connection wants sent, and how much still waits. It refuses
//! to know how it is sent, so that legs can be tested without sockets.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Where a peer is: over TCP or UDP, at which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Path {
    pub tcp: bool,
    pub peer: SocketAddr,
}

/// What is sent, as far as a queue that is too long must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// STUN, DTLS, RTCP.
    Control,
    Sound,
    Picture,
}

/// One datagram (or TCP frame) to be sent.
#[derive(Debug)]
pub(crate) struct Parcel<'a> {
    pub path: Path,
    /// Our own address it leaves from.
    pub source: SocketAddr,
    pub class: Class,
    pub bytes: &'a [u8],
}

/// How far what is sent over TCP has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes that the kernel has taken so far.
    pub taken: u64,
    /// Bytes that it is to hold, acknowledged by nobody yet.
    pub held: usize,
    /// When it last took no more while something waited, and how many bytes it had taken by then.
    pub full: Option<(Instant, u64)>,
    /// When nothing waited any more, the first time since then, and how many bytes it had taken by then.
    pub emptied: Option<(Instant, u64)>,
}

impl Progress {
    /// The kernel takes no more now.
    pub fn is_full(&mut self, now: Instant) {
        if self.emptied.take().is_some() || self.full.is_none() {
            self.full = Some((now, self.taken));
        }
    }

    /// Nothing waits now.
    pub fn is_empty(&mut self, now: Instant) {
        self.emptied.get_or_insert((now, self.taken));
    }

    /// Since when something has waited without a pause, and how many bits a second were taken since.
    pub fn waiting(&self, now: Instant) -> Option<(Instant, u64)> {
        let (at, taken) = self.full.filter(|_| self.emptied.is_none())?;
        Some((at, bits_a_second(self.taken - taken, now.saturating_duration_since(at))))
    }
}

/// So many bytes in this time.
pub(crate) fn bits_a_second(bytes: u64, time: Duration) -> u64 {
    bytes.saturating_mul(8_000) / time.as_millis().max(1) as u64
}

pub(crate) trait Outlet {
    /// Sends or queues; what cannot be sent is dropped and counted.
    fn send(&mut self, parcel: Parcel<'_>);
    /// Bytes of pictures that still wait for this peer; UDP has none.
    fn backlog(&self, path: Path) -> usize;
    /// Leaves out the pictures that still wait for this peer.
    fn forget_pictures(&mut self, path: Path);
    /// At most about so many bytes are to be on the way to this peer over TCP.
    fn hold(&mut self, _path: Path, _bytes: usize) {}
    /// How far what is sent to this peer over TCP has come.
    fn progress(&self, _path: Path) -> Progress {
        Progress::default()
    }
}

/// What a datagram's first bytes say it is (RFC 7983 §7, RFC 5761 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Stun,
    Dtls,
    /// With its payload type.
    Rtp(u8),
    Rtcp,
    Rubbish,
}

pub(crate) fn shape_of(bytes: &[u8]) -> Shape {
    match bytes {
        [0..=1, ..] if bytes.len() >= 20 => Shape::Stun,
        [20..=63, ..] => Shape::Dtls,
        [128..=191, second, ..] if bytes.len() >= 12 => match second & 0x7f {
            64..=95 => Shape::Rtcp,
            pt => Shape::Rtp(pt),
        },
        [128..=191, second, ..] if bytes.len() >= 8 && (64..=95).contains(&(second & 0x7f)) => {
            Shape::Rtcp
        }
        _ => Shape::Rubbish,
    }
}
