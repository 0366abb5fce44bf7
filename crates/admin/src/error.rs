//! How this door says no: in the shapes that REST has, one word or the field that is wrong.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_hub::{InvitationRefused, SignInRefused, StoreError, TokenCheckError};
use serde_json::json;

/// When a client may try again that found the database away, seconds.
const RETRY_AFTER_S: u64 = 5;

/// A refused call.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 400: the body cannot be read; what to change.
    BadRequest(&'static str),
    /// 401: nobody is signed in, or not by this; in words.
    Unauthorized(&'static str),
    /// 403: no page of ours asks.
    Forbidden,
    /// 404: no such path, or no such invitation.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408.
    TooSlow,
    /// 413.
    TooLarge,
    /// 422: a field is wrong: which, its code, what to change, and where codes are explained.
    Invalid { attribute: &'static str, code: &'static str, message: String, docs: String },
    /// 429: seconds to wait.
    TooOften(u64),
    /// 500: the log says what.
    Broken,
    /// 503: the database is away.
    Unavailable,
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let word = status.canonical_reason().unwrap_or_default();
        let body = match &self {
            Self::Invalid { attribute, code, message, docs } => json!({ "errors": [{
                "type": "validation_error",
                "code": code,
                "message": message,
                "attribute": attribute,
                "url": format!("{docs}#{code}"),
            }] }),
            Self::BadRequest(message) | Self::Unauthorized(message) => {
                json!({ "error": word, "message": message })
            }
            _ => json!({ "error": word }),
        };
        let wait = match self {
            Self::TooOften(seconds) => Some(seconds),
            Self::Unavailable => Some(RETRY_AFTER_S),
            _ => None,
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call of the operator's door failed");
        if error.is_passing() { Self::Unavailable } else { Self::Broken }
    }
}

impl From<TokenCheckError> for ApiError {
    fn from(error: TokenCheckError) -> Self {
        match error {
            TokenCheckError::TooOften { retry_after_s } => Self::TooOften(retry_after_s),
            TokenCheckError::Store(error) => error.into(),
        }
    }
}

impl From<SignInRefused> for ApiError {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::Wrong => Self::Unauthorized("wrong name or password"),
            SignInRefused::TooOften { retry_after_s } => Self::TooOften(retry_after_s),
            SignInRefused::Store(error) => error.into(),
        }
    }
}

impl crate::Door {
    /// The answer to a field that is wrong.
    pub(crate) fn invalid(
        &self,
        attribute: &'static str,
        code: &'static str,
        message: impl ToString,
    ) -> ApiError {
        let (message, docs) = (message.to_string(), self.options.error_docs_url.clone());
        ApiError::Invalid { attribute, code, message, docs }
    }

    /// The answer to an invitation that lets nobody in.
    pub(crate) fn not_let_in(&self, refused: InvitationRefused) -> ApiError {
        match refused {
            InvitationRefused::Unknown => ApiError::NotFound,
            InvitationRefused::Password => self.invalid("password", "invalid_parameter", refused),
            InvitationRefused::Full | InvitationRefused::Taken => {
                self.invalid("key", "invalid_state", refused)
            }
            InvitationRefused::TooOften { retry_after_s } => ApiError::TooOften(retry_after_s),
            InvitationRefused::Store(error) => error.into(),
        }
    }
}
