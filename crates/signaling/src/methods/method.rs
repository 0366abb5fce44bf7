//! What a row of the table says, and what is asked before its parameters are looked at.

use super::params::Params;
use super::positions::seats;
use rotunda_domain::command::Target;
use rotunda_domain::{Asked, Command, Refusal, Verb};

/// One method of the wire.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The permission it needs, as the token lists it; the domain enforces it.
    pub permission: &'static str,
    /// Its parameters beside `room_session_id`, in words.
    pub params: &'static str,
    /// The SDK's method that calls it.
    pub sdk: &'static str,
    /// What is told because of it, and which fields it says changed.
    pub event: &'static str,
    /// The file of `tests/e2e`, without `.test.mjs`, in which its effect is seen and heard.
    pub test: &'static str,
    /// What is asked before the parameters are looked at.
    pub(crate) asks: Asks,
    /// Parameters to command.
    pub(crate) read: fn(&Params<'_>) -> Result<Command, Refusal>,
}

/// The right a method needs, for when its parameters cannot be read: who may not ask at all is told
/// that first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    /// All of these of the room; none is nobody's to refuse.
    Room(&'static [Verb]),
    /// The same, and to seat people where positions name any.
    RoomAndSeats(Verb),
    /// The same, but that whatever comes with them may be seated by whoever brings it.
    RoomAndOthersSeats(Verb),
    /// Of a member.
    Member(Verb),
    /// Of others only.
    Another(Verb),
    /// To take part in the chat.
    Chat,
    /// To replace a member's meta.
    Meta,
    /// To change some of it.
    SomeMeta,
}

impl Asks {
    fn of(self, params: &Params<'_>) -> Asked {
        let target = || params.target().unwrap_or(Target::Nobody);
        match self {
            Self::Room(verbs) => Asked::OfRoom(verbs.to_vec()),
            Self::RoomAndSeats(verb) => with_seats(verb, seats(params, |_| true)),
            Self::RoomAndOthersSeats(verb) => with_seats(verb, seats(params, |who| who != "self")),
            Self::Member(verb) => Asked::OfMember(verb, target()),
            Self::Another(verb) => Asked::OfAnother(verb),
            Self::Chat => Asked::OfChat,
            Self::Meta => Asked::MetaOf { target: target(), replaces: true },
            Self::SomeMeta => Asked::MetaOf { target: target(), replaces: false },
        }
    }
}

fn with_seats(verb: Verb, seats: bool) -> Asked {
    let seats = seats.then_some(Verb::SetPosition);
    Asked::OfRoom([verb].into_iter().chain(seats).collect())
}

impl Method {
    /// What a request with these parameters asks for.
    pub(crate) fn command(&self, params: &Params<'_>) -> Command {
        let misread = |refusal| Command::Misread(self.asks.of(params), refusal);
        (self.read)(params).unwrap_or_else(misread)
    }
}
