//! Microphones and cameras, off and on.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, MediaKind, Refusal, Verb};

pub(super) const METHODS: [Method; 4] = [
    Method {
        name: "video.member.audio_mute",
        doc: "Switches a microphone off.",
        permission: "room.self.audio_mute or room.member.audio_mute",
        params: "member_id? (the caller)",
        sdk: "audioMute",
        event: "member.updated [audio_muted]",
        test: "mute",
        asks: Asks::Member(Verb::AudioMute),
        read: audio_mute,
    },
    Method {
        name: "video.member.audio_unmute",
        doc: "Switches a microphone on.",
        permission: "room.self.audio_unmute or room.member.audio_unmute",
        params: "member_id? (the caller)",
        sdk: "audioUnmute",
        event: "member.updated [audio_muted]",
        test: "mute",
        asks: Asks::Member(Verb::AudioUnmute),
        read: audio_unmute,
    },
    Method {
        name: "video.member.video_mute",
        doc: "Switches a camera off.",
        permission: "room.self.video_mute or room.member.video_mute",
        params: "member_id? (the caller)",
        sdk: "videoMute",
        event: "member.updated [video_muted, visible]; layout.changed",
        test: "mute",
        asks: Asks::Member(Verb::VideoMute),
        read: video_mute,
    },
    Method {
        name: "video.member.video_unmute",
        doc: "Switches a camera on.",
        permission: "room.self.video_unmute or room.member.video_unmute, or the mute's",
        params: "member_id? (the caller)",
        sdk: "videoUnmute",
        event: "member.updated [video_muted, visible]; layout.changed",
        test: "mute",
        asks: Asks::Member(Verb::VideoUnmute),
        read: video_unmute,
    },
];

fn audio_mute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Audio, true)
}

fn audio_unmute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Audio, false)
}

fn video_mute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Video, true)
}

fn video_unmute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Video, false)
}

fn mute(params: &Params<'_>, kind: MediaKind, muted: bool) -> Result<Command, Refusal> {
    Ok(Command::Mute { target: params.target()?, kind, muted })
}
