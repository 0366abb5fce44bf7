//! What all doors share: whose request it is ([`ClientAddress`]) and where links in its answer lead
//! ([`Site`]).
//!
//! Whoever accepts connections asks [`Proxies`] for both and puts them into each request's extensions;
//! every limit and every link reads them there. This crate refuses to know rooms, tokens and routes.

mod address;
mod forwarded;
mod proxies;
mod site;

pub use address::{ClientAddress, Network};
pub use proxies::{Proxies, WrongNetwork, trusted};
pub use site::{Scheme, Site};
