//! The live-chat door before a real hub and store, and what its switch does at the doors a person
//! comes in by.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod desk;
mod door;
mod switch;
