//! `/rooms/{id}/links`, `/links` and `/link_tokens`: links that open a room, and what a visitor gets for
//! one. A link's key is answered once and never written anywhere.

use crate::Door;
use crate::access::{Caller, Segment, client};
use crate::body::Body;
use crate::dates::{write, write_ms};
use crate::error::{ApiError, FieldError};
use crate::fields::Fields;
use crate::list_query::ListQuery;
use crate::objects::{List, TokenObject};
use crate::openapi_bodies::{LinkBody, LinkTokenBody, PlainError, ValidationErrors};
use axum::Json;
use axum::extract::State;
use axum::http::{Extensions, StatusCode};
use rotunda_domain::{LinkRole, limits};
use rotunda_hub::{ExchangeRefused, LinkError, LinkRow, LinkTerms};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A link that opens a room.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomLink)]
pub(crate) struct LinkObject {
    id: Uuid,
    room_id: Uuid,
    /// `host`, `member`, `guest` or `audience`.
    role: &'static str,
    /// What to send to whoever is invited; `null` but in the answer that made it.
    url: Option<String>,
    expires_at: Option<String>,
    max_uses: Option<u32>,
    uses: u32,
    created_at: String,
}

impl LinkObject {
    fn new(row: &LinkRow, url: Option<String>) -> Self {
        Self {
            id: row.id.0,
            room_id: row.room.0,
            role: row.role.as_str(),
            url,
            expires_at: row.expires_at.map(write),
            max_uses: row.max_uses,
            uses: row.uses,
            created_at: write_ms(row.created_at_ms),
        }
    }
}

#[utoipa::path(get, path = "/api/video/rooms/{id}/links", tag = "Room links",
    operation_id = "list_room_links",
    params(("id" = String, Path, description = "Id or name of the room")),
    responses((status = 200, body = List<LinkObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// List a room's links, oldest first, those that are over too; there are at most a hundred.
pub(crate) async fn of_room(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    list_query: ListQuery,
) -> Result<Json<List<LinkObject>>, ApiError> {
    let rows = door.hub.links_of_room(caller.project, &id.0).await;
    let rows = rows.map_err(|error| door.link_error(error))?;
    Ok(Json(list_query.whole(rows.iter().map(|row| LinkObject::new(row, None)).collect())))
}

#[utoipa::path(post, path = "/api/video/rooms/{id}/links", tag = "Room links",
    operation_id = "create_room_link",
    params(("id" = String, Path, description = "Id or name of the room")),
    request_body = LinkBody,
    responses((status = 201, body = LinkObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Make a link that opens a room. Its url is shown this once.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    list_query: ListQuery,
    Body(body): Body,
) -> Result<(StatusCode, Json<LinkObject>), ApiError> {
    let terms = door.room_first(caller.project, &id.0, read_terms(&body)).await?;
    let made = door.hub.create_link(caller.project, &id.0, terms).await;
    let (name, link) = made.map_err(|error| door.link_error(error))?;
    let page = door.options.page_base.as_deref().unwrap_or(list_query.base());
    let url = format!("{}/r/{name}#{}", page.trim_end_matches('/'), link.key);
    Ok((StatusCode::CREATED, Json(LinkObject::new(&link.row, Some(url)))))
}

#[utoipa::path(delete, path = "/api/video/links/{id}", tag = "Room links",
    operation_id = "delete_room_link", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError)))]
