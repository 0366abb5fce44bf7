//! The JSON-RPC door over WebSocket: what an unmodified browser SDK speaks.
//!
//! It turns frames into values the hub understands and the hub's values into frames. It decides
//! nothing about rooms: every rule, permission included, is asked of the hub. One [`peer::Peer`]
//! is the state machine of one connection and knows neither sockets nor clocks; one task per
//! connection owns the socket and does what its peer says.

mod authorization;
pub mod call;
mod entities;
mod error;
mod events;
mod frame;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod hub_api;
mod json;
pub mod methods;
mod options;
pub mod peer;
mod proving;
mod shape;
mod signal;
mod socket;
mod subscribe;
#[cfg(test)]
mod typescript;
mod verto;
#[cfg(test)]
mod wire_tests;

pub use hub_api::HubApi;
pub use options::SignalOptions;
pub use signal::{Signal, SocketCounts};
