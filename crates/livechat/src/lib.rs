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
use rotunda_doorway::Network;
use rotunda_hub::{Hub, Limiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What the operator decides for this door.
#[derive(Clone, Debug)]
pub struct LivechatOptions {
    /// Calls of one address at once, and again as many in [`LivechatOptions::window`].
    pub calls: NonZeroU32,
    /// How long it takes until as many may be made again.
    pub window: Duration,
    /// How long a body may take to come.
    pub body_within: Duration,
}

impl Default for LivechatOptions {
    fn default() -> Self {
        Self {
            calls: NonZeroU32::new(300).unwrap_or(NonZeroU32::MIN),
            window: Duration::from_secs(300),
            body_within: Duration::from_secs(10),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Door {
    hub: Hub,
    calls: Arc<Limiter<Option<Network>>>,
    body_within: Duration,
}

/// The door to `hub`. All of `/v4` is its own.
pub fn router(hub: Hub, options: &LivechatOptions) -> Router {
    let clock = hub.options().clock.clone();
    let calls = Arc::new(Limiter::new(options.calls, options.window, clock));
    Router::new()
        // Paths are read without regard to case, which routes are not.
        .route("/v4/{*path}", any(config::call))
        .route("/V4/{*path}", any(config::call))
        .route("/oauth/token", any(token::call))
        .with_state(Door { hub, calls, body_within: options.body_within })
}
