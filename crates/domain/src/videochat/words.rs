//! What the settings page calls things: modes, engines, topologies, and how a client is to show that
//! something happened.

/// A setting that is one of several words.
pub trait Word {
    /// All it may be, as they are spelt on the wire.
    fn words(&self) -> &'static [&'static str];
    /// The one it is.
    fn word(&self) -> &'static str;
    /// Makes it the one with that spelling; `None`, and as it was, when there is none.
    fn set(&mut self, text: &str) -> Option<()>;
}

macro_rules! settings {
    ($(#[$meta:meta])* $name:ident { $($body:tt)+ }) => {
        crate::words::words! {
            $(#[$meta])*
            #[derive(Default)]
            $name { $($body)+ }
        }

        impl Word for $name {
            fn words(&self) -> &'static [&'static str] {
                Self::WORDS
            }

            fn word(&self) -> &'static str {
                self.as_str()
            }

            fn set(&mut self, text: &str) -> Option<()> {
                *self = Self::parse(text)?;
                Some(())
            }
        }
    };
}

settings! {
    /// Who may speak by coming in.
    VideochatMode {
        /// Everybody.
        #[default]
        Videochat = "videochat",
        /// Those who are promoted.
        Conference = "conference",
    }
}

settings! {
    /// Who carries the media of a session.
    EngineName {
        /// This server.
        #[default]
        Native = "native",
        /// Twilio Video.
        Twilio = "twilio",
        /// Agora.
        Agora = "agora",
        /// LiveKit.
        Livekit = "livekit",
    }
}

settings! {
    /// The topology asked of Twilio.
    RoomType {
        /// Through Twilio's servers, at most 50.
        #[default]
        Group = "group",
        /// Through Twilio's servers, at most 4.
        GroupSmall = "group-small",
        /// Between the participants, at most 10.
        PeerToPeer = "peer-to-peer",
    }
}

settings! {
    /// Who may begin a session.
    InitUser {
        /// Everybody who may take part.
        #[default]
        Any = "any",
        /// Those who may manage the room.
        Manager = "manager",
    }
}

impl RoomType {
    /// Identities that such a room holds.
    pub fn cap(self) -> u32 {
        match self {
            Self::PeerToPeer => 10,
            Self::GroupSmall => 4,
            Self::Group => 50,
        }
    }
}

/// How a client is to show that something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NotificationMode {
    /// As the server's default says.
    #[default]
    Default,
    /// Not at all.
    Hide,
    /// Show it.
    Show,
    /// Show it and sound.
    Sound,
}

impl NotificationMode {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Reads the number on the wire.
    pub fn of_number(number: i64) -> Option<Self> {
        [Self::Default, Self::Hide, Self::Show, Self::Sound]
            .into_iter()
            .find(|mode| i64::from(mode.number()) == number)
    }
}

/// What a client is to do when something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Show it.
    pub show: bool,
    /// Sound, too.
    pub sound: bool,
}

/// The layout of the board: what is shared fills the picture, with its presenter in front.
pub(crate) const BOARD_LAYOUT: &str = "screen-share";
