//! Recordings of the built server, judged by FFmpeg.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

mod disks;
mod film;
mod kills;
mod support;
