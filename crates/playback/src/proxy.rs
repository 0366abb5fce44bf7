//! The only thing an `ffmpeg` child can reach of the web: a small HTTP server of ours on loopback,
//! one per playback, that fetches for it.
//!
//! Its paths carry a token nobody can guess. It is the child's HTTP proxy as well, so that an
//! address of somebody else's comes here too, and is refused.

mod content;
mod kind;
mod seen;

use crate::encoded::{decode, encode, extension};
use crate::fence::Door;
use crate::playlist::{self, PlaylistRefused};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::BytesMut;
use content::{Body, Content, Part, full, rest, whole};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::http::response;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rotunda_outbound::{FetchError, Fetched, Fetcher, SourceUrl};
use seen::{Failed, Seen};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

pub(crate) use seen::fault_of;

/// Requests of one child at a time.
const AT_ONCE: usize = 8;
/// Longest playlist, in bytes, and how long it may take to come.
const PLAYLIST: usize = 2 << 20;
const PLAYLIST_PATIENCE: Duration = Duration::from_secs(20);
/// Playlists of one playback that are read at a time.
const PLAYLISTS_AT_ONCE: usize = 2;
/// A playback's playlists are rewritten so often on average, and so many at once before that counts:
/// a film of many qualities and languages begins with one of each.
const PLAYLIST_EVERY: Duration = Duration::from_millis(250);
const PLAYLIST_BURST: u32 = 40;
/// Playlists of all playbacks that are rewritten at a time: each holds its text twice.
static REWRITERS: Semaphore = Semaphore::const_new(2);
/// Largest document of a host that knows no parts in which one can seek all the same: what lies
/// before the part is fetched and thrown away.
const SKIPPED: u64 = 256 << 20;

struct Inner {
    fetcher: Fetcher,
    source: SourceUrl,
    address: SocketAddr,
    token: String,
    seen: Arc<Seen>,
    permits: Arc<Semaphore>,
    playlists: Semaphore,
    /// When the next playlist would be due, were they evenly spread.
    next_playlist: Mutex<Instant>,
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
            playlists: Semaphore::new(PLAYLISTS_AT_ONCE),
            next_playlist: Mutex::new(Instant::now()),
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

    /// The same, as a child sees it: whatever else it asks for over HTTP comes here, too.
    pub fn door(&self) -> Door {
        let address = self.inner.address;
        Door::Web { url: self.url(), proxy: format!("http://{address}"), port: address.port() }
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
        let range = request.headers().get(header::RANGE);
        let part = range.and_then(Part::read).unwrap_or_default();
        let passed = match self.fetch(&url, range, part).await {
            Ok(fetched) => self.pass(fetched, part).await,
            Err(failed) => Err(failed),
        };
        passed.unwrap_or_else(|failed| {
            if let Some(fault) = failed.fault {
                tracing::debug!(%fault, "a playback's source, or a part of it, was not handed on");
                self.seen.note(fault);
            }
            nothing(failed.status)
        })
    }

