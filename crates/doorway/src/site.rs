//! Scheme and host under which a client reached us: what links in an answer begin with.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use std::fmt;
use std::sync::Arc;

/// Longest host that is repeated, bytes: a name has at most 253 (RFC 1035), a port five more.
const HOST_BYTES: usize = 260;

/// Of the two that lead here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    #[default]
    Http,
    /// Over TLS, ours or a trusted proxy's.
    Https,
}

impl Scheme {
    /// As URLs have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// What a proxy calls it; `None` for any other word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("https") || is("wss") {
            return Some(Self::Https);
        }
        (is("http") || is("ws")).then_some(Self::Http)
    }
}

/// Scheme and host as the client has them in its address line. A request extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host, and port if it is not the scheme's own; `None` when what was sent is no host.
    pub host: Option<Arc<str>>,
}

impl Site {
    /// As the request itself says, by its `Host`.
    pub fn of(scheme: Scheme, headers: &HeaderMap) -> Self {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        Self { scheme, host: host.and_then(host_of) }
    }
}

/// What every link begins with; `localhost` where no host is known.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or("localhost");
        write!(f, "{}://{host}", self.scheme.as_str())
    }
}

/// A host that may be repeated: one of strange characters is none.
pub(crate) fn host_of(text: &str) -> Option<Arc<str>> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]_".contains(&b);
    let is_host = (1..=HOST_BYTES).contains(&text.len()) && text.bytes().all(plain);
    is_host.then(|| text.into())
}
