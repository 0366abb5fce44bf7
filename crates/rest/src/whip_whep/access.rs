//! What both standards have around a body: the bearer token, the content type, the time a body may
//! take.

use super::problem::Problem;
use crate::Door;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;

/// The token of an `Authorization: Bearer` header (RFC 6750 §2.1), if there is such a header.
///
/// # Errors
/// 401 for a header of another scheme: whoever sends one wants it to count.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    let token = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = token.map(|(_, token)| token.trim().to_owned()).filter(|token| !token.is_empty());
    token.map(Some).ok_or_else(Problem::no_token)
}

/// Whether the body is said to be of this type; parameters are of no account.
pub(super) fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = given.map(|text| text.split(';').next().unwrap_or_default().trim());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
}

/// The body as text, if it comes in time.
pub(super) async fn body(request: Request, door: &Door) -> Result<String, Problem> {
    let reading = Bytes::from_request(request, door);
    let read = tokio::time::timeout(door.options.body_within, reading).await;
    let bytes = read.map_err(|_| Problem::too_slow())?;
    let bytes = bytes.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::malformed("the body did not come whole"),
    })?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::malformed("the body is no UTF-8"))
}
