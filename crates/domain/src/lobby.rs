//! Who waits before a room until a host lets them in: values and bounds. Who may let in, and what becomes of
//! whom, is decided in a session (`session/lobby.rs`).

use crate::grant::Grant;
use crate::id::WaiterId;
use crate::limits::USER_NAME_CHARS;
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;
use crate::text::{plain_name, shows_nothing};
use std::sync::Arc;

/// Most people who wait before one session; the next is refused in words.
pub const WAITING: usize = 200;
/// Knocks of one token in [`KNOCK_WINDOW_MS`]; the next is refused in words.
pub const KNOCKS: usize = 5;
/// See [`KNOCKS`].
pub const KNOCK_WINDOW_MS: u64 = 10_000;
/// How long whoever was denied is refused when they knock again.
pub const DENIED_MS: u64 = 60_000;
/// Tokens let in that a session remembers; beyond that the oldest knocks again.
pub const ADMITTED: usize = 4096;
/// Tokens denied that a session remembers; beyond that the oldest may knock at once.
pub const DENIED: usize = 1024;

/// Somebody asks to be let in.
#[derive(Clone, Debug)]
pub struct Knock {
    /// Their place in the line; drawn by the caller, because rules draw nothing. One that waits already keeps
    /// its time.
    pub id: WaiterId,
    /// What the token grants.
    pub grant: Grant,
    /// What they call themselves, where the token names nobody; else the token's name counts.
    pub name: Option<String>,
    /// Since when they wait, milliseconds since 1970 UTC, where a process before this one knew it.
    pub since_ms: Option<i64>,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Their place in the line.
    pub id: WaiterId,
    /// What they are called.
    pub name: Arc<str>,
    /// Since when, milliseconds since 1970 UTC.
    pub since_ms: i64,
}

/// What a knock is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LobbyState {
    /// Nothing is to be waited for: join.
    Admitted,
    /// Wait.
    Waiting(Waiting),
}

/// Whom a host answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiters {
    /// Everybody who waits.
    All,
    /// These, as far as they wait.
    These(Vec<WaiterId>),
}

/// Why somebody waits no more without having been let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dismissal {
    /// A host said no.
    Denied,
    /// The same token waits on another connection.
    Elsewhere,
    /// What they wait for is no more, or admits them no more.
    Closed,
}

impl Dismissal {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Elsewhere => "elsewhere",
            Self::Closed => "closed",
        }
    }

    /// Seconds after which they may knock again, where that is bounded.
    pub fn retry_after_s(self) -> Option<u64> {
        (self == Self::Denied).then_some(DENIED_MS / 1000)
    }
}

impl Grant {
    /// Whether the bearer passes a lobby without waiting: by a permission of that name, or as one who lets
    /// others in.
    pub fn skips_lobby(&self) -> bool {
        let hosts = Right::OnMember(Verb::Promote, Aim::Another);
        [Right::OnRoom(Verb::SkipLobby), hosts]
            .into_iter()
            .any(|right| self.permissions.allow(right))
    }
}

/// A name that somebody gives themself who has none by their token, as it may stand beside others.
///
/// # Errors
/// `Invalid`: nothing of it is seen, it is too long, or it has control characters.
pub fn own_name(name: &str) -> Result<String, Refusal> {
    let is_short = name.chars().count() <= USER_NAME_CHARS;
    if !is_short || shows_nothing(name) || name.chars().any(char::is_control) {
        return Err(Refusal::Invalid(format!(
            "name must be 1 to {USER_NAME_CHARS} characters that are seen, none of them for control"
        )));
    }
    Ok(plain_name(name))
}
