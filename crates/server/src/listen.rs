//! One port for HTTP and HTTPS: a TLS ClientHello is known by its first byte.
//!
//! A connection that sends nothing, or its header too slowly, is closed after ten seconds; without
//! a timer installed hyper would wait for ever. What a request says of its client and of the host it
//! asks is judged here, before any door sees it.

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use rotunda_doorway::{Proxies, Scheme};
use rotunda_videochat::Cut;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// First byte of a TLS record that carries a handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(10);
const HEADER_WITHIN: Duration = Duration::from_secs(10);

/// Connections at a time. When full, new ones wait in the kernel's queue.
const CONNECTIONS: usize = 16_384;

/// What a port leads to.
#[derive(Clone)]
pub(crate) struct Front {
    pub router: Router,
    pub tls: Option<TlsAcceptor>,
    pub proxies: Arc<Proxies>,
}

/// Serves what is behind `front` until `stopping` says so.
pub(crate) async fn serve(
    listener: TcpListener,
    front: Front,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stopping) => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely: breathe instead of spinning.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (front, stopping) = (front.clone(), stopping.clone());
        tokio::spawn(async move {
            let _place = place;
            greet(stream, peer, front, stopping).await;
        });
    }
}

async fn greet(stream: TcpStream, peer: SocketAddr, front: Front, stopping: watch::Receiver<bool>) {
    // Events are small and wait for nobody.
    let _ = stream.set_nodelay(true);
    let mut first = [0u8; 1];
    let peeked = tokio::time::timeout(FIRST_BYTE_WITHIN, stream.peek(&mut first)).await;
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    match &front.tls {
        Some(tls) if first[0] == TLS_HANDSHAKE => {
            let shaken = tokio::time::timeout(HEADER_WITHIN, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                talk(stream, peer, Scheme::Https, front, stopping).await;
            }
        }
        _ => talk(stream, peer, Scheme::Http, front, stopping).await,
    }
}

async fn talk<S>(
    stream: S,
    peer: SocketAddr,
    scheme: Scheme,
    front: Front,
    mut stopping: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let cut = Cut::default();
    let io = TokioIo::new(cut.around(stream));
    let Front { router, proxies, .. } = front;
    let service = service_fn(move |mut request: Request<Incoming>| {
        detach(&mut request);
        let (client, site) = proxies.client(peer.ip(), scheme, request.headers());
        let extensions = request.extensions_mut();
        extensions.insert(cut.clone());
        extensions.insert(client);
        extensions.insert(site);
        let router = router.clone();
        async move {
            match names_one_host(&request) {
                true => router.oneshot(request).await,
                false => {
                    Ok((StatusCode::BAD_REQUEST, "A request names one Host\n").into_response())
                }
            }
        }
    });
    // Not hyper-util's `auto`: it waits without a limit for whoever begins like HTTP/2 ("P").
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_WITHIN);
    let connection = builder.serve_connection(io, service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        done = connection.as_mut() => {
            if let Err(error) = done {
                tracing::debug!(%error, "a connection ended");
            }
        }
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(2), connection).await;
        }
    }
}

/// Who names two hosts, or none where one is due, is read differently by a proxy and by us
/// (RFC 9112 §3.2).
fn names_one_host(request: &Request<Incoming>) -> bool {
    let named = request.headers().get_all(HOST).iter().count();
    named == 1 || (named == 0 && request.version() == Version::HTTP_10)
}

/// A socket may keep its request for as long as it lives, and what hyper reads are slices of the whole
/// buffer it read: copied, the buffer goes.
fn detach(request: &mut Request<Incoming>) {
    if !request.headers().contains_key(hyper::header::UPGRADE) {
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

/// Waits until the process stops; a sender that is gone means the same.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
