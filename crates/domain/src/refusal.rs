//! Expected refusals: the only errors a rule returns. Each door translates them once.

/// Why a command was declined; nothing has changed when one is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor lacks the permission, or joins outside the room's window.
    #[error("Unauthorized")]
    NotPermitted,
    /// The room exists but admits nobody just now: locked, full.
    #[error("{0}")]
    NotAdmitted(&'static str),
    /// The thing named does not exist here.
    #[error("{0}")]
    NotFound(&'static str),
    /// A value is wrong; the text says what to change.
    #[error("{0}")]
    Invalid(String),
    /// A bound is reached; the text names it.
    #[error("{0}")]
    LimitReached(String),
    /// The command contradicts the present state.
    #[error("{0}")]
    Conflict(String),
    /// The engine cannot do this, or is not configured.
    #[error("{0}")]
    Unsupported(String),
    /// The call is taken and ended at once with this number and name: a reattach to something that
    /// is not there.
    #[error("{cause}")]
    Cleared {
        /// Number on the wire.
        code: u16,
        /// Name on the wire.
        cause: &'static str,
    },
    /// Something of ours broke; the log says what.
    #[error("Internal Server Error")]
    Broken,
    /// What is stored cannot be asked just now; the same command may succeed later.
    #[error("Service Unavailable: the database is away, try again in a few seconds")]
    Unavailable,
}

impl Refusal {
    /// A refusal for a value that is wrong, saying what to change.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }

    /// A reattach without the connection's secret.
    pub const OUT_OF_ORDER: Refusal =
        Refusal::Cleared { code: 27, cause: "DESTINATION_OUT_OF_ORDER" };

    /// A reattach to a call that is not there.
    pub const UNKNOWN_CALL: Refusal =
        Refusal::Cleared { code: 81, cause: "INVALID_CALL_REFERENCE" };

    /// Somebody is in the seat that was asked for by its id.
    pub const SEAT_TAKEN: Refusal = Refusal::NotAdmitted("somebody is in that seat");

    /// Whoever was removed, or is kept out.
    pub const REMOVED: Refusal = Refusal::NotAdmitted("You were removed from this room");

    /// The room is locked.
    pub const LOCKED: Refusal = Refusal::NotAdmitted("Room is locked");

    /// Whoever has to wait until a host lets them in, and would come in without.
    pub const LOBBY: Refusal = Refusal::NotAdmitted(
        "This room has a lobby: ask to be let in (video.lobby.enter) and wait for a host",
    );

    /// A host said no a moment ago.
    pub const LOBBY_DENIED: Refusal =
        Refusal::NotAdmitted("You were not let in; you may ask again a minute later");

    /// The unknown-member refusal, in the words the browser SDK's users see.
    pub const UNKNOWN_MEMBER: Refusal = Refusal::NotFound("Not Found");
}
