//! The operator's door, `/admin/api`: who was invited makes a password or a passkey there, who has one signs in and
//! out. What an admin then does goes through REST like everybody's; this crate refuses to know rooms.
//!
//! It holds the ceremonies of passkeys that are under way ([`ceremonies`]); accounts, sessions and the counting of
//! wrong passwords are the hub's.

mod answer;
mod body;
mod ceremonies;
mod error;
mod invitation;
mod login;
mod passkeys;
mod relying;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ceremonies::Ceremonies;
use error::ApiError;
use relying::Strangers;
use rotunda_doorway::{ClientAddress, is_own_page};
use rotunda_hub::{Hub, Limiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tower_http::set_header::SetResponseHeaderLayer;

/// What the operator decides for this door.
#[derive(Clone, Debug)]
pub struct AdminOptions {
    /// Where people find the page, path included; where the request came, when there is none. Passkeys belong to its
    /// host.
    pub page_base: Option<String>,
    /// Where error codes are explained, `#` and the code to follow.
    pub error_docs_url: String,
    /// Calls of one address that change something, at once, and again in [`AdminOptions::window`].
    pub calls: NonZeroU32,
    /// How long it takes until as many may be made again.
    pub window: Duration,
    /// How long a body may take to come.
    pub body_within: Duration,
}

impl Default for AdminOptions {
    fn default() -> Self {
        Self {
            page_base: None,
            error_docs_url: "/errors".into(),
            calls: NonZeroU32::new(60).unwrap_or(NonZeroU32::MIN),
            window: Duration::from_secs(60),
            body_within: Duration::from_secs(10),
        }
    }
}

/// What every route has at hand.
#[derive(Clone)]
struct Door {
    hub: Hub,
    options: Arc<AdminOptions>,
    calls: Arc<Limiter<Option<IpAddr>>>,
    ceremonies: Arc<Ceremonies>,
    strangers: Arc<Strangers>,
}

/// The door to `hub`: everything under `/admin/api`, and nothing else.
pub fn router(hub: Hub, options: AdminOptions) -> Router {
    let calls = Limiter::new(options.calls, options.window, hub.options().clock.clone());
    let door = Door {
        hub,
        options: Arc::new(options),
        calls: Arc::new(calls),
        ceremonies: Arc::default(),
        strangers: Arc::new(Strangers::new()),
    };
    Router::new().nest("/admin/api", routes(&door)).with_state(door)
}

fn routes(door: &Door) -> Router<Door> {
    let kept = SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    );
    Router::new()
        .route("/me", get(login::me))
        .route("/invitation", post(invitation::show))
        .route("/invitation/password", post(invitation::password))
        .route("/invitation/passkey/start", post(passkeys::start_making))
        .route("/invitation/passkey/finish", post(passkeys::finish_making))
        .route("/login", post(login::by_password))
        .route("/login/passkey/start", post(passkeys::start_showing))
        .route("/login/passkey/finish", post(passkeys::finish_showing))
        .route("/logout", post(login::out))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(body::BYTES))
        .layer(from_fn_with_state(door.clone(), guard))
        .layer(kept)
}

/// What changes something comes from a page of our own, and not too often from one address.
async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    let (headers, extensions) = (request.headers(), request.extensions());
    if !is_own_page(headers, extensions, door.options.page_base.as_deref()) {
        return ApiError::Forbidden.into_response();
    }
    let from = extensions.get::<ClientAddress>().map(|client| client.network().ip());
    match door.calls.take(&from) {
        Ok(()) => next.run(request).await,
        Err(wait) => ApiError::TooOften(wait.as_secs() + 1).into_response(),
    }
}
