//! What callers ask of the network thread.
//!
//! Each network thread has its own channels. **Sound** and **media** (pictures, key frame requests) are
//! bounded: full means the network thread is behind, and then the newest is dropped and counted, so that
//! no media thread ever waits for it; sound goes first, whatever waits of pictures. **Control** is not bounded, because none of it may be lost and none may wait (a caller
//! may sit in a `NetEvents` call, on the very thread that empties the channel); its length is bounded
//! by what causes it: one signalling act of one leg, and legs are bounded by
//! [`NetConfig::max_legs`](crate::NetConfig::max_legs).
//!
//! Connections that came in at another listener or thread have a channel of their own, because strangers
//! fill it: it is bounded, and full means that such a connection is closed. So have datagrams that came to
//! another thread than their leg's: full means that they are lost, as anything on a network may be.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::directory::Waiting;
use crate::negotiate::{Answer, Offer};
use crate::offer::OfferRefused;
use crate::outlet::Path;
use crate::redundancy::Past;
use crate::{LegKey, Picture, StreamKey, Uplink};

/// One Opus packet and those who get it.
#[derive(Clone, Debug)]
pub struct SoundPart {
    /// The Opus packet.
    pub payload: Arc<[u8]>,
    /// Those of the same mix before it, for whose line loses some.
    pub past: Past,
    /// Its receivers.
    pub legs: Arc<[LegKey]>,
}

/// Connections handed over that may wait for the network thread, which is a matter of milliseconds.
pub(crate) const HANDED_OVER_QUEUE: usize = 64;

/// A connection that another listener or thread took, and what was read of it: whole frames, or nothing.
pub(crate) struct HandedOver {
    pub stream: TcpStream,
    pub read: Vec<u8>,
}

pub(crate) enum Control {
    /// A leg that has waited lives on this thread.
    Adopt(LegKey, Box<Waiting>),
    Renegotiate(LegKey, Offer, Sender<Result<Answer, OfferRefused>>),
    Subscribe(LegKey, Option<StreamKey>),
    DropStream(StreamKey),
    Uplink(LegKey, Option<Uplink>),
    Close(LegKey),
    /// An address is another thread's leg's now.
    PassOn(Path),
    BreakUdp,
    Stop,
}

pub(crate) enum Media {
    Picture {
        stream: StreamKey,
        /// Which of the stream's pictures it is.
        number: u64,
        picture: Arc<Picture>,
        /// At least one picture before this one found the channel full.
        after_gap: bool,
    },
    RequestKeyframe(LegKey),
}

/// One tick of sound: who gets which packet, at which time of the room's media clock (48 kHz).
pub(crate) struct Sound {
    pub parts: Arc<[SoundPart]>,
    pub ts: u64,
}

/// Datagrams that may wait for their leg's thread.
pub(crate) const STRAYS_QUEUE: usize = 1024;

/// A datagram that came to another thread than its leg's.
pub(crate) struct Stray {
    pub path: Path,
    pub destination: SocketAddr,
    pub bytes: Box<[u8]>,
}
