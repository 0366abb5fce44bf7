//! `/ready_room`: the one call by which SignalWire's prebuilt widget (`@signalwire/app-kit`) begins. Needs no
//! credentials but a conference's token, and tells nothing about tokens that are none.

use crate::Door;
use crate::access::client;
use crate::conference_objects::ThemeObject;
use crate::error::{ApiError, FieldError};
use crate::list_query::ListQuery;
use crate::openapi_bodies::{PlainError, ValidationErrors};
use axum::Json;
use axum::extract::State;
use axum::http::{Extensions, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rotunda_domain::limits::USER_NAME_CHARS;
use rotunda_domain::text::shows_nothing;
use rotunda_hub::{ConferencePass, ExchangeRefused};
use serde::Serialize;
use utoipa::ToSchema;

/// What the widget begins with.
#[derive(Serialize, ToSchema)]
#[schema(as = ReadyRoom)]
pub(crate) struct ReadyRoomObject {
    /// A room token.
    token: String,
    /// What it permits.
    permissions: Vec<String>,
    room_display_name: String,
    theme: ThemeObject,
}

impl ReadyRoomObject {
    fn new(pass: ConferencePass) -> Self {
        Self {
            token: pass.token,
            permissions: pass.grant.permissions.as_slice().to_vec(),
            room_display_name: pass.visit.display_name,
            theme: ThemeObject::new(&pass.visit.theme),
        }
    }
}

#[utoipa::path(get, path = "/api/video/ready_room", tag = "Conference tokens",
    operation_id = "get_ready_room", security(()),
    params(("t" = String, Query, description = "A conference's token, vpt_…"),
        ("u" = Option<String>, Query,
            description = "The visitor's name, at most 100 characters; a random one when absent.")),
    responses((status = 200, body = ReadyRoomObject), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Exchange a conference's token for a room token. Needs no credentials but that token.
pub(crate) async fn show(
    State(door): State<Door>,
    extensions: Extensions,
    list_query: ListQuery,
) -> Result<Response, ApiError> {
    let name = list_query.get("u").filter(|name| !shows_nothing(name)).unwrap_or_default();
    if name.chars().count() > USER_NAME_CHARS || name.contains('\0') {
        let message = format!("u must be at most {USER_NAME_CHARS} characters, without NUL");
        return Err(door.invalid(vec![FieldError::new("u", "invalid_parameter", message)]));
    }
    let token = list_query.get("t").unwrap_or_default();
    let pass = door.hub.exchange_conference_token(token, name.into(), client(&extensions)).await;
    let pass = pass.map_err(|refused| match refused {
        ExchangeRefused::TooOften { retry_after_s } => ApiError::TooOften(retry_after_s),
        ExchangeRefused::Store(error) => error.into(),
        ExchangeRefused::Unknown | ExchangeRefused::Expired | ExchangeRefused::UsedUp => {
            ApiError::NotFound
        }
    })?;
    let mut response = Json(ReadyRoomObject::new(pass)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
