//! The rotunda process: configuration, wiring, listening, shutdown. It holds no rule of rooms.

pub mod admin;
mod base;
pub mod cli;
pub mod config;
mod descriptors;
mod dev;
mod ending;
#[doc(hidden)] // Public for its test, which breaks what it watches.
pub mod health;
mod inbound;
mod listen;
pub mod livechat;
mod metrics;
pub mod push;
mod serve;
mod tls;
mod welcome;

pub use serve::run;
