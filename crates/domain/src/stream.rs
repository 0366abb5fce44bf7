//! Streams: a session sent to a server that somebody named, over RTMP. Values only.

use crate::id::{RoomId, RoomStreamId, SessionId, StreamId};
use crate::limits::STREAM_URL_BYTES;
use crate::refusal::Refusal;
use std::fmt;
use std::sync::Arc;

/// Where a stream goes: an `rtmp` or `rtmps` address with its key, which is a secret. Shown in
/// full by nothing but [`StreamTarget::as_str`].
#[derive(Clone, PartialEq, Eq)]
pub struct StreamTarget(Arc<str>);

impl StreamTarget {
    /// Takes an address as it was written; whether its host may be reached is asked elsewhere.
    ///
    /// # Errors
    /// Another scheme, no host, white space, or too long.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > STREAM_URL_BYTES {
            let text = format!("url may have at most {STREAM_URL_BYTES} bytes");
            return Err(Refusal::Invalid(text));
        }
        let scheme = |name: &str| {
            let head = text.get(..name.len())?;
            head.eq_ignore_ascii_case(name).then(|| &text[name.len()..])
        };
        let rest = scheme("rtmp://").or_else(|| scheme("rtmps://"));
        let Some(host) = rest.and_then(|rest| rest.split('/').next()) else {
            return Err(Refusal::invalid("url must begin with rtmp:// or rtmps://"));
        };
        let odd = |c: char| c.is_control() || c.is_whitespace();
        if host.is_empty() || text.contains(odd) {
            return Err(Refusal::invalid("url must be like rtmp://host/application/key"));
        }
        if host.contains('@') {
            return Err(Refusal::invalid(
                "url must not hold a user name: the key is the last part",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The address, its secret key included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without what is secret in it: user, key and query.
    pub fn without_key(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match path.trim_end_matches('/').rsplit_once('/') {
            Some((application, _)) => format!("{scheme}://{host}/{application}/…"),
            None => format!("{scheme}://{host}/…"),
        }
    }
}

impl fmt::Debug for StreamTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_key())
    }
}

/// How a stream that is not over does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamHealth {
    /// The server was not reached yet.
    Connecting,
    /// The server takes it.
    Live,
    /// It was refused or cut off, and is tried again; why, in words for people.
    Retrying(String),
    /// It was refused in a way that no other try can mend; why, in words for people. It is tried
    /// again when it goes elsewhere.
    Failed(String),
}

impl StreamHealth {
    /// In one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Retrying(_) => "retrying",
            Self::Failed(_) => "failed",
        }
    }

    /// Why it does not go, in words for people.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Retrying(why) | Self::Failed(why) => Some(why),
            Self::Connecting | Self::Live => None,
        }
    }
}

/// A stream at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamView {
    /// Which.
    pub id: StreamId,
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Where it goes.
    pub target: StreamTarget,
    /// What of the room it comes from, if it was not started by somebody.
    pub room_stream: Option<RoomStreamId>,
    /// How it does.
    pub health: StreamHealth,
    /// When it began, milliseconds since 1970 UTC.
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// How long it ran, milliseconds; once it is over.
    pub duration_ms: Option<u64>,
}

impl StreamView {
    /// Where it stands, as members are told (wire protocol §9.6).
    pub fn state(&self) -> StreamState {
        if self.ended_at_ms.is_some() { StreamState::Completed } else { StreamState::Streaming }
    }
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// It runs, or tries to.
    Streaming,
    /// It is over.
    Completed,
}

impl StreamState {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Completed => "completed",
        }
    }
}

/// What is told of a stream. Only its begin and its end are told those in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// It began.
    Started,
    /// The server takes it, for the first time or again.
    Connected,
    /// The server was lost or refused it.
    Interrupted,
    /// It goes elsewhere from now on.
    Moved,
    /// It is over.
    Ended,
}

impl StreamEvent {
    /// The name of the event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "stream.started",
            Self::Connected => "stream.connected",
            Self::Interrupted => "stream.interrupted",
            Self::Moved => "stream.moved",
            Self::Ended => "stream.ended",
        }
    }
}

/// A stream that stands with its room: it runs in each of its sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomStream {
    /// Which.
    pub id: RoomStreamId,
    /// Where it goes.
    pub target: StreamTarget,
    /// What its stream will be called if it does not run yet; drawn by the caller.
    pub stream: StreamId,
    /// Whether it begins again if somebody stopped it in this session.
    pub is_renewed: bool,
}

/// What is to be done with a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cast {
    /// Send it there.
    Start(StreamTarget),
    /// Send it there instead.
    Move(StreamTarget),
    /// End it; nothing follows.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_rtmp_address_with_a_host() {
        for fine in [
            "rtmp://a.test/live/key",
            "rtmps://a.test:443/app/inst/key?x=y",
            "RTMP://a.test/live",
            "rtmp://[::1]:1935/live/key",
            // The reference's own example.
            "rtmp://example.com",
        ] {
            assert_eq!(StreamTarget::parse(fine).unwrap().as_str(), fine);
        }
        let long = format!("rtmp://a.test/live/{}", "k".repeat(STREAM_URL_BYTES));
        for wrong in [
            "",
            "http://a.test/live",
            "rtmp:/a.test/live",
            "rtmp:///live/key",
            "rtmp://me:pw@a.test/live/key",
            "rtmp://a.test/live/a key",
            "rtmp://a.test/live/key\n",
            "rtmpt://a/b/c",
            "€€€€€",
            &long,
        ] {
            assert!(matches!(StreamTarget::parse(wrong), Err(Refusal::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        for (url, shown) in [
            ("rtmp://a.test/live/key", "rtmp://a.test/live/…"),
            ("rtmps://a.test:443/app/inst/key?t=1", "rtmps://a.test:443/app/inst/…"),
            ("rtmp://a.test/key", "rtmp://a.test/…"),
            ("rtmp://a.test/live/key/", "rtmp://a.test/live/…"),
        ] {
            let target = StreamTarget::parse(url).unwrap();
            assert_eq!((target.without_key(), format!("{target:?}")), (shown.into(), shown.into()));
        }
    }
}
