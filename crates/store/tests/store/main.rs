//! The database through its public functions, in one program: five would each compile the same again.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod admins;
mod common;
mod conferences;
mod faults;
mod history;
mod livechat;
mod opening;
mod recordings;
mod room_links;
mod rooms;
mod videochat;
mod webhooks;
