//! What can go wrong for a client, in words that say which step it was.

use serde_json::Value;
use std::time::Duration;

/// A request the server refused.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code} {message}")]
pub struct Refused {
    /// The code, as text whichever type it had.
    pub code: String,
    /// The message.
    pub message: String,
    /// All of the answer.
    pub whole: Value,
}

/// Why a step of a client failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The WebSocket was not opened.
    #[error("opening the WebSocket: {0}")]
    Open(#[from] Box<tokio_tungstenite::tungstenite::Error>),
    /// A socket of ours failed.
    #[error("socket: {0}")]
    Io(#[from] std::io::Error),
    /// The WebSocket is closed.
    #[error("the WebSocket is closed")]
    Closed,
    /// The server refused a request.
    #[error("refused: {0}")]
    Refused(#[from] Refused),
    /// The server hung up.
    #[error("hung up: {code} {cause}")]
    Bye {
        /// `causeCode`.
        code: String,
        /// `cause`.
        cause: String,
    },
    /// Something did not happen in time.
    #[error("{what}: not within {within:?}")]
    Late {
        /// What was waited for.
        what: String,
        /// How long.
        within: Duration,
    },
    /// The WebRTC stack refused.
    #[error("WebRTC: {0}")]
    Rtc(String),
    /// The leg's task has ended.
    #[error("the leg has ended")]
    LegEnded,
    /// A file or a message could not be read.
    #[error("{0}")]
    Unreadable(String),
}
