//! The only thing an `ffmpeg` child can reach of the web: a small HTTP server of ours on loopback,
//! one per playback, that fetches for it.
//!
//! Its paths carry a token nobody can guess. It is the child's HTTP proxy as well, so that an
//! address of somebody else's comes here too, and is refused.

use crate::encoded::{decode, encode, extension};
use crate::playlist;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rotunda_reach::{FetchError, Fetched, Fetcher};
use rotunda_reach::{SourceUrl, UrlRefused};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Requests of one child at a time.
const AT_ONCE: usize = 8;
/// Longest playlist, in bytes.
const PLAYLIST: usize = 2 << 20;
/// How long a source may say nothing while it is listened to.
const SILENCE: Duration = Duration::from_secs(10);

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What was seen of the source.
#[derive(Default)]
pub(crate) struct Seen {
    /// The last thing that could not be fetched.
    fault: Mutex<Option<FetchError>>,
    /// Something was led to an address that may not be reached.
    unsafe_address: AtomicBool,
    /// An answer ended before its end.
    broke_off: AtomicBool,
    ranges: AtomicBool,
    playlist: AtomicBool,
}

impl Seen {
    /// Whether one can begin anywhere in it.
    pub fn is_seekable(&self) -> bool {
        self.ranges.load(Ordering::Relaxed) || self.is_playlist()
    }

    pub fn is_playlist(&self) -> bool {
        self.playlist.load(Ordering::Relaxed)
    }

    pub fn was_unsafe(&self) -> bool {
        self.unsafe_address.load(Ordering::Relaxed)
    }

    pub fn broke_off(&self) -> bool {
        self.broke_off.load(Ordering::Relaxed)
    }

