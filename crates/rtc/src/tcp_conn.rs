//! One ICE-TCP connection: RFC 4571 framing in, two bounded queues out. It refuses to know legs.
//!
//! Sound and control go before pictures, because a picture can wait and a voice cannot. Full
//! queues refuse; a receiver of pictures is skipped long before that (see `fanout::MAX_BACKLOG`),
//! so the hard bounds are reached only by what cannot be skipped.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::outlet::Class;
use crate::receive::MAX_DATAGRAM;

const MAX_PICTURES: usize = 1 << 20;
const MAX_URGENT: usize = 512 << 10;
/// Small, so that sound need not wait behind much.
const STAGE: usize = 4 << 10;
const READ: usize = 64 << 10;
/// A peer that reads nothing for this long is gone.
pub(crate) const STALL_TIME: Duration = Duration::from_secs(15);
/// A connection that belongs to no leg by then is closed.
pub(crate) const UNOWNED_TIME: Duration = Duration::from_secs(10);

pub(crate) struct Conn<S = TcpStream> {
    pub stream: S,
    pub peer: SocketAddr,
    pub local: SocketAddr,
    /// A leg has accepted something from here.
    pub owned: bool,
    opened: Instant,
    inbox: Vec<u8>,
    urgent: VecDeque<Vec<u8>>,
    urgent_bytes: usize,
    pictures: VecDeque<Vec<u8>>,
    picture_bytes: usize,
    staged: Vec<u8>,
    staged_at: usize,
    progress: Instant,
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
            urgent: VecDeque::new(),
            urgent_bytes: 0,
            pictures: VecDeque::new(),
            picture_bytes: 0,
            staged: Vec::new(),
            staged_at: 0,
            progress: now,
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

    /// Queues one frame. False: no room, dropped.
    pub fn queue(&mut self, class: Class, bytes: &[u8], now: Instant) -> bool {
        let Ok(len) = u16::try_from(bytes.len()) else {
            return false;
        };
        if !self.has_unsent() {
            self.progress = now;
        }
        let frame = [&len.to_be_bytes(), bytes].concat();
        let (queue, held, max) = match class {
            Class::Picture => (&mut self.pictures, &mut self.picture_bytes, MAX_PICTURES),
            Class::Control | Class::Sound => (&mut self.urgent, &mut self.urgent_bytes, MAX_URGENT),
        };
        if *held + frame.len() > max {
            return false;
        }
        *held += frame.len();
        queue.push_back(frame);
        true
    }

    /// Writes until the kernel takes no more.
    pub fn write(&mut self, now: Instant) -> io::Result<()> {
        loop {
            if self.staged_at == self.staged.len() && !self.stage() {
                return Ok(());
            }
            match self.stream.write(&self.staged[self.staged_at..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.staged_at += n;
                    self.progress = now;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn stage(&mut self) -> bool {
        self.staged.clear();
        self.staged_at = 0;
        while self.staged.len() < STAGE {
            if let Some(frame) = self.urgent.pop_front() {
                self.urgent_bytes -= frame.len();
                self.staged.extend_from_slice(&frame);
            } else if let Some(frame) = self.pictures.pop_front() {
                self.picture_bytes -= frame.len();
                self.staged.extend_from_slice(&frame);
            } else {
                break;
            }
        }
        !self.staged.is_empty()
    }

    /// Leaves out the pictures of which nothing has been written yet.
    pub fn forget_pictures(&mut self) {
        self.pictures.clear();
        self.picture_bytes = 0;
    }

    /// Bytes of pictures (and of what is being written) that still wait.
    pub fn backlog(&self) -> usize {
        self.picture_bytes + self.staged.len() - self.staged_at
    }

    pub fn has_unsent(&self) -> bool {
        self.backlog() + self.urgent_bytes > 0
    }

    /// When this connection is to be given up, as things stand.
    pub fn deadline(&self) -> Option<Instant> {
        let stall = self.has_unsent().then(|| self.progress + STALL_TIME);
        let unowned = (!self.owned).then(|| self.opened + UNOWNED_TIME);
        stall.into_iter().chain(unowned).min()
    }

    pub fn is_stalled(&self, now: Instant) -> bool {
        self.has_unsent() && self.progress + STALL_TIME <= now
    }
}
