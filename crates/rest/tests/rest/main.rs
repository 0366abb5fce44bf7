//! REST as an application uses it, in one program: four would each compile the same again.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod common;
mod conferences;
mod door;
mod revoked;
mod room_links;
mod rooms;
mod streams;
mod versions;
mod webhooks;
mod whip_whep;
mod wrong_tokens;
