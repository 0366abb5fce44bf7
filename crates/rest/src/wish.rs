//! The doors for clients that know nothing of this server: WHIP in (RFC 9725) and WHEP out
//! (draft-ietf-wish-whep). An offer with a room token is posted, an answer comes back, and the leg is
//! a resource until it ends.
//!
//! Who may come in and what a leg is are the hub's affair; here requests become its calls and its
//! refusals statuses. WISH is the name of the IETF group that wrote both.

mod access;
mod fragment;
mod ice_link;
mod offer;
mod open;
mod problem;
mod session;

#[cfg(any(test, fuzzing))]
pub(crate) fn read_fragment(text: &str) {
    if let Ok(fragment) = fragment::read(text) {
        let _ = (fragment.restarts(None), fragment.credentials());
    }
    let _ = fragment::of_answer(text);
}

use crate::{Door, RestOptions};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, patch};
use axum::{Extension, Router};
use problem::Problem;
use rotunda_hub::{Hub, Way};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// Largest body. The offer of a browser with every codec and extension is an eighth of it.
const BYTES: usize = 64 * 1024;
const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// `/whep`, `/whip` and the legs behind them.
pub fn wish_router(hub: Hub, options: RestOptions) -> Router {
    let door = Door { hub, options: Arc::new(options) };
    door_of(Way::Watch).merge(door_of(Way::Publish)).with_state(door)
}

/// Where legs of one way are opened, and where they are.
fn path(way: Way) -> &'static str {
    match way {
        Way::Watch => "/whep",
        Way::Publish => "/whip",
    }
}

fn door_of(way: Way) -> Router<Door> {
    let endpoint = get(open::nothing).post(open::open);
    let session = patch(session::patch).get(session::exists).delete(session::end);
    let endpoint = route(path(way), endpoint, HeaderName::from_static("accept-post"), SDP);
    let address = format!("{}/{{id}}", path(way));
    let session = route(&address, session, HeaderName::from_static("accept-patch"), FRAGMENT);
    endpoint.merge(session).layer(Extension(way))
}

fn route(
    at: &str,
    verbs: MethodRouter<Door>,
    name: HeaderName,
    kind: &'static str,
) -> Router<Door> {
    Router::new()
        .route(at, verbs)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BYTES))
        .layer(CatchPanicLayer::custom(broken))
        .layer(cors())
        // Whoever asks for the options is told what may be sent (RFC 9725 §4.2), others too.
        .layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(kind)))
}

fn broken(_: Box<dyn Any + Send>) -> Response {
    Problem::broken().into_response()
}

/// Any page may call: what opens is a token, which no browser adds by itself.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH])
        .expose_headers([header::LOCATION, header::ETAG, header::LINK, header::RETRY_AFTER])
        .max_age(Duration::from_secs(600))
}
