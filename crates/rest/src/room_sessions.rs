//! `/room_sessions`: what went on, and what goes on.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::{EventObject, List, MemberObject, SessionObject};
use crate::openapi_bodies::{PlainError, ValidationErrors};
use axum::Json;
use axum::extract::State;
use rotunda_hub::{SessionFilter, SessionRow, SessionStatus};

#[utoipa::path(get, path = "/api/video/room_sessions", tag = "Room sessions",
    operation_id = "list_room_sessions",
    params(("room_id" = Option<uuid::Uuid>, Query), ("room_name" = Option<String>, Query),
        ("room_name_matches" = Option<String>, Query), ("status" = Option<String>, Query),
        ("page_number" = Option<u32>, Query), ("page_size" = Option<u32>, Query),
        ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<SessionObject>), (status = 401, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// List room sessions, newest first.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    mut list_query: ListQuery,
) -> Result<Json<List<SessionObject>>, ApiError> {
    let bad = "invalid_parameter";
    let text = |list_query: &ListQuery, name| {
        list_query.get(name).filter(|t| !t.is_empty()).map(str::to_owned)
    };
    let filter = SessionFilter {
        room: list_query.read("room_id", bad, "a UUID", |text| text.parse().ok()),
        room_name: text(&list_query, "room_name"),
        room_name_matches: text(&list_query, "room_name_matches"),
        status: list_query.read("status", bad, "in-progress or completed", SessionStatus::parse),
    };
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.sessions_page(caller.project, &filter, asking.page).await?;
    let object = |row: SessionRow| {
        let preview = door.hub.preview_url(row.id);
        SessionObject::new(row, preview)
    };
    Ok(Json(list_query.list(asking, page, object)))
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}", tag = "Room sessions",
    operation_id = "get_room_session", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = SessionObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Find a room session by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<SessionObject>, ApiError> {
    let row = door.hub.session_row(caller.project, id.id()?).await?;
    let preview = door.hub.preview_url(row.id);
    Ok(Json(SessionObject::new(row, preview)))
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}/members", tag = "Room sessions",
    operation_id = "list_room_session_members",
    params(("id" = uuid::Uuid, Path), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<MemberObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List who takes or took part in a room session.
pub(crate) async fn members(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<List<MemberObject>>, ApiError> {
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.members_page(caller.project, id.id()?, asking.page).await?;
    Ok(Json(list_query.list(asking, page, MemberObject::new)))
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}/events", tag = "Room sessions",
    operation_id = "list_room_session_events",
    params(("id" = uuid::Uuid, Path), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<EventObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List what happened in a room session.
pub(crate) async fn events(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<List<EventObject>>, ApiError> {
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.events_page(caller.project, id.id()?, asking.page).await?;
    Ok(Json(list_query.list(asking, page, EventObject::new)))
}