/// Revoke a link. Whoever came by it is gone within a second.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_link(caller.project, id.id()?).await;
    deleted.map_err(|error| door.link_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/video/link_tokens", tag = "Room links",
    operation_id = "exchange_room_link", request_body = LinkTokenBody, security(()),
    responses((status = 200, body = TokenObject), (status = 400, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Exchange a link for a room token. Needs no credentials but the link's key, or a conference's token in its place.
pub(crate) async fn exchange(
    State(door): State<Door>,
    extensions: Extensions,
    Body(body): Body,
) -> Result<Json<TokenObject>, ApiError> {
    let visit = read_visit(&body).map_err(|errors| door.invalid(errors))?;
    let link = (&*visit.room_name, &*visit.key);
    let token = door.hub.exchange_key(link, visit.user_name, client(&extensions)).await;
    Ok(Json(TokenObject { token: token.map_err(|refused| door.not_exchanged(refused))? }))
}

/// What a link is to be.
fn read_terms(body: &Map<String, Value>) -> Result<LinkTerms, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let role = fields.required_choice("role", LinkRole::WORDS, LinkRole::parse);
    let terms = LinkTerms {
        role: role.unwrap_or(LinkRole::Guest),
        expires_at: fields.moment("expires_at").value(),
        max_uses: fields.number("max_uses", limits::LINK_USES).value(),
    };
    fields.done(terms)
}

/// Who comes, and by which link.
struct Visit {
    room_name: String,
    key: String,
    user_name: String,
}

fn read_visit(body: &Map<String, Value>) -> Result<Visit, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let room_name = fields.room_name("room_name", "room_name").unwrap_or_default();
    let key = fields.required_text("key", limits::LINK_KEY_CHARS).unwrap_or_default();
    let user_name = fields.required_text("user_name", limits::USER_NAME_CHARS).unwrap_or_default();
    fields.done(Visit { room_name, key, user_name })
}

impl Door {
    fn link_error(&self, error: LinkError) -> ApiError {
        let invalid = |attribute, code, error: &LinkError| {
            let message = error.to_string();
            self.invalid(vec![FieldError { attribute, code, message }])
        };
        match error {
            LinkError::NotFound => ApiError::NotFound,
            LinkError::Full => invalid(None, "exceeds_platform_link_limit", &error),
            LinkError::Past => invalid(Some("expires_at"), "invalid_parameter", &error),
            LinkError::Store(error) => error.into(),
        }
    }

    fn not_exchanged(&self, refused: ExchangeRefused) -> ApiError {
        match refused {
            ExchangeRefused::Unknown => ApiError::NotFound,
            over @ (ExchangeRefused::Expired | ExchangeRefused::UsedUp) => {
                self.invalid(vec![FieldError::new("key", "invalid_state", over.to_string())])
            }
            ExchangeRefused::TooOften { retry_after_s } => ApiError::TooOften(retry_after_s),
            ExchangeRefused::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes<T>(read: Result<T, Vec<FieldError>>) -> Vec<(&'static str, &'static str)> {
        let errors = read.err().unwrap_or_default();
        errors.iter().map(|e| (e.attribute.unwrap_or("-"), e.code)).collect()
    }

    #[test]
    fn a_link_says_as_what_it_lets_in_and_everything_wrong_with_it_is_named_at_once() {
        let of = |body: Value| codes(read_terms(body.as_object().unwrap()));
        let bad = "invalid_parameter";
        assert!(of(json!({"role": "host"})).is_empty());
        let all = json!({"role": "guest", "expires_at": "2031-01-01", "max_uses": 1, "more": 1});
        assert!(of(all).is_empty());
        assert_eq!(of(json!({})), [("role", bad)]);
        assert_eq!(of(json!({"role": null})), [("role", bad)]);
        let wrong = json!({"role": "king", "expires_at": [], "max_uses": 0});
        let expected = [("role", bad), ("expires_at", "not_a_datetime"), ("max_uses", bad)];
        assert_eq!(of(wrong), expected);
        assert_eq!(of(json!({"role": 1})), [("role", "not_a_string")]);
    }

    #[test]
    fn a_visitor_says_who_they_are_and_by_which_link_they_come() {
        let of = |body: Value| codes(read_visit(body.as_object().unwrap()));
        let bad = "invalid_parameter";
        assert!(of(json!({"room_name": "a", "key": "k", "user_name": "Ann"})).is_empty());
        assert_eq!(of(json!({})), [("room_name", bad), ("key", bad), ("user_name", bad)]);
        let wrong = json!({"room_name": "a b", "key": 1, "user_name": " \u{200b}"});
        let expected =
            [("room_name", "not_alphanumeric"), ("key", "not_a_string"), ("user_name", bad)];
        assert_eq!(of(wrong), expected);
        let long = json!({"room_name": "a", "key": "k".repeat(101), "user_name": "é".repeat(101)});
        assert_eq!(of(long), [("key", bad), ("user_name", bad)]);
    }
}
