//! Every error answer, in the two shapes there are: one word, or the list of wrong fields.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_domain::ProjectId;
use rotunda_hub::{HistoryError, RecordingError, RoomError, StoreError, TokenCheckError};
use serde_json::{Value, json};

/// When a client may try again that found the database away, or no room, seconds.
pub(crate) const RETRY_AFTER_S: u64 = 5;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Which field; none when it is the body as a whole.
    pub attribute: Option<&'static str>,
    /// For programs, from the public list of codes.
    pub code: &'static str,
    /// For people: what to change.
    pub message: String,
}

impl FieldError {
    pub(crate) fn new(
        attribute: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { attribute: Some(attribute), code, message: message.into() }
    }
}

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 400: the body is no JSON; what to change.
    BadRequest(&'static str),
    /// 401: no credentials, wrong ones, or without the scope.
    Unauthorized,
    /// 401: the page's user is not signed in any more. It is not asked for Basic credentials, for which a
    /// browser would open a window of its own.
    SignedOut,
    /// 403: the link is not good; or a project or a page that is not an admin's.
    Forbidden,
    /// 404: it does not exist, or not in this project.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408: the body did not come in time.
    TooSlow,
    /// 412: it is not any more as `If-Match` says.
    Outdated,
    /// 413.
    TooLarge,
    /// 429: too many wrong tokens of the same address; seconds to wait.
    TooOften(u64),
    /// 422: all wrong fields at once, and where codes are explained.
    Invalid(Vec<FieldError>, String),
    /// 500: the log says what.
    Broken,
    /// 503: the database is away; the same request may succeed later.
    Unavailable,
}

impl ApiError {
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized | Self::SignedOut => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::Outdated => (StatusCode::PRECONDITION_FAILED, "Precondition Failed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large"),
            Self::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
            Self::Invalid(..) => (StatusCode::UNPROCESSABLE_ENTITY, ""),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, text) = self.status();
        let body = match &self {
            Self::Invalid(errors, docs) => {
                let errors: Vec<Value> =
                    errors.iter().map(|error| error_json(error, docs)).collect();
                json!({ "errors": errors })
            }
            Self::BadRequest(message) => json!({ "error": text, "message": message }),
            _ => json!({ "error": text }),
        };
        let mut response = (status, Json(body)).into_response();
        if matches!(self, Self::Unauthorized) {
            let scheme = HeaderValue::from_static("Basic realm=\"rotunda\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if matches!(self, Self::Unavailable) {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
        }
        if let Self::TooOften(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn error_json(error: &FieldError, docs: &str) -> Value {
    json!({
        "type": "validation_error",
        "code": error.code,
        "message": error.message,
        "attribute": error.attribute,
        "url": format!("{docs}#{}", error.code),
    })
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Outdated => Self::Outdated,
            error => {
                tracing::error!(%error, "a REST request failed");
                if error.is_passing() { Self::Unavailable } else { Self::Broken }
            }
        }
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

impl From<HistoryError> for ApiError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotFound => Self::NotFound,
            HistoryError::Store(error) => error.into(),
        }
    }
}

impl From<RecordingError> for ApiError {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::NotFound | RecordingError::NotCompleted => Self::NotFound,
            RecordingError::BadLink => Self::Forbidden,
            RecordingError::Store(error) => error.into(),
            RecordingError::Storage(error) => {
                tracing::error!(%error, "a recording's bytes are not to be had");
                Self::Broken
            }
        }
    }
}

impl crate::Door {
    /// The answer to what the hub says about a recording that is to be changed.
    pub(crate) fn recording_error(&self, error: RecordingError) -> ApiError {
        match error {
            RecordingError::NotCompleted => self.invalid(vec![FieldError {
                attribute: None,
                code: "invalid_state",
                message: "the recording is not completed".into(),
            }]),
            error => error.into(),
        }
    }

    /// The answer to wrong fields.
    pub(crate) fn invalid(&self, errors: Vec<FieldError>) -> ApiError {
        ApiError::Invalid(errors, self.options.error_docs_url.clone())
    }

    /// The answer to what the hub says about a room.
    pub(crate) fn room_error(&self, error: RoomError) -> ApiError {
        match error {
            RoomError::NameTaken => self.invalid(vec![FieldError::new(
                "name",
                "not_unique_within_project",
                "name is taken by another room of the project",
            )]),
            RoomError::NotFound => ApiError::NotFound,
            RoomError::Outdated => ApiError::Outdated,
            RoomError::Store(error) => error.into(),
        }
    }

    /// What a body says of a thing of a room; a room that is not there is told before what is wrong with it.
    pub(crate) async fn room_first<T>(
        &self,
        project: ProjectId,
        room: &str,
        read: Result<T, Vec<FieldError>>,
    ) -> Result<T, ApiError> {
        match read {
            Ok(value) => Ok(value),
            Err(errors) => {
                self.hub.room(project, room).await.map_err(|error| self.room_error(error))?;
                Err(self.invalid(errors))
            }
        }
    }
}
