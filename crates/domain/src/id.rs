//! Names of things. One newtype each, so that two ids are never confused for being alike.

use std::fmt;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A tenant: everything belongs to exactly one project.
    ProjectId,
    /// A durable, named place.
    RoomId,
    /// A film or sound played into a session; on the canvas it is the member of the same number.
    PlaybackId,
    /// One live occurrence of a room.
    SessionId,
    /// Someone or something taking part in a session; stays the same through promote and demote.
    MemberId,
    /// A recording of a session.
    RecordingId,
    /// A stream of a session.
    StreamId,
    /// A stream that stands with a room and runs in each of its sessions.
    RoomStreamId,
    /// A link that opens a room.
    LinkId,
    /// A token of a conference.
    ConferenceTokenId,
    /// A message of a chat.
    ChatId,
    /// A place in the line before a room.
    WaiterId,
}

impl PlaybackId {
    /// Under which a playback is seated, shown and heard.
    pub fn as_member(self) -> MemberId {
        MemberId(self.0)
    }
}

/// One peer connection of a member, named by the client (`callID`); unique within its connection
/// only, so the hub keys it together with the connection's protocol string.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LegId(pub String);

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One peer connection as this process numbers it; unique while the process runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LegKey(pub u64);
