//! One port for HTTP and HTTPS: a TLS ClientHello is known by its first byte.
//!
//! A connection that sends nothing, or its header too slowly, is closed after ten seconds; without
//! a timer installed hyper would wait for ever.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rotunda_rest::RequestScheme;
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

/// Serves `router` until `stopping` says so.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
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
        let (router, tls, stopping) = (router.clone(), tls.clone(), stopping.clone());
        tokio::spawn(async move {
            let _place = place;
            greet(stream, peer, router, tls, stopping).await;
        });
    }
}

async fn greet(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    tls: Option<TlsAcceptor>,
    stopping: watch::Receiver<bool>,
) {
    // Events are small and wait for nobody.
    let _ = stream.set_nodelay(true);
    let mut first = [0u8; 1];
    let peeked = tokio::time::timeout(FIRST_BYTE_WITHIN, stream.peek(&mut first)).await;
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    match tls {
        Some(tls) if first[0] == TLS_HANDSHAKE => {
            let shaken = tokio::time::timeout(HEADER_WITHIN, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                talk(stream, peer, "https", router, stopping).await;
            }
        }
        _ => talk(stream, peer, "http", router, stopping).await,
    }
}

async fn talk<S>(
    stream: S,
    peer: SocketAddr,
    scheme: &'static str,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let cut = Cut::default();
    let io = TokioIo::new(cut.around(stream));
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        detach(&mut request);
        request.extensions_mut().insert(cut.clone());
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(RequestScheme(scheme));
        request
    });
    // Not hyper-util's `auto`: it waits without a limit for whoever begins like HTTP/2 ("P").
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_WITHIN);
    let connection =
        builder.serve_connection(io, TowerToHyperService::new(service)).with_upgrades();
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

/// A socket may keep its request for as long as it lives, and what hyper reads are slices of the whole
/// buffer it read: copied, the buffer goes.
fn detach(request: &mut hyper::Request<hyper::body::Incoming>) {
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
