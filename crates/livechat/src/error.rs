//! How this door says no: `{"code": 400000, "message": "…"}`, where the first three digits of the
//! code are the status (REST reference §7.4).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_hub::{StoreError, TokenCheckError};
use serde_json::json;

/// A refused call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// A parameter is missing or wrong; the text names it.
    Bad(String),
    /// No token, no key, or one that opens nothing.
    Unauthorized,
    /// The agent may not.
    Forbidden,
    /// There is nothing under this path.
    NotFound,
    /// There is, but for these methods only.
    WrongMethod(&'static str),
    /// The body did not come in time.
    TooSlow,
    /// The body is too long.
    TooLarge,
    /// Too many calls; seconds to wait.
    TooOften(u64),
    /// The database is away.
    Unavailable,
}

impl ApiError {
    pub fn required(parameter: &str) -> Self {
        Self::Bad(format!("Parameter '{parameter}' is required."))
    }

    pub fn wrong(parameter: &str, must: &str) -> Self {
        Self::Bad(format!("Parameter '{parameter}' must be {must}."))
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub fn message(&self) -> &str {
        match self {
            Self::Bad(text) => text,
            Self::Unauthorized => "The access token or API key is missing or not valid.",
            Self::Forbidden => "The Manage Settings permission is needed.",
            Self::NotFound => "There is no such resource.",
            Self::WrongMethod(_) => "The method is not allowed here.",
            Self::TooSlow => "The body did not come in time.",
            Self::TooLarge => "The body is too long.",
            Self::TooOften(_) => "Too many calls; try again later.",
            Self::Unavailable => "The database is unavailable; try again later.",
        }
    }

    /// Adds the headers that belong to it.
    pub fn mark(&self, response: &mut Response) {
        let headers = response.headers_mut();
        match self {
            Self::TooOften(seconds) => drop(headers.insert(header::RETRY_AFTER, (*seconds).into())),
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Self::WrongMethod(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            Self::Unauthorized => {
                let ask = HeaderValue::from_static("Bearer realm=\"livechat\"");
                headers.insert(header::WWW_AUTHENTICATE, ask);
            }
            _ => {}
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call of the live-chat door failed");
        Self::Unavailable
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

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let code = u32::from(status.as_u16()) * 1000;
        let body = json!({ "code": code, "message": self.message() });
        let mut response = (status, Json(body)).into_response();
        self.mark(&mut response);
        response
    }
}
