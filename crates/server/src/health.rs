//! `/livez` and `/readyz`: alive is not ready.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use rotunda_engine::Engine;
use rotunda_hub::MemoryGate;
use rotunda_store::Store;
use serde_json::{Value, json};
use std::sync::Arc;

/// All routes. Alive means that the process answers; ready, that the database takes writes and
/// media can flow, and that there is memory for more. A supervisor should restart on the first and route
/// on the second only. `/healthz` is the first's other name; `/version` says which release answers.
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
    Router::new()
        .route("/livez", get(alive))
        .route("/healthz", get(alive))
        .route("/version", get(version))
        .route("/readyz", get(ready))
}

async fn alive() -> &'static str {
    "alive\n"
}

/// Which release answers.
async fn version() -> Json<Value> {
    Json(json!({ "name": "rotunda", "version": env!("CARGO_PKG_VERSION") }))
}
