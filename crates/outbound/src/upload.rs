//! Bytes handed to a host that somebody named: one POST whose length is known beforehand, sent as
//! fast as the host takes it and never held whole. No redirect is followed, and of the answer only
//! the status and `Retry-After` are read. What the bytes are it does not know.

use crate::fetch::{FetchError, Fetcher, head};
use crate::source::{SourceUrl, UrlRefused};
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::BoxStream;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Bytes as they come from wherever they lie.
pub type UploadBytes = BoxStream<'static, io::Result<Bytes>>;

/// Of an answer's body that comes while we still send; it is read past, never kept.
const READ_PAST: usize = 64 * 1024;

/// What is handed over.
pub struct Upload {
    /// Beside `Host`, `Content-Length` and what the address itself holds; names in small letters.
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// How many bytes there are.
    pub length: u64,
    /// They.
    pub bytes: UploadBytes,
}

/// How slow a host may be.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest time in which it takes nothing.
    pub stall: Duration,
    /// Longest time between the last byte and its answer.
    pub answer: Duration,
    /// Bytes a second it takes at least, beside the time above.
    pub least_rate: u64,
}

impl Default for Patience {
    fn default() -> Self {
        let (stall, answer) = (Duration::from_secs(120), Duration::from_secs(300));
        Self { stall, answer, least_rate: 16 * 1024 }
    }
}

/// What the host said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Retry-After` (RFC 9110 §10.2.3) as it stands there.
    pub retry_after: Option<String>,
}

impl Answer {
    /// Whether it has what was sent.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The host cannot or may not be reached.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It went away.
    #[error("the host ended the connection before it answered")]
    Cut,
    /// It takes nothing, too little, or does not answer.
    #[error("the host takes too long")]
    Slow,
    /// The bytes could not be read, or are not as many as was said.
    #[error("what was to be sent could not be read: {0}")]
    Source(String),
}

impl Fetcher {
    /// Posts to `url`. An answer that comes early counts, and whoever gives one and reads on gets
    /// the rest nevertheless.
    ///
    /// # Errors
    /// [`UploadError`]; what the host answered, whatever it is, is none.
    pub async fn post(
        &self,
        url: &SourceUrl,
        upload: Upload,
        patience: Patience,
    ) -> Result<Answer, UploadError> {
        url.check(self.rules()).map_err(FetchError::Url)?;
        let progress = Arc::new(Progress::new(patience, upload.length));
        let request = request(url, upload, progress.clone());
        let request = request.ok_or(FetchError::Url(UrlRefused::Unreadable))?;
        let wire = self.connect(url).await?;
        let shake = http1::Builder::new().max_headers(64).handshake(TokioIo::new(wire));
        let (mut sender, connection) = shake.await.map_err(|_| UploadError::Cut)?;
        // Polled here and nowhere else, so that whoever gives us up ends the connection, too.
        let mut connection = pin!(connection);
        let answer = async {
            let mut asked = pin!(sender.send_request(request));
            tokio::select! {
                biased;
                answer = &mut asked => answer,
                _ = &mut connection => asked.await,
            }
        };
        let answer = tokio::select! {
            answer = answer => answer.map_err(|_| progress.why()),
            () = progress.too_late() => Err(progress.why_slow()),
        }?;
        let (said, body) = read(answer);
        if said.is_success() && !progress.is_whole() {
            let rest = async { tokio::join!(&mut connection, read_past(body)) };
            tokio::select! { _ = rest => {}, () = progress.too_late() => {} }
        }
        Ok(said)
    }
}

fn request(url: &SourceUrl, upload: Upload, progress: Arc<Progress>) -> Option<Request<Outgoing>> {
    let Upload { headers, length, bytes } = upload;
    let (target, own) = head(url)?;
    let mut request = Request::new(Outgoing { bytes, left: length, progress });
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target;
    *request.headers_mut() = own;
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Some(request)
}

fn read(answer: Response<Incoming>) -> (Answer, Incoming) {
    let (head, body) = answer.into_parts();
    let after = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    (Answer { status: head.status.as_u16(), retry_after: after.map(str::to_owned) }, body)
}

async fn read_past(mut body: Incoming) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.data_ref().map_or(0, Bytes::len);
        if taken > READ_PAST {
            return;
        }
    }
}

/// How far it is.
struct Progress {
    patience: Patience,
    /// When all of it must be over.
    end: Instant,
    state: Mutex<State>,
}

struct State {
    /// When the host last took something.
    last: Instant,
    is_whole: bool,
    broken: Option<String>,
}

impl Progress {
    fn new(patience: Patience, length: u64) -> Self {
        let now = Instant::now();
        let at_least = Duration::from_secs(length / patience.least_rate.max(1));
        let end = now + patience.stall + patience.answer + at_least;
        let state = State { last: now, is_whole: length == 0, broken: None };
        Self { patience, end, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taken(&self, is_whole: bool) {
        let mut state = self.lock();
        state.last = Instant::now();
        state.is_whole = is_whole;
    }

    fn broke(&self, why: &str) -> io::Error {
        self.lock().broken = Some(why.to_owned());
        io::Error::other(why.to_owned())
    }

    fn is_whole(&self) -> bool {
        self.lock().is_whole
    }

    fn why(&self) -> UploadError {
        self.lock().broken.take().map_or(UploadError::Cut, UploadError::Source)
    }

    fn why_slow(&self) -> UploadError {
        self.lock().broken.take().map_or(UploadError::Slow, UploadError::Source)
    }

    /// Until nothing may be waited for any longer.
    async fn too_late(&self) {
        loop {
            let until = {
                let state = self.lock();
                let patience = self.patience;
                let more = if state.is_whole { patience.answer } else { patience.stall };
                (state.last + more).min(self.end)
            };
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}

/// The body: exactly as many bytes as were promised, or none of it counts.
struct Outgoing {
    bytes: UploadBytes,
    left: u64,
    progress: Arc<Progress>,
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.bytes).poll_next(cx));
        Poll::Ready(Some(match next {
            Some(Ok(bytes)) if bytes.len() as u64 <= self.left => {
                self.left -= bytes.len() as u64;
                self.progress.taken(self.left == 0);
                Ok(Frame::data(bytes))
            }
            Some(Ok(_)) => Err(self.progress.broke("there are more bytes than were promised")),
            Some(Err(error)) => Err(self.progress.broke(&error.to_string())),
            None => Err(self.progress.broke("there are fewer bytes than were promised")),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
