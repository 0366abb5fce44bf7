//! The room methods of this version, one row each. The table feeds the dispatcher, the docs and
//! the tests; the functions beside it only turn parameters into commands.

mod layout;
mod list;
mod mute;
mod params;

pub use params::Params;

use rotunda_domain::{Command, Refusal};

/// One method of the wire.
#[derive(Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The permission it needs, as the token lists it; the domain enforces it.
    pub permission: &'static str,
    /// Its parameters beside `room_session_id`, in words.
    pub params: &'static str,
    /// Parameters to command.
    pub(crate) read: fn(&Params<'_>) -> Result<Command, Refusal>,
}

/// Every method there is.
pub const METHODS: [Method; 7] = [
    Method {
        name: "video.members.get",
        doc: "Lists the members; audience is not among them.",
        permission: "none",
        params: "none",
        read: list::members,
    },
    Method {
        name: "video.list_available_layouts",
        doc: "Lists the names of the layouts.",
        permission: "room.list_available_layouts",
        params: "none",
        read: list::layouts,
    },
    Method {
        name: "video.set_layout",
        doc: "Arranges the canvas, and seats people in the same step.",
        permission: "room.set_layout; with positions room.set_position too",
        params: "name; positions? {member id or `self`: position}",
        read: layout::set,
    },
    Method {
        name: "video.member.audio_mute",
        doc: "Switches a microphone off.",
        permission: "room.self.audio_mute or room.member.audio_mute",
        params: "member_id? (the caller)",
        read: mute::audio_mute,
    },
    Method {
        name: "video.member.audio_unmute",
        doc: "Switches a microphone on.",
        permission: "room.self.audio_unmute or room.member.audio_unmute",
        params: "member_id? (the caller)",
        read: mute::audio_unmute,
    },
    Method {
        name: "video.member.video_mute",
        doc: "Switches a camera off.",
        permission: "room.self.video_mute or room.member.video_mute",
        params: "member_id? (the caller)",
        read: mute::video_mute,
    },
    Method {
        name: "video.member.video_unmute",
        doc: "Switches a camera on.",
        permission: "room.self.video_unmute or room.member.video_unmute, or the mute's",
        params: "member_id? (the caller)",
        read: mute::video_unmute,
    },
];

/// Methods the SDK calls that a later version brings; refused by name, so that nobody looks for a
/// mistake of their own.
pub const LATER: [&str; 44] = [
    "signalwire.subscribe",
    "video.delete_meta",
    "video.get_meta",
    "video.hide_video_muted",
    "video.lock",
    "video.member.deaf",
    "video.member.delete_meta",
    "video.member.demote",
    "video.member.get_meta",
    "video.member.lowerhand",
    "video.member.promote",
    "video.member.raisehand",
    "video.member.remove",
    "video.member.set_input_sensitivity",
    "video.member.set_input_volume",
    "video.member.set_meta",
    "video.member.set_output_volume",
    "video.member.set_position",
    "video.member.undeaf",
    "video.member.update_meta",
    "video.playback.list",
    "video.playback.pause",
    "video.playback.resume",
    "video.playback.seek_absolute",
    "video.playback.seek_relative",
    "video.playback.set_volume",
    "video.playback.start",
    "video.playback.stop",
    "video.prioritize_handraise",
    "video.recording.list",
    "video.recording.pause",
    "video.recording.resume",
    "video.recording.start",
    "video.recording.stop",
    "video.room.get",
    "video.rooms.get",
    "video.set_meta",
    "video.set_position",
    "video.show_video_muted",
    "video.stream.list",
    "video.stream.start",
    "video.stream.stop",
    "video.unlock",
    "video.update_meta",
];

/// The row of a method.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

#[cfg(test)]
#[path = "methods_tests.rs"]
mod tests;
