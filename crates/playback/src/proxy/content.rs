//! The body of an answer as its source meant it: unpacked where it comes packed, from one place to
//! another where a host sends all of it to whoever asks for a part.

use super::seen::Seen;
use bytes::{Buf, Bytes, BytesMut};
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::HeaderMap;
use hyper::body::{Frame, Incoming};
use hyper::header::{self, HeaderValue};
use rotunda_outbound::FetchError;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a source may say nothing while it is listened to.
const SILENCE: Duration = Duration::from_secs(10);
/// Packed bytes that are unpacked at once: they become a thousand times as many at most.
const GULP: usize = 512;

pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A body that is read piece by piece.
pub(super) struct Content {
    body: Incoming,
    unpack: Option<Unpack>,
    /// Packed bytes that came and wait.
    packed: Bytes,
    /// Bytes that are left out before the first.
    skip: u64,
    /// Bytes that follow them, if not all.
    left: Option<u64>,
}

enum Unpack {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Deflate(Box<ZlibDecoder<Vec<u8>>>),
}

impl Content {
    /// What came with these headers.
    pub fn new(headers: &HeaderMap, body: Incoming) -> Self {
        let packing = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        let unpack = match packing {
            Some("gzip" | "x-gzip") => {
                Some(Unpack::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))))
            }
            Some("deflate") => Some(Unpack::Deflate(Box::new(ZlibDecoder::new(Vec::new())))),
            _ => None,
        };
        Self { body, unpack, packed: Bytes::new(), skip: 0, left: None }
    }

    pub fn is_packed(&self) -> bool {
        self.unpack.is_some()
    }

    /// Gives only what lies in `part`.
    pub fn cut(&mut self, part: Part) {
        self.skip = part.from;
        self.left = part.to.map(|to| (to + 1).saturating_sub(part.from));
    }

    /// The next bytes; an error when the source says nothing for too long.
    pub async fn next(&mut self) -> Option<Result<Bytes, FetchError>> {
        loop {
            let mut bytes = match self.whole_next().await? {
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error)),
            };
            let skipped = self.skip.min(bytes.len() as u64);
            bytes.advance(skipped as usize);
            self.skip -= skipped;
            if let Some(left) = &mut self.left {
                bytes.truncate((*left).min(bytes.len() as u64) as usize);
                *left -= bytes.len() as u64;
            }
            if !bytes.is_empty() {
                return Some(Ok(bytes));
            }
            if self.left == Some(0) {
                return None;
            }
        }
    }

    async fn whole_next(&mut self) -> Option<Result<Bytes, FetchError>> {
        loop {
            if self.packed.is_empty() {
                match self.raw_next().await {
                    Some(Ok(bytes)) => self.packed = bytes,
                    Some(Err(error)) => return Some(Err(error)),
                    None => return self.unpack.take().and_then(last),
                }
            }
            let Some(unpack) = &mut self.unpack else {
                return Some(Ok(std::mem::take(&mut self.packed)));
            };
            let gulp = self.packed.split_to(GULP.min(self.packed.len()));
            match unpack.put(&gulp) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Some(Ok(bytes)),
                Err(_) => return Some(Err(FetchError::Unreadable)),
            }
        }
    }

    async fn raw_next(&mut self) -> Option<Result<Bytes, FetchError>> {
        loop {
            let frame = match timeout(SILENCE, self.body.frame()).await {
                Ok(frame) => frame?,
                Err(_) => return Some(Err(FetchError::Silent)),
            };
            match frame.map(Frame::into_data) {
                Ok(Ok(bytes)) => return Some(Ok(bytes)),
                Ok(Err(_)) => {}
                Err(_) => return Some(Err(FetchError::Unreadable)),
            }
        }
    }
}

impl Unpack {
    fn put(&mut self, packed: &[u8]) -> io::Result<Bytes> {
        let plain = match self {
            Self::Gzip(decoder) => decoder.write_all(packed).map(|()| decoder.get_mut()),
            Self::Deflate(decoder) => decoder.write_all(packed).map(|()| decoder.get_mut()),
        };
        plain.map(|plain| Bytes::from(std::mem::take(plain)))
    }
}

/// What a decoder still held when its input ended.
fn last(unpack: Unpack) -> Option<Result<Bytes, FetchError>> {
    let rest = match unpack {
        Unpack::Gzip(decoder) => decoder.finish(),
        Unpack::Deflate(decoder) => decoder.finish(),
    };
    match rest {
        Ok(rest) if rest.is_empty() => None,
        Ok(rest) => Some(Ok(rest.into())),
        Err(_) => Some(Err(FetchError::Unreadable)),
    }
}

/// A part of a document, in bytes; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub from: u64,
    pub to: Option<u64>,
}

impl Part {
    /// What a `Range` of the child asks for.
    pub fn read(range: &HeaderValue) -> Option<Self> {
        let (from, to) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
        let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
        Some(Self { from: from.parse().ok()?, to })
    }

    pub fn is_whole(self) -> bool {
        self == Self::default()
    }
}

/// What was read already and what comes.
pub(super) fn rest(start: Bytes, content: Content, seen: Arc<Seen>) -> Body {
    let first = (!start.is_empty()).then_some(start);
    let frames = stream::unfold((first, content, seen), |(first, mut content, seen)| async move {
        let bytes = match first {
            Some(bytes) => Ok(bytes),
            None => content.next().await?,
        };
        if bytes.is_err() {
            seen.note_break();
        }
        Some((bytes.map(Frame::data).map_err(io::Error::other), (None, content, seen)))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// All of it, if it is no longer than `most` bytes and comes within `patience`.
pub(super) async fn whole(
    mut start: BytesMut,
    mut content: Content,
    most: usize,
    patience: Duration,
) -> Result<Option<Bytes>, FetchError> {
    let read = async {
        while start.len() <= most {
            match content.next().await {
                Some(bytes) => start.extend_from_slice(&bytes?),
                None => return Ok(Some(start.freeze())),
            }
        }
        Ok(None)
    };
    timeout(patience, read).await.unwrap_or(Err(FetchError::Silent))
}

pub(super) fn full(text: String) -> Body {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync()
}
