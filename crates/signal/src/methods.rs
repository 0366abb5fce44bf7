//! The room methods of this version, one row each. The table feeds the dispatcher, the docs and
//! the tests; the functions beside it only turn parameters into commands.

mod layout;
mod list;
mod meta;
mod mute;
mod order;
mod params;
mod roles;
mod sound;

pub(crate) use layout::positions;
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
pub const METHODS: [Method; 33] = [
    Method {
        name: "video.room.get",
        doc: "Describes the session, its members included.",
        permission: "an API token",
        params: "none",
        read: list::session,
    },
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
        name: "video.set_position",
        doc: "Seats several people at once.",
        permission: "room.set_position",
        params: "positions {member id or `self`: position}",
        read: layout::set_positions,
    },
    Method {
        name: "video.member.set_position",
        doc: "Seats somebody.",
        permission: "room.self.set_position or room.member.set_position",
        params: "member_id? (the caller); position",
        read: layout::set_position,
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
    Method {
        name: "video.member.deaf",
        doc: "Stops somebody's hearing, and their microphone.",
        permission: "room.self.deaf or room.member.deaf",
        params: "member_id? (the caller)",
        read: sound::deaf,
    },
    Method {
        name: "video.member.undeaf",
        doc: "Resumes somebody's hearing, and their microphone.",
        permission: "room.self.undeaf or room.member.undeaf, or deaf's",
        params: "member_id? (the caller)",
        read: sound::undeaf,
    },
    Method {
        name: "video.member.set_input_volume",
        doc: "Sets how loud somebody is heard.",
        permission: "room.self.set_input_volume or room.member.set_input_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        read: sound::input_volume,
    },
    Method {
        name: "video.member.set_output_volume",
        doc: "Sets how loud somebody hears.",
        permission: "room.self.set_output_volume or room.member.set_output_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        read: sound::output_volume,
    },
    Method {
        name: "video.member.set_input_sensitivity",
        doc: "Sets how easily somebody is taken to speak.",
        permission: "room.self.set_input_sensitivity or room.member.set_input_sensitivity",
        params: "member_id? (the caller); value 0 to 100",
        read: sound::sensitivity,
    },
    Method {
        name: "video.member.remove",
        doc: "Removes somebody, or everybody.",
        permission: "room.member.remove",
        params: "member_id (or `all`)",
        read: order::remove,
    },
    Method {
        name: "video.member.raisehand",
        doc: "Raises a hand.",
        permission: "room.self.raisehand or room.member.raisehand",
        params: "member_id? (the caller)",
        read: order::raise_hand,
    },
    Method {
        name: "video.member.lowerhand",
        doc: "Lowers a hand.",
        permission: "room.self.lowerhand or room.member.lowerhand",
        params: "member_id? (the caller)",
        read: order::lower_hand,
    },
    Method {
        name: "video.prioritize_handraise",
        doc: "Gives raised hands the better seats, or not.",
        permission: "room.prioritize_handraise",
        params: "enable",
        read: order::prioritize,
    },
    Method {
        name: "video.hide_video_muted",
        doc: "Takes those with the camera off from the canvas.",
        permission: "room.hide_video_muted",
        params: "none",
        read: order::hide_muted,
    },
    Method {
        name: "video.show_video_muted",
        doc: "Shows those with the camera off.",
        permission: "room.show_video_muted",
        params: "none",
        read: order::show_muted,
    },
    Method {
        name: "video.lock",
        doc: "Keeps newcomers out.",
        permission: "room.lock",
        params: "none",
        read: order::lock,
    },
    Method {
        name: "video.unlock",
        doc: "Lets newcomers in again.",
        permission: "room.unlock",
        params: "none",
        read: order::unlock,
    },
    Method {
        name: "video.get_meta",
        doc: "Reads the room's meta.",
        permission: "none",
        params: "none",
        read: meta::get,
    },
    Method {
        name: "video.set_meta",
        doc: "Replaces the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        read: meta::set,
    },
    Method {
        name: "video.update_meta",
        doc: "Puts keys into the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        read: meta::update,
    },
    Method {
        name: "video.delete_meta",
        doc: "Takes keys out of the room's meta.",
        permission: "room.set_meta",
        params: "keys []",
        read: meta::delete,
    },
    Method {
        name: "video.member.get_meta",
        doc: "Reads a member's meta.",
        permission: "none",
        params: "member_id? (the caller)",
        read: meta::get_of_member,
    },
    Method {
        name: "video.member.set_meta",
        doc: "Replaces a member's meta.",
        permission: "room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        read: meta::set_of_member,
    },
    Method {
        name: "video.member.update_meta",
        doc: "Puts keys into a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        read: meta::update_of_member,
    },
    Method {
        name: "video.member.delete_meta",
        doc: "Takes keys out of a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); keys []",
        read: meta::delete_of_member,
    },
    Method {
        name: "video.member.promote",
        doc: "Lets somebody who looks on take part.",
        permission: "room.member.promote",
        params: "member_id; media_allowed?, join_audio_muted?, join_video_muted?, meta?, permissions?",
        read: roles::promote,
    },
    Method {
        name: "video.member.demote",
        doc: "Lets somebody who takes part look on only.",
        permission: "room.member.demote",
        params: "member_id? (the caller); media_allowed?",
        read: roles::demote,
    },
];

/// Methods the SDK calls that a later version brings; refused by name, so that nobody looks for a
/// mistake of their own.
pub const LATER: [&str; 16] = [
    "video.playback.list",
    "video.playback.pause",
    "video.playback.resume",
    "video.playback.seek_absolute",
    "video.playback.seek_relative",
    "video.playback.set_volume",
    "video.playback.start",
    "video.playback.stop",
    "video.recording.list",
    "video.recording.pause",
    "video.recording.resume",
    "video.recording.start",
    "video.recording.stop",
    "video.stream.list",
    "video.stream.start",
    "video.stream.stop",
];

/// The row of a method.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

#[cfg(test)]
#[path = "methods_tests.rs"]
mod tests;
