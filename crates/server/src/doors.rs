//! All that answers on the one HTTP port, each route to the crate that knows it.

use crate::base::page_base;
use crate::config::Config;
use crate::error::RunError;
use crate::metrics;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use rotunda_admin::AdminOptions;
use rotunda_hub::Hub;
use rotunda_livechat::LivechatOptions;
use rotunda_rest::RestOptions;
use rotunda_signaling::Signal;
use rotunda_videochat::Videochat;
use rotunda_webui::Page;
use tower_http::normalize_path::NormalizePath;

/// The page, the socket, REST, on one router.
pub(crate) fn doors(
    hub: &Hub,
    signalling: &Signal,
    videochat: &Videochat,
    config: &Config,
    http_base: &str,
) -> Result<Router, RunError> {
    let page = Page::framed_by(&config.frame_ancestors)?;
    let rest = RestOptions {
        public_base: config.rest_base.clone(),
        page_base: page_base(config),
        error_docs_url: format!("{http_base}/errors"),
        ice_servers: config.ice_servers.clone(),
        ..RestOptions::default()
    };
    let admin = AdminOptions {
        page_base: page_base(config),
        error_docs_url: rest.error_docs_url.clone(),
        ..AdminOptions::default()
    };
    let assets = page.assets();
    Ok(Router::new()
        .route("/", get(front))
        .with_state(Front { signalling: signalling.clone(), page })
        .merge(assets)
        .route("/openapi.json", get(rotunda_rest::openapi))
        .route("/errors", get(rotunda_rest::error_codes))
        .merge(rotunda_rest::whip_whep_router(hub.clone(), rest.clone()))
        .merge(rotunda_rest::router(hub.clone(), rest).layer(from_fn(metrics::count)))
        .merge(rotunda_admin::router(hub.clone(), admin))
        .merge(videochat.router())
        .merge(rotunda_livechat::router(hub.clone(), &LivechatOptions::default())))
}

/// A slash too many at the end of a path leads where the path without it does.
pub(crate) fn forgiving(router: Router) -> Router {
    Router::new().fallback_service(NormalizePath::trim_trailing_slash(router))
}

/// What answers at `/`.
#[derive(Clone)]
struct Front {
    signalling: Signal,
    page: Page,
}

/// `GET /` is the page for people and the socket for programs.
async fn front(
    State(Front { signalling, page }): State<Front>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => signalling.accept(upgrade, &headers, &extensions).await,
        Err(_) => page.index(&headers),
    }
}
