//! `/livez` and `/readyz`: alive is not ready.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use rotunda_engine::Engine;
use rotunda_hub::MemoryGate;
use rotunda_store::Store;
use std::sync::Arc;

/// Both routes. Alive means that the process answers; ready, that the database takes writes and
/// media can flow, and
/// that there is memory for more. A supervisor should restart on the first and route on the second only.
pub fn router(store: Store, engine: Arc<dyn Engine>, memory: MemoryGate) -> Router {
    let ready = move || {
        let (store, engine, memory) = (store.clone(), engine.clone(), memory.clone());
        async move {
            if !store.healthy().await {
                return (StatusCode::SERVICE_UNAVAILABLE, "the database is unusable\n");
            }
            if !engine.is_ready() {
                return (StatusCode::SERVICE_UNAVAILABLE, "the UDP socket is unusable\n");
            }
            if memory.is_short() {
                return (StatusCode::SERVICE_UNAVAILABLE, "memory is short\n");
            }
            (StatusCode::OK, "ready\n")
        }
    };
    Router::new().route("/livez", get(|| async { "alive\n" })).route("/readyz", get(ready))
}
