//! What a socket and the hub say to each other.

use crate::connections::delivery::Delivery;
use crate::connections::unconfirmed::Unconfirmed;
use rotunda_domain::{Brings, Flow, Grant, LegId, MemberId, ProjectId, Refusal};
use rotunda_store::StoreError;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

pub(crate) const NO_CONNECTION: Refusal = Refusal::NotFound("no such connection");
pub(crate) const NO_SESSION: Refusal = Refusal::NotFound("no such room session");

/// What somebody shows to be let in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A room token as it came: a person.
    RoomToken(String),
    /// A project and one of its API tokens: an application.
    ApiToken {
        /// The project's id, as it came.
        project: String,
        /// The token.
        token: String,
    },
}

/// A request to speak for somebody: a token, and what is left of an earlier connection.
#[derive(Clone, Debug)]
pub struct ConnectRequest {
    /// The token.
    pub credential: Credential,
    /// The protocol string of an earlier connection.
    pub protocol: Option<String>,
    /// What was handed out with it, to take it up again.
    pub authorization_state: Option<String>,
    /// The `Origin` of the page, if it is one.
    pub origin: Option<String>,
    /// This socket was told once that its protocol string is unknown. A client that sends it again
    /// holds it in memory and will not stop.
    pub was_refused: bool,
    /// The same socket with a fresh token: nothing it was given is lost.
    pub is_renewal: bool,
    /// Where the client is, if that is known.
    pub address: Option<IpAddr>,
}

/// Why a connection is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectRefused {
    /// The token is bad; the text says how, without naming secrets.
    #[error("{0}")]
    BadToken(String),
    /// The protocol string is unknown here, or names another project or room.
    #[error("Requester validation failed")]
    UnknownProtocol,
    /// There are as many applications as there may be; later there may be room.
    #[error("too many applications are connected")]
    Full,
    /// Too many wrong tokens came from the client's address; seconds to wait.
    #[error("too many wrong tokens came from your address; try again in {0} s")]
    TooOften(u64),
    /// What is stored cannot be asked just now.
    #[error("Service Unavailable: the database is away, connect again in a few seconds")]
    Unavailable,
    /// Something of ours broke.
    #[error("Internal Server Error")]
    Broken,
}

impl ConnectRefused {
    /// What follows from a look-up that failed.
    pub(crate) fn after(error: &StoreError) -> Self {
        if error.is_passing() { Self::Unavailable } else { Self::Broken }
    }
}

/// An accepted connection.
#[derive(Debug)]
pub struct Accepted {
    /// Names the connection across sockets: `signalwire_<signature>_<random>`.
    pub protocol: Arc<str>,
    /// Which socket of this connection this is; a later socket has a higher number.
    pub socket: u64,
    /// What to hand to the client, needed to take the connection up again; empty for an
    /// application, whose token is secret enough.
    pub authorization_state: Arc<str>,
    /// The seat the client may still take itself to be in, though it ended with a connection that is
    /// forgotten.
    pub lost: Option<LostSeat>,
    /// Who it is.
    pub who: Who,
    /// What the client named of [`Event::BY_NAME`](rotunda_domain::Event::BY_NAME) when it joined.
    pub names: HashSet<&'static str>,
    /// What the socket is to send, in order; closed when the socket is to close.
    pub inbox: mpsc::Receiver<Delivery>,
    /// Where the socket strikes out what its client has confirmed.
    pub unconfirmed: Unconfirmed,
}

/// A seat that is gone without its client knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostSeat {
    /// Who the client takes itself to be.
    pub member: MemberId,
    /// Its main leg.
    pub leg: LegId,
    /// Its screens and devices.
    pub children: Vec<LegId>,
    /// What its main leg carried of sound, as far as it may now.
    pub audio: Flow,
    /// What its main leg carried of the picture, as far as it may now.
    pub video: Flow,
}

/// Whom a connection speaks for.
#[derive(Clone, Debug)]
pub enum Who {
    /// Somebody who may take a seat.
    Person {
        /// What the token grants.
        grant: Box<Grant>,
        /// The room's display name, its token's when there is no room yet.
        room_display_name: String,
        /// The room's meta.
        room_meta: serde_json::Map<String, serde_json::Value>,
    },
    /// An application, which may do everything in its project.
    Application {
        /// The project.
        project: ProjectId,
        /// What the API token may be used for.
        scopes: Vec<String>,
    },
}

/// What an application wants to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// A session's event channel; none is that of all rooms of the project.
    pub channel: Option<String>,
    /// Names of events, as [`Event::name`](rotunda_domain::Event::name) has them.
    pub names: HashSet<&'static str>,
    /// Whether the present state is wanted first.
    pub show: bool,
}

/// What a leg is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegRole {
    /// The person's own.
    Main,
    /// A screen share of the member named.
    Screen,
    /// A further camera or microphone of the member named.
    Device,
}

/// A request for a leg.
#[derive(Clone, Debug)]
pub struct Invite {
    /// What the client calls the leg.
    pub call_id: LegId,
    /// What it is to be.
    pub role: LegRole,
    /// The offer.
    pub sdp: String,
    /// Whether the client keeps a member list and wants it seeded.
    pub wants_roster: bool,
    /// What the client named of [`Event::BY_NAME`](rotunda_domain::Event::BY_NAME).
    pub names: HashSet<&'static str>,
    /// What a screen or a device brings along, or why that cannot be read; nothing comes of it on a
    /// main leg.
    pub brings: Result<Brings, Refusal>,
}

/// What a client wishes of one of its legs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegAction {
    /// End it; with the main leg the person leaves.
    HangUp,
    /// End all of one's own, and everybody's if one may remove.
    HangUpAll,
    /// Put it on hold, or take it off again.
    Hold(bool),
    /// Send digits.
    Digits(String),
}

/// What came of a further offer of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The answer.
    pub sdp: String,
    /// Whether the leg is on hold all the same.
    pub is_held: bool,
}
