//! The API document: derived from the routes of this crate and the objects they answer with; the other
//! doors' routes stand in `openapi/doors.json`.

use crate::{
    conference_tokens, conferences, events, layouts, live_session, logs, network_quality,
    ready_room, room_links, room_recordings, room_sessions, room_streams, room_tokens, rooms,
    session_actions, webhooks,
};
use axum::Json;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Header, OpenApi as Document, RefOr, ResponseBuilder};
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
        room_links::of_room,
        room_links::create,
        room_links::delete,
        room_links::exchange,
        room_sessions::list,
        room_sessions::show,
        room_sessions::members,
        room_sessions::events,
        network_quality::list,
        live_session::show,
        session_actions::act,
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
        conferences::create,
        conferences::list,
        conferences::show,
        conferences::update,
        conferences::delete,
        conferences::streams,
        conferences::create_stream,
        conference_tokens::of_conference,
        conference_tokens::show,
        conference_tokens::reset,
        ready_room::show,
        logs::list,
        logs::show,
        layouts::list,
        webhooks::list,
        webhooks::create,
        webhooks::show,
        webhooks::update,
        webhooks::delete,
        webhooks::rotate,
        webhooks::deliveries,
        webhooks::replay,
        events::listen,
    ),
    modifiers(&Basic, &Doors, &Common),
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

/// Routes of other crates, which know nothing of this document.
struct Doors;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    paths: BTreeMap<String, PathItem>,
    security_schemes: BTreeMap<String, RefOr<SecurityScheme>>,
}

impl Modify for Doors {
    fn modify(&self, document: &mut Document) {
        let written: Written = serde_json::from_str(include_str!("openapi/doors.json"))
            .expect("the file beside this one is what a test reads it as");
        document.paths.paths.extend(written.paths);
        let components = document.components.get_or_insert_default();
        components.security_schemes.extend(written.security_schemes);
    }
}

/// What every route may answer beside its own, and the words that OpenAPI wants for each status.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        let items = document.paths.paths.iter_mut();
        for (path, item) in items {
            let has_doors_own = !path.starts_with("/api/video/");
            for operation in operations(item) {
                complete(operation, has_doors_own);
            }
            if TAGGED.contains(&path.as_str()) {
                tag(item);
            }
        }
    }
}

/// Routes of objects that have an `ETag` and heed `If-Match`.
const TAGGED: [&str; 3] =
    ["/api/video/rooms/{id}", "/api/video/conferences/{id}", "/api/video/streams/{id}"];

/// Says of such a route what its headers are for.
fn tag(item: &mut PathItem) {
    let PathItem { get, put, delete, .. } = item;
    for operation in [put.as_mut(), delete.as_mut()].into_iter().flatten() {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "The ETag of the state that is meant; 412 when it is another by now.",
            ))
            .schema(Some(Object::with_type(Type::String)))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
        let outdated = ResponseBuilder::new().description(meaning("412")).build();
        operation.responses.responses.insert("412".into(), RefOr::T(outdated));
    }
    for operation in [get.as_mut(), put.as_mut()].into_iter().flatten() {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
            let mut header = Header::new(Object::with_type(Type::String));
            header.description = Some("Names this state of the object.".into());
            response.headers.insert("ETag".into(), RefOr::T(header));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn complete(operation: &mut Operation, has_doors_own: bool) {
    let takes_body = operation.request_body.is_some();
    let responses = &mut operation.responses.responses;
    let mut may = |status: &str| {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().build()));
    };
    if !has_doors_own {
        ["429", "500", "503"].into_iter().for_each(&mut may);
    }
    if takes_body {
        ["408", "413"].into_iter().for_each(&mut may);
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = meaning(status).to_owned();
        }
    }
}

/// A sentence for a status.
fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done.",
        "201" => "Made.",
        "202" => "It will be done.",
        "204" => "Done; there is nothing to say.",
        "206" => "The part that Range asked for.",
        "400" => "The body cannot be read.",
        "401" => "No credentials, or wrong ones.",
        "403" => "Not with these credentials.",
        "404" => "It does not exist, or not in this project.",
        "405" => "Another method is meant.",
        "408" => "The body did not come in time.",
        "412" => "If-Match names another state.",
        "413" => "The body is too large.",
        "415" => "The body is of another type.",
        "416" => "No such part.",
        "422" => "Fields are wrong; all of them are named.",
        "428" => "If-Match is missing.",
        "429" => "Too often; Retry-After says when again.",
        "500" => "A defect of the server; its log says more.",
        "503" => "Not just now; try again.",
        _ => "See the description.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_every_route_has_a_sentence_and_every_operation_a_name_of_its_own() {
        let mut document = document();
        let mut names = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for operation in operations(item) {
                names.extend(operation.operation_id.clone());
                for (status, response) in &operation.responses.responses {
                    let RefOr::T(response) = response else { continue };
                    assert!(!response.description.is_empty(), "{path} {status}");
                    assert_ne!(response.description, "See the description.", "{path} {status}");
                }
            }
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert!(count > 35 && names.len() == count, "{count} operations, {} names", names.len());
    }

    #[test]
    fn the_doors_beside_rest_are_in_the_document() {
        let document = document();
        for path in ["/whip", "/whep/{id}", "/oauth/token", "/api/v1/auth/signin", "/livez"] {
            assert!(document.paths.paths.contains_key(path), "{path}");
        }
    }
}
