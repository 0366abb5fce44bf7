//! Every route on one page, and what surrounds all of them.

use crate::error::ApiError;
use crate::{
    Door, body, conference_tokens, conferences, events, layouts, live_session, logs,
    network_quality, previews, ready_room, room_links, room_recordings, room_sessions,
    room_streams, room_tokens, rooms, session_actions, webhooks,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};

pub(crate) fn routes() -> Router<Door> {
    Router::new()
        .route("/rooms", get(rooms::list).post(rooms::create))
        .route("/rooms/{id}", get(rooms::show).put(rooms::update).delete(rooms::delete))
        .route("/rooms/{id}/streams", get(room_streams::of_room).post(room_streams::create))
        .route(
            "/streams/{id}",
            get(room_streams::show).put(room_streams::update).delete(room_streams::delete),
        )
        .route("/rooms/{id}/links", get(room_links::of_room).post(room_links::create))
        .route("/links/{id}", delete(room_links::delete))
        .route("/link_tokens", post(room_links::exchange))
        .route("/room_tokens", post(room_tokens::create))
        .route("/room_sessions", get(room_sessions::list))
        .route("/room_sessions/{id}", get(room_sessions::show))
        .route("/room_sessions/{id}/members", get(room_sessions::members))
        .route("/room_sessions/{id}/events", get(room_sessions::events))
        .route("/room_sessions/{id}/network_quality", get(network_quality::list))
        .route("/room_sessions/{id}/live", get(live_session::show))
        .route("/room_sessions/{id}/actions", post(session_actions::act))
        .route("/room_sessions/{id}/recordings", get(room_recordings::of_session))
        .route("/room_recordings", get(room_recordings::list))
        .route("/room_recordings/{id}", get(room_recordings::show).delete(room_recordings::delete))
        .route("/room_recordings/{id}/events", get(room_recordings::events))
        .route("/room_recordings/{id}/file", get(room_recordings::file))
        .merge(conferences())
        .route("/logs", get(logs::list))
        .route("/logs/{id}", get(logs::show))
        .route("/previews/{token}", get(previews::show))
        .route("/layouts", get(layouts::list))
        .route("/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/webhooks/{id}", get(webhooks::show).put(webhooks::update).delete(webhooks::delete))
        .route("/webhooks/{id}/secret", post(webhooks::rotate))
        .route("/webhooks/{id}/deliveries", get(webhooks::deliveries))
        .route("/webhooks/{id}/replay", post(webhooks::replay))
        .route("/events", get(events::listen))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(body::BYTES))
        .layer(CatchPanicLayer::custom(broken))
        .layer(cors())
}

fn conferences() -> Router<Door> {
    let one = get(conferences::show).put(conferences::update).delete(conferences::delete);
    Router::new()
        .route("/conferences", get(conferences::list).post(conferences::create))
        .route("/conferences/{id}", one)
        .route(
            "/conferences/{id}/streams",
            get(conferences::streams).post(conferences::create_stream),
        )
        .route("/conferences/{id}/conference_tokens", get(conference_tokens::of_conference))
        .route("/conference_tokens/{id}", get(conference_tokens::show))
        .route("/conference_tokens/{id}/reset", post(conference_tokens::reset))
        .route("/ready_room", get(ready_room::show))
}

/// Any page may call: what opens is the `Authorization` header, which no browser adds by itself,
/// so nothing is gained by asking where a call comes from.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH])
        .expose_headers([header::ETAG])
        .max_age(Duration::from_secs(600))
}

/// A panic is a defect of ours; the caller gets the answer for that, and the log has the place.
fn broken(_: Box<dyn Any + Send>) -> Response {
    ApiError::Broken.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_in_a_route_is_a_500_in_json() {
        let broken_route = get(async || -> &'static str { panic!("a defect") });
        let router: Router =
            Router::new().route("/", broken_route).layer(CatchPanicLayer::custom(broken));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        assert_eq!(&body[..], br#"{"error":"Internal Server Error"}"#);
    }
}
