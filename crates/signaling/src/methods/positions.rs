//! Who is to sit where, as parameters of several methods say it.

use super::params::{Params, named};
use rotunda_domain::{Position, Refusal, command::Target};
use serde_json::{Map, Value};

/// More people than a room may hold cannot be seated.
const POSITIONS_MAX: usize = *rotunda_domain::limits::MAX_MEMBERS.end() as usize;

/// Whether the positions, readable or not, name anybody who `counts`.
pub(super) fn seats(params: &Params<'_>, counts: impl Fn(&str) -> bool) -> bool {
    let named = params.object("positions").ok().flatten();
    named.is_some_and(|named| named.keys().any(|who| counts(who)))
}

/// Seats as the SDK asks for them: member id, or `self`, to position.
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

/// A position as the SDK writes it.
pub(super) fn position(place: &Value) -> Result<Position, Refusal> {
    place.as_str().and_then(Position::parse).ok_or_else(|| {
        Refusal::invalid(
            "a position must be auto, reserved-N, standard-N (N from 1 on) or off-canvas",
        )
    })
}
