//! Methods that only ask.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, Refusal, Verb};

pub(super) const METHODS: [Method; 3] = [
    Method {
        name: "video.room.get",
        doc: "Describes the session, its members included.",
        permission: "an API token",
        params: "none",
        sdk: "getRoomSessionById",
        event: "none",
        test: "node",
        asks: Asks::Room(&[]),
        read: session,
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
        read: members,
    },
    Method {
        name: "video.list_available_layouts",
        doc: "Lists the names of the layouts.",
        permission: "room.list_available_layouts",
        params: "none",
        sdk: "getLayouts",
        event: "none",
        test: "layout",
        asks: Asks::Room(&[Verb::ListAvailableLayouts]),
        read: layouts,
    },
];

fn members(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMembers)
}

fn layouts(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListLayouts)
}

fn session(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Describe)
}
