//! The page at `/` and the browser SDK it loads, compiled into the binary.
//!
//! It exists so that `cargo build` alone gives a server with its page. It knows nothing of
//! rooms, tokens or sockets: it serves bytes. The page finds the room by the browser SDK, and
//! its token by `POST /dev/token`, which belongs to whoever mounts this.

mod files;
mod respond;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

/// The page itself, for a `/` that the caller shares with the WebSocket upgrade.
///
/// Always 200 with a body; `assets` answers conditional requests, this small file does not.
pub fn index() -> Response {
    respond::file(&files::INDEX, &HeaderMap::new())
}

/// Everything the page loads, under `/assets/`; an unknown name is a plain 404.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(asset))
}

/// `index` at `/` plus `assets`, for a server that has nothing else on `/`.
pub fn router() -> Router {
    Router::new().route("/", get(|| async { index() })).merge(assets())
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match files::find(&path) {
        Some(file) => respond::file(file, &headers),
        None => respond::not_found(),
    }
}
