//! What somebody hears and how loud they are.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, Level, Refusal, Verb};

pub(super) const METHODS: [Method; 5] = [
    Method {
        name: "video.member.deaf",
        doc: "Stops somebody's hearing, and their microphone.",
        permission: "room.self.deaf or room.member.deaf",
        params: "member_id? (the caller)",
        sdk: "deaf",
        event: "member.updated [deaf, audio_muted]",
        test: "sound",
        asks: Asks::Member(Verb::Deaf),
        read: deaf,
    },
    Method {
        name: "video.member.undeaf",
        doc: "Resumes somebody's hearing, and their microphone.",
        permission: "room.self.undeaf or room.member.undeaf, or deaf's",
        params: "member_id? (the caller)",
        sdk: "undeaf",
        event: "member.updated [deaf, audio_muted]",
        test: "sound",
        asks: Asks::Member(Verb::Undeaf),
        read: undeaf,
    },
    Method {
        name: "video.member.set_input_volume",
        doc: "Sets how loud somebody is heard.",
        permission: "room.self.set_input_volume or room.member.set_input_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        sdk: "setInputVolume",
        event: "member.updated [input_volume]",
        test: "sound",
        asks: Asks::Member(Verb::SetInputVolume),
        read: input_volume,
    },
    Method {
        name: "video.member.set_output_volume",
        doc: "Sets how loud somebody hears.",
        permission: "room.self.set_output_volume or room.member.set_output_volume",
        params: "member_id? (the caller); volume -50 to 50 dB",
        sdk: "setOutputVolume",
        event: "member.updated [output_volume]",
        test: "sound",
        asks: Asks::Member(Verb::SetOutputVolume),
        read: output_volume,
    },
    Method {
        name: "video.member.set_input_sensitivity",
        doc: "Sets how easily somebody is taken to speak.",
        permission: "room.self.set_input_sensitivity or room.member.set_input_sensitivity",
        params: "member_id? (the caller); value 0 to 100",
        sdk: "setInputSensitivity",
        event: "member.updated [input_sensitivity]",
        test: "sound",
        asks: Asks::Member(Verb::SetInputSensitivity),
        read: sensitivity,
    },
];

fn deaf(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Deafen(params.target()?, true))
}

fn undeaf(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Deafen(params.target()?, false))
}

fn input_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::InputVolume, params.number("volume")?))
}

fn output_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::OutputVolume, params.number("volume")?))
}

fn sensitivity(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::InputSensitivity, params.number("value")?))
}
