//! The doors for clients that know nothing of this server: WHIP in (RFC 9725) and WHEP out
//! (draft-ietf-wish-whep). An offer with a room token is posted, an answer comes back, and the leg is
//! a resource until it ends.
//!
//! Who may come in and what a leg is are the hub's affair; here requests become its calls and its
//! refusals statuses. WISH is the name of the IETF group that wrote both.

mod access;
mod create;
mod ice_link;
mod offer;
mod problem;
mod resource;
mod sdpfrag;

#[cfg(any(test, fuzzing))]
pub(crate) fn read_fragment(text: &str) {
    if let Ok(sdpfrag) = sdpfrag::read(text) {
        let _ = (sdpfrag.restarts(None), sdpfrag.credentials());
    }
    let _ = sdpfrag::of_answer(text);
}

use crate::{Door, RestOptions};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, patch};
use axum::{Extension, Router};
use problem::Problem;
use rotunda_hub::{Direction, Hub};
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
pub fn whip_whep_router(hub: Hub, options: RestOptions) -> Router {
    let door = Door { hub, options: Arc::new(options) };
    door_of(Direction::Whep).merge(door_of(Direction::Whip)).with_state(door)
}

/// Where legs of one way are opened, and where they are.
fn path(direction: Direction) -> &'static str {
    match direction {
        Direction::Whep => "/whep",
        Direction::Whip => "/whip",
    }
}

fn door_of(direction: Direction) -> Router<Door> {
    let endpoint = get(create::nothing).post(create::create);
    let resource = patch(resource::patch).get(resource::exists).delete(resource::end);
    let endpoint = route(path(direction), endpoint, HeaderName::from_static("accept-post"), SDP);
    let address = format!("{}/{{id}}", path(direction));
    let resource = route(&address, resource, HeaderName::from_static("accept-patch"), FRAGMENT);
    endpoint.merge(resource).layer(Extension(direction))
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
