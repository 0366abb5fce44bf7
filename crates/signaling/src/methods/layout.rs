//! The canvas: its arrangement and who sits where.

use super::Params;
use super::params::named;
use rotunda_domain::{Command, Position, Refusal, command::Target};
use serde_json::{Map, Value};

/// More people than a room may hold cannot be seated.
const POSITIONS_MAX: usize = *rotunda_domain::limits::MAX_MEMBERS.end() as usize;

pub(super) fn set(params: &Params<'_>) -> Result<Command, Refusal> {
    let name = params.text("name")?.to_owned();
    let positions = params.object("positions")?.map_or(Ok(Vec::new()), positions)?;
    Ok(Command::SetLayout { name, positions })
}

pub(super) fn set_positions(params: &Params<'_>) -> Result<Command, Refusal> {
    let requested =
        params.object("positions")?.ok_or_else(|| Refusal::invalid("positions is missing"))?;
    Ok(Command::SetPositions(positions(requested)?))
}

pub(super) fn set_position(params: &Params<'_>) -> Result<Command, Refusal> {
    let place = position(&serde_json::json!(params.text("position")?))?;
    Ok(Command::SetMemberPosition(params.target()?, place))
}

/// Whether the positions, readable or not, name anybody who `counts`.
pub(super) fn seats(params: &Params<'_>, counts: impl Fn(&str) -> bool) -> bool {
    let named = params.object("positions").ok().flatten();
    named.is_some_and(|named| named.keys().any(|who| counts(who)))
}

/// Wishes as the SDK writes them: member id, or `self`, to position.
pub(crate) fn positions(
    requested: &Map<String, Value>,
) -> Result<Vec<(Target, Position)>, Refusal> {
    if requested.len() > POSITIONS_MAX {
        let text = format!("positions may name at most {POSITIONS_MAX} members");
        return Err(Refusal::LimitReached(text));
    }
    requested.iter().map(|(who, place)| Ok((member(who), position(place)?))).collect()
}

fn member(who: &str) -> Target {
    if who == "self" { Target::Oneself } else { named(who) }
}

fn position(place: &Value) -> Result<Position, Refusal> {
    place.as_str().and_then(Position::parse).ok_or_else(|| {
        Refusal::invalid(
            "a position must be auto, reserved-N, standard-N (N from 1 on) or off-canvas",
        )
    })
}
