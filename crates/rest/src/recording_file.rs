//! The bytes of a recording, whole or the part that is asked for (RFC 9110 §13 and §14). A film may be
//! written anew while somebody watches it, so every answer carries an entity tag, and a part is given
//! only of the film its asker knows.

use crate::Door;
use crate::error::ApiError;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_range_header::parse_range_header;
use rotunda_domain::RecordingId;
use rotunda_hub::{RecordingError, RecordingFile, RecordingLink, StorageError};
use std::ops::Range;

/// How often a film may be replaced between being looked at and being read.
const TRIES: usize = 3;

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    /// The asker has it already.
    Nothing,
    /// There is no such part.
    Beyond,
}

/// Gives the file `link` leads to.
pub(crate) async fn answer(
    door: &Door,
    recording: RecordingId,
    link: &RecordingLink,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let file = door.hub.follow_link(recording, link).await?;
        let etag = file.etag().map(quoted);
        let wanted = wanted(headers, file.bytes(), etag.as_deref());
        match body(&file, &wanted, method).await {
            Err(RecordingError::Storage(StorageError::Replaced)) if tries < TRIES => {}
            body => return Ok(respond(recording, &file, etag.as_deref(), &wanted, body?)),
        }
    }
}

async fn body(
    file: &RecordingFile,
    wanted: &Wanted,
    method: &Method,
) -> Result<Body, RecordingError> {
    let range = match wanted {
        _ if *method == Method::HEAD => return Ok(Body::empty()),
        Wanted::Whole => 0..file.bytes(),
        Wanted::Part(range) => range.clone(),
        Wanted::Nothing | Wanted::Beyond => return Ok(Body::empty()),
    };
    Ok(Body::from_stream(file.read(range).await?))
}

fn respond(
    recording: RecordingId,
    file: &RecordingFile,
    etag: Option<&str>,
    wanted: &Wanted,
    body: Body,
) -> Response {
    let total = file.bytes();
    let (status, length, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, Some(total), None),
        Wanted::Part(part) => {
            let range = format!("bytes {}-{}/{total}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, Some(part.end - part.start), Some(range))
        }
        Wanted::Nothing => (StatusCode::NOT_MODIFIED, None, None),
        Wanted::Beyond => {
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(0), Some(format!("bytes */{total}")))
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed("video/mp4"));
    headers.insert(header::ACCEPT_RANGES, fixed("bytes"));
    headers.insert(header::CACHE_CONTROL, fixed("private, max-age=0"));
    let name = format!("inline; filename=\"{recording}.mp4\"");
    let reported = [
        (header::CONTENT_DISPOSITION, Some(name)),
        (header::CONTENT_LENGTH, length.map(|length| length.to_string())),
        (header::CONTENT_RANGE, range),
        (header::ETAG, etag.map(str::to_owned)),
    ];
    for (name, value) in reported {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// Some stores give tags with their quotes and some without (RFC 9110 §8.8.3 has them).
fn quoted(etag: &str) -> String {
    if etag.ends_with('"') { etag.to_owned() } else { format!("\"{etag}\"") }
}

/// A part only of the film that is meant, and only one: several at once are answered with all of it,
/// which RFC 9110 §14.2 allows.
fn wanted(headers: &HeaderMap, total: u64, etag: Option<&str>) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_it = |tags: &str| tags.split(',').any(|tag| Some(tag.trim()) == etag);
    if text(header::IF_NONE_MATCH).is_some_and(|tags| tags.trim() == "*" || is_it(tags)) {
        return Wanted::Nothing;
    }
    if text(header::IF_RANGE).is_some_and(|tag| !is_it(tag)) {
        return Wanted::Whole;
    }
    let Some(Ok(ranges)) = text(header::RANGE).map(parse_range_header) else {
        return Wanted::Whole;
    };
    match ranges.validate(total).as_deref() {
        Ok([range]) => Wanted::Part(*range.start()..*range.end() + 1),
        Ok(_) => Wanted::Whole,
        Err(_) => Wanted::Beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &str)]) -> Wanted {
        let pair = |(name, value): &(&'static str, &str)| {
            (header::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        wanted(&pairs.iter().map(pair).collect(), 1000, Some("\"abc\""))
    }

    #[test]
    fn a_part_is_given_as_asked_or_not_at_all() {
        assert_eq!(of(&[]), Wanted::Whole);
        for (range, part) in [
            ("bytes=0-99", 0..100),
            ("bytes=900-", 900..1000),
            ("bytes=-100", 900..1000),
            ("bytes=900-2000", 900..1000),
            ("bytes=999-999", 999..1000),
        ] {
            assert_eq!(of(&[("range", range)]), Wanted::Part(part), "{range}");
        }
        assert_eq!(of(&[("range", "bytes=1000-")]), Wanted::Beyond);
        for odd in ["bytes=x", "lines=1-2", "bytes=0-1,500-600"] {
            assert_eq!(of(&[("range", odd)]), Wanted::Whole, "{odd}");
        }
    }

    #[test]
    fn of_another_film_than_the_asker_knows_all_is_given() {
        let part = ("range", "bytes=0-9");
        assert_eq!(of(&[part, ("if-range", "\"abc\"")]), Wanted::Part(0..10));
        assert_eq!(of(&[part, ("if-range", "\"old\"")]), Wanted::Whole);
        assert_eq!(of(&[part, ("if-range", "Sun, 22 Nov 2026 05:00:00 GMT")]), Wanted::Whole);
        assert_eq!(of(&[("if-none-match", "\"x\", \"abc\"")]), Wanted::Nothing);
        assert_eq!(of(&[("if-none-match", "\"x\"")]), Wanted::Whole);
        assert_eq!((quoted("abc"), quoted("\"abc\"")), ("\"abc\"".into(), "\"abc\"".into()));
    }
}
