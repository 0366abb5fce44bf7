//! Who hears an event besides those a session tells, and what must not be lost of it. A session says
//! whom of its people it tells with [`To`](crate::event::To); the rest is the same for all sessions,
//! and stands here, in one table.

use crate::event::Event;

/// What is true of an event wherever it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearers {
    /// When applications hear it that listen to the session.
    pub applications: Applications,
    /// Whether applications hear it, too, that listen to all rooms of the project.
    pub is_of_all_rooms: bool,
    /// Whether a client that misses it would wait for ever, or hold on to what is over: no present
    /// state says that a join was granted, that the session ended, or that another leg is expected.
    pub is_vital: bool,
    /// Whether of people only those hear it whose client named it when it joined, as it happens and not
    /// later.
    pub is_by_name: bool,
    /// What history makes of it when it comes as
    /// [`Record::Happened`](crate::output::Record::Happened).
    pub history: InHistory,
}

/// When applications hear of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applications {
    /// When more than one person in the session is told.
    WithOthers,
    /// When it goes into history, for nobody in the session is told, or each who may know is told
    /// alone.
    WithHistory,
    /// As whoever begins to listen, and nobody else.
    AsTheyCome,
}

/// What history makes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InHistory {
    /// Nothing: it is told with a row of its own ([`Record`](crate::output::Record)), or to one
    /// person only, or too often to keep.
    Unkept,
    /// A line in the list of events and nothing else, which gives way where there are too many.
    MayGiveWay,
    /// It changes a row, which must not be missed.
    ChangesRow,
}

/// As most events are.
const COMMON: Hearers = Hearers {
    applications: Applications::WithOthers,
    is_of_all_rooms: false,
    is_vital: false,
    is_by_name: false,
    history: InHistory::Unkept,
};

impl Event {
    /// Who hears it, and what must not be lost of it.
    pub fn hearers(&self) -> Hearers {
        use Applications::{AsTheyCome, WithHistory};
        use InHistory::{ChangesRow, MayGiveWay};
        match self {
            Self::RoomSubscribed { .. } | Self::RoleChanged { .. } => {
                Hearers { is_vital: true, ..COMMON }
            }
            Self::NetworkQuality(_) | Self::ChatMessage { .. } | Self::Caption { .. } => {
                Hearers { is_by_name: true, ..COMMON }
            }
            Self::LobbyUpdated { .. } => {
                Hearers { is_by_name: true, is_of_all_rooms: true, ..COMMON }
            }
            Self::LobbyAdmitted { .. } | Self::LobbyDenied { .. } => {
                Hearers { is_vital: true, ..COMMON }
            }
            Self::RoomShown(_) => Hearers { applications: AsTheyCome, ..COMMON },
            Self::RoomStarted(_) => {
                Hearers { applications: WithHistory, is_of_all_rooms: true, ..COMMON }
            }
            Self::RoomEnded(_) => Hearers { is_of_all_rooms: true, is_vital: true, ..COMMON },
            Self::RoomUpdated { .. } => Hearers { history: ChangesRow, ..COMMON },
            Self::MemberUpdated { .. } | Self::LayoutChanged(_) => {
                Hearers { history: MayGiveWay, ..COMMON }
            }
            Self::Recording(..) => {
                Hearers { applications: WithHistory, history: ChangesRow, ..COMMON }
            }
            Self::Stream(..) | Self::Playback(..) | Self::Digits { .. } => {
                Hearers { applications: WithHistory, history: MayGiveWay, ..COMMON }
            }
            Self::MemberJoined(_)
            | Self::MemberLeft(_)
            | Self::MemberTalking { .. }
            | Self::AudienceCount { .. } => COMMON,
        }
    }
}