    /// Some hosts know no parts, and say so by refusing who asks for one, be it for all of it.
    async fn fetch(
        &self,
        url: &SourceUrl,
        range: Option<&HeaderValue>,
        part: Part,
    ) -> Result<Fetched, Failed> {
        url.check(self.fetcher.rules()).map_err(FetchError::Url)?;
        match self.fetcher.get(url, range).await {
            Err(FetchError::Status(416)) if part.from > 0 => Err(Failed::BEHIND_THE_END),
            Err(FetchError::Status(400 | 403 | 405 | 406 | 416 | 500 | 501)) if range.is_some() => {
                Ok(self.fetcher.get(url, None).await?)
            }
            fetched => Ok(fetched?),
        }
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

    /// Hands on what was fetched: a playlist rewritten, anything else as it comes.
    async fn pass(&self, fetched: Fetched, part: Part) -> Result<Response<Body>, Failed> {
        let Fetched { url, response } = fetched;
        let (head, body) = response.into_parts();
        let mut content = Content::new(&head.headers, body);
        let is_part = head.status == StatusCode::PARTIAL_CONTENT;
        if content.is_packed() && is_part && !part.is_whole() {
            return Err(FetchError::Packed.into());
        }
        let cut = self.cut(&head, part, &mut content)?;
        let mut start = BytesMut::new();
        while start.len() < 64
            && let Some(bytes) = content.next().await
        {
            start.extend_from_slice(&bytes?);
        }
        if playlist::is_playlist(&start) {
            return self.playlist(&url, start, content).await;
        }
        if part.from == 0
            && let Some(kind) = kind::kind_of(&start)
        {
            self.seen.note_kind(kind);
        }
        let is_cut = cut.is_some() && !part.is_whole();
        let is_part = is_cut || (is_part && !content.is_packed());
        let status = if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let mut response = Response::builder().status(status);
        let lengths = [header::CONTENT_LENGTH, header::CONTENT_RANGE, header::ACCEPT_RANGES];
        let own = if content.is_packed() { &lengths[..0] } else { &lengths };
        for name in own.iter().chain(&[header::CONTENT_TYPE]) {
            let ours = cut.as_ref().and_then(|ours| ours.get(name));
            if let Some(value) = ours.or_else(|| head.headers.get(name)) {
                response = response.header(name, value);
            }
        }
        let body = rest(start.freeze(), content, self.seen.clone());
        response.body(body).map_err(|_| FetchError::Unreadable.into())
    }

    /// Sees whether one can begin anywhere in the document. Of one that a host sends whole to
    /// whoever asks for a part, cuts the part out; answers what its length is called then.
    fn cut(
        &self,
        head: &response::Parts,
        part: Part,
        content: &mut Content,
    ) -> Result<Option<hyper::HeaderMap>, Failed> {
        let length = head.headers.get(header::CONTENT_LENGTH).filter(|_| !content.is_packed());
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some() {
            self.seen.note_length();
        }
        let units = head.headers.get(header::ACCEPT_RANGES);
        let is_part = head.status == StatusCode::PARTIAL_CONTENT;
        if is_part || (part.is_whole() && units.is_some_and(|units| units == "bytes")) {
            self.seen.note_ranges();
            return Ok(None);
        }
        let Some(length) = length.filter(|length| (1..=SKIPPED).contains(length)) else {
            return Ok(None);
        };
        if part.from >= length {
            return Err(Failed::BEHIND_THE_END);
        }
        self.seen.note_ranges();
        let to = part.to.unwrap_or(length - 1).min(length - 1);
        content.cut(Part { to: Some(to), ..part });
        let mut headers = hyper::HeaderMap::new();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_LENGTH, ((to + 1).saturating_sub(part.from)).into());
        if !part.is_whole() {
            let range = HeaderValue::from_str(&format!("bytes {}-{to}/{length}", part.from));
            headers.insert(header::CONTENT_RANGE, range.map_err(|_| FetchError::Unreadable)?);
        }
        Ok(Some(headers))
    }

    /// A playlist is rewritten on a thread that may take its time, a few at once, and each
    /// playback's no more often than players look.
    async fn playlist(
        &self,
        url: &SourceUrl,
        start: BytesMut,
        content: Content,
    ) -> Result<Response<Body>, Failed> {
        let _one = self.playlists.acquire().await.map_err(|_| FetchError::Unreadable)?;
        self.wait_for_turn().await;
        let text = whole(start, content, PLAYLIST, PLAYLIST_PATIENCE).await?;
        let text = text.ok_or(PlaylistRefused::TooLarge)?;
        let permit = REWRITERS.acquire().await.map_err(|_| FetchError::Unreadable)?;
        let (url, ours) = (url.clone(), format!("http://{}/{}/", self.address, self.token));
        let rewritten = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let text = String::from_utf8_lossy(&text);
            let refused = format!("{ours}refused");
            playlist::rewrite(&text, &url, &refused, |url| {
                Some(format!("{ours}at/{}", encode(url.url().as_str(), url.url().path())?))
            })
        });
        let rewritten = rewritten.await.map_err(|_| FetchError::Unreadable)??;
        self.seen.note_playlist(rewritten.has_ended);
        let kind = HeaderValue::from_static("application/vnd.apple.mpegurl");
        let mut response = Response::new(full(rewritten.text));
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(response)
    }

    async fn wait_for_turn(&self) {
        let then = turn(&mut *self.next_playlist.lock().await, Instant::now());
        sleep_until(then).await;
    }
}

/// When a playlist that is wanted `now` has its turn; `next` is when it would be due, were all of
/// them evenly spread.
fn turn(next: &mut Instant, now: Instant) -> Instant {
    let due = (*next).max(now);
    *next = due + PLAYLIST_EVERY;
    due.checked_sub(PLAYLIST_EVERY * PLAYLIST_BURST).unwrap_or(now)
}

fn nothing(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(String::new()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
