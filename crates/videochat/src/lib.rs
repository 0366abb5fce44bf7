//! The door of the room videochat settings: socket.io under `/socket`, a plain WebSocket at `/ws`
//! with the same dispatcher, and under `/api/v1/auth` the sessions of those who call.
//!
//! Every endpoint is a row of [`endpoints`]. The door reads and writes the shapes of the settings
//! page and refuses to know rules: who may do what is asked of the hub and of the session.

mod auth;
mod client;
mod endpoints;
mod engine_io;
mod envelope;
mod fields;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod live;
mod moderate;
mod push_events;
mod queries;
mod seats;
mod setters;
mod shapes;
mod socketio;
mod strangers;
mod vendor;
mod ws;

pub use endpoints::ENDPOINTS;
pub use live::is_web_address;
pub use vendor::{AgoraKeys, LivekitKeys, TwilioKeys, Vendors};

use axum::Router;
use lru::LruCache;
use rotunda_domain::StreamTarget;
use rotunda_doorway::PendingSockets;
use rotunda_hub::Hub;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the operator decides for this door.
#[derive(Clone, Debug)]
pub struct VideochatOptions {
    /// Credentials of vendors.
    pub vendors: Vendors,
    /// Where live streams go that name no address; in both `{videochatId}` and `{roomId}` are
    /// filled in.
    pub live_target: Option<StreamTarget>,
    /// Where people see those.
    pub live_playback: Option<String>,
    /// Pages that may open sockets; `None` is any.
    pub allowed_origins: Option<Vec<String>>,
    /// How long a session lasts that says nothing of it.
    pub session_ttl: Duration,
    /// Sockets at a time, those that have not said who they are included.
    pub sockets_max: usize,
    /// Where sockets wait that show no session.
    pub pending_sockets: PendingSockets,
    /// How long a client may not read before it is given up.
    pub patience: Duration,
}

impl Default for VideochatOptions {
    fn default() -> Self {
        Self {
            vendors: Vendors::default(),
            live_target: None,
            live_playback: None,
            allowed_origins: None,
            session_ttl: Duration::from_secs(12 * 3600),
            sockets_max: 20_000,
            pending_sockets: PendingSockets::new(100),
            patience: Duration::from_secs(10),
        }
    }
}

/// The door; cheap to clone.
#[derive(Clone)]
pub struct Videochat {
    inner: Arc<Inner>,
}

struct Inner {
    hub: Hub,
    options: VideochatOptions,
    /// The last answer of each session at each endpoint, by the id of its request.
    answered: Mutex<LruCache<(String, &'static str), client::Answered>>,
    sockets: AtomicUsize,
    strangers: strangers::Ids,
}

impl Videochat {
    /// A door to `hub`.
    pub fn new(hub: Hub, options: VideochatOptions) -> Self {
        Self {
            inner: Arc::new(Inner {
                hub,
                options,
                answered: Mutex::new(LruCache::new(client::ANSWERS)),
                sockets: AtomicUsize::new(0),
                strangers: strangers::Ids::default(),
            }),
        }
    }

    fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// `/ws` and `/api/v1/auth`.
    pub fn router(&self) -> Router {
        auth::routes().merge(ws::routes()).with_state(self.clone())
    }

    /// `router` with socket.io under `/socket` laid around it.
    pub fn around(&self, router: Router) -> Router {
        let meet = axum::middleware::from_fn_with_state(self.clone(), strangers::meet);
        router.layer(socketio::layer(self)).layer(meet)
    }
}
