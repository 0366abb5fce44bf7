//! What a body says about a room, checked field by field; pure, so that every limit has a row in a
//! table of tests.

use crate::error::FieldError;
use crate::fields::{Change, Fields};
use rotunda_domain::layout::catalog;
use rotunda_domain::{ChatAccess, Quality, RoomSettings, limits};
use serde_json::{Map, Value};

/// Changes to a room. What a body leaves out stays; `null` puts a field back to its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomPatch {
    /// At most 200 characters; the name when cleared or empty.
    pub display_name: Change<String>,
    /// At most 3000 characters.
    pub description: Change<String>,
    /// 1–300.
    pub max_members: Change<u32>,
    /// `720p` or `1080p`.
    pub quality: Change<Quality>,
    /// Seconds since 1970 UTC.
    pub join_from: Change<i64>,
    /// Seconds since 1970 UTC.
    pub join_until: Change<i64>,
    /// Seconds since 1970 UTC.
    pub remove_at: Change<i64>,
    /// 1–200 000 seconds.
    pub remove_after_s: Change<u32>,
    /// One of the names a room may start with.
    pub layout: Change<String>,
    /// Record each session.
    pub record_on_start: Change<bool>,
    /// Offer previews.
    pub enable_room_previews: Change<bool>,
    /// Lip sync, under either of its two names.
    pub audio_video_sync: Change<bool>,
    /// At most 2000 characters when written.
    pub meta: Change<Map<String, Value>>,
    /// Better seats for raised hands.
    pub prioritize_handraise: Change<bool>,
    /// Tones at the door.
    pub tone_on_entry_and_exit: Change<bool>,
    /// Everybody comes in with the camera off.
    pub room_join_video_off: Change<bool>,
    /// The person comes in with the camera off.
    pub user_join_video_off: Change<bool>,
    /// Names in the picture; as the operator says when cleared.
    pub logos_visible: Change<bool>,
    /// Cameras stay on.
    pub blind_mode: Change<bool>,
    /// Microphones stay on.
    pub silent_mode: Change<bool>,
    /// No tones at the door.
    pub meeting_mode: Change<bool>,
    /// `off`, `members` or `all`.
    pub enable_chat: Change<ChatAccess>,
    /// Whoever comes waits until a host lets them in.
    pub lobby: Change<bool>,
}

/// Reads the body of a change. A `name` in it is ignored: names never change.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn read_room_body(body: &Map<String, Value>) -> Result<RoomPatch, Vec<FieldError>> {
    let (patch, errors) = examine_room_body(body);
    if errors.is_empty() { Ok(patch) } else { Err(errors) }
}

/// As [`read_room_body`], with what could be read even when something is wrong: only with the room
/// at hand can a change's effect on its window be judged, and all errors are to be told at once.
pub(crate) fn examine_room_body(body: &Map<String, Value>) -> (RoomPatch, Vec<FieldError>) {
    let mut fields = Fields::new(body);
    let patch = read(&mut fields);
    (patch, fields.into_errors())
}

/// Reads the body of a new room.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn read_new_room(body: &Map<String, Value>) -> Result<RoomSettings, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let name = fields.room_name("name", "Name").unwrap_or_default();
    let patch = read(&mut fields);
    let mut settings = RoomSettings::named(&name);
    let window = patch.apply(&mut settings);
    if let Err(error) = window {
        fields.refuse("join_until", error.code, error.message);
    }
    fields.done(settings)
}

