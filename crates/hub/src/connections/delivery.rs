//! What goes out to a client, in order: facts, the ends of its legs, what takes its connection up again.

use rotunda_domain::{Event, LegId, ProjectId};
use std::sync::{Arc, OnceLock};

/// Something for a client.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// A fact.
    Event(Arc<Dispatch>),
    /// A leg is ended by us.
    Bye {
        /// The leg.
        call_id: LegId,
        /// Number on the wire.
        code: u16,
        /// Name on the wire.
        cause: &'static str,
    },
    /// What takes the connection up again from now on.
    AuthorizationState(Arc<str>),
}

impl Delivery {
    /// Whether it tells a client that its leg or its session is over, or what became of its knock.
    pub(crate) fn is_farewell(&self) -> bool {
        match self {
            Self::Bye { .. } => true,
            Self::Event(dispatch) => matches!(
                dispatch.event,
                Event::RoomEnded(_) | Event::LobbyAdmitted { .. } | Event::LobbyDenied { .. }
            ),
            Self::AuthorizationState(_) => false,
        }
    }

    /// The name by which alone people hear it, as it happens and not later, if that is how it is heard.
    pub(crate) fn by_name(&self) -> Option<&'static str> {
        let Self::Event(dispatch) = self else { return None };
        dispatch.event.hearers().is_by_name.then(|| dispatch.event.name())
    }

    /// Whether no present state could replace it for a client that misses it: the end of a leg, and
    /// what is vital by [`Event::hearers`].
    pub(crate) fn is_vital(&self) -> bool {
        match self {
            Self::Bye { .. } => true,
            Self::AuthorizationState(_) => false,
            Self::Event(dispatch) => dispatch.event.hearers().is_vital,
        }
    }
}

/// An event on its way to any number of sockets; its text is made once, by whoever is first.
#[derive(Debug)]
pub struct Dispatch {
    /// The fact.
    pub event: Event,
    /// When it happened, milliseconds since 1970 UTC.
    pub at_epoch_ms: i64,
    /// Project of the session.
    pub project: ProjectId,
    /// Channel of the session.
    pub channel: Arc<str>,
    /// The frame, once somebody has written it.
    pub text: OnceLock<Arc<str>>,
    /// The same for those whose client named [`Event::HAND_RAISED_AT`].
    pub text_with_hands: OnceLock<Arc<str>>,
}
