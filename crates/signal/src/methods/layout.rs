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

fn positions(wishes: &Map<String, Value>) -> Result<Vec<(Target, Position)>, Refusal> {
    if wishes.len() > POSITIONS_MAX {
        let text = format!("positions may name at most {POSITIONS_MAX} members");
        return Err(Refusal::LimitReached(text));
    }
    wishes.iter().map(|(who, place)| Ok((member(who), position(place)?))).collect()
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
