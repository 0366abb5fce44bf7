//! `/rooms/{id}/streams` and `/streams`: where each session of a room is sent to, as long as the
//! stream stands.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::body::Body;
use crate::error::{ApiError, FieldError};
use crate::fields::{Fields, string};
use crate::list_query::ListQuery;
use crate::objects::{List, StreamObject};
use crate::openapi_bodies::{PlainError, StreamBody, ValidationErrors};
use crate::version::{IfMatch, Tagged};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rotunda_domain::{ProjectId, Quality, StreamHealth, StreamTarget};
use rotunda_hub::{StreamError, StreamRow};
use serde_json::{Map, Value};

#[utoipa::path(get, path = "/api/video/rooms/{id}/streams", tag = "Streams",
    operation_id = "list_room_streams",
    params(("id" = String, Path, description = "Id or name of the room")),
    responses((status = 200, body = List<StreamObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// List a room's streams, oldest first; there are at most five.
pub(crate) async fn of_room(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    list_query: ListQuery,
) -> Result<Json<List<StreamObject>>, ApiError> {
    let streams = door.hub.streams_of_room(caller.project, &id.0).await;
    let mut data = Vec::new();
    for (row, health) in streams.map_err(|error| door.stream_error(error))? {
        data.push(door.stream_object(caller.project, row, health).await?);
    }
    Ok(Json(list_query.whole(data)))
}

#[utoipa::path(post, path = "/api/video/rooms/{id}/streams", tag = "Streams",
    operation_id = "create_room_stream",
    params(("id" = String, Path, description = "Id or name of the room")),
    request_body = StreamBody,
    responses((status = 201, body = StreamObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Stream every session of a room, a running one at once.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    Body(body): Body,
) -> Result<(StatusCode, Tagged<StreamObject>), ApiError> {
    let target = door.room_first(caller.project, &id.0, read_target(&body)).await?;
    let row = door.hub.create_stream(caller.project, &id.0, target).await;
    let row = row.map_err(|error| door.stream_error(error))?;
    Ok((StatusCode::CREATED, door.tagged_stream(caller.project, row).await?))
}

#[utoipa::path(get, path = "/api/video/streams/{id}", tag = "Streams",
    operation_id = "get_stream", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = StreamObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Find a stream by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Tagged<StreamObject>, ApiError> {
    let found = door.hub.stream(caller.project, id.id()?).await;
    let (row, health) = found.map_err(|error| door.stream_error(error))?;
    let changed_at_ms = row.updated_at_ms;
    Ok(Tagged(changed_at_ms, door.stream_object(caller.project, row, health).await?))
}

#[utoipa::path(put, path = "/api/video/streams/{id}", tag = "Streams",
    operation_id = "update_stream", params(("id" = uuid::Uuid, Path)),
    request_body = StreamBody,
    responses((status = 200, body = StreamObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Let a stream go elsewhere, in a running session at once.
pub(crate) async fn update(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
    Body(body): Body,
) -> Result<Tagged<StreamObject>, ApiError> {
    let id = id.id()?;
    let target = read_target(&body).map_err(|errors| door.invalid(errors));
    if target.is_err() {
        let found = door.hub.stream(caller.project, id).await;
        found.map_err(|error| door.stream_error(error))?;
    }
    let row = door.hub.update_stream(caller.project, id, target?, only_if).await;
    let row = row.map_err(|error| door.stream_error(error))?;
    door.tagged_stream(caller.project, row).await
}

#[utoipa::path(delete, path = "/api/video/streams/{id}", tag = "Streams",
    operation_id = "delete_stream", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError)))]
/// Delete a stream. In a running session it ends at once.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    IfMatch(only_if): IfMatch,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_stream(caller.project, id.id()?, only_if).await;
    deleted.map_err(|error| door.stream_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The one field of a body.
fn read_target(body: &Map<String, Value>) -> Result<StreamTarget, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let target = fields.required("url", "Url", |value| {
        StreamTarget::parse(string("url", value)?)
            .map_err(|refusal| ("url_failed_to_parse", refusal.to_string()))
    });
    let errors = fields.into_errors();
    target.ok_or(errors)
}

impl Door {
    async fn tagged_stream(
        &self,
        project: ProjectId,
        row: StreamRow,
    ) -> Result<Tagged<StreamObject>, ApiError> {
        let health = self.hub.stream(project, row.id).await.ok().and_then(|(_, health)| health);
        Ok(Tagged(row.updated_at_ms, self.stream_object(project, row, health).await?))
    }

    /// Its size is the room's.
    async fn stream_object(
        &self,
        project: ProjectId,
        row: StreamRow,
        health: Option<StreamHealth>,
    ) -> Result<StreamObject, ApiError> {
        let room = self.hub.room_by_id(project, row.room).await;
        let room = room.map_err(|error| self.room_error(error))?;
        let size = match room.settings.quality {
            Quality::P720 => (1280, 720),
            Quality::P1080 => (1920, 1080),
        };
        let fps = self.hub.fps(room.settings.quality);
        Ok(StreamObject::new(row, size, fps, health))
    }

    fn stream_error(&self, error: StreamError) -> ApiError {
        let invalid = |code, error: &StreamError| {
            self.invalid(vec![FieldError::new("url", code, error.to_string())])
        };
        match error {
            StreamError::NotFound => ApiError::NotFound,
            StreamError::Outdated => ApiError::Outdated,
            StreamError::Full => invalid("exceeds_platform_stream_limit", &error),
            StreamError::Off => invalid("invalid_state", &error),
            StreamError::Unsafe(_) => invalid("url_is_unsafe", &error),
            StreamError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_wrong_url_hears_what_is_wrong_with_it() {
        let code = |body: Value| {
            read_target(body.as_object().expect("a body")).map_err(|errors| errors[0].code)
        };
        for (url, expected) in [
            (json!(null), "invalid_parameter"),
            (json!(" "), "invalid_parameter"),
            (json!(7), "not_a_string"),
            (json!("http://a.test/live/key"), "url_failed_to_parse"),
            (json!("rtmp:///live/key"), "url_failed_to_parse"),
        ] {
            assert_eq!(code(json!({ "url": url })), Err(expected), "{url}");
        }
        assert_eq!(code(json!({})), Err("invalid_parameter"));
        assert!(code(json!({"url": "rtmps://a.test/live/key", "more": 1})).is_ok());
    }
}
