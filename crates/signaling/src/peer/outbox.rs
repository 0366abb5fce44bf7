//! What waits to be written to one client, and since when nothing has moved.

use std::collections::VecDeque;
use std::sync::Arc;

/// The text of a frame: its own, or one that many sockets send.
#[derive(Clone, Debug)]
pub enum FrameText {
    /// For this socket.
    Own(String),
    /// For any number of them.
    Shared(Arc<str>),
}

impl AsRef<str> for FrameText {
    fn as_ref(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// Frames in order. It does not bound itself: the peer stops taking deliveries, and closes on
/// replies, long before it is large.
#[derive(Debug, Default)]
pub struct Outbox {
    frames: VecDeque<FrameText>,
    bytes: usize,
    /// Since when something waits or is being flushed without any progress.
    still_since_ms: Option<u64>,
}

impl Outbox {
    /// Adds a frame.
    pub fn push(&mut self, now_ms: u64, frame: FrameText) {
        self.bytes += frame.as_ref().len();
        self.frames.push_back(frame);
        self.still_since_ms.get_or_insert(now_ms);
    }

    /// Takes the next frame: the socket has room for it, which is progress.
    pub fn pop(&mut self, now_ms: u64) -> Option<FrameText> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.as_ref().len();
        self.still_since_ms = Some(now_ms);
        Some(frame)
    }

    /// All that was taken has left the socket.
    pub fn flushed(&mut self) {
        if self.frames.is_empty() {
            self.still_since_ms = None;
        }
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether anything waits or is being flushed.
    pub fn is_waiting(&self) -> bool {
        self.still_since_ms.is_some()
    }

    /// When the socket counts as stuck.
    pub fn stuck_at(&self, within_ms: u64) -> Option<u64> {
        Some(self.still_since_ms?.saturating_add(within_ms))
    }

    /// Whether it is.
    pub fn is_stuck(&self, now_ms: u64, within_ms: u64) -> bool {
        self.stuck_at(within_ms).is_some_and(|at| at <= now_ms)
    }
}