    pub fn fault(&self) -> Option<FetchError> {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, error: FetchError) {
        if matches!(error, FetchError::Address | FetchError::Url(UrlRefused::Unsafe)) {
            self.unsafe_address.store(true, Ordering::Relaxed);
        }
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

struct Inner {
    fetcher: Fetcher,
    source: SourceUrl,
    address: SocketAddr,
    token: String,
    seen: Arc<Seen>,
    permits: Arc<Semaphore>,
}

/// The server; ends when it is dropped, and all it is fetching with it.
pub(crate) struct Proxy {
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Serves `source` and what it leads to.
    pub async fn start(fetcher: Fetcher, source: SourceUrl) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut token = [0; 16];
        aws_lc_rs::rand::fill(&mut token).map_err(|_| io::Error::other("no random numbers"))?;
        let inner = Arc::new(Inner {
            fetcher,
            source,
            address: listener.local_addr()?,
            token: BASE64_URL_SAFE_NO_PAD.encode(token),
            seen: Arc::default(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        });
        let task = tokio::spawn(serve(listener, inner.clone()));
        Ok(Self { inner, task })
    }

    /// Where the child finds the source. It does not say what the source is: command lines can be
    /// read by others.
    pub fn url(&self) -> String {
        let extension = extension(self.inner.source.url().path());
        format!("http://{}/{}/source{extension}", self.inner.address, self.inner.token)
    }

    /// What the child is to take for its proxy.
    pub fn as_proxy(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    pub fn seen(&self) -> &Seen {
        &self.inner.seen
    }
}

/// The tasks of the connections end with this one.
async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(permit) = inner.permits.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let inner = inner.clone();
        connections.spawn(async move {
            let _permit = permit;
            let service = service_fn(move |request| {
                let inner = inner.clone();
                async move { Ok::<_, Infallible>(inner.answer(request).await) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            // Whatever goes wrong, the child sees the end of its connection.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let Some(url) = self.meant(&request) else { return nothing(StatusCode::FORBIDDEN) };
        let fetched = match url.check(self.fetcher.rules()) {
            Ok(()) => self.fetcher.get(&url, request.headers().get(header::RANGE)).await,
            Err(refused) => Err(refused.into()),
        };
        let passed = match fetched {
            Ok(fetched) => self.pass(fetched).await,
            Err(error) => Err(error),
        };
        passed.unwrap_or_else(|error| {
            tracing::debug!(%error, "a playback's source, or a part of it, was not fetched");
            self.seen.note(error);
            match error {
                FetchError::Status(code) => {
                    nothing(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY))
                }
                FetchError::Url(_) | FetchError::Address => nothing(StatusCode::FORBIDDEN),
                _ => nothing(StatusCode::BAD_GATEWAY),
            }
        })
    }

    /// What a request of the child means; nothing without the token, and nothing at another host.
    fn meant(&self, request: &Request<Incoming>) -> Option<SourceUrl> {
        let uri = request.uri();
        let is_elsewhere =
            uri.authority().is_some_and(|host| host.as_str() != self.address.to_string());
        let path = uri.path().strip_prefix('/')?.strip_prefix(&*self.token)?.strip_prefix('/')?;
        if is_elsewhere || request.method() != hyper::Method::GET {
            return None;
        }
        if path.split('.').next() == Some("source") {
            return Some(self.source.clone());
        }
        SourceUrl::parse(&decode(path.strip_prefix("at/")?)?).ok().filter(|url| !url.is_rtmp())
    }

    fn ours(&self, url: &SourceUrl) -> Option<String> {
        let name = encode(url.url().as_str(), url.url().path())?;
        Some(format!("http://{}/{}/at/{name}", self.address, self.token))
    }

    /// Hands on what was fetched: a playlist rewritten, anything else as it comes.
    async fn pass(&self, fetched: Fetched) -> Result<Response<Body>, FetchError> {
        let Fetched { url, response } = fetched;
        let (head, mut body) = response.into_parts();
        let mut start = BytesMut::new();
        let mut is_all = false;
        while start.len() < 64 && !is_all {
            match next(&mut body).await {
                Some(bytes) => start.extend_from_slice(&bytes?),
                None => is_all = true,
            }
        }
        if playlist::is_playlist(&start) {
            self.seen.playlist.store(true, Ordering::Relaxed);
            let text = whole(start, body).await?;
            let refused = format!("http://{}/{}/refused", self.address, self.token);
            let text = playlist::rewrite(&text, &url, &refused, |url| self.ours(url));
            let kind = HeaderValue::from_static("application/vnd.apple.mpegurl");
            let mut response = Response::new(full(text));
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            return Ok(response);
        }
        let units = head.headers.get(header::ACCEPT_RANGES);
        if head.status == StatusCode::PARTIAL_CONTENT || units.is_some_and(|u| u == "bytes") {
            self.seen.ranges.store(true, Ordering::Relaxed);
        }
        let mut response = Response::builder().status(head.status);
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::ACCEPT_RANGES,
        ] {
            if let Some(value) = head.headers.get(&name) {
                response = response.header(name, value);
            }
        }
        response
            .body(rest(start.freeze(), body, self.seen.clone()))
            .map_err(|_| FetchError::Unreadable)
    }
}

/// The next bytes; an error when the source says nothing for too long.
async fn next(body: &mut Incoming) -> Option<Result<Bytes, FetchError>> {
    loop {
        let frame = match tokio::time::timeout(SILENCE, body.frame()).await {
            Ok(frame) => frame?,
            Err(_) => return Some(Err(FetchError::Unreachable)),
        };
        match frame.map(Frame::into_data) {
            Ok(Ok(bytes)) => return Some(Ok(bytes)),
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(FetchError::Unreadable)),
        }
    }
}

async fn whole(mut start: BytesMut, mut body: Incoming) -> Result<String, FetchError> {
    while let Some(bytes) = next(&mut body).await {
        start.extend_from_slice(&bytes?);
        if start.len() > PLAYLIST {
            return Err(FetchError::Unreadable);
        }
    }
    String::from_utf8(start.into()).map_err(|_| FetchError::Unreadable)
}

/// What was read already and what comes.
fn rest(start: Bytes, body: Incoming, seen: Arc<Seen>) -> Body {
    let first = (!start.is_empty()).then_some(start);
    let frames = stream::unfold((first, body, seen), |(first, mut body, seen)| async move {
        let bytes = match first {
            Some(bytes) => Ok(bytes),
            None => next(&mut body).await?,
        };
        if bytes.is_err() {
            seen.broke_off.store(true, Ordering::Relaxed);
        }
        Some((bytes.map(Frame::data).map_err(io::Error::other), (None, body, seen)))
    });
    StreamBody::new(frames).boxed_unsync()
}

fn full(text: String) -> Body {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync()
}

fn nothing(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(String::new()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
