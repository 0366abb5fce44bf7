//! The live-chat door: what a site's audio and video chat is set to, under
//! `/v4/livechat/audioVideoChatConfig`, and `/oauth/token`, where agents get what they call with.
//!
//! It reads and writes the shapes of those pages and refuses to know rooms, sessions and what the
//! switch does to them.

mod access;
mod body;
mod calls;
mod config;
mod error;
mod token;

use axum::Router;
use axum::routing::any;
use rotunda_hub::{Hub, Tally};
use std::sync::Arc;
use std::time::Duration;

/// What the operator decides for this door.
#[derive(Clone, Debug)]
pub struct LivechatOptions {
    /// Calls of one address in [`LivechatOptions::window`].
    pub calls: u32,
    /// How long calls are counted together.
    pub window: Duration,
    /// How long a body may take to come.
    pub body_within: Duration,
}

impl Default for LivechatOptions {
    fn default() -> Self {
        Self { calls: 300, window: Duration::from_secs(300), body_within: Duration::from_secs(10) }
    }
}

#[derive(Clone)]
pub(crate) struct Door {
    hub: Hub,
    calls: Arc<Tally>,
    body_within: Duration,
}

/// The door to `hub`. All of `/v4` is its own.
pub fn router(hub: Hub, options: &LivechatOptions) -> Router {
    let calls = Arc::new(Tally::new(options.calls, options.window));
    Router::new()
        // Paths are read without regard to case, which routes are not.
        .route("/v4/{*path}", any(config::call))
        .route("/V4/{*path}", any(config::call))
        .route("/oauth/token", any(token::call))
        .with_state(Door { hub, calls, body_within: options.body_within })
}
