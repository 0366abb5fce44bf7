//! One ICE-TCP connection: RFC 4571 framing in, three bounded queues out. It refuses to know legs.
//!
//! Control and sound go before pictures, because a picture can wait and a voice cannot. Sound that
//! waited too long is left out: a receiver that is given it all at once holds back for long whatever
//! comes after. Full queues refuse; a receiver of pictures is skipped long before that (see
//! `fanout::MAX_BACKLOG`), so the hard bounds are reached only by what cannot be skipped.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::outlet::{Class, Progress};
use crate::receive::MAX_DATAGRAM;
use crate::tcp_pieces::Pieces;

const MAX_PICTURES: usize = 1 << 20;
const MAX_CONTROL: usize = 256 << 10;
const MAX_SOUND: usize = 64 << 10;
/// Sound that waited longer is of no use any more.
const LATE: Duration = Duration::from_millis(240);
/// Small, so that sound need not wait behind much.
pub(crate) const STAGE: usize = 4 << 10;
const READ: usize = 64 << 10;
/// A peer that reads nothing for this long is gone.
pub(crate) const STALL_TIME: Duration = Duration::from_secs(15);
/// A connection that belongs to no leg by then is closed.
pub(crate) const UNOWNED_TIME: Duration = Duration::from_secs(10);

pub(crate) struct Conn<S = Pieces> {
    pub stream: S,
    pub peer: SocketAddr,
    pub local: SocketAddr,
    /// A leg has accepted something from here.
    pub owned: bool,
    opened: Instant,
    inbox: Vec<u8>,
    control: Waiting,
    sound: Waiting,
    pictures: Waiting,
    staged: Vec<u8>,
    staged_at: usize,
    read_at: Instant,
    pub progress: Progress,
    /// Sounds left out because they had waited too long, since it was last asked.
    pub late: usize,
}

/// Frames of one class, and since when each waits.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
}

impl Waiting {
    fn push(&mut self, frame: Vec<u8>, most: usize, now: Instant) -> bool {
        let fits = self.bytes + frame.len() <= most;
        if fits {
            self.bytes += frame.len();
            self.frames.push_back((now, frame));
        }
        fits
    }

    fn pop(&mut self) -> Option<Vec<u8>> {
        let (_, frame) = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }

    /// Leaves out what has waited since before `then`; gives how much that is.
    fn leave_out(&mut self, then: Instant) -> usize {
        let before = self.frames.len();
        while self.frames.front().is_some_and(|(since, _)| *since < then) {
            self.pop();
        }
        before - self.frames.len()
    }
}

impl<S: Read + Write> Conn<S> {
    pub fn new(stream: S, peer: SocketAddr, local: SocketAddr, now: Instant) -> Self {
        Self {
            stream,
            peer,
            local,
            owned: false,
            opened: now,
            inbox: Vec::new(),
            control: Waiting::default(),
            sound: Waiting::default(),
            pictures: Waiting::default(),
            staged: Vec::new(),
            staged_at: 0,
            read_at: now,
            progress: Progress::default(),
            late: 0,
        }
    }

    /// The same connection, of which this much was read already.
    pub fn after(self, read: Vec<u8>) -> Self {
        Self { inbox: read, ..self }
    }

    /// Reads once. `Ok(false)`: nothing is left to read.
    pub fn read(&mut self) -> io::Result<bool> {
        let before = self.inbox.len();
        self.inbox.resize(before + READ, 0);
        let read = self.stream.read(&mut self.inbox[before..]);
        self.inbox.truncate(before + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(true),
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(e) if e.kind() == ErrorKind::Interrupted => Ok(true),
            Err(e) => Err(e),
        }
    }

    /// Takes out the complete frames; an error if one is longer than any WebRTC packet.
    pub fn frames(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let (mut frames, mut at) = (Vec::new(), 0);
        while let Some([high, low]) = self.inbox.get(at..at + 2) {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            if len > MAX_DATAGRAM {
                return Err(ErrorKind::InvalidData.into());
            }
            let Some(frame) = self.inbox.get(at + 2..at + 2 + len) else {
                break;
            };
            frames.push(frame.to_vec());
            at += 2 + len;
        }
        self.inbox.drain(..at);
        Ok(frames)
    }

    /// What was read and not yet used: these frames, and what came after them.
    pub fn unread(&mut self, frames: &[Vec<u8>]) -> Vec<u8> {
        let framed = frames.iter().flat_map(|frame| {
            // As long as it was when it was read.
            [&(frame.len() as u16).to_be_bytes()[..], frame].concat()
        });
        framed.chain(std::mem::take(&mut self.inbox)).collect()
    }

    /// Queues one frame. False: no room, dropped.
    pub fn queue(&mut self, class: Class, bytes: &[u8], now: Instant) -> bool {
        let Ok(len) = u16::try_from(bytes.len()) else {
            return false;
        };
        if !self.has_unsent() {
            self.read_at = now;
        }
        let frame = [&len.to_be_bytes(), bytes].concat();
        match class {
            Class::Control => self.control.push(frame, MAX_CONTROL, now),
            Class::Sound => self.sound.push(frame, MAX_SOUND, now),
            Class::Picture => self.pictures.push(frame, MAX_PICTURES, now),
        }
    }

    /// Writes until the kernel takes no more.
    pub fn write(&mut self, now: Instant) -> io::Result<()> {
        self.late += now.checked_sub(LATE).map_or(0, |then| self.sound.leave_out(then));
        loop {
            if self.staged_at == self.staged.len() && !self.stage() {
                self.progress.note_empty(now);
                return Ok(());
            }
            match self.stream.write(&self.staged[self.staged_at..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.staged_at += n;
                    self.progress.taken += n as u64;
                    self.read_at = now;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.progress.note_full(now);
                    return Ok(());
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn stage(&mut self) -> bool {
        self.staged.clear();
        self.staged_at = 0;
        while self.staged.len() < STAGE {
            let next = self.control.pop().or_else(|| self.sound.pop());
            let Some(frame) = next.or_else(|| self.pictures.pop()) else { break };
            self.staged.extend_from_slice(&frame);
        }
        !self.staged.is_empty()
    }

    /// Leaves out the pictures of which nothing has been written yet.
    pub fn forget_pictures(&mut self) {
        self.pictures = Waiting::default();
    }

    /// Bytes of pictures (and of what is being written) that still wait.
    pub fn backlog(&self) -> usize {
        self.pictures.bytes + self.staged.len() - self.staged_at
    }

    pub fn has_unsent(&self) -> bool {
        self.backlog() + self.control.bytes + self.sound.bytes > 0
    }

    /// When this connection is to be given up, as things stand.
    pub fn deadline(&self) -> Option<Instant> {
        let stall = self.has_unsent().then(|| self.read_at + STALL_TIME);
        let unowned = (!self.owned).then(|| self.opened + UNOWNED_TIME);
        stall.into_iter().chain(unowned).min()
    }

    pub fn is_stalled(&self, now: Instant) -> bool {
        self.has_unsent() && self.read_at + STALL_TIME <= now
    }
}
