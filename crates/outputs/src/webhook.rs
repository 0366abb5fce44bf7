//! An event posted to an endpoint that somebody named, signed as Standard Webhooks has it
//! (docs/operating/webhooks.md is the contract with receivers). When it is tried again is the
//! caller's business.

use crate::push::wait;
use bytes::Bytes;
use futures_util::stream;
use rotunda_outbound::{
    Answer, Fetcher, HeaderValue, OutboundOptions, Patience, SourceUrl, TlsError, Upload,
    UploadError, UrlRefused,
};
use standardwebhooks::Webhook;
use std::fmt;
use std::time::{Duration, SystemTime};

/// How long an endpoint may take, from the first look at its name to its answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// What is posted.
#[derive(Clone, Debug)]
pub struct SignedEvent<'a> {
    /// The event's own id, the same at every try.
    pub id: String,
    /// JSON.
    pub body: String,
    /// What signs, one signature each.
    pub secrets: Vec<&'a [u8]>,
    /// Now, seconds since 1970 UTC.
    pub at_s: i64,
}

/// Why nobody answered.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is none of the web's, or may not be reached.
    #[error(transparent)]
    Address(#[from] UrlRefused),
    /// It was not sent, or the connection broke.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// It took too long.
    #[error("no answer within {} s", ANSWER_WITHIN.as_secs())]
    Late,
    /// It cannot be signed.
    #[error("the event cannot be signed")]
    Unsigned,
}

/// What an endpoint said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status of its answer.
    pub status: u16,
    /// How long it asks us to wait.
    pub wait: Option<Duration>,
}

/// Posts events to endpoints; cheap to clone.
#[derive(Clone)]
pub struct WebhookSender {
    fetcher: Fetcher,
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSender")
    }
}

impl WebhookSender {
    /// Reaches what `options` say.
    ///
    /// # Errors
    /// The certificate authorities cannot be read.
    pub fn open(options: OutboundOptions) -> Result<Self, TlsError> {
        Ok(Self { fetcher: Fetcher::open(options)? })
    }

    /// Whether events may be sent to an address, as far as it can be known without looking its name up.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, address: &str) -> Result<(), UrlRefused> {
        let url = SourceUrl::parse(address)?;
        if url.is_rtmp() {
            return Err(UrlRefused::Scheme);
        }
        url.check(self.fetcher.rules())
    }

    /// Posts an event once; an answer is whatever the endpoint says, redirects included, which nobody
    /// follows.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn send(
        &self,
        address: &str,
        event: SignedEvent<'_>,
    ) -> Result<WebhookAnswer, WebhookError> {
        self.check(address)?;
        let url = SourceUrl::parse(address)?;
        let headers = headers(&event)?;
        let length = event.body.len() as u64;
        let bytes = Box::pin(stream::iter([Ok(Bytes::from(event.body))]));
        let posted =
            self.fetcher.post(&url, Upload { headers, length, bytes }, Patience::default());
        let answer: Answer =
            tokio::time::timeout(ANSWER_WITHIN, posted).await.map_err(|_| WebhookError::Late)??;
        Ok(WebhookAnswer { status: answer.status, wait: wait(&answer, SystemTime::now()) })
    }
}

fn headers(event: &SignedEvent<'_>) -> Result<Vec<(&'static str, HeaderValue)>, WebhookError> {
    let sign = |secret: &&[u8]| {
        Webhook::from_bytes(secret.to_vec())
            .and_then(|webhook| webhook.sign(&event.id, event.at_s, event.body.as_bytes()))
    };
    let signatures: Result<Vec<_>, _> = event.secrets.iter().map(sign).collect();
    let signatures = signatures.map_err(|_| WebhookError::Unsigned)?.join(" ");
    let texts = [
        ("content-type", "application/json".to_owned()),
        ("user-agent", concat!("Rotunda/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("webhook-id", event.id.clone()),
        ("webhook-timestamp", event.at_s.to_string()),
        ("webhook-signature", signatures),
    ];
    let value = |text: String| HeaderValue::try_from(text).map_err(|_| WebhookError::Unsigned);
    texts.into_iter().map(|(name, text)| Ok((name, value(text)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_outbound::AddressRules;

    /// The values were computed by Python's hmac.
    #[test]
    fn an_event_carries_its_id_and_a_signature_of_each_secret() {
        let event = SignedEvent {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
            body: r#"{"test": 2432232314}"#.into(),
            secrets: vec![&b"0123456789abcdef01234567"[..], &b"x123456789abcdef01234567"[..]],
            at_s: 1_614_265_330,
        };
        let headers = headers(&event).unwrap();
        let of = |name| headers.iter().find(|(n, _)| *n == name).unwrap().1.to_str().unwrap();
        assert_eq!(of("webhook-id"), event.id);
        assert_eq!(of("webhook-timestamp"), "1614265330");
        let signatures = "v1,d5PJaLhU6hQf9TLleqdn97PBQffdITHtAOuMMHkRQ4U= \
             v1,VnRvvXW5Hq+F3lYZt2K1WnJvWF0xtz6/XyBUGoX3+hk=";
        assert_eq!(of("webhook-signature"), signatures);
        assert_eq!(of("content-type"), "application/json");
    }

    #[test]
    fn private_addresses_and_what_is_no_web_are_refused() {
        let rules = AddressRules::new(Vec::new());
        let sender = WebhookSender::open(OutboundOptions { rules, ca_file: None }).unwrap();
        for (url, expected) in [
            ("http://127.0.0.1/x", Err(UrlRefused::Unsafe)),
            ("https://[::1]:8443/", Err(UrlRefused::Unsafe)),
            ("http://0x7f.1/", Err(UrlRefused::Unsafe)),
            ("http://169.254.169.254/latest", Err(UrlRefused::Unsafe)),
            ("rtmp://a.test/live", Err(UrlRefused::Scheme)),
            ("nowhere", Err(UrlRefused::Unreadable)),
            ("https://hooks.example.org/rotunda", Ok(())),
        ] {
            assert_eq!(sender.check(url), expected, "{url}");
        }
    }
}
