//! The lock, removing people, hands, and who is shown.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, Refusal, Verb};

pub(super) const METHODS: [Method; 8] = [
    Method {
        name: "video.member.remove",
        doc: "Removes somebody, or everybody.",
        permission: "room.member.remove",
        params: "member_id (or `all`); keep_out? (of one person)",
        sdk: "removeMember",
        event: "member.left; layout.changed; of `all` room.ended",
        test: "methods",
        asks: Asks::Another(Verb::Remove),
        read: remove,
    },
    Method {
        name: "video.member.raisehand",
        doc: "Raises a hand.",
        permission: "room.self.raisehand or room.member.raisehand",
        params: "member_id? (the caller)",
        sdk: "setRaisedHand",
        event: "member.updated [handraised]; layout.changed if hands count",
        test: "methods",
        asks: Asks::Member(Verb::RaiseHand),
        read: raise_hand,
    },
    Method {
        name: "video.member.lowerhand",
        doc: "Lowers a hand.",
        permission: "room.self.lowerhand or room.member.lowerhand",
        params: "member_id? (the caller)",
        sdk: "setRaisedHand",
        event: "member.updated [handraised]; layout.changed if hands count",
        test: "methods",
        asks: Asks::Member(Verb::LowerHand),
        read: lower_hand,
    },
    Method {
        name: "video.prioritize_handraise",
        doc: "Gives raised hands the better seats, or not.",
        permission: "room.prioritize_handraise",
        params: "enable",
        sdk: "setPrioritizeHandraise",
        event: "room.updated [prioritize_handraise]; layout.changed",
        test: "methods",
        asks: Asks::Room(&[Verb::PrioritizeHandraise]),
        read: prioritize,
    },
    Method {
        name: "video.hide_video_muted",
        doc: "Takes those with the camera off from the canvas.",
        permission: "room.hide_video_muted",
        params: "none",
        sdk: "hideVideoMuted",
        event: "room.updated [hide_video_muted]; layout.changed",
        test: "methods",
        asks: Asks::Room(&[Verb::HideVideoMuted]),
        read: hide_muted,
    },
    Method {
        name: "video.show_video_muted",
        doc: "Shows those with the camera off.",
        permission: "room.show_video_muted",
        params: "none",
        sdk: "showVideoMuted",
        event: "room.updated [hide_video_muted]; layout.changed",
        test: "methods",
        asks: Asks::Room(&[Verb::ShowVideoMuted]),
        read: show_muted,
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
        read: lock,
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
        read: unlock,
    },
];

fn remove(params: &Params<'_>) -> Result<Command, Refusal> {
    let keep_out = params.flag("keep_out")?.unwrap_or(false);
    match (params.text("member_id")?, keep_out) {
        ("all", false) => Ok(Command::RemoveAll),
        ("all", true) => Err(Refusal::invalid("keep_out is for one: with `all` the session ends")),
        _ => Ok(Command::Remove { target: params.target()?, keep_out }),
    }
}

fn raise_hand(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::RaiseHand(params.target()?, true))
}

fn lower_hand(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::RaiseHand(params.target()?, false))
}

fn prioritize(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::PrioritizeHands(params.flag("enable")?.unwrap_or(true)))
}

fn hide_muted(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::HideVideoMuted(true))
}

fn show_muted(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::HideVideoMuted(false))
}

fn lock(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Lock(true))
}

fn unlock(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Lock(false))
}
