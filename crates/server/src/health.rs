//! `/livez` and `/readyz`: alive is not ready.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use rotunda_engine::Engine;
use rotunda_store::Store;
use std::sync::Arc;

/// Both routes. Alive means that the process answers; ready, that the database takes writes and
/// media can flow. A supervisor should restart on the first and route on the second only.
pub fn router(store: Store, engine: Arc<dyn Engine>) -> Router {
    let ready = move || {
        let (store, engine) = (store.clone(), engine.clone());
        async move {
            if !store.healthy().await {
                return (StatusCode::SERVICE_UNAVAILABLE, "the database is unusable\n");
            }
            if !engine.is_ready() {
                return (StatusCode::SERVICE_UNAVAILABLE, "the UDP socket is unusable\n");
            }
            (StatusCode::OK, "ready\n")
        }
    };
    Router::new().route("/livez", get(|| async { "alive\n" })).route("/readyz", get(ready))
}
