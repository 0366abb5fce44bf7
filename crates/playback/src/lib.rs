//! Plays foreign films and sounds: from an address somebody named to pictures and sound of a
//! [`rotunda_media::Film`].
//!
//! All that is foreign is kept at arm's length. Bytes are fetched by our own [`rotunda_outbound::Fetcher`], from
//! addresses that were checked and are then held on to; they are decoded in an `ffmpeg` child that
//! is fenced by limits of the operating system and can reach nothing but our [`proxy`] or
//! [`rotunda_outbound::Relay`]. It knows no permissions and no sessions, and FFmpeg is never linked in.

mod control;
mod cover;
mod encoded;
mod fence;
mod filters;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod matroska;
mod pace;
mod playbacks;
mod player;
mod playlist;
mod probe;
mod proxy;
#[cfg(test)]
mod web;

pub use control::Tell;
pub use fence::{MissingProgram, Programs};
pub use playbacks::Playbacks;
