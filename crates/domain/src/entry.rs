//! Whether someone may come in at all, before a session is asked.

use crate::grant::Grant;
use crate::refusal::Refusal;
use crate::room::RoomSettings;
use crate::time::Now;

/// Checks window, then existence, in that order (REST reference §6, join checks); lock and capacity
/// are the session's.
///
/// # Errors
/// `NotPermitted` outside the window, `NotFound` when there is no room and the token may not make
/// one.
pub fn check(now: Now, room: Option<&RoomSettings>, grant: &Grant) -> Result<(), Refusal> {
    let of_room = room.map(|room| room.window).unwrap_or_default();
    if !of_room.overridden_by(grant.window).admits(now.epoch_s()) {
        return Err(Refusal::NotPermitted);
    }
    if room.is_none() && !grant.auto_create_room {
        return Err(Refusal::NotFound("Room not found"));
    }
    Ok(())
}

/// The room a token makes when there is none: defaults plus what the token says.
pub fn room_from(grant: &Grant) -> RoomSettings {
    let mut settings = RoomSettings::named(&grant.room_name);
    if let Some(name) = &grant.room_display_name {
        settings.display_name.clone_from(name);
    }
    settings.enable_room_previews = grant.enable_room_previews;
    settings.audio_video_sync = grant.audio_video_sync.then_some(true);
    if !grant.room_meta.is_empty() {
        settings.meta = Some(grant.room_meta.clone());
    }
    settings
}
