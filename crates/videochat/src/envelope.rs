//! The envelope of requests, answers and pushes, and the numbers of errors.
//!
//! `error.status` is **true when the call failed**; every answer says it, success too.

use rotunda_domain::Refusal;
use rotunda_hub::{StoreError, VideochatError};
use serde_json::{Map, Value, json};

/// Why a call failed: number and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub code: u16,
    pub message: String,
}

/// Not enough videochat permissions.
pub(crate) const NOT_PERMITTED: u16 = 10002;
/// The limit of participants is reached.
pub(crate) const FULL: u16 = 10009;
/// The videochat was not started by a manager.
pub(crate) const NOT_STARTED: u16 = 10010;
/// The user is not available.
pub(crate) const NO_USER: u16 = 10011;
/// Too frequent.
pub(crate) const TOO_OFTEN: u16 = 705;

impl Failure {
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A value is wrong; the text names the field.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "no such session, or it is over")
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match &refusal {
            Refusal::NotPermitted => NOT_PERMITTED,
            Refusal::NotAdmitted(_) => NOT_PERMITTED,
            Refusal::LimitReached(_) => FULL,
            Refusal::NotFound("the session is over") => 404,
            Refusal::NotFound(_) => NO_USER,
            Refusal::Invalid(_) => 400,
            Refusal::Conflict(_) | Refusal::Cleared { .. } => 409,
            Refusal::Unsupported(_) => 501,
            Refusal::Unavailable => 503,
            _ => 500,
        };
        let message = match refusal {
            Refusal::NotPermitted => "not enough videochat permissions".into(),
            other => other.to_string(),
        };
        Self { code, message }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call on a settings socket failed");
        Self::new(503, "the database is unavailable")
    }
}

impl From<VideochatError> for Failure {
    fn from(error: VideochatError) -> Self {
        let code = match error {
            VideochatError::NoRoom | VideochatError::NoVideochat => 404,
            VideochatError::AdminsOnly | VideochatError::ManagersOnly => 403,
            VideochatError::NotConfigured(_) => 501,
            VideochatError::NotStarted => NOT_STARTED,
            VideochatError::Refused(refusal) => return refusal.into(),
            VideochatError::Store(error) => return error.into(),
        };
        Self::new(code, error.to_string())
    }
}

/// What a call comes to.
pub(crate) type Outcome = Result<Option<Value>, Failure>;

/// A call that answers nothing but that it is done.
pub(crate) const DONE: Outcome = Ok(None);

/// The object an answer is.
pub(crate) fn answer(outcome: &Outcome) -> Map<String, Value> {
    let (data, code, message) = match outcome {
        Ok(data) => (data.clone(), 0, ""),
        Err(failure) => (None, failure.code, failure.message.as_str()),
    };
    let error = json!({ "status": outcome.is_err(), "code": code, "message": message });
    data.map(|data| ("data".to_owned(), data))
        .into_iter()
        .chain([("error".into(), error)])
        .collect()
}

/// The object a push carries.
pub(crate) fn push_envelope(data: Value) -> Value {
    json!({ "data": data, "error": { "status": false, "code": 0, "message": "" } })
}

/// A request as it came: its data, and the id that makes it idempotent, if there is one.
pub(crate) struct Request {
    pub data: Map<String, Value>,
    pub event_id: Option<String>,
}

/// Longest id of a request.
const EVENT_ID_MAX: usize = 200;

impl Request {
    /// Reads `{data, event}`; `event` may be missing, and so may its members.
    pub fn read(body: Option<Value>) -> Result<Self, Failure> {
        let Some(Value::Object(mut body)) = body else {
            return Err(Failure::bad("the request must be an object with data"));
        };
        let Some(Value::Object(data)) = body.remove("data") else {
            return Err(Failure::bad("data must be an object"));
        };
        let event_id = match body.remove("event") {
            None | Some(Value::Null) => None,
            Some(Value::Object(event)) => read_event(&event)?,
            Some(_) => return Err(Failure::bad("event must be an object")),
        };
        Ok(Self { data, event_id })
    }
}

fn read_event(event: &Map<String, Value>) -> Result<Option<String>, Failure> {
    match event.get("date") {
        None | Some(Value::Null | Value::Number(_)) => {}
        Some(Value::String(text)) if is_date(text) => {}
        Some(_) => return Err(Failure::bad("event.date must be RFC 3339 or a number")),
    }
    match event.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if id.len() <= EVENT_ID_MAX => {
            Ok(Some(id.clone()).filter(|id| !id.is_empty()))
        }
        Some(_) => Err(Failure::bad("event.id must be a string of at most 200 characters")),
    }
}

/// RFC 3339, or milliseconds in digits; empty is none.
fn is_date(text: &str) -> bool {
    use time::format_description::well_known::Rfc3339;
    text.is_empty()
        || text.bytes().all(|b| b.is_ascii_digit())
        || time::OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// A time as it is written: RFC 3339 UTC with milliseconds.
pub(crate) fn date(epoch_ms: i64) -> String {
    use time::macros::format_description;
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(epoch_ms) * 1_000_000);
    at.ok().and_then(|at| at.format(&format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_true_when_a_call_failed_and_success_says_false() {
        let done = Value::Object(answer(&DONE));
        assert_eq!(done, json!({"error": {"status": false, "code": 0, "message": ""}}));
        let failed = Value::Object(answer(&Err(Failure::bad("roomId"))));
        assert_eq!(failed, json!({"error": {"status": true, "code": 400, "message": "roomId"}}));
    }

    #[test]
    fn an_event_is_optional_and_its_date_is_rfc_3339_or_a_number() {
        let read = |event: Value| Request::read(Some(json!({"data": {}, "event": event})));
        assert!(Request::read(Some(json!({"data": {}}))).is_ok_and(|r| r.event_id.is_none()));
        for date in [
            json!("2026-11-22T05:00:00Z"),
            json!(1_795_000_000_000_i64),
            json!("1795"),
            json!(null),
        ] {
            let id = read(json!({"id": "a", "date": date})).ok().and_then(|r| r.event_id);
            assert_eq!(id.as_deref(), Some("a"));
        }
        assert!(read(json!({"id": "", "date": ""})).is_ok_and(|r| r.event_id.is_none()));
        for bad in [json!({"id": 1}), json!("x"), json!({"id": "a", "date": "yesterday"})] {
            assert!(read(bad).is_err());
        }
        for bad in [None, Some(json!([])), Some(json!({})), Some(json!({"data": []}))] {
            assert!(Request::read(bad).is_err());
        }
    }

    #[test]
    fn dates_are_written_with_milliseconds() {
        assert_eq!(date(1_800_000_000_007), "2027-01-15T08:00:00.007Z");
    }
}
