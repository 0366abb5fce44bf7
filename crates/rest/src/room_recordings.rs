//! `/room_recordings`: what was recorded, and links to the files. Here as everywhere a link is made
//! for each answer anew and is good for `media_ttl` seconds.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::{EventObject, List, RecordingObject};
use crate::openapi_bodies::{PlainError, ValidationErrors};
use crate::recording_file;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use rotunda_domain::{ProjectId, RecordingId};
use rotunda_hub::{RecordingLink, RecordingRow, RecordingStatus};

/// How long a link is good when the caller does not say, seconds.
const MEDIA_TTL_S: u64 = 900;

#[utoipa::path(get, path = "/api/video/room_recordings", tag = "Room recordings",
    operation_id = "list_room_recordings",
    params(("media_ttl" = Option<u32>, Query), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<RecordingObject>), (status = 401, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// List recordings, newest first.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    list_query: ListQuery,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    page(door, caller, None, list_query).await
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}/recordings", tag = "Room sessions",
    operation_id = "list_room_session_recordings",
    params(("id" = uuid::Uuid, Path), ("media_ttl" = Option<u32>, Query),
        ("page_number" = Option<u32>, Query), ("page_size" = Option<u32>, Query),
        ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<RecordingObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List a room session's recordings, newest first.
pub(crate) async fn of_session(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    list_query: ListQuery,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    page(door, caller, Some(id), list_query).await
}

async fn page(
    door: Door,
    caller: Caller,
    session: Option<Segment>,
    mut list_query: ListQuery,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    let (asking, ttl_s) = (list_query.page(), media_ttl(&mut list_query));
    list_query.check(&door)?;
    let session = session.map(|id| id.id()).transpose()?;
    let mut page = door.hub.recordings_page(caller.project, session, asking.page).await?;
    let mut objects = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        objects.push(object(&door, &list_query, row, ttl_s).await?);
    }
    let page = rotunda_hub::ListPage { rows: objects, prev: page.prev, next: page.next };
    Ok(Json(list_query.list(asking, page, |object| object)))
}

#[utoipa::path(get, path = "/api/video/room_recordings/{id}", tag = "Room recordings",
    operation_id = "get_room_recording",
    params(("id" = uuid::Uuid, Path), ("media_ttl" = Option<u32>, Query)),
    responses((status = 200, body = RecordingObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Find a recording by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<RecordingObject>, ApiError> {
    let ttl_s = media_ttl(&mut list_query);
    list_query.check(&door)?;
    let row = door.hub.recording_row(caller.project, id.id()?).await?;
    Ok(Json(object(&door, &list_query, row, ttl_s).await?))
}

#[utoipa::path(delete, path = "/api/video/room_recordings/{id}", tag = "Room recordings",
    operation_id = "delete_room_recording", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Delete a recording and its file; not while it is recorded.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_recording(caller.project, id.id()?).await;
    deleted.map_err(|error| door.recording_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/api/video/room_recordings/{id}/events", tag = "Room recordings",
    operation_id = "list_room_recording_events",
    params(("id" = uuid::Uuid, Path), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<EventObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List what happened to a recording.
pub(crate) async fn events(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<List<EventObject>>, ApiError> {
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.recording_events_page(caller.project, id.id()?, asking.page).await?;
    Ok(Json(list_query.list(asking, page, EventObject::new)))
}

/// The file a signed link leads to, or the part of it that is asked for (RFC 9110 §14). The link
/// is all the permission there is: a `<video>` element sends no other.
pub(crate) async fn file(
    State(door): State<Door>,
    id: Segment,
    mut list_query: ListQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let link =
        list_query.read("expires", "invalid_parameter", "a number", |text| text.parse().ok());
    let signature = list_query.get("signature").map(str::to_owned);
    let (Some(expires), Some(signature)) = (link, signature) else {
        return Err(ApiError::Forbidden);
    };
    let recording: RecordingId = id.0.parse().map_err(|_| ApiError::Forbidden)?;
    let link = RecordingLink { expires, signature };
    recording_file::answer(&door, recording, &link, &method, &headers).await
}

fn media_ttl(list_query: &mut ListQuery) -> u64 {
    let read = |text: &str| text.parse::<u32>().ok().map(u64::from);
    list_query.read("media_ttl", "invalid_parameter", "0 or more", read).unwrap_or(MEDIA_TTL_S)
}

async fn object(
    door: &Door,
    list_query: &ListQuery,
    row: RecordingRow,
    ttl_s: u64,
) -> Result<RecordingObject, ApiError> {
    let uri = match row.status {
        RecordingStatus::Completed => {
            Some(uri(door, list_query, row.project, row.id, ttl_s).await?)
        }
        _ => None,
    };
    Ok(RecordingObject::new(row, uri))
}

async fn uri(
    door: &Door,
    list_query: &ListQuery,
    project: ProjectId,
    recording: RecordingId,
    ttl_s: u64,
) -> Result<String, ApiError> {
    let RecordingLink { expires, signature } =
        door.hub.recording_link(project, recording, ttl_s).await?;
    let base = list_query.base();
    Ok(format!(
        "{base}/api/video/room_recordings/{recording}/file?expires={expires}&signature={signature}"
    ))
}
