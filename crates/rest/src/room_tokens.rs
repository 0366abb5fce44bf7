//! `/room_tokens`.

use crate::Door;
use crate::access::Caller;
use crate::body::Body;
use crate::error::ApiError;
use crate::objects::TokenObject;
use crate::openapi_bodies::{CreateRoomToken, PlainError, ValidationErrors};
use crate::token_body::read_token_body;
use axum::Json;
use axum::extract::State;

#[utoipa::path(post, path = "/api/video/room_tokens", tag = "Room tokens",
    operation_id = "create_room_token", request_body = CreateRoomToken,
    responses((status = 200, body = TokenObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Create a room token.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    Body(body): Body,
) -> Result<Json<TokenObject>, ApiError> {
    let grant = read_token_body(&body, caller.project).map_err(|errors| door.invalid(errors))?;
    Ok(Json(TokenObject { token: door.hub.mint_room_token(&grant).await? }))
}
