//! The way out of a leg: what a peer connection wants sent, and how much still waits. It refuses
//! to know how it is sent, so that legs can be tested without sockets.

use std::net::SocketAddr;

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

pub(crate) trait Outlet {
    /// Sends or queues; what cannot be sent is dropped and counted.
    fn send(&mut self, parcel: Parcel<'_>);
    /// Bytes of pictures that still wait for this peer; UDP has none.
    fn backlog(&self, path: Path) -> usize;
    /// Leaves out the pictures that still wait for this peer.
    fn forget_pictures(&mut self, path: Path);
    /// At most about so many bytes are to be on the way to this peer over TCP.
    fn hold(&mut self, _path: Path, _bytes: usize) {}
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
