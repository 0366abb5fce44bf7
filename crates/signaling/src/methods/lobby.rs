//! The lobby, as hosts and the application have it. Who waits asks beside these (`peer/requests.rs`).

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::lobby::WAITING;
use rotunda_domain::{Command, Refusal, Verb, WaiterId, Waiters};

pub(super) const METHODS: [Method; 3] = [
    Method {
        name: "video.lobby.list",
        doc: "Lists who waits to be let in, the first first.",
        permission: "room.member.promote",
        params: "none",
        sdk: "execute",
        event: "none",
        test: "lobby",
        asks: Asks::Another(Verb::Promote),
        read: list,
    },
    Method {
        name: "video.lobby.admit",
        doc: "Lets in some of those who wait, or all.",
        permission: "room.member.promote",
        params: "ids? [ids]; all? (true, instead of ids)",
        sdk: "execute",
        event: "lobby.admitted to them; lobby.updated to hosts who named it",
        test: "lobby",
        asks: Asks::Another(Verb::Promote),
        read: admit,
    },
    Method {
        name: "video.lobby.deny",
        doc: "Sends away some of those who wait, or all.",
        permission: "room.member.promote",
        params: "ids? [ids]; all? (true, instead of ids)",
        sdk: "execute",
        event: "lobby.denied to them; lobby.updated to hosts who named it",
        test: "lobby",
        asks: Asks::Another(Verb::Promote),
        read: deny,
    },
];

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListLobby)
}

fn admit(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::AnswerLobby { whom: whom(params)?, admits: true })
}

fn deny(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::AnswerLobby { whom: whom(params)?, admits: false })
}

/// An id that none can be is of nobody who waits.
fn whom(params: &Params<'_>) -> Result<Waiters, Refusal> {
    let all = params.flag("all")?.unwrap_or(false);
    match (params.texts("ids")?, all) {
        (None, true) => Ok(Waiters::All),
        (Some(ids), false) if (1..=WAITING).contains(&ids.len()) => {
            let known = ids.iter().filter_map(|id| id.parse::<WaiterId>().ok());
            Ok(Waiters::These(known.collect()))
        }
        _ => {
            Err(Refusal::invalid(format!("give either ids, 1 to {WAITING} of them, or all: true")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<Waiters, Refusal> {
        whom(&Params::of(&value).unwrap())
    }

    #[test]
    fn some_are_named_or_all_are_meant_and_not_both() {
        let id = "00000000-0000-0000-0000-0000000000a1";
        let one = Waiters::These(vec![id.parse().unwrap()]);
        assert_eq!(read(json!({"ids": [id, "nobody's"]})), Ok(one));
        assert_eq!(read(json!({"all": true})), Ok(Waiters::All));
        let many = vec![id; WAITING + 1];
        for wrong in [
            json!({}),
            json!({"all": false}),
            json!({"ids": []}),
            json!({"ids": [id], "all": true}),
            json!({"ids": many}),
            json!({"ids": [1]}),
            json!({"all": 1}),
        ] {
            assert!(matches!(read(wrong.clone()), Err(Refusal::Invalid(_))), "{wrong}");
        }
    }
}
