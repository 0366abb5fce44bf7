//! Recordings of the built server, judged by FFmpeg.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

mod bucket;
mod disks;
mod drift;
mod film;
mod kills;
mod push;
mod support;
