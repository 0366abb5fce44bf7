//! Why a run gave no result.

use rotunda_client::ClientError;

/// Why a run gave no result.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or socket failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A client of ours failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The WebRTC stack refused.
    #[error("WebRTC: {0}")]
    Rtc(String),
    /// Something came out other than it must for the figures to mean anything.
    #[error("{0}")]
    Void(String),
}

impl LoadError {
    /// For errors of the stack, of whichever type.
    pub fn rtc(error: impl std::fmt::Display) -> Self {
        Self::Rtc(error.to_string())
    }
}
