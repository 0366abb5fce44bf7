//! Why a connection ends, and what the close frame says about it (RFC 6455 §7.4).

/// A reason to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The client closed, or is gone; there is nobody to say anything to.
    Gone,
    /// The hub closed the inbox: shutting down, or a newer socket took over.
    Released,
    /// No accepted `signalwire.connect` in time.
    NeverConnected,
    /// Pings were not answered.
    NoPong,
    /// What we write is not read.
    TooSlow,
    /// Answers without end to things nobody asked.
    Flood,
    /// A binary frame.
    Binary,
    /// A message over the bound.
    TooBig,
    /// Not WebSocket as the RFC has it.
    Protocol,
    /// The hub did not answer.
    Broken,
}

impl CloseReason {
    /// Number and words of the close frame; `None` when there is nobody to send it to.
    pub fn close(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone => None,
            Self::Released => Some((1001, "the server ends this connection")),
            Self::NeverConnected => Some((1008, "signalwire.connect did not come in time")),
            Self::NoPong => Some((1008, "signalwire.ping was not answered in time")),
            Self::TooSlow => Some((1008, "too much is waiting to be read")),
            Self::Flood => Some((1008, "too many answers")),
            Self::Binary => Some((1003, "send text frames: one JSON-RPC request each")),
            Self::TooBig => Some((1009, "the message is too long")),
            Self::Protocol => Some((1002, "this is not WebSocket")),
            Self::Broken => Some((1011, "the server could not answer in time")),
        }
    }
}
