//! The room methods of this version, one row each. The table feeds the dispatcher, the docs and
//! the tests; the functions beside it only turn parameters into commands.

mod layout;
mod list;
mod meta;
mod moderation;
mod mute;
mod params;
mod playback;
mod recording;
mod roles;
mod sound;
mod stream;

pub(crate) use layout::positions;
pub use params::Params;

use rotunda_domain::command::Target;
use rotunda_domain::{Asked, Command, Refusal};

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
    /// The SDK's method that calls it.
    pub sdk: &'static str,
    /// What is told because of it, and which fields it says changed.
    pub event: &'static str,
    /// The file of `tests/e2e`, without `.test.mjs`, in which its effect is seen and heard.
    pub test: &'static str,
    /// What is asked before the parameters are looked at.
    pub(crate) asks: Asks,
    /// Parameters to command.
    pub(crate) read: fn(&Params<'_>) -> Result<Command, Refusal>,
}

/// The right a method needs, for when its parameters cannot be read: who may not ask at all is told
/// that first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    /// All of these of the room; none is nobody's to refuse.
    Room(&'static [&'static str]),
    /// The same, and to seat people where positions name any.
    RoomAndSeats(&'static str),
    /// The same, but that whatever comes with them may be seated by whoever brings it.
    RoomAndOthersSeats(&'static str),
    /// Of a member.
    Member(&'static str),
    /// Of others only.
    Another(&'static str),
    /// To replace a member's meta.
    Meta,
    /// To change some of it.
    SomeMeta,
}

impl Asks {
    fn of(self, params: &Params<'_>) -> Asked {
        let target = || params.target().unwrap_or(Target::Nobody);
        match self {
            Self::Room(verbs) => Asked::OfRoom(verbs.to_vec()),
            Self::RoomAndSeats(verb) => with_seats(verb, layout::seats(params, |_| true)),
            Self::RoomAndOthersSeats(verb) => {
                with_seats(verb, layout::seats(params, |who| who != "self"))
            }
            Self::Member(verb) => Asked::OfMember(verb, target()),
            Self::Another(verb) => Asked::OfAnother(verb),
            Self::Meta => Asked::MetaOf { target: target(), replaces: true },
            Self::SomeMeta => Asked::MetaOf { target: target(), replaces: false },
        }
    }
}

fn with_seats(verb: &'static str, seats: bool) -> Asked {
    let seats = seats.then_some("set_position");
    Asked::OfRoom([verb].into_iter().chain(seats).collect())
}

impl Method {
    /// What a request with these parameters asks for.
    pub(crate) fn command(&self, params: &Params<'_>) -> Command {
        let misread = |refusal| Command::Misread(self.asks.of(params), refusal);
        (self.read)(params).unwrap_or_else(misread)
    }
}

/// Every method there is.
pub const METHODS: [Method; 49] = [
    Method {
        name: "video.room.get",
        doc: "Describes the session, its members included.",
        permission: "an API token",
        params: "none",
        sdk: "getRoomSessionById",
        event: "none",
        test: "node",
        asks: Asks::Room(&[]),
        read: list::session,
    },
    Method {
        name: "video.members.get",
        doc: "Lists the members; audience is not among them.",
        permission: "none",
        params: "none",
        sdk: "getMembers",
        event: "none",
        test: "legs",
        asks: Asks::Room(&[]),
        read: list::members,
    },
    Method {
        name: "video.list_available_layouts",
        doc: "Lists the names of the layouts.",
        permission: "room.list_available_layouts",
        params: "none",
        sdk: "getLayouts",
        event: "none",
        test: "layout",
        asks: Asks::Room(&["list_available_layouts"]),
        read: list::layouts,
    },
    Method {
        name: "video.set_layout",
        doc: "Arranges the canvas, and seats people in the same step.",
        permission: "room.set_layout; with positions room.set_position too",
        params: "name; positions? {member id or `self`: position}",
        sdk: "setLayout",
        event: "layout.changed; room.updated [layout_name]",
        test: "layout",
        asks: Asks::RoomAndSeats("set_layout"),
        read: layout::set,
    },
    Method {
        name: "video.set_position",
        doc: "Seats several people at once.",
        permission: "room.set_position",
        params: "positions {member id or `self`: position}",
        sdk: "setPositions",
        event: "member.updated [requested_position]; layout.changed",
        test: "methods",
        asks: Asks::Room(&["set_position"]),
        read: layout::set_positions,
    },
    Method {
        name: "video.member.set_position",
        doc: "Seats somebody.",
        permission: "room.self.set_position or room.member.set_position",
        params: "member_id? (the caller); position",
        sdk: "setMemberPosition",
        event: "member.updated [requested_position]; layout.changed",
        test: "methods",
        asks: Asks::Member("set_position"),
        read: layout::set_position,
    },
    Method {
        name: "video.member.audio_mute",
        doc: "Switches a microphone off.",
        permission: "room.self.audio_mute or room.member.audio_mute",
        params: "member_id? (the caller)",
        sdk: "audioMute",
        event: "member.updated [audio_muted]",
        test: "mute",
        asks: Asks::Member("audio_mute"),
        read: mute::audio_mute,
    },
    Method {
        name: "video.member.audio_unmute",
        doc: "Switches a microphone on.",
        permission: "room.self.audio_unmute or room.member.audio_unmute",
        params: "member_id? (the caller)",
        sdk: "audioUnmute",
        event: "member.updated [audio_muted]",
        test: "mute",
        asks: Asks::Member("audio_unmute"),
        read: mute::audio_unmute,
    },
    Method {
        name: "video.member.video_mute",
        doc: "Switches a camera off.",
        permission: "room.self.video_mute or room.member.video_mute",
        params: "member_id? (the caller)",
        sdk: "videoMute",
        event: "member.updated [video_muted, visible]; layout.changed",
        test: "mute",
        asks: Asks::Member("video_mute"),
        read: mute::video_mute,
    },
    Method {
        name: "video.member.video_unmute",
        doc: "Switches a camera on.",
        permission: "room.self.video_unmute or room.member.video_unmute, or the mute's",
        params: "member_id? (the caller)",
        sdk: "videoUnmute",
        event: "member.updated [video_muted, visible]; layout.changed",
        test: "mute",
        asks: Asks::Member("video_unmute"),
        read: mute::video_unmute,
    },
    Method {
        name: "video.member.deaf",
        doc: "Stops somebody's hearing, and their microphone.",
        permission: "room.self.deaf or room.member.deaf",
        params: "member_id? (the caller)",
        sdk: "deaf",
        event: "member.updated [deaf, audio_muted]",
        test: "sound",
        asks: Asks::Member("deaf"),
        read: sound::deaf,
    },
    Method {
        name: "video.member.undeaf",
        doc: "Resumes somebody's hearing, and their microphone.",
        permission: "room.self.undeaf or room.member.undeaf, or deaf's",
        params: "member_id? (the caller)",
        sdk: "undeaf",
        event: "member.updated [deaf, audio_muted]",
        test: "sound",
        asks: Asks::Member("undeaf"),
        read: sound::undeaf,
    },
    Method {
        name: "video.member.set_input_volume",
        doc: "Sets how loud somebody is heard.",
        permission: "room.self.set_input_volume or room.member.set_input_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        sdk: "setInputVolume",
        event: "member.updated [input_volume]",
        test: "sound",
        asks: Asks::Member("set_input_volume"),
        read: sound::input_volume,
    },
    Method {
        name: "video.member.set_output_volume",
        doc: "Sets how loud somebody hears.",
        permission: "room.self.set_output_volume or room.member.set_output_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        sdk: "setOutputVolume",
        event: "member.updated [output_volume]",
        test: "sound",
        asks: Asks::Member("set_output_volume"),
        read: sound::output_volume,
    },
    Method {
        name: "video.member.set_input_sensitivity",
        doc: "Sets how easily somebody is taken to speak.",
        permission: "room.self.set_input_sensitivity or room.member.set_input_sensitivity",
        params: "member_id? (the caller); value 0 to 100",
        sdk: "setInputSensitivity",
        event: "member.updated [input_sensitivity]",
        test: "sound",
        asks: Asks::Member("set_input_sensitivity"),
        read: sound::sensitivity,
    },
    Method {
        name: "video.member.remove",
        doc: "Removes somebody, or everybody.",
        permission: "room.member.remove",
        params: "member_id (or `all`)",
        sdk: "removeMember",
        event: "member.left; layout.changed; of `all` room.ended",
        test: "methods",
        asks: Asks::Another("remove"),
        read: moderation::remove,
    },
    Method {
        name: "video.member.raisehand",
        doc: "Raises a hand.",
        permission: "room.self.raisehand or room.member.raisehand",
        params: "member_id? (the caller)",
        sdk: "setRaisedHand",
        event: "member.updated [handraised]; layout.changed if hands count",
        test: "methods",
        asks: Asks::Member("raisehand"),
        read: moderation::raise_hand,
    },
    Method {
        name: "video.member.lowerhand",
        doc: "Lowers a hand.",
        permission: "room.self.lowerhand or room.member.lowerhand",
        params: "member_id? (the caller)",
        sdk: "setRaisedHand",
        event: "member.updated [handraised]; layout.changed if hands count",
        test: "methods",
        asks: Asks::Member("lowerhand"),
        read: moderation::lower_hand,
    },
    Method {
        name: "video.prioritize_handraise",
        doc: "Gives raised hands the better seats, or not.",
        permission: "room.prioritize_handraise",
        params: "enable",
        sdk: "setPrioritizeHandraise",
        event: "room.updated [prioritize_handraise]; layout.changed",
        test: "methods",
        asks: Asks::Room(&["prioritize_handraise"]),
        read: moderation::prioritize,
    },
    Method {
        name: "video.hide_video_muted",
        doc: "Takes those with the camera off from the canvas.",
        permission: "room.hide_video_muted",
        params: "none",
        sdk: "hideVideoMuted",
        event: "room.updated [hide_video_muted]; layout.changed",
        test: "methods",
        asks: Asks::Room(&["hide_video_muted"]),
        read: moderation::hide_muted,
    },
    Method {
        name: "video.show_video_muted",
        doc: "Shows those with the camera off.",
        permission: "room.show_video_muted",
        params: "none",
        sdk: "showVideoMuted",
        event: "room.updated [hide_video_muted]; layout.changed",
        test: "methods",
        asks: Asks::Room(&["show_video_muted"]),
        read: moderation::show_muted,
    },
    Method {
        name: "video.lock",
        doc: "Keeps newcomers out.",
        permission: "room.lock",
        params: "none",
        sdk: "lock",
        event: "room.updated [locked]",
        test: "methods",
        asks: Asks::Room(&[]),
        read: moderation::lock,
    },
    Method {
        name: "video.unlock",
        doc: "Lets newcomers in again.",
        permission: "room.unlock",
        params: "none",
        sdk: "unlock",
        event: "room.updated [locked]",
        test: "methods",
        asks: Asks::Room(&[]),
        read: moderation::unlock,
    },
    Method {
        name: "video.get_meta",
        doc: "Reads the room's meta.",
        permission: "none",
        params: "none",
        sdk: "getMeta",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[]),
        read: meta::get,
    },
    Method {
        name: "video.set_meta",
        doc: "Replaces the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        sdk: "setMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&["set_meta"]),
        read: meta::set,
    },
    Method {
        name: "video.update_meta",
        doc: "Puts keys into the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        sdk: "updateMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&["set_meta"]),
        read: meta::update,
    },
    Method {
        name: "video.delete_meta",
        doc: "Takes keys out of the room's meta.",
        permission: "room.set_meta",
        params: "keys []",
        sdk: "deleteMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&["set_meta"]),
        read: meta::delete,
    },
    Method {
        name: "video.member.get_meta",
        doc: "Reads a member's meta.",
        permission: "none",
        params: "member_id? (the caller)",
        sdk: "getMemberMeta",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[]),
        read: meta::get_of_member,
    },
    Method {
        name: "video.member.set_meta",
        doc: "Replaces a member's meta.",
        permission: "room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        sdk: "setMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::Meta,
        read: meta::set_of_member,
    },
    Method {
        name: "video.member.update_meta",
        doc: "Puts keys into a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        sdk: "updateMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::SomeMeta,
        read: meta::update_of_member,
    },
    Method {
        name: "video.member.delete_meta",
        doc: "Takes keys out of a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); keys []",
        sdk: "deleteMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::SomeMeta,
        read: meta::delete_of_member,
    },
    Method {
        name: "video.member.promote",
        doc: "Lets somebody who looks on take part.",
        permission: "room.member.promote",
        params: "member_id; media_allowed?, join_audio_muted?, join_video_muted?, meta?, permissions?",
        sdk: "promote",
        event: "member.promoted to them; member.joined; layout.changed; room.audience_count",
        test: "roles",
        asks: Asks::Another("promote"),
        read: roles::promote,
    },
    Method {
        name: "video.member.demote",
        doc: "Lets somebody who takes part look on only.",
        permission: "room.member.demote",
        params: "member_id? (the caller); media_allowed?",
        sdk: "demote",
        event: "member.demoted to them; member.left; layout.changed; room.audience_count",
        test: "roles",
        asks: Asks::Another("demote"),
        read: roles::demote,
    },
    Method {
        name: "video.recording.list",
        doc: "Lists the session's recordings, those that are over too.",
        permission: "room.recording",
        params: "none",
        sdk: "getRecordings",
        event: "none",
        test: "recording",
        asks: Asks::Room(&["recording"]),
        read: recording::list,
    },
    Method {
        name: "video.recording.start",
        doc: "Records the session, until it ends or the recording is stopped.",
        permission: "room.recording",
        params: "none",
        sdk: "startRecording",
        event: "recording.started; room.updated [recording]",
        test: "recording",
        asks: Asks::Room(&["recording"]),
        read: recording::start,
    },
    Method {
        name: "video.recording.pause",
        doc: "Leaves out what follows.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "pause",
        event: "recording.updated",
        test: "recording",
        asks: Asks::Room(&["recording"]),
        read: recording::pause,
    },
    Method {
        name: "video.recording.resume",
        doc: "Goes on recording.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "resume",
        event: "recording.updated",
        test: "recording",
        asks: Asks::Room(&["recording"]),
        read: recording::resume,
    },
    Method {
        name: "video.recording.stop",
        doc: "Ends a recording; its file can be downloaded by REST.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "stop",
        event: "recording.ended; room.updated [recording]",
        test: "recording",
        asks: Asks::Room(&["recording"]),
        read: recording::stop,
    },
    Method {
        name: "video.stream.list",
        doc: "Lists the streams that run.",
        permission: "room.stream",
        params: "none",
        sdk: "getStreams",
        event: "none",
        test: "stream",
        asks: Asks::Room(&["stream"]),
        read: stream::list,
    },
    Method {
        name: "video.stream.start",
        doc: "Sends the session to an RTMP server, until it ends or the stream is stopped.",
        permission: "room.stream or room.stream.start",
        params: "url (rtmp, rtmps; at most 800 bytes)",
        sdk: "startStream",
        event: "stream.started; room.updated [streaming]",
        test: "stream",
        asks: Asks::Room(&["stream.start"]),
        read: stream::start,
    },
    Method {
        name: "video.stream.stop",
        doc: "Ends a stream.",
        permission: "room.stream",
        params: "stream_id",
        sdk: "stop",
        event: "stream.ended; room.updated [streaming]",
        test: "stream",
        asks: Asks::Room(&["stream"]),
        read: stream::stop,
    },
    Method {
        name: "video.playback.start",
        doc: "Plays something into the room.",
        permission: "room.playback; to seat others room.set_position too",
        params: "url (http, https, rtmp, rtmps); volume? -50 to 50 dB (0); seek_position? ms (0); positions? {member id or `self`, the playback: position}; layout?",
        sdk: "play",
        event: "playback.started; layout.changed",
        test: "playback",
        asks: Asks::RoomAndOthersSeats("playback"),
        read: playback::start,
    },
    Method {
        name: "video.playback.list",
        doc: "Lists the playbacks, those that are over too.",
        permission: "room.playback",
        params: "none",
        sdk: "getPlaybacks",
        event: "none",
        test: "playback",
        asks: Asks::Room(&["playback"]),
        read: playback::list,
    },
    Method {
        name: "video.playback.pause",
        doc: "Lets a playback stand still.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "pause",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&["playback"]),
        read: playback::pause,
    },
    Method {
        name: "video.playback.resume",
        doc: "Lets a playback go on.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "resume",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&["playback"]),
        read: playback::resume,
    },
    Method {
        name: "video.playback.stop",
        doc: "Ends a playback.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "stop",
        event: "playback.ended; layout.changed",
        test: "playback",
        asks: Asks::Room(&["playback"]),
        read: playback::stop,
    },
    Method {
        name: "video.playback.set_volume",
        doc: "Sets how loud a playback is heard.",
        permission: "room.playback",
        params: "playback_id; volume -50 to 50 dB",
        sdk: "setVolume",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&["playback"]),
        read: playback::set_volume,
    },
    Method {
        name: "video.playback.seek_absolute",
        doc: "Takes a playback to a place.",
        permission: "room.playback or room.playback_seek",
        params: "playback_id; position ms",
        sdk: "seek",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&["playback_seek"]),
        read: playback::seek_absolute,
    },
    Method {
        name: "video.playback.seek_relative",
        doc: "Takes a playback forward, or back.",
        permission: "room.playback or room.playback_seek",
        params: "playback_id; position ms, negative is back",
        sdk: "forward",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&["playback_seek"]),
        read: playback::seek_relative,
    },
];

