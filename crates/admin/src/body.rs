//! Bodies: JSON objects of bounded size, whatever the content type says.

use crate::Door;
use crate::error::ApiError;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

/// Largest body; what a passkey answers with has a few thousand bytes.
pub(crate) const BYTES: usize = 64 * 1024;

/// A body, read.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Door> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, door: &Door) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, door);
        let bytes = tokio::time::timeout(door.options.body_within, bytes).await;
        let bytes = bytes.map_err(|_| ApiError::TooSlow)?.map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
                _ => ApiError::BadRequest("the body did not come whole"),
            }
        })?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self)
            .map_err(|_| ApiError::BadRequest("the body is not the JSON object it should be"))
    }
}
