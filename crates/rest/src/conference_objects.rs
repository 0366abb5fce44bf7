//! Conferences and their tokens as answers, key for key.

use crate::dates::{write, write_ms};
use crate::objects::ActiveSession;
use rotunda_domain::{ChatAccess, Conference, Theme};
use rotunda_hub::ConferenceTokenRow;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// The colours of a conference's page, each `#` and six hex digits.
#[derive(Serialize, ToSchema)]
#[schema(as = ConferenceTheme)]
pub(crate) struct ThemeObject {
    dark_primary: String,
    dark_background: String,
    dark_foreground: String,
    dark_success: String,
    dark_negative: String,
    light_primary: String,
    light_background: String,
    light_foreground: String,
    light_success: String,
    light_negative: String,
}

impl ThemeObject {
    pub(crate) fn new(theme: &Theme) -> Self {
        let of = |name: &str| {
            let found = theme.iter().find(|(known, _)| *known == name);
            found.map(|(_, colour)| colour.to_owned()).unwrap_or_default()
        };
        Self {
            dark_primary: of("dark_primary"),
            dark_background: of("dark_background"),
            dark_foreground: of("dark_foreground"),
            dark_success: of("dark_success"),
            dark_negative: of("dark_negative"),
            light_primary: of("light_primary"),
            light_background: of("light_background"),
            light_foreground: of("light_foreground"),
            light_success: of("light_success"),
            light_negative: of("light_negative"),
        }
    }
}

/// A conference.
#[derive(Serialize, ToSchema)]
#[schema(as = Conference)]
pub(crate) struct ConferenceObject {
    id: Uuid,
    /// Allowed characters: A-Za-z0-9_-
    name: String,
    display_name: String,
    description: Option<String>,
    join_from: Option<String>,
    join_until: Option<String>,
    /// `720p` or `1080p`.
    quality: &'static str,
    layout: String,
    /// `small` (10 members), `medium` (50) or `large` (300).
    size: &'static str,
    record_on_start: bool,
    tone_on_entry_and_exit: bool,
    user_join_video_off: bool,
    room_join_video_off: bool,
    enable_chat: bool,
    enable_room_previews: bool,
    #[serde(flatten)]
    theme: ThemeObject,
    #[schema(value_type = Option<Object>)]
    meta: Option<Map<String, Value>>,
    created_at: String,
    updated_at: String,
    /// Only where it was asked for, and in the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActiveSession>)]
    active_session: Option<Option<ActiveSession>>,
}

impl ConferenceObject {
    pub(crate) fn new(conference: Conference, active: Option<Option<ActiveSession>>) -> Self {
        let (room, settings) = (&conference.room, conference.room.settings.clone());
        Self {
            id: room.id.0,
            name: settings.name,
            display_name: settings.display_name,
            description: settings.description,
            join_from: settings.window.join_from.map(write),
            join_until: settings.window.join_until.map(write),
            quality: settings.quality.as_str(),
            layout: settings.layout,
            size: conference.size.as_str(),
            record_on_start: settings.record_on_start,
            tone_on_entry_and_exit: settings.tone_on_entry_and_exit,
            user_join_video_off: settings.user_join_video_off,
            room_join_video_off: settings.room_join_video_off,
            enable_chat: settings.enable_chat != ChatAccess::Off,
            enable_room_previews: settings.enable_room_previews,
            theme: ThemeObject::new(&conference.theme),
            meta: settings.meta,
            created_at: write_ms(room.created_at_ms),
            updated_at: write_ms(room.updated_at_ms),
            active_session: active,
        }
    }
}

/// Lets in whoever has it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConferenceToken)]
pub(crate) struct ConferenceTokenObject {
    id: Uuid,
    /// `moderator` or `guest`.
    name: &'static str,
    /// `vpt_` and 32 hex digits: for the prebuilt widget and for links to the conference's page.
    token: String,
    /// What whoever comes by it may do.
    scopes: Vec<String>,
}

impl ConferenceTokenObject {
    pub(crate) fn new(row: ConferenceTokenRow) -> Self {
        Self {
            id: row.id.0,
            name: row.role.as_str(),
            token: row.token,
            scopes: row.role.permissions().as_slice().to_vec(),
        }
    }
}
