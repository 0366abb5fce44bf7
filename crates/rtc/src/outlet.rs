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

/// When the kernel took no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub at: Instant,
    /// Bytes it had taken by then.
    pub taken: u64,
    /// Bytes that it held.
    pub held: usize,
    /// The how-manieth wait this is.
    pub wait: u64,
}

/// Shorter waits tell nothing.
pub(crate) const LONG: Duration = Duration::from_millis(300);
/// A wait that goes on is looked at no longer than this: the line may be another by now.
const LOOKED_BACK: Duration = Duration::from_secs(3);

/// How far what is sent over TCP has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes that the kernel has taken so far.
    pub taken: u64,
    /// Bytes that it is to hold, acknowledged by nobody yet.
    pub held: usize,
    /// When it last took no more while something waited; of a long wait, within the last seconds.
    pub full: Option<Full>,
    /// When nothing waited any more, the first time since then, and how many bytes it had taken by then.
    pub emptied: Option<(Instant, u64)>,
    /// The last wait before this one that was long, and its end.
    pub ended: Option<(u64, (Instant, u64))>,
}

impl Progress {
    /// The kernel takes no more now.
    pub fn note_full(&mut self, now: Instant) {
        let ended = self.emptied.take();
        let is_new = ended.is_some();
        if let Some((full, end)) = self.full.zip(ended)
            && end.0.saturating_duration_since(full.at) >= LONG
        {
            self.ended = Some((full.wait, end));
        }
        let is_old = |full: Full| now.saturating_duration_since(full.at) > LOOKED_BACK;
        if is_new || self.full.is_none_or(is_old) {
            let before = self.full.map_or(0, |full| full.wait);
            let wait = before + u64::from(is_new);
            self.full = Some(Full { at: now, taken: self.taken, held: self.held, wait });
        }
    }

    /// Nothing waits now.
    pub fn note_empty(&mut self, now: Instant) {
        self.emptied.get_or_insert((now, self.taken));
    }

    /// When that wait was over, and how many bytes had been taken by then; none while it goes on.
    pub fn end_of(&self, wait: u64) -> Option<(Instant, u64)> {
        let is_this = self.full.is_some_and(|full| full.wait == wait);
        let before = self.ended.filter(|(ended, _)| *ended == wait).map(|(_, end)| end);
        if is_this { self.emptied } else { before }
    }

    /// Since when something has waited without a pause, and how many bits a second were read since: what
    /// the kernel took, and what it held more then.
    pub fn waiting(&self, now: Instant) -> Option<(Instant, u64)> {
        let full = self.full.filter(|_| self.emptied.is_none())?;
        let read = (self.taken - full.taken) + full.held.saturating_sub(self.held) as u64;
        Some((full.at, bits_a_second(read, now.saturating_duration_since(full.at))))
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
    /// Whether pictures to this peer have to wait, because the socket takes nothing now. UDP alone: what
    /// waits for a TCP peer is its own [`Self::backlog`].
    fn is_full(&self, _path: Path) -> bool {
        false
    }
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
