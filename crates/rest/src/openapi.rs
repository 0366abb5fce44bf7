//! The API document, derived from the routes and the objects they answer with.

use crate::{layouts, room_recordings, room_sessions, room_streams, room_tokens, rooms};
use axum::Json;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Rotunda", description = "Video rooms: REST interface"),
    paths(
        rooms::create,
        rooms::list,
        rooms::show,
        rooms::update,
        rooms::delete,
        room_tokens::create,
        room_sessions::list,
        room_sessions::show,
        room_sessions::members,
        room_sessions::events,
        room_recordings::of_session,
        room_recordings::list,
        room_recordings::show,
        room_recordings::delete,
        room_recordings::events,
        room_streams::of_room,
        room_streams::create,
        room_streams::show,
        room_streams::update,
        room_streams::delete,
        layouts::list,
    ),
    modifiers(&Basic),
    security(("basic" = []))
)]
struct Api;

struct Basic;

impl Modify for Basic {
    fn modify(&self, document: &mut Document) {
        let scheme = Http::builder()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("User name: project id. Password: an API token with scope video."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("basic", SecurityScheme::Http(scheme));
    }
}

/// The document (OpenAPI 3.1).
pub fn document() -> Document {
    Api::openapi()
}

/// A route's worth of it, for `/openapi.json`.
pub async fn openapi() -> Json<Document> {
    Json(document())
}
