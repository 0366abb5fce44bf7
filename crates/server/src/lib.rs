//! The rotunda process: configuration, wiring, listening, shutdown. It holds no rule of rooms.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic when nobody reads")]

pub mod admin;
mod base;
mod bind;
mod bootstrap;
mod certificate;
pub mod cli;
pub mod config;
mod descriptors;
mod dev;
mod doors;
mod ending;
mod error;
mod fence;
mod folder;
#[doc(hidden)] // Public for its test, which breaks what it watches.
pub mod health;
mod ice_tcp;
mod inbound;
mod listen;
pub mod livechat;
mod media;
mod memory;
mod metrics;
pub mod operators;
mod options;
mod probe;
pub mod push;
mod reach;
mod ready_file;
mod reload;
pub mod say;
mod serve;
mod tls;
pub mod webhook;
mod welcome;

pub use serve::run;