/// What is asked beside the methods of a session, as the page of methods tells it: wire name, what it
/// does, permission, parameters, event, the SDK's method, test. `peer/requests.rs` answers them.
pub const BESIDE: [[&str; 7]; 9] = [
    [
        "video.rooms.get",
        "Lists the sessions of the project, without members.",
        "an API token",
        "none",
        "none",
        "getRoomSessions",
        "node",
    ],
    [
        "signalwire.subscribe",
        "Listens to all rooms of the project, or to one session.",
        "an API token",
        "event_channel (`video.rooms` or a session's); events []; get_initial_state?",
        "room.started of all that run; room.subscribed of the session",
        "listen",
        "node",
    ],
    [
        "verto.invite",
        "Joins; with `screenShare` or `additionalDevice` adds a leg.",
        "none; room.self.screenshare; room.self.additional_source; to seat others room.set_position too",
        "sdp; layout?; positions?",
        "room.subscribed; member.joined; layout.changed",
        "startScreenShare",
        "legs",
    ],
    [
        "verto.bye",
        "Leaves, or ends a leg.",
        "none",
        "none",
        "member.left; layout.changed",
        "leave",
        "legs",
    ],
    [
        "verto.bye (REJECT_ALL)",
        "Ends one's own legs, and everybody's.",
        "none; for others room.member.remove",
        "cause, causeCode",
        "member.left; room.ended",
        "hangupAll",
        "examples",
    ],
    [
        "verto.info",
        "Sends digits.",
        "none",
        "dtmf, 1 to 32 of 0-9 A-D * #",
        "member.digits in the session's list",
        "sendDigits",
        "examples",
    ],
    [
        "verto.modify (updateMedia)",
        "Renegotiates a leg; the answer mirrors its directions.",
        "none",
        "sdp",
        "none",
        "updateMedia",
        "media",
    ],
    [
        "verto.modify (hold)",
        "Stops all media of a leg.",
        "none",
        "none",
        "member.updated [visible]; layout.changed",
        "hold",
        "media",
    ],
    [
        "verto.modify (unhold)",
        "Resumes it.",
        "none",
        "none",
        "member.updated [visible]; layout.changed",
        "unhold",
        "media",
    ],
];

/// The row of a method.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

#[cfg(test)]
#[path = "methods_tests.rs"]
mod tests;