fn read(fields: &mut Fields<'_>) -> RoomPatch {
    let layouts = catalog::room_names();
    // The seed's name wins when both are given.
    let sync = if fields.has("audio_video_sync") { "audio_video_sync" } else { "sync_audio_video" };
    RoomPatch {
        display_name: fields.text("display_name", limits::DISPLAY_NAME_CHARS),
        description: fields.text("description", limits::DESCRIPTION_CHARS),
        max_members: fields.number("max_members", limits::MAX_MEMBERS),
        quality: fields.choice("quality", &["720p", "1080p"], Quality::parse),
        join_from: fields.moment("join_from"),
        join_until: fields.moment("join_until"),
        remove_at: fields.moment("remove_at"),
        remove_after_s: fields.number("remove_after_seconds_elapsed", limits::REMOVE_AFTER_S),
        layout: fields
            .choice("layout", layouts, |name| layouts.contains(&name).then(|| name.to_owned())),
        record_on_start: fields.flag("record_on_start"),
        enable_room_previews: fields.flag("enable_room_previews"),
        audio_video_sync: fields.flag(sync),
        meta: fields.meta("meta"),
        prioritize_handraise: fields.flag("prioritize_handraise"),
        tone_on_entry_and_exit: fields.flag("tone_on_entry_and_exit"),
        room_join_video_off: fields.flag("room_join_video_off"),
        user_join_video_off: fields.flag("user_join_video_off"),
        logos_visible: fields.flag("logos_visible"),
        blind_mode: fields.flag("blind_mode"),
        silent_mode: fields.flag("silent_mode"),
        meeting_mode: fields.flag("meeting_mode"),
        enable_chat: fields.choice("enable_chat", ChatAccess::WORDS, ChatAccess::parse),
        lobby: fields.flag("lobby"),
    }
}

impl RoomPatch {
    /// Changes `room`.
    ///
    /// # Errors
    /// When this change makes `join_until` precede `join_from`, wherever the other of the two
    /// comes from; `room` is changed all the same, and is to be thrown away.
    pub fn apply(self, room: &mut RoomSettings) -> Result<(), FieldError> {
        let plain = RoomSettings::named(&room.name);
        let touches_window = self.join_from != Change::Keep || self.join_until != Change::Keep;
        self.display_name.apply(&mut room.display_name, plain.name.clone());
        if room.display_name.is_empty() {
            room.display_name.clone_from(&room.name);
        }
        self.description.apply_to_option(&mut room.description);
        self.max_members.apply(&mut room.max_members, plain.max_members);
        self.quality.apply(&mut room.quality, plain.quality);
        self.join_from.apply_to_option(&mut room.window.join_from);
        self.join_until.apply_to_option(&mut room.window.join_until);
        self.remove_at.apply_to_option(&mut room.window.remove_at);
        self.remove_after_s.apply_to_option(&mut room.window.remove_after_s);
        self.layout.apply(&mut room.layout, plain.layout);
        self.record_on_start.apply(&mut room.record_on_start, plain.record_on_start);
        self.enable_room_previews.apply(&mut room.enable_room_previews, plain.enable_room_previews);
        self.audio_video_sync.apply_to_option(&mut room.audio_video_sync);
        self.meta.apply_to_option(&mut room.meta);
        self.prioritize_handraise.apply(&mut room.prioritize_handraise, plain.prioritize_handraise);
        self.tone_on_entry_and_exit
            .apply(&mut room.tone_on_entry_and_exit, plain.tone_on_entry_and_exit);
        self.room_join_video_off.apply(&mut room.room_join_video_off, plain.room_join_video_off);
        self.user_join_video_off.apply(&mut room.user_join_video_off, plain.user_join_video_off);
        self.logos_visible.apply_to_option(&mut room.logos_visible);
        self.blind_mode.apply(&mut room.blind_mode, plain.blind_mode);
        self.silent_mode.apply(&mut room.silent_mode, plain.silent_mode);
        self.meeting_mode.apply(&mut room.meeting_mode, plain.meeting_mode);
        self.enable_chat.apply(&mut room.enable_chat, plain.enable_chat);
        self.lobby.apply(&mut room.lobby, plain.lobby);
        if touches_window { check_window(room.window) } else { Ok(()) }
    }
}

/// Refuses a window that closes before it opens.
pub(crate) fn check_window(window: rotunda_domain::Window) -> Result<(), FieldError> {
    match (window.join_from, window.join_until) {
        (Some(from), Some(until)) if until < from => Err(FieldError::new(
            "join_until",
            "invalid_join_until_date",
            "join_until must not be earlier than join_from",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "room_body_tests.rs"]
mod tests;
