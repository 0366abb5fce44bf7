//! What holds for each request before a door sees it: it names one host, its client is known, its
//! body comes in time, and what is asked is counted as the client's whose request it is.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, UPGRADE};
use axum::http::{Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use rotunda_doorway::{Proxies, Scheme, Visit};
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};
use tower::ServiceExt;

/// Longest time for a body to come, headers aside. A legal one fits into a few packets; doors that
/// answer a slow one in words of their own do so earlier.
const BODY_WITHIN: Duration = Duration::from_secs(12);

/// The requests of one connection.
pub(crate) struct Inbound {
    pub router: Router,
    pub proxies: Arc<Proxies>,
    /// Whether the peer is a proxy of the operator's.
    pub is_proxy: bool,
    pub peer: IpAddr,
    pub scheme: Scheme,
    pub visit: Visit,
}

impl Inbound {
    /// Has a request answered by the door it is for.
    pub async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response, Infallible> {
        if !names_one_host(&request) {
            let refusal = (StatusCode::BAD_REQUEST, "A request names one Host\n");
            return Ok(refusal.into_response());
        }
        detach(&mut request);
        let (client, site) = self.proxies.client(self.peer, self.scheme, request.headers());
        if self.is_proxy {
            self.visit.lend_to(client);
        }
        let extensions = request.extensions_mut();
        extensions.insert(client);
        extensions.insert(site);
        extensions.insert(self.visit.cut().clone());
        extensions.insert(self.visit.clone());
        let (request, is_late) = in_time(request, BODY_WITHIN);
        let response = self.router.clone().oneshot(request).await?;
        if self.is_proxy && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            self.visit.give_back();
        }
        Ok(if is_late.load(Ordering::Relaxed) { late(response) } else { response })
    }
}

/// Who names two hosts, or none where one is due, is read differently by a proxy and by us
/// (RFC 9112 §3.2).
fn names_one_host<B>(request: &Request<B>) -> bool {
    let named = request.headers().get_all(HOST).iter().count();
    named == 1 || (named == 0 && request.version() == Version::HTTP_10)
}

/// A socket may keep its request for as long as it lives, and what hyper reads are slices of the whole
/// buffer it read: copied, the buffer goes.
fn detach<B>(request: &mut Request<B>) {
    if !request.headers().contains_key(UPGRADE) {
        return;
    }
    let mut headers = HeaderMap::with_capacity(request.headers().len());
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    *request.headers_mut() = headers;
    if let Ok(uri) = request.uri().to_string().parse() {
        *request.uri_mut() = uri;
    }
}

/// A request whose body ends when it does not come in time, and whether it did.
fn in_time<B>(request: Request<B>, within: Duration) -> (Request<Body>, Arc<AtomicBool>)
where
    B: hyper::body::Body<Data = axum::body::Bytes> + Unpin + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let is_late = Arc::new(AtomicBool::new(false));
    let timed = |body: B| match body.is_end_stream() {
        true => Body::new(body),
        false => {
            let (end, is_late) = (Box::pin(sleep(within)), is_late.clone());
            Body::new(Timed { body, end, is_late })
        }
    };
    (request.map(timed), is_late)
}

/// What a door said of a body that was cut off means that it came too late; the connection cannot be
/// used again.
fn late(response: Response) -> Response {
    let mut response = match response.status() {
        StatusCode::REQUEST_TIMEOUT => response,
        _ => (StatusCode::REQUEST_TIMEOUT, "The body came too slowly\n").into_response(),
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that fails when it has not come whole by the end of its time.
struct Timed<B> {
    body: B,
    end: Pin<Box<Sleep>>,
    is_late: Arc<AtomicBool>,
}

impl<B> hyper::body::Body for Timed<B>
where
    B: hyper::body::Body + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = B::Data;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, axum::BoxError>>> {
        // Asked first: who sends a byte at a time always has one.
        if self.end.as_mut().poll(cx).is_ready() {
            self.is_late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err("the body came too slowly".into())));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::sync::mpsc;

    /// A body of what is sent into its channel.
    struct Trickle(mpsc::Receiver<Bytes>);

    impl hyper::body::Body for Trickle {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    /// What is answered to a body of so many bytes, the next of which is always there.
    async fn answer(bytes: usize) -> StatusCode {
        let (send, body) = mpsc::channel(1);
        tokio::spawn(async move {
            for _ in 0..bytes {
                let _ = send.send(Bytes::from_static(b"x")).await;
            }
        });
        let router = Router::new().route("/", post(|_: Bytes| async {}));
        let request = Request::post("/").body(Trickle(body)).unwrap();
        let (request, is_late) = in_time(request, Duration::from_millis(50));
        let response = router.oneshot(request).await.unwrap();
        let is_late = is_late.load(Ordering::Relaxed);
        if is_late { late(response).status() } else { response.status() }
    }

    #[tokio::test]
    async fn a_body_that_comes_a_byte_at_a_time_is_not_waited_for() {
        assert_eq!(answer(3).await, StatusCode::OK);
        assert_eq!(answer(usize::MAX).await, StatusCode::REQUEST_TIMEOUT);
    }
}
