//! The durable room: its name, its window of validity and what each of its sessions starts with.

use crate::chat::ChatAccess;
use crate::id::{ProjectId, RoomId};
use crate::layout::Size;
use crate::limits;
use serde_json::{Map, Value};

/// Resolution of a room's canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quality {
    /// 1280×720.
    #[default]
    P720,
    /// 1920×1080.
    P1080,
}

impl Quality {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P720 => "720p",
            Self::P1080 => "1080p",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "720p" => Some(Self::P720),
            "1080p" => Some(Self::P1080),
            _ => None,
        }
    }

    /// How large a landscape canvas is.
    pub fn size(self) -> Size {
        match self {
            Self::P720 => Size { width: 1280, height: 720 },
            Self::P1080 => Size { width: 1920, height: 1080 },
        }
    }
}

/// When people may come and when they must go; a token's value replaces the room's, field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Window {
    /// Nobody new before this, seconds since 1970 UTC.
    pub join_from: Option<i64>,
    /// Nobody new from this on; those inside stay.
    pub join_until: Option<i64>,
    /// Everybody (room) or this one (token) is removed at this time.
    pub remove_at: Option<i64>,
    /// Each person is removed this many seconds after joining.
    pub remove_after_s: Option<u32>,
}

impl Window {
    /// This window with every field that `over` sets taken from it.
    pub fn overridden_by(self, over: Window) -> Window {
        Window {
            join_from: over.join_from.or(self.join_from),
            join_until: over.join_until.or(self.join_until),
            remove_at: over.remove_at.or(self.remove_at),
            remove_after_s: over.remove_after_s.or(self.remove_after_s),
        }
    }

    /// Whether someone may come in at `epoch_s`.
    pub fn admits(&self, epoch_s: i64) -> bool {
        self.join_from.is_none_or(|from| epoch_s >= from)
            && self.join_until.is_none_or(|until| epoch_s < until)
            && self.remove_at.is_none_or(|at| epoch_s < at)
    }
}

/// What an application may say about a room; every session starts from a copy of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSettings {
    /// Unique within the project; `A-Za-z0-9_-`, 1–100 characters.
    pub name: String,
    /// For people; the name when nothing else was given.
    pub display_name: String,
    /// Free text, at most 3000 characters.
    pub description: Option<String>,
    /// Members at a time; audience, screen shares and devices do not count.
    pub max_members: u32,
    /// Resolution of the canvas.
    pub quality: Quality,
    /// Joining and removal times.
    pub window: Window,
    /// Name of the initial layout, one of the catalogue's.
    pub layout: String,
    /// Start a recording with each session.
    pub record_on_start: bool,
    /// Offer a preview picture of each session.
    pub enable_room_previews: bool,
    /// Align each member's sound and picture; `None` is unset and behaves as off.
    pub audio_video_sync: Option<bool>,
    /// The application's own words about the room.
    pub meta: Option<Map<String, Value>>,
    /// Raised hands take the better seats.
    pub prioritize_handraise: bool,
    /// Play a short tone when someone comes or goes.
    pub tone_on_entry_and_exit: bool,
    /// Whoever comes in does so with the camera off.
    pub room_join_video_off: bool,
    /// The same, under the name for a person's own camera; either is enough.
    pub user_join_video_off: bool,
    /// Write each member's name into their cell; `None` is as the operator says.
    pub logos_visible: Option<bool>,
    /// Cameras may not be switched off.
    pub blind_mode: bool,
    /// Microphones may not be switched off.
    pub silent_mode: bool,
    /// No tones at the door, whatever `tone_on_entry_and_exit` says.
    pub meeting_mode: bool,
    /// For whom the chat is.
    pub enable_chat: ChatAccess,
    /// Whoever comes waits until a host lets them in.
    pub lobby: bool,
}

impl RoomSettings {
    /// The settings of a room about which only its name is known.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            display_name: name.clone(),
            name,
            description: None,
            max_members: limits::DEFAULT_MAX_MEMBERS,
            quality: Quality::default(),
            window: Window::default(),
            layout: crate::layout::DEFAULT.into(),
            record_on_start: false,
            enable_room_previews: false,
            audio_video_sync: None,
            meta: None,
            prioritize_handraise: false,
            tone_on_entry_and_exit: true,
            room_join_video_off: false,
            user_join_video_off: false,
            logos_visible: None,
            blind_mode: false,
            silent_mode: false,
            meeting_mode: false,
            enable_chat: ChatAccess::default(),
            lobby: false,
        }
    }

    /// Whether whoever comes in to take part does so with the camera off.
    pub fn joins_with_video_off(&self) -> bool {
        self.room_join_video_off || self.user_join_video_off
    }

    /// Whether those inside hear that somebody comes or goes.
    pub fn has_tones(&self) -> bool {
        self.tone_on_entry_and_exit && !self.meeting_mode
    }
}

/// A stored room.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// Its identity; never reused.
    pub id: RoomId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// What it is like.
    pub settings: RoomSettings,
    /// Creation time, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Time of the last change, milliseconds since 1970 UTC.
    pub updated_at_ms: i64,
}

/// Whether `text` is a legal room name.
pub fn is_room_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::NAME_CHARS
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
