//! Bodies: JSON objects of bounded size, whatever the content type says.

use crate::Door;
use crate::error::{ApiError, FieldError};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value};

/// Largest body. The largest legal one (two metas of 2000 characters and 46 permissions) is a
/// tenth of this, written with every character escaped.
pub(crate) const BYTES: usize = 256 * 1024;

/// A JSON object. Nesting is bounded by `serde_json` (128 levels).
pub(crate) struct Body(pub(crate) Map<String, Value>);

impl FromRequest<Door> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, door: &Door) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_form = kind.is_some_and(|kind| {
            kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/")
        });
        let bytes =
            tokio::time::timeout(door.options.body_within, Bytes::from_request(request, door));
        let bytes =
            bytes.await.map_err(|_| ApiError::TooSlow)?.map_err(|rejection| {
                match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
                    _ => ApiError::BadRequest("the body did not come whole"),
                }
            })?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(door.invalid(vec![FieldError {
                attribute: None,
                code: "not_a_hash",
                message: "the body must be a JSON object".into(),
            }])),
            Err(_) if is_form => Err(ApiError::BadRequest(
                "the body is form-encoded; send JSON with Content-Type: application/json",
            )),
            Err(_) => Err(ApiError::BadRequest("the body is no JSON")),
        }
    }
}
