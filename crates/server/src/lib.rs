//! The rotunda process: configuration, wiring, listening, shutdown. It holds no rule of rooms.

pub mod admin;
mod base;
mod certificate;
pub mod cli;
pub mod config;
mod descriptors;
mod dev;
mod ending;
mod folder;
#[doc(hidden)] // Public for its test, which breaks what it watches.
pub mod health;
mod inbound;
mod listen;
pub mod livechat;
mod media;
mod memory;
mod metrics;
mod probe;
pub mod push;
mod reload;
mod serve;
mod tls;
mod welcome;

pub use serve::run;
