//! `/rooms`.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::body::Body;
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::{ActiveSession, List, RoomObject};
use crate::openapi_bodies::{CreateRoom, PlainError, UpdateRoom, ValidationErrors};
use crate::room_body::{examine_room_body, read_new_room};
use crate::version::{IfMatch, Tagged};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rotunda_domain::Room;
use rotunda_hub::{RoomFilter, SessionRow};

impl Door {
    fn room_object(&self, room: Room, active: Option<Option<ActiveSession>>) -> RoomObject {
        let fps = self.hub.fps(room.settings.quality);
        RoomObject::new(room, fps, active)
    }

    fn tagged_room(&self, room: Room, active: Option<Option<ActiveSession>>) -> Tagged<RoomObject> {
        Tagged(room.updated_at_ms, self.room_object(room, active))
    }

    pub(crate) fn active(&self, row: &SessionRow) -> Option<ActiveSession> {
        ActiveSession::new(row, self.hub.preview_url(row.id))
    }

    pub(crate) async fn active_in(&self, room: &Room) -> Result<Option<ActiveSession>, ApiError> {
        let row = self.hub.active_session(room.project, room.id).await?;
        Ok(row.as_ref().and_then(|row| self.active(row)))
    }
}

#[utoipa::path(post, path = "/api/video/rooms", tag = "Rooms", operation_id = "create_room",
    request_body = CreateRoom,
    responses((status = 200, body = RoomObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Create a room.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    Body(body): Body,
) -> Result<Tagged<RoomObject>, ApiError> {
    let settings = read_new_room(&body).map_err(|errors| door.invalid(errors))?;
    let room = door.hub.create_room(caller.project, settings).await;
    let room = room.map_err(|error| door.room_error(error))?;
    Ok(door.tagged_room(room, None))
}

#[utoipa::path(get, path = "/api/video/rooms", tag = "Rooms", operation_id = "list_rooms",
    params(("include_active_session" = Option<bool>, Query), ("starts_after" = Option<String>, Query),
        ("ends_before" = Option<String>, Query), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<RoomObject>), (status = 401, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// List rooms, newest first.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    mut list_query: ListQuery,
) -> Result<Json<List<RoomObject>>, ApiError> {
    let filter = RoomFilter {
        starts_after: list_query.moment("starts_after"),
        ends_before: list_query.moment("ends_before"),
    };
    let with_active = list_query.flag("include_active_session");
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.rooms_page(caller.project, filter, asking.page).await?;
    let running = match with_active {
        true => Some(door.hub.active_sessions(caller.project).await?),
        false => None,
    };
    let object = |room: Room| {
        let active = running.as_ref().map(|all| all.get(&room.id).and_then(|row| door.active(row)));
        door.room_object(room, active)
    };
    Ok(Json(list_query.list(asking, page, object)))
}

#[utoipa::path(get, path = "/api/video/rooms/{id}", tag = "Rooms", operation_id = "get_room",
    params(("id" = String, Path, description = "Id or name of the room"),
        ("include_active_session" = Option<bool>, Query)),
    responses((status = 200, body = RoomObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Find a room by id or name.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Tagged<RoomObject>, ApiError> {
    let with_active = list_query.flag("include_active_session");
    list_query.check(&door)?;
    let room = door.hub.room(caller.project, &id.0).await;
    let room = room.map_err(|error| door.room_error(error))?;
    let active = match with_active {
        true => Some(door.active_in(&room).await?),
        false => None,
    };
    Ok(door.tagged_room(room, active))
}

#[utoipa::path(put, path = "/api/video/rooms/{id}", tag = "Rooms", operation_id = "update_room",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the room")),
    request_body = UpdateRoom,
    responses((status = 200, body = RoomObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Update a room. Joining and removal times and the member limit act on a running session at once,
/// everything else on the next.
pub(crate) async fn update(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
    Body(body): Body,
) -> Result<Tagged<RoomObject>, ApiError> {
    let id = id.id()?;
    let (patch, mut errors) = examine_room_body(&body);
    if !errors.is_empty() {
        // A room that is not there is told before what is wrong with its change.
        let room = door.hub.room_by_id(caller.project, id).await;
        let mut room = room.map_err(|error| door.room_error(error))?;
        errors.extend(patch.apply(&mut room.settings).err());
        return Err(door.invalid(errors));
    }
    let changed =
        door.hub.update_room_if(caller.project, id, only_if, |room| patch.apply(room)).await;
    let changed = changed.map_err(|error| door.room_error(error))?;
    let room = changed.map_err(|error| door.invalid(vec![error]))?;
    let active = door.active_in(&room).await?;
    Ok(door.tagged_room(room, Some(active)))
}

#[utoipa::path(delete, path = "/api/video/rooms/{id}", tag = "Rooms", operation_id = "delete_room",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the room")),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError)))]
/// Delete a room. A running session ends; the history stays.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_room_if(caller.project, id.id()?, only_if).await;
    deleted.map_err(|error| door.room_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}
