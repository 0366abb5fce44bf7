//! The body of `PUT …/audioVideoChatConfig`: a flat JSON object. What it leaves out or sets to null
//! stays, but for the URL, which it must name even when nothing is recorded; an empty one names no
//! server, as in what a new site gives. Other fields are not looked at.

use crate::Door;
use crate::error::ApiError;
use axum::body::{Body, Bytes, to_bytes};
use http_body_util::LengthLimitError;
use rotunda_hub::LivechatChange;
use serde_json::{Map, Value};
use std::error::Error;
use url::Url;

/// Largest body; a hundred times what the largest useful one has.
const BYTES: usize = 64 * 1024;
/// Longest URL, in bytes.
const URL_BYTES: usize = 2000;

/// Names on the wire.
pub(crate) const ENABLED: &str = "isEnabled";
pub(crate) const RECORD: &str = "isAutomaticallyRecordingAudioVideoChatsEnabled";
pub(crate) const SERVER: &str = "recordingServerUrl";

impl Door {
    /// All of a body.
    ///
    /// # Errors
    /// `TooSlow`, `TooLarge`, `Bad` when it breaks off.
    pub async fn body(&self, body: Body) -> Result<Bytes, ApiError> {
        let read = tokio::time::timeout(self.body_within, to_bytes(body, BYTES)).await;
        read.map_err(|_| ApiError::TooSlow)?.map_err(|error| match error.source() {
            Some(source) if source.is::<LengthLimitError>() => ApiError::TooLarge,
            _ => ApiError::Bad("The body broke off.".into()),
        })
    }
}

/// What a body changes; no body is one without parameters.
///
/// # Errors
/// `Bad`, naming the parameter.
pub(crate) fn read(body: &[u8]) -> Result<LivechatChange, ApiError> {
    let fields: Map<String, Value> = match body {
        [] => Map::new(),
        body => serde_json::from_slice(body)
            .map_err(|_| ApiError::Bad("The body must be a JSON object.".into()))?,
    };
    Ok(LivechatChange {
        enabled: switch(&fields, ENABLED)?,
        record: switch(&fields, RECORD)?,
        recording_server_url: Some(server(&fields)?),
    })
}

fn switch(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(ApiError::wrong(name, "true or false")),
    }
}

fn server(fields: &Map<String, Value>) -> Result<String, ApiError> {
    match fields.get(SERVER) {
        None | Some(Value::Null) => Err(ApiError::required(SERVER)),
        // As a site that was never told one has it: recordings are sent nowhere.
        Some(Value::String(url)) if url.is_empty() || is_address(url) => Ok(url.clone()),
        Some(Value::String(_)) => {
            let must = "an absolute http or https URL of at most 2000 bytes without a user name";
            Err(ApiError::wrong(SERVER, must))
        }
        Some(_) => Err(ApiError::wrong(SERVER, "a string")),
    }
}

/// Whether recordings can be sent there, as far as its form says. The crate repairs what a browser
/// would; what needs repair is no URL here. A user name is none of RFC 9110's (§4.2.4).
fn is_address(text: &str) -> bool {
    let begins = |scheme: &str| {
        text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    let parsed = Url::parse(text);
    text.len() <= URL_BYTES
        && is_plain
        && (begins("http://") || begins("https://"))
        && !text.split_once("://").is_some_and(|(_, rest)| rest.starts_with('/'))
        && parsed.is_ok_and(|url| url.username().is_empty() && url.password().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        match read(body.as_bytes()) {
            Err(ApiError::Bad(text)) => text,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn what_a_body_leaves_out_stays_and_other_fields_say_nothing() {
        let read = |body: &str| read(body.as_bytes()).unwrap();
        let url = Some("http://google.com".to_owned());
        let only = LivechatChange { recording_server_url: url.clone(), ..Default::default() };
        assert_eq!(read(r#"{"recordingServerUrl":"http://google.com"}"#), only);
        assert_eq!(read(r#"{"recordingServerUrl":"http://google.com","siteId":7}"#), only);
        let all = r#"{"isEnabled":false,"isAutomaticallyRecordingAudioVideoChatsEnabled":true,
                      "recordingServerUrl":"http://google.com"}"#;
        let all_set =
            LivechatChange { enabled: Some(false), record: Some(true), recording_server_url: url };
        assert_eq!(read(all), all_set);
    }

    #[test]
    fn what_get_gives_a_new_site_can_be_put_back_and_null_is_as_absent() {
        let change = |enabled, record| LivechatChange {
            enabled,
            record,
            recording_server_url: Some(String::new()),
        };
        let new = r#"{"isEnabled":false,"isAutomaticallyRecordingAudioVideoChatsEnabled":false,
                      "recordingServerUrl":""}"#;
        assert_eq!(read(new.as_bytes()), Ok(change(Some(false), Some(false))));
        let null = r#"{"isEnabled":null,"isAutomaticallyRecordingAudioVideoChatsEnabled":null,
                       "recordingServerUrl":""}"#;
        assert_eq!(read(null.as_bytes()), Ok(change(None, None)));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let required = "Parameter 'recordingServerUrl' is required.";
        for body in ["", "{}", r#"{"isEnabled":true}"#, r#"{"recordingServerUrl":null}"#] {
            assert_eq!(refused(body), required, "{body}");
        }
        for body in ["{", "[]", "7", "null", r#"{"recordingServerUrl":"http://a"}}"#, "a=b"] {
            assert_eq!(refused(body), "The body must be a JSON object.", "{body}");
        }
        let with = |more: &str| refused(&format!(r#"{{"recordingServerUrl":"http://a",{more}}}"#));
        for wrong in [r#""yes""#, "1", "{}", "[]"] {
            let text = with(&format!(r#""isEnabled":{wrong}"#));
            assert_eq!(text, "Parameter 'isEnabled' must be true or false.");
        }
        assert!(with(r#""isAutomaticallyRecordingAudioVideoChatsEnabled":0"#).contains(RECORD));
        assert_eq!(
            refused(r#"{"recordingServerUrl":7}"#),
            "Parameter 'recordingServerUrl' must be a string."
        );
    }

    #[test]
    fn an_address_is_absolute_http_or_https_and_nothing_that_needs_repair() {
        for good in [
            "http://google.com",
            "HTTPS://rec.example.org:8443/in/?key=a%20b",
            "http://[::1]:9/",
            "http://192.0.2.1",
            "https://bücher.example/",
        ] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("http://a/{}", "x".repeat(URL_BYTES));
        for bad in [
            "",
            "google.com",
            "/recordings",
            "//google.com",
            "http:google.com",
            "http://",
            "http:///google.com",
            "http://a b",
            " http://a",
            "http://a\n",
            "http:\\\\a",
            "ftp://google.com",
            "s3://bucket",
            "javascript:alert(1)",
            "http://user@a",
            "http://:secret@a",
            "http://a:70000",
            long.as_str(),
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
