//! What stands in front of every door: whose request it is, which host it names, and how many
//! connections there may be. Load comes from several addresses of 127.0.0.0/8.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

mod attacks;
mod ports;
mod proxies;
mod raw;
