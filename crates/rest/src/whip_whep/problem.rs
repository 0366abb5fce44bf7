//! Every refusal of these doors: a status, and a problem document (RFC 9457) that says what to
//! change.

use crate::error::RETRY_AFTER_S;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_domain::Refusal;
use rotunda_hub::{TokenRefused, WhipError};
use serde_json::json;
use std::borrow::Cow;

/// Why a request is not done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    /// What is to be said of the token.
    challenge: Option<&'static str>,
    /// When to try again, where that may help.
    retry_after_s: u64,
}

fn problem(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem { status, detail: detail.into(), challenge: None, retry_after_s: RETRY_AFTER_S }
}

impl Problem {
    pub(super) fn no_token() -> Self {
        let challenge = Some("Bearer realm=\"rotunda\"");
        let detail = "send a room token: Authorization: Bearer TOKEN";
        Self { challenge, ..problem(StatusCode::UNAUTHORIZED, detail) }
    }

    fn bad_token(why: &TokenRefused) -> Self {
        let challenge = Some("Bearer realm=\"rotunda\", error=\"invalid_token\"");
        Self { challenge, ..problem(StatusCode::UNAUTHORIZED, why.to_string()) }
    }

    pub(super) fn malformed(detail: &'static str) -> Self {
        problem(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn half_a_restart() -> Self {
        Self::malformed("an ICE restart needs a new ice-ufrag and a new ice-pwd")
    }

    pub(super) fn no_leg() -> Self {
        problem(StatusCode::NOT_FOUND, "there is no such leg, or no longer")
    }

    pub(super) fn method_not_allowed() -> Self {
        problem(StatusCode::METHOD_NOT_ALLOWED, "POST an offer; PATCH or DELETE the leg it opened")
    }

    pub(super) fn wrong_direction(wanted: &str) -> Self {
        let detail = format!("no media section is {wanted} or sendrecv: nothing could flow here");
        problem(StatusCode::NOT_ACCEPTABLE, detail)
    }

    pub(super) fn too_slow() -> Self {
        problem(StatusCode::REQUEST_TIMEOUT, "the body did not come in time")
    }

    pub(super) fn other_session() -> Self {
        problem(
            StatusCode::PRECONDITION_FAILED,
            "If-Match names another ICE session than this leg's",
        )
    }

    pub(super) fn too_large() -> Self {
        problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 64 KiB")
    }

    pub(super) fn wrong_type(wanted: &str) -> Self {
        let detail = format!("the Content-Type must be {wanted}");
        problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    pub(super) fn no_if_match() -> Self {
        let detail = "send If-Match: the leg's ETag, or * to restart ICE";
        problem(StatusCode::PRECONDITION_REQUIRED, detail)
    }

    pub(super) fn broken() -> Self {
        problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NotPermitted | Refusal::NotAdmitted(_) => StatusCode::FORBIDDEN,
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::LimitReached(_) | Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Conflict(_) | Refusal::Cleared { .. } => StatusCode::CONFLICT,
            Refusal::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
            Refusal::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        };
        problem(status, refusal.to_string())
    }
}

impl From<WhipError> for Problem {
    fn from(refused: WhipError) -> Self {
        match refused {
            WhipError::Refused(refusal) => refusal.into(),
            WhipError::Token(TokenRefused::Unavailable(error)) => {
                tracing::error!(%error, "a token could not be checked");
                problem(StatusCode::SERVICE_UNAVAILABLE, "the token cannot be checked just now")
            }
            WhipError::Token(TokenRefused::TooOften { retry_after_s }) => {
                let text = "too many wrong tokens came from this address";
                Self { retry_after_s, ..problem(StatusCode::TOO_MANY_REQUESTS, text) }
            }
            WhipError::Token(why) => Self::bad_token(&why),
            nothing @ WhipError::NothingFlows => {
                problem(StatusCode::NOT_ACCEPTABLE, nothing.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        let may_help = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
        if may_help.contains(&self.status) {
            headers.insert(header::RETRY_AFTER, self.retry_after_s.into());
        }
        response
    }
}
