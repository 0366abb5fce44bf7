//! `/room_recordings`: what was recorded, and links to the files. Here as everywhere a link is made
//! for each answer anew and is good for `media_ttl` seconds.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::error::ApiError;
use crate::objects::{EventObject, List, RecordingObject};
use crate::paging::Asked;
use crate::recording_file;
use crate::requests::{PlainError, ValidationErrors};
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
    asked: Asked,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    page(door, caller, None, asked).await
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
    asked: Asked,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    page(door, caller, Some(id), asked).await
}

async fn page(
    door: Door,
    caller: Caller,
    session: Option<Segment>,
    mut asked: Asked,
) -> Result<Json<List<RecordingObject>>, ApiError> {
    let (asking, ttl_s) = (asked.page(), media_ttl(&mut asked));
    asked.check(&door)?;
    let session = session.map(|id| id.id()).transpose()?;
    let mut page = door.hub.recordings_page(caller.project, session, asking.page).await?;
    let mut objects = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        objects.push(object(&door, &asked, row, ttl_s).await?);
    }
    let page = rotunda_hub::ListPage { rows: objects, prev: page.prev, next: page.next };
    Ok(Json(asked.list(asking, page, |object| object)))
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
    mut asked: Asked,
) -> Result<Json<RecordingObject>, ApiError> {
    let ttl_s = media_ttl(&mut asked);
    asked.check(&door)?;
    let row = door.hub.recording_row(caller.project, id.id()?).await?;
    Ok(Json(object(&door, &asked, row, ttl_s).await?))
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
    mut asked: Asked,
) -> Result<Json<List<EventObject>>, ApiError> {
    let asking = asked.page();
    asked.check(&door)?;
    let page = door.hub.recording_events_page(caller.project, id.id()?, asking.page).await?;
    Ok(Json(asked.list(asking, page, EventObject::new)))
}

/// The file a signed link leads to, or the part of it that is asked for (RFC 9110 §14). The link
/// is all the permission there is: a `<video>` element sends no other.
pub(crate) async fn file(
    State(door): State<Door>,
    id: Segment,
    mut asked: Asked,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let link = asked.read("expires", "invalid_parameter", "a number", |text| text.parse().ok());
    let signature = asked.get("signature").map(str::to_owned);
    let (Some(expires), Some(signature)) = (link, signature) else {
        return Err(ApiError::Forbidden);
    };
    let recording: RecordingId = id.0.parse().map_err(|_| ApiError::Forbidden)?;
    let link = RecordingLink { expires, signature };
    recording_file::answer(&door, recording, &link, &method, &headers).await
}

fn media_ttl(asked: &mut Asked) -> u64 {
    let read = |text: &str| text.parse::<u32>().ok().map(u64::from);
    asked.read("media_ttl", "invalid_parameter", "0 or more", read).unwrap_or(MEDIA_TTL_S)
}

async fn object(
    door: &Door,
    asked: &Asked,
    row: RecordingRow,
    ttl_s: u64,
) -> Result<RecordingObject, ApiError> {
    let uri = match row.status {
        RecordingStatus::Completed => Some(uri(door, asked, row.project, row.id, ttl_s).await?),
        _ => None,
    };
    Ok(RecordingObject::new(row, uri))
}

async fn uri(
    door: &Door,
    asked: &Asked,
    project: ProjectId,
    recording: RecordingId,
    ttl_s: u64,
) -> Result<String, ApiError> {
    let RecordingLink { expires, signature } =
        door.hub.recording_link(project, recording, ttl_s).await?;
    let base = asked.base();
    Ok(format!(
        "{base}/api/video/room_recordings/{recording}/file?expires={expires}&signature={signature}"
    ))
}
