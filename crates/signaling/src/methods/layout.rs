//! The canvas: its arrangement and who sits where.

use super::method::{Asks, Method};
use super::params::Params;
use super::positions::{position, positions};
use rotunda_domain::{Command, Refusal, Verb};

pub(super) const METHODS: [Method; 3] = [
    Method {
        name: "video.set_layout",
        doc: "Arranges the canvas, and seats people in the same step.",
        permission: "room.set_layout; with positions room.set_position too",
        params: "name; positions? {member id or `self`: position}",
        sdk: "setLayout",
        event: "layout.changed; room.updated [layout_name]",
        test: "layout",
        asks: Asks::RoomAndSeats(Verb::SetLayout),
        read: set,
    },
    Method {
        name: "video.set_position",
        doc: "Seats several people at once.",
        permission: "room.set_position",
        params: "positions {member id or `self`: position}",
        sdk: "setPositions",
        event: "member.updated [requested_position]; layout.changed",
        test: "methods",
        asks: Asks::Room(&[Verb::SetPosition]),
        read: set_positions,
    },
    Method {
        name: "video.member.set_position",
        doc: "Seats somebody.",
        permission: "room.self.set_position or room.member.set_position",
        params: "member_id? (the caller); position",
        sdk: "setMemberPosition",
        event: "member.updated [requested_position]; layout.changed",
        test: "methods",
        asks: Asks::Member(Verb::SetPosition),
        read: set_position,
    },
];

fn set(params: &Params<'_>) -> Result<Command, Refusal> {
    let name = params.text("name")?.to_owned();
    let positions = params.object("positions")?.map_or(Ok(Vec::new()), positions)?;
    Ok(Command::SetLayout { name, positions })
}

fn set_positions(params: &Params<'_>) -> Result<Command, Refusal> {
    let requested =
        params.object("positions")?.ok_or_else(|| Refusal::invalid("positions is missing"))?;
    Ok(Command::SetPositions(positions(requested)?))
}

fn set_position(params: &Params<'_>) -> Result<Command, Refusal> {
    let place = position(&serde_json::json!(params.text("position")?))?;
    Ok(Command::SetMemberPosition(params.target()?, place))
}
