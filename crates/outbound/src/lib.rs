//! The one way out to hosts that others name: where a film comes from, where a stream goes.
//!
//! An address somebody typed is read by the rules of the web, its host is resolved once, every
//! address found is checked, and one of those and nothing else is connected to. Children that speak
//! a protocol for us never resolve or connect: they get a [`Relay`] on loopback. It knows no rooms,
//! no films and no streams.

mod address;
mod disguise;
mod fetch;
mod relay;
mod source;
mod tls;
mod upload;

pub use address::{AddressRange, AddressRules, WrongRange};
pub use fetch::{FetchError, Fetched, Fetcher, OutboundOptions, Resolve, SystemResolver};
pub use hyper::header::HeaderValue;
pub use relay::Relay;
pub use source::{SourceUrl, UrlRefused};
pub use tls::{TlsError, client as tls_client};
pub use upload::{Answer, Patience, Upload, UploadBytes, UploadError};
