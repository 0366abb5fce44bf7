//! What is remembered of a leg that came by WHIP or WHEP.

use std::sync::Arc;
use tokio::sync::Mutex;

/// Which way the media of such a leg goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the client: somebody in the audience.
    Whep,
    /// From the client: a member.
    Whip,
}

/// What is remembered of such a leg beside what every connection has.
pub(crate) struct WhipWhep {
    pub direction: Direction,
    pub ice: Mutex<Ice>,
}

/// How the leg was agreed, to agree on it anew. Whoever holds the lock restarts ICE alone.
pub(crate) struct Ice {
    pub offer: Arc<str>,
    pub session: u32,
}
