//! A finished film posted to an HTTP server that somebody named: what the request says, and what an
//! answer means (docs/livechat/pushes.md is the contract with receivers). When it is tried again is
//! the caller's business.

use rotunda_domain::{ProjectId, RecordingId, SessionId};
use rotunda_outbound::{
    Answer, FetchError, Fetcher, HeaderValue, OutboundOptions, Patience, SourceUrl, TlsError,
    Upload, UploadBytes, UploadError, UrlRefused,
};
use std::fmt;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest wait a receiver may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// What a receiver is told of a film.
#[derive(Clone, Debug)]
pub struct PushedFilm {
    /// Which recording; also the key by which a receiver knows it again.
    pub recording: RecordingId,
    /// Of which session.
    pub session: SessionId,
    /// Of which project.
    pub project: ProjectId,
    /// The name of its room.
    pub room: String,
    /// When it began, milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// How long it plays, milliseconds.
    pub duration_ms: i64,
    /// How large it is.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// Why a film was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The address is none of the web's.
    #[error("the address of the receiver cannot be used: {0}")]
    Address(#[from] UrlRefused),
    /// It was not sent, or nobody answered.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The receiver answered something else than that it has it.
    #[error("the receiver answered {status}")]
    Refused {
        /// With what.
        status: u16,
        /// How long it asks us to wait.
        after: Option<Duration>,
    },
}

impl PushError {
    /// Whether no later try can end otherwise: the address means nothing, or the receiver says that
    /// it is gone for good (410). Everything else somebody may yet mend.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Address(refused) | Self::Upload(UploadError::Fetch(FetchError::Url(refused))) => {
                *refused != UrlRefused::Unsafe
            }
            Self::Upload(_) => false,
            Self::Refused { status, .. } => *status == 410,
        }
    }

    /// How long the receiver asks us to wait, at most a day.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } => *after,
            _ => None,
        }
    }
}

/// Posts films; cheap to clone.
#[derive(Clone)]
pub struct Pusher {
    fetcher: Fetcher,
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher").finish_non_exhaustive()
    }
}

impl Pusher {
    /// One that reaches what `options` allow.
    ///
    /// # Errors
    /// The certificate authorities that were named cannot be used.
    pub fn open(options: OutboundOptions) -> Result<Self, TlsError> {
        Ok(Self { fetcher: Fetcher::open(options)? })
    }

    /// What of a receiver's address may be logged: scheme, host and port.
    pub fn origin(address: &str) -> String {
        let read = SourceUrl::parse(address);
        read.map_or_else(|_| "an address that cannot be read".into(), |url| url.origin())
    }

    /// Posts a film; it is there when this says so.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn push(
        &self,
        address: &str,
        film: &PushedFilm,
        bytes: UploadBytes,
    ) -> Result<(), PushError> {
        let url = SourceUrl::parse(address)?;
        if url.is_rtmp() {
            return Err(UrlRefused::Scheme.into());
        }
        let upload = Upload { headers: headers(film), length: film.bytes, bytes };
        let answer = self.fetcher.post(&url, upload, Patience::default()).await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(PushError::Refused { status: answer.status, after: wait(&answer, SystemTime::now()) })
    }
}

fn headers(film: &PushedFilm) -> Vec<(&'static str, HeaderValue)> {
    let PushedFilm { recording, session, project, sha256, .. } = film;
    let started =
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(film.started_ms) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let texts = [
        ("content-type", "video/mp4".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{recording}.mp4\"")),
        ("idempotency-key", format!("\"{recording}\"")),
        ("repr-digest", format!("sha-256=:{}:", base64(sha256))),
        ("rotunda-recording-id", recording.to_string()),
        ("rotunda-session-id", session.to_string()),
        ("rotunda-project-id", project.to_string()),
        ("rotunda-room-name", encoded(&film.room)),
        ("rotunda-started-at", started.format(&Rfc3339).unwrap_or_default()),
        ("rotunda-duration", format!("{:.3}", film.duration_ms as f64 / 1000.0)),
    ];
    let value = |text: String| HeaderValue::try_from(text).expect("all of it is visible ASCII");
    texts.map(|(name, text)| (name, value(text))).into()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

/// Header fields are ASCII, names of rooms are not.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Seconds or a date (RFC 9110 §10.2.3); what is neither counts for nothing.
pub(crate) fn wait(answer: &Answer, now: SystemTime) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;
    use uuid::Uuid;

    #[test]
    fn a_film_says_what_it_is_in_ascii() {
        let film = PushedFilm {
            recording: RecordingId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(2)),
            project: ProjectId(Uuid::from_u128(3)),
            room: "Büro\r\nX: 1".into(),
            started_ms: 1_700_000_000_250,
            duration_ms: 61_500,
            bytes: 10,
            sha256: [0; 32],
        };
        let headers = headers(&film);
        let of = |name| headers.iter().find(|(n, _)| *n == name).unwrap().1.to_str().unwrap();
        assert_eq!(of("idempotency-key"), "\"00000000-0000-0000-0000-000000000001\"");
        let zeros = "A".repeat(43);
        assert_eq!(of("repr-digest"), format!("sha-256=:{zeros}=:"));
        assert_eq!(of("rotunda-room-name"), "B%C3%BCro%0D%0AX%3A%201");
        assert_eq!(of("rotunda-started-at"), "2023-11-14T22:13:20.25Z");
        assert_eq!(of("rotunda-duration"), "61.500");
    }

    #[test]
    fn a_receiver_may_ask_for_patience_but_not_for_ever() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let asked = |text: &str| {
            let answer = Answer { status: 503, retry_after: Some(text.to_owned()) };
            wait(&answer, now).map(|wait| wait.as_secs())
        };
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(asked("99999999999"), Some(24 * 3600));
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn only_what_cannot_be_mended_is_final() {
        let refused = |status| PushError::Refused { status, after: None }.is_final();
        assert!(refused(410));
        for status in [301, 400, 401, 403, 404, 408, 413, 422, 429, 500, 503] {
            assert!(!refused(status), "{status}");
        }
        assert!(PushError::Address(UrlRefused::Scheme).is_final());
        assert!(!PushError::Address(UrlRefused::Unsafe).is_final(), "the operator may allow it");
        assert_eq!(Pusher::origin("http://me:pw@a.test/x?key=1"), "http://a.test:80");
        assert_eq!(Pusher::origin("nonsense"), "an address that cannot be read");
    }
}
