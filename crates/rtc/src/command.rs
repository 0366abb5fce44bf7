//! What callers ask of the network thread.
//!
//! Two channels. **Media** (pictures, sound, key frame requests) is bounded: full means the network
//! thread is behind, and then the newest is dropped and counted, so that no media thread ever waits
//! for it. **Control** is not bounded, because none of it may be lost and none may wait (a caller
//! may sit in a `NetEvents` call, on the very thread that empties the channel); its length is bounded
//! by what causes it: one signalling act of one leg, and legs are bounded by
//! [`NetConfig::max_legs`](crate::NetConfig::max_legs).
//!
//! Connections that came in at another listener have a channel of their own, because strangers fill it:
//! it is bounded, and full means that such a connection is closed.

use std::net::TcpStream;
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::negotiate::{Answer, Negotiated, Offer};
use crate::offer::OfferRefused;
use crate::redundancy::Past;
use crate::{LegKey, Picture, StreamKey};

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

/// A connection that another listener took, and what was read of it: one whole frame.
pub(crate) struct HandedOver {
    pub stream: TcpStream,
    pub read: Vec<u8>,
}

pub(crate) enum Control {
    Add(LegKey, Box<Negotiated>),
    Renegotiate(LegKey, Offer, Sender<Result<Answer, OfferRefused>>),
    Subscribe(LegKey, Option<StreamKey>),
    DropStream(StreamKey),
    Uplink(LegKey, Option<u64>),
    Close(LegKey),
    BreakUdp,
    Stop,
}

pub(crate) enum Media {
    Picture {
        stream: StreamKey,
        picture: Arc<Picture>,
        /// At least one picture before this one found the channel full.
        after_gap: bool,
    },
    Sound(Vec<SoundPart>, u64),
    RequestKeyframe(LegKey),
}
