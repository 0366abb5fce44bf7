//! `/conferences/{id}/conference_tokens` and `/conference_tokens`: what lets people into a conference.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::conference_objects::ConferenceTokenObject;
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::List;
use crate::openapi_bodies::{PlainError, ValidationErrors};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/api/video/conferences/{id}/conference_tokens", tag = "Conference tokens",
    operation_id = "list_conference_tokens",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference"),
        ("page_number" = Option<u32>, Query), ("page_size" = Option<u32>, Query),
        ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<ConferenceTokenObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List a conference's tokens: the moderators', and the guests'.
pub(crate) async fn of_conference(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<List<ConferenceTokenObject>>, ApiError> {
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.conference_tokens_page(caller.project, id.id()?, asking.page).await;
    let page = page.map_err(|error| door.room_error(error))?;
    Ok(Json(list_query.list(asking, page, ConferenceTokenObject::new)))
}

#[utoipa::path(get, path = "/api/video/conference_tokens/{id}", tag = "Conference tokens",
    operation_id = "get_conference_token", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ConferenceTokenObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Find a conference's token by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<ConferenceTokenObject>, ApiError> {
    let row = door.hub.conference_token(caller.project, id.id()?).await?;
    Ok(Json(ConferenceTokenObject::new(row)))
}

#[utoipa::path(post, path = "/api/video/conference_tokens/{id}/reset", tag = "Conference tokens",
    operation_id = "reset_conference_token", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ConferenceTokenObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Replace a conference's token. The former opens nothing any more, and whoever came by it is gone within a
/// second.
pub(crate) async fn reset(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<ConferenceTokenObject>, ApiError> {
    let row = door.hub.reset_conference_token(caller.project, id.id()?).await?;
    Ok(Json(ConferenceTokenObject::new(row)))
}
