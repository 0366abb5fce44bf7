//! What a connection has to do with a lobby: where it waits, and what is stated of that.

use crate::auth::FormerPlace;
use crate::sessions::handle::SessionHandle;
use rotunda_domain::{SessionId, WaiterId};

/// What was before a knock, for when it is refused.
pub(crate) type Before = (Option<(SessionHandle, WaiterId)>, Option<FormerPlace>);

/// What a connection has to do with a lobby.
#[derive(Default)]
pub(crate) struct Door {
    /// Where it waits, or did until that session was over.
    pub waits: Option<(SessionHandle, WaiterId)>,
    /// What is stated of that, and of having been let in.
    pub place: Option<FormerPlace>,
    /// Whether the token names its bearer; else they name themself.
    pub is_named: bool,
}

impl Door {
    /// Where it waits, while it does.
    pub fn waits(&self) -> Option<(SessionHandle, WaiterId)> {
        self.waits.clone().filter(|(session, _)| !session.is_gone())
    }

    /// Whether that is where it waits.
    pub fn waits_at(&self, id: WaiterId) -> bool {
        self.waits.as_ref().is_some_and(|(_, own)| *own == id)
    }

    /// What the bearer is called where the token does not say.
    pub fn name(&self) -> Option<&str> {
        self.place.as_ref().filter(|_| !self.is_named)?.name()
    }

    /// The place is given up; whether it was let in is remembered, if it was.
    pub fn stop(&mut self, id: WaiterId, admitted_in: Option<SessionId>) -> bool {
        if !self.waits_at(id) {
            return false;
        }
        self.waits = None;
        match (admitted_in, &mut self.place) {
            (Some(session), Some(place)) => place.admit(session),
            _ => self.place = None,
        }
        true
    }
}
