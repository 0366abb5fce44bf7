//! Playing films and sounds.

use super::method::{Asks, Method};
use super::params::Params;
use super::positions::positions;
use rotunda_domain::{Command, Play, PlaybackControl, PlaybackId, Refusal, Verb};
use uuid::Uuid;

pub(super) const METHODS: [Method; 8] = [
    Method {
        name: "video.playback.start",
        doc: "Plays something into the room.",
        permission: "room.playback; to seat others room.set_position too",
        params: "url (http, https, rtmp, rtmps); volume? -50 to 50 dB (0); seek_position? ms (0); positions? {member id or `self`, the playback: position}; layout?",
        sdk: "play",
        event: "playback.started; layout.changed",
        test: "playback",
        asks: Asks::RoomAndOthersSeats(Verb::Playback),
        read: start,
    },
    Method {
        name: "video.playback.list",
        doc: "Lists the playbacks, those that are over too.",
        permission: "room.playback",
        params: "none",
        sdk: "getPlaybacks",
        event: "none",
        test: "playback",
        asks: Asks::Room(&[Verb::Playback]),
        read: list,
    },
    Method {
        name: "video.playback.pause",
        doc: "Lets a playback stand still.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "pause",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&[Verb::Playback]),
        read: pause,
    },
    Method {
        name: "video.playback.resume",
        doc: "Lets a playback go on.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "resume",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&[Verb::Playback]),
        read: resume,
    },
    Method {
        name: "video.playback.stop",
        doc: "Ends a playback.",
        permission: "room.playback",
        params: "playback_id",
        sdk: "stop",
        event: "playback.ended; layout.changed",
        test: "playback",
        asks: Asks::Room(&[Verb::Playback]),
        read: stop,
    },
    Method {
        name: "video.playback.set_volume",
        doc: "Sets how loud a playback is heard.",
        permission: "room.playback",
        params: "playback_id; volume -50 to 50 dB",
        sdk: "setVolume",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&[Verb::Playback]),
        read: set_volume,
    },
    Method {
        name: "video.playback.seek_absolute",
        doc: "Takes a playback to a place.",
        permission: "room.playback or room.playback_seek",
        params: "playback_id; position ms",
        sdk: "seek",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&[Verb::PlaybackSeek]),
        read: seek_absolute,
    },
    Method {
        name: "video.playback.seek_relative",
        doc: "Takes a playback forward, or back.",
        permission: "room.playback or room.playback_seek",
        params: "playback_id; position ms, negative is back",
        sdk: "forward",
        event: "playback.updated",
        test: "playback",
        asks: Asks::Room(&[Verb::PlaybackSeek]),
        read: seek_relative,
    },
];

fn start(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Play(Box::new(Play {
        playback: PlaybackId(Uuid::new_v4()),
        url: params.text("url")?.into(),
        volume: params.optional_number("volume")?.unwrap_or(0),
        position_ms: params.optional_number("seek_position")?.unwrap_or(0),
        positions: params.object("positions")?.map_or(Ok(Vec::new()), positions)?,
        layout: params.optional_text("layout")?.map(str::to_owned),
        hindrance: None,
    })))
}

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListPlaybacks)
}

fn pause(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Pause)
}

fn resume(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Resume)
}

fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Stop)
}

fn set_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Volume(params.number("volume")?))
}

fn seek_absolute(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::SeekTo(params.number("position")?))
}

fn seek_relative(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::SeekBy(params.number("position")?))
}

/// A text that is no id is no playback's; the rules say so, after they asked for the permission.
fn control(params: &Params<'_>, control: PlaybackControl) -> Result<Command, Refusal> {
    Ok(Command::ControlPlayback(params.text("playback_id")?.parse().ok(), control))
}
