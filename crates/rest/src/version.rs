//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1) of rooms, conferences and streams: a tag names the
//! state of the object itself, not that of a session which runs in it.

use crate::Door;
use crate::error::ApiError;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rotunda_hub::OnlyIf;
use serde::Serialize;

/// Tags that are looked at; who holds more states of one object holds none that is still so.
const TAGS: usize = 100;

/// An object, and when it was last changed, milliseconds since 1970 UTC.
pub(crate) struct Tagged<T>(pub(crate) i64, pub(crate) T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{:x}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The states that a change is meant for; every one without the header.
pub(crate) struct IfMatch(pub(crate) OnlyIf);

impl FromRequestParts<Door> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Door) -> Result<Self, ApiError> {
        let lines = parts.headers.get_all(header::IF_MATCH).iter();
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        Ok(Self(read(&lines)))
    }
}

/// Weak tags and those that are none of ours name no state.
fn read(lines: &[&str]) -> OnlyIf {
    let mut tags = lines.iter().flat_map(|line| line.split(',')).map(str::trim).take(TAGS);
    if lines.is_empty() || tags.clone().any(|tag| tag == "*") {
        return OnlyIf::Always;
    }
    let time = |tag: &str| {
        let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
        i64::from_str_radix(digits, 16).ok()
    };
    OnlyIf::ChangedAt(tags.by_ref().filter_map(time).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_as_it_was_written_and_what_is_none_names_no_state() {
        assert_eq!(read(&[]), OnlyIf::Always);
        assert_eq!(read(&["*"]), OnlyIf::Always);
        let written = Tagged(1_700_000_000_123, ()).into_response();
        let tag = written.headers()[header::ETAG].to_str().unwrap();
        assert_eq!(read(&[tag]), OnlyIf::ChangedAt(vec![1_700_000_000_123]));
        assert_eq!(read(&["\"a\", \"b\"", "\"c\""]), OnlyIf::ChangedAt(vec![10, 11, 12]));
        for wrong in ["", "a", "W/\"a\"", "\"x\"", "\""] {
            assert_eq!(read(&[wrong]), OnlyIf::ChangedAt(Vec::new()), "{wrong}");
        }
    }
}
