//! Reads what a script's lines say. A line it does not understand is a mistake in the script.

use crate::fixtures::OPENED_S;
use rotunda_domain::{Grant, JoinAs, MediaAllowed, Permissions, RoomSettings, Window};

/// `3s` or `250ms`.
pub fn ms(text: &str) -> u64 {
    let number = |digits: &str| digits.parse::<u64>().expect("a number");
    match text.strip_suffix("ms") {
        Some(digits) => number(digits),
        None => number(text.strip_suffix('s').expect("a time such as 3s or 250ms")) * 1000,
    }
}

fn seconds(text: &str) -> u32 {
    u32::try_from(ms(text) / 1000).expect("a short time")
}

pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A part that both rooms and tokens have; answers whether it was one.
fn window(part: &str, window: &mut Window) -> bool {
    let at = |text| Some(OPENED_S + i64::from(seconds(text)));
    if let Some(text) = part.strip_prefix("from ") {
        window.join_from = at(text);
    } else if let Some(text) = part.strip_prefix("until ") {
        window.join_until = at(text);
    } else if let Some(text) = part.strip_prefix("removed at ") {
        window.remove_at = at(text);
    } else if let Some(text) = part.strip_prefix("removed after ") {
        window.remove_after_s = Some(seconds(text));
    } else {
        return false;
    }
    true
}

/// `max 3, layout 2x2, room video off, own video off, recorded, tones, blind mode`, and times.
pub fn room(text: &str, room: &mut RoomSettings) {
    for part in parts(text) {
        if window(part, &mut room.window) {
            continue;
        }
        match part.split_once(' ') {
            Some(("max", number)) => room.max_members = number.parse().expect("a number"),
            Some(("layout", name)) => room.layout = name.into(),
            _ if part == "room video off" => room.room_join_video_off = true,
            _ if part == "own video off" => room.user_join_video_off = true,
            _ if part == "recorded" => room.record_on_start = true,
            _ if part == "tones" => room.tone_on_entry_and_exit = true,
            Some(("meeting", "mode")) => room.meeting_mode = true,
            Some(("blind", "mode")) => room.blind_mode = true,
            Some(("silent", "mode")) => room.silent_mode = true,
            _ => panic!("what does a room have to do with {part:?}?"),
        }
    }
}

/// Somebody who comes by WHIP or WHEP, without a connection.
pub const ALONE: &str = "with an offer alone";

/// What the token says; answers whether the client keeps a roster.
pub fn grant(text: &str, grant: &mut Grant) -> bool {
    let mut wants_roster = false;
    for part in parts(text) {
        if window(part, &mut grant.window) {
            continue;
        }
        match part {
            "as audience" => grant.join_as = JoinAs::Audience,
            "audio-only" => grant.media_allowed = MediaAllowed::AudioOnly,
            "keeps a roster" => wants_roster = true,
            "audio off" => grant.join_audio_muted = true,
            "video off" => grant.join_video_muted = true,
            "ends all" => grant.end_room_session_on_leave = true,
            ALONE => {}
            "removed when time ends" => grant.window.remove_at = Some(i64::MAX),
            _ if part.starts_with("with the token of ") => {
                grant.token_id = part["with the ".len()..].to_owned();
            }
            _ => {
                let names = part.strip_prefix("may ").unwrap_or_else(|| panic!("token: {part:?}?"));
                grant.permissions = permissions(names);
            }
        }
    }
    wants_roster
}

/// `nothing`, or names with spaces between.
pub fn permissions(names: &str) -> Permissions {
    let names = names.split(' ').filter(|name| *name != "nothing").map(str::to_owned);
    Permissions::from_list(names.collect())
}
