//! The HTTP doors: REST under `/api/video`, and WHIP and WHEP beside it ([`whip_whep`]). They read
//! requests, ask the hub, write answers.
//!
//! It checks the form of what comes in and the scope of who asks; every rule about rooms is
//! somebody else's. Its routes are on one page, [`table`].

mod access;
mod body;
mod conference_body;
mod conference_objects;
mod conference_tokens;
mod conferences;
mod dates;
mod error;
mod error_codes;
mod events;
mod fields;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod layouts;
mod list_query;
mod live_session;
mod logs;
mod network_quality;
mod objects;
mod openapi;
mod openapi_bodies;
mod openapi_conferences;
mod previews;
mod ready_room;
mod recording_file;
mod room_body;
mod room_links;
mod room_recordings;
mod room_sessions;
mod room_streams;
mod room_tokens;
mod rooms;
mod session_actions;
mod table;
mod token_body;
mod version;
mod webhook_body;
mod webhook_fields;
mod webhooks;
mod whip_whep;

pub use error::FieldError;
pub use error_codes::page as error_codes;
pub use fields::Change;
pub use openapi::{document, openapi};
pub use room_body::{RoomPatch, read_new_room, read_room_body};
pub use token_body::read_token_body;
pub use webhook_body::webhook_bodies;
pub use whip_whep::whip_whep_router;

use axum::Router;
use rotunda_hub::{Hub, IceServers};
use std::sync::Arc;
use std::time::Duration;

/// What the operator decides for this door.
#[derive(Clone, Debug)]
pub struct RestOptions {
    /// Scheme and host that links begin with (`https://rooms.example`); the request's own when
    /// there is none.
    pub public_base: Option<String>,
    /// Where people find the page, path included (`https://site.example/video`); where the request came,
    /// when there is none.
    pub page_base: Option<String>,
    /// Where error codes are explained, `#` and the code to follow; the `url` of each error.
    pub error_docs_url: String,
    /// Longest time for a body to come, headers aside; a legal one fits into a few packets. Who
    /// sends it a byte at a time would otherwise hold a connection for ever.
    pub body_within: Duration,
    /// STUN and TURN servers that WHIP and WHEP clients are told of.
    pub ice_servers: IceServers,
}

impl Default for RestOptions {
    fn default() -> Self {
        Self {
            public_base: None,
            page_base: None,
            error_docs_url: error_codes::PATH.into(),
            body_within: Duration::from_secs(10),
            ice_servers: IceServers::default(),
        }
    }
}

/// What every route has at hand.
#[derive(Clone)]
struct Door {
    hub: Hub,
    options: Arc<RestOptions>,
}

/// Everything under `/api/video`, and nothing else.
pub fn router(hub: Hub, options: RestOptions) -> Router {
    let door = Door { hub, options: Arc::new(options) };
    Router::new().nest("/api/video", table::routes()).with_state(door)
}
