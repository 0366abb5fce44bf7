//! What all doors share: whose request it is ([`ClientAddress`]) and where links in its answer lead
//! ([`Site`]); how many connections there may be and who makes room for whom ([`Places`]); how long
//! sockets may wait that have shown nothing ([`PendingSockets`]); how streams and WebSockets are bounded
//! ([`Guarded`], [`WebSocketSizes`]).
//!
//! Whoever accepts connections puts what it knows into each request's extensions, where doors, limits
//! and links read it. This crate refuses to know rooms, tokens and routes.

mod address;
mod cookie;
mod cut;
mod forwarded;
mod guarded;
mod ledger;
mod origin;
mod pending_sockets;
mod places;
mod proxies;
mod site;
mod web_socket;

pub use address::{ClientAddress, Network};
pub use cookie::{operator_cookie, operator_key};
pub use cut::Cut;
pub use guarded::{Guarded, Patience};
pub use origin::is_own_page;
pub use pending_sockets::{PendingSockets, Stranger};
pub use places::{Place, PlaceCounts, PlaceLimits, Places, Proof, Visit};
pub use proxies::{Proxies, WrongNetwork, trusted};
pub use site::{Scheme, Site};
pub use web_socket::WebSocketSizes;
