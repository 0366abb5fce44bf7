//! `/previews`: the small moving pictures of running sessions. Who knows the address needs no login,
//! so that an `<img>` can show it.

use crate::Door;
use crate::access::Segment;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The latest preview. It changes twice a minute under the same address, so that nobody may keep it
/// without asking.
pub(crate) async fn show(State(door): State<Door>, token: Segment) -> Result<Response, ApiError> {
    let data = door.hub.preview(&token.0).ok_or(ApiError::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/webp"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, axum::body::Bytes::from_owner(data)).into_response())
}
