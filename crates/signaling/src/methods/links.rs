//! Links that open the room, as whoever is in it makes them. Applications make them over REST as well.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, LinkRequest, LinkRole, LinkTerms, Refusal, Verb, limits};

pub(super) const METHODS: [Method; 3] = [
    Method {
        name: "video.links.create",
        doc: "Makes a link that opens the room.",
        permission: "room.links and all that the role may",
        params: "role (host, member, guest or audience); expires_at? (seconds since 1970 UTC); max_uses? (1 to 100000)",
        sdk: "execute",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[Verb::Links]),
        read: create,
    },
    Method {
        name: "video.links.list",
        doc: "Lists the room's links without their keys, the oldest first.",
        permission: "room.links",
        params: "none",
        sdk: "execute",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[Verb::Links]),
        read: list,
    },
    Method {
        name: "video.links.revoke",
        doc: "Revokes a link; whoever came by it is removed.",
        permission: "room.links",
        params: "link_id",
        sdk: "execute",
        event: "member.left of whoever came by it",
        test: "methods",
        asks: Asks::Room(&[Verb::Links]),
        read: revoke,
    },
];

fn create(params: &Params<'_>) -> Result<Command, Refusal> {
    let role = LinkRole::parse(params.text("role")?);
    let words = LinkRole::WORDS.join(", ");
    let role = role.ok_or_else(|| Refusal::invalid(format!("role must be one of {words}")))?;
    let expires_at = params.optional_number("expires_at")?;
    if expires_at.is_some_and(|at| at > limits::LAST_SECOND) {
        return Err(Refusal::invalid("expires_at must lie in a year of four digits"));
    }
    let max_uses = params.optional_number("max_uses")?.map(uses).transpose()?;
    let terms = LinkTerms { role, expires_at, max_uses };
    Ok(Command::Links(Some(LinkRequest::Create(terms))))
}

fn uses(number: i64) -> Result<u32, Refusal> {
    let uses = u32::try_from(number).ok().filter(|uses| limits::LINK_USES.contains(uses));
    let (least, most) = (limits::LINK_USES.start(), limits::LINK_USES.end());
    uses.ok_or_else(|| Refusal::invalid(format!("max_uses must be {least} to {most}")))
}

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Links(Some(LinkRequest::List)))
}

/// An id that none can be is of no link.
fn revoke(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Links(params.text("link_id")?.parse().ok().map(LinkRequest::Revoke)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<Command, Refusal> {
        create(&Params::of(&value).unwrap())
    }

    #[test]
    fn a_link_says_as_what_it_lets_in_and_its_bounds_are_those_of_rest() {
        let Ok(Command::Links(Some(LinkRequest::Create(terms)))) =
            read(json!({"role": "guest", "expires_at": 1_900_000_000, "max_uses": 100_000}))
        else {
            panic!("another command")
        };
        let (role, expires_at) = (LinkRole::Guest, Some(1_900_000_000));
        assert_eq!(terms, LinkTerms { role, expires_at, max_uses: Some(100_000) });
        assert!(read(json!({"role": "host", "expires_at": null, "max_uses": null})).is_ok());
        for wrong in [
            json!({}),
            json!({"role": "king"}),
            json!({"role": 1}),
            json!({"role": "host", "expires_at": "tomorrow"}),
            json!({"role": "host", "expires_at": 1e300}),
            json!({"role": "host", "max_uses": 0}),
            json!({"role": "host", "max_uses": 100_001}),
            json!({"role": "host", "max_uses": -1}),
        ] {
            assert!(matches!(read(wrong.clone()), Err(Refusal::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn an_id_that_none_can_be_is_of_no_link() {
        let read = |value: Value| revoke(&Params::of(&value).unwrap());
        assert!(matches!(read(json!({"link_id": "x"})), Ok(Command::Links(None))));
        let id = "00000000-0000-0000-0000-0000000000a1";
        let known = read(json!({"link_id": id}));
        assert!(matches!(known, Ok(Command::Links(Some(LinkRequest::Revoke(_))))));
        assert!(matches!(read(json!({})), Err(Refusal::Invalid(_))));
    }
}
