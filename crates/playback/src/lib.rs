//! Plays foreign films and sounds: from an address somebody named to pictures and sound of a
//! [`rotunda_media::Film`].
//!
//! All that is foreign is kept at arm's length. Bytes are fetched by our own [`Fetcher`], from
//! addresses that were checked and are then held on to; they are decoded in an `ffmpeg` child that
//! is fenced by limits of the operating system and can reach nothing but our [`proxy`] or
//! [`relay`]. It knows no permissions and no sessions, and FFmpeg is never linked in.

mod address;
mod encoded;
mod fence;
mod fetch;
mod matroska;
mod pace;
mod playbacks;
mod player;
mod playlist;
mod probe;
mod proxy;
mod relay;
mod source;
mod tls;
#[cfg(test)]
mod web;

pub use address::{AddressRange, AddressRules, WrongRange};
pub use fence::{MissingProgram, Programs};
pub use fetch::{FetchError, Fetcher, Resolve, SystemResolver};
pub use playbacks::{PlaybackOptions, Playbacks, Tell};
pub use source::{SourceUrl, UrlRefused};
pub use tls::TlsError;
