//! `/conferences`: rooms with colours and tokens of their own.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::body::Body;
use crate::conference_body::{examine_conference_body, read_new_conference};
use crate::conference_objects::ConferenceObject;
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::{ActiveSession, List, StreamObject};
use crate::openapi_bodies::{PlainError, StreamBody, ValidationErrors};
use crate::openapi_conferences::{CreateConference, UpdateConference};
use crate::room_streams;
use crate::version::{IfMatch, Tagged};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rotunda_domain::{Conference, RoomId};
use rotunda_hub::RoomFilter;

impl Door {
    /// The conference of a path.
    pub(crate) async fn conference(
        &self,
        caller: &Caller,
        id: &Segment,
    ) -> Result<Conference, ApiError> {
        let id: RoomId = id.id()?;
        let found = self.hub.conference(caller.project, id).await;
        found.map_err(|error| self.room_error(error))
    }
}

fn tagged(
    conference: Conference,
    active: Option<Option<ActiveSession>>,
) -> Tagged<ConferenceObject> {
    Tagged(conference.room.updated_at_ms, ConferenceObject::new(conference, active))
}

#[utoipa::path(post, path = "/api/video/conferences", tag = "Conferences",
    operation_id = "create_conference", request_body = CreateConference,
    responses((status = 200, body = ConferenceObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Create a conference: a room with colours of its own, and a token each for moderators and guests.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    Body(body): Body,
) -> Result<Tagged<ConferenceObject>, ApiError> {
    let settings = read_new_conference(&body).map_err(|errors| door.invalid(errors))?;
    let made = door.hub.create_conference(caller.project, settings).await;
    let made = made.map_err(|error| door.room_error(error))?;
    Ok(tagged(made, None))
}

#[utoipa::path(get, path = "/api/video/conferences", tag = "Conferences",
    operation_id = "list_conferences",
    params(("include_active_session" = Option<bool>, Query), ("starts_after" = Option<String>, Query),
        ("ends_before" = Option<String>, Query), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<ConferenceObject>), (status = 401, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// List conferences, newest first.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    mut list_query: ListQuery,
) -> Result<Json<List<ConferenceObject>>, ApiError> {
    let filter = RoomFilter {
        starts_after: list_query.moment("starts_after"),
        ends_before: list_query.moment("ends_before"),
    };
    let with_active = list_query.flag("include_active_session");
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.conferences_page(caller.project, filter, asking.page).await?;
    let running = match with_active {
        true => Some(door.hub.active_sessions(caller.project).await?),
        false => None,
    };
    let object = |conference: Conference| {
        let row = running.as_ref().map(|all| all.get(&conference.room.id));
        let active: Option<Option<ActiveSession>> =
            row.map(|row| row.and_then(|row| door.active(row)));
        ConferenceObject::new(conference, active)
    };
    Ok(Json(list_query.list(asking, page, object)))
}

#[utoipa::path(get, path = "/api/video/conferences/{id}", tag = "Conferences",
    operation_id = "get_conference",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference"),
        ("include_active_session" = Option<bool>, Query)),
    responses((status = 200, body = ConferenceObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Find a conference by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Tagged<ConferenceObject>, ApiError> {
    let with_active = list_query.flag("include_active_session");
    list_query.check(&door)?;
    let conference = door.conference(&caller, &id).await?;
    let active = match with_active {
        true => Some(door.active_in(&conference.room).await?),
        false => None,
    };
    Ok(tagged(conference, active))
}

#[utoipa::path(put, path = "/api/video/conferences/{id}", tag = "Conferences",
    operation_id = "update_conference",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference")),
    request_body = UpdateConference,
    responses((status = 200, body = ConferenceObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Update a conference. Joining times and the size act on a running session at once, everything else on the
/// next.
pub(crate) async fn update(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
    Body(body): Body,
) -> Result<Tagged<ConferenceObject>, ApiError> {
    let (patch, mut errors) = examine_conference_body(&body);
    if !errors.is_empty() {
        // A conference that is not there is told before what is wrong with its change.
        let mut settings = door.conference(&caller, &id).await?.settings();
        errors.extend(patch.apply(&mut settings).err());
        return Err(door.invalid(errors));
    }
    let change = |settings: &mut _| patch.apply(settings);
    let changed = door.hub.update_conference(caller.project, id.id()?, only_if, change).await;
    let changed = changed.map_err(|error| door.room_error(error))?;
    let conference = changed.map_err(|error| door.invalid(vec![error]))?;
    let active = door.active_in(&conference.room).await?;
    Ok(tagged(conference, Some(active)))
}

#[utoipa::path(delete, path = "/api/video/conferences/{id}", tag = "Conferences",
    operation_id = "delete_conference",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference")),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError)))]
/// Delete a conference and its tokens. A running session ends; the history stays.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_conference(caller.project, id.id()?, only_if).await;
    deleted.map_err(|error| door.room_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/api/video/conferences/{id}/streams", tag = "Conferences",
    operation_id = "list_conference_streams",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference")),
    responses((status = 200, body = List<StreamObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// List a conference's streams, oldest first; there are at most five.
pub(crate) async fn streams(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    list_query: ListQuery,
) -> Result<Json<List<StreamObject>>, ApiError> {
    door.conference(&caller, &id).await?;
    room_streams::of_room(State(door), caller, id, list_query).await
}

#[utoipa::path(post, path = "/api/video/conferences/{id}/streams", tag = "Conferences",
    operation_id = "create_conference_stream",
    params(("id" = uuid::Uuid, Path, description = "Unique ID of the conference")),
    request_body = StreamBody,
    responses((status = 200, body = StreamObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Stream every session of a conference, a running one at once.
pub(crate) async fn create_stream(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    body: Body,
) -> Result<Tagged<StreamObject>, ApiError> {
    door.conference(&caller, &id).await?;
    let (_, made) = room_streams::create(State(door), caller, id, body).await?;
    Ok(made)
}
