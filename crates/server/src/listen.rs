//! One port for HTTP, HTTPS and, where this server ends TLS itself, ICE-TCP: all three are known by their
//! first byte. HTTP begins with a letter, TLS with the type of its record, ICE-TCP with the length of a
//! short frame.
//!
//! Everybody comes through here, so here stands what holds at every door: a place for each connection,
//! a stream that ends when nothing moves, timers for the first byte, for TLS and for each header; and
//! `inbound.rs`, through which each request goes.

use crate::ice_tcp::{self, HandOver};
use crate::inbound::Inbound;
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rotunda_doorway::{ClientAddress, Cut, Guarded, Patience, Place, Places, Proxies, Scheme};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// First byte of a TLS record that carries a handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(10);
/// Before accepting again, instead of spinning.
const BREATH: Duration = Duration::from_millis(10);
/// For a header from its first byte on, for the next request after an answer, and for TLS.
const HEADER_WITHIN: Duration = Duration::from_secs(10);
/// The same on a trusted proxy's connection: proxies keep theirs for a minute.
const PROXY_WITHIN: Duration = Duration::from_secs(75);
/// Bytes of a request that are held before a door takes them; a longer header is refused, 431.
const HELD: usize = 64 * 1024;
/// Longer than anything here is silent: sockets are pinged every half minute at most.
const PATIENCE: Patience =
    Patience { unread: Duration::from_secs(30), idle: Duration::from_secs(120) };

/// What a port leads to.
#[derive(Clone)]
pub(crate) struct Front {
    pub router: Router,
    pub tls: Option<TlsAcceptor>,
    /// Who takes ICE-TCP, if it is taken here.
    pub ice_tcp: Option<HandOver>,
    pub proxies: Arc<Proxies>,
    pub places: Places,
}

/// Serves what is behind `front` until `stopping` says so. Connections are taken on a thread of their
/// own: the kernel's queue is the one place where a newcomer stands behind a crowd, and it stays short
/// however much there is to do with those who were taken.
pub(crate) fn serve(
    listener: std::net::TcpListener,
    front: Front,
    stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let workers = Handle::current();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let taking = async move {
        match TcpListener::from_std(listener) {
            Ok(listener) => take(listener, front, workers, stopping).await,
            Err(error) => tracing::error!(%error, "a port is not listened on"),
        }
    };
    thread::Builder::new().name("doors".into()).spawn(move || runtime.block_on(taking))?;
    Ok(())
}

/// The next connection, which belongs to no runtime yet.
async fn accept(listener: &TcpListener) -> io::Result<(std::net::TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept().await?;
    Ok((stream.into_std()?, peer))
}

async fn take(
    listener: TcpListener,
    front: Front,
    workers: Handle,
    mut stopping: watch::Receiver<bool>,
) {
    let mut spare = Spare::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stopped(&mut stopping) => return,
        };
        match accepted {
            Ok((stream, peer)) => admit(stream, peer, &front, &workers, &stopping).await,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                match After::of(&error) {
                    After::GoOn => {}
                    After::Breathe => tokio::time::sleep(BREATH).await,
                    After::TurnAway => spare.turn_away(&listener).await,
                }
            }
        }
    }
}

/// What to do after a connection was not accepted.
#[derive(Debug, PartialEq, Eq)]
enum After {
    /// It was that connection's own end: the next one is another.
    GoOn,
    /// It may be so for a while.
    Breathe,
    /// There is no descriptor for the one that waits.
    TurnAway,
}

impl After {
    /// As accept(2) names them.
    fn of(error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EMFILE | libc::ENFILE) => Self::TurnAway,
            Some(libc::ECONNABORTED | libc::ECONNRESET | libc::EPROTO | libc::EINTR) => Self::GoOn,
            _ => Self::Breathe,
        }
    }
}

/// Whoever finds no place is closed at once, which says more than waiting in the kernel's queue.
async fn admit(
    stream: std::net::TcpStream,
    peer: SocketAddr,
    front: &Front,
    workers: &Handle,
    stopping: &watch::Receiver<bool>,
) {
    let (cut, client) = (Cut::default(), ClientAddress::new(peer.ip()));
    let Some(place) = front.places.enter(client, cut.clone()).await else { return };
    if front.proxies.trusts(peer.ip()) {
        place.visit().give_back();
    }
    let greeting = greet(stream, peer, place, front.clone(), stopping.clone());
    workers.spawn(async move {
        tokio::select! {
            // Who was cut off before their turn costs nothing more.
            biased;
            () = cut.happened() => {}
            () = greeting => {}
        }
    });
}

async fn greet(
    stream: std::net::TcpStream,
    peer: SocketAddr,
    place: Place,
    front: Front,
    stopping: watch::Receiver<bool>,
) {
    // Events are small and wait for nobody.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    let mut first = [0u8; 1];
    let peeked = timeout(FIRST_BYTE_WITHIN, stream.peek(&mut first)).await;
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    match (front.tls.clone(), front.ice_tcp.clone()) {
        (Some(tls), _) if first[0] == TLS_HANDSHAKE => {
            if let Ok(Ok(stream)) = timeout(HEADER_WITHIN, tls.accept(stream)).await {
                talk(stream, peer, Scheme::Https, place, front, stopping).await;
            }
        }
        // Its place is free afterwards: it counts among ICE-TCP's.
        (_, Some(hand_over)) if ice_tcp::may_begin_with(first[0]) => {
            ice_tcp::take(stream, &hand_over).await;
        }
        _ => talk(stream, peer, Scheme::Http, place, front, stopping).await,
    }
}

async fn talk<S>(
    stream: S,
    peer: SocketAddr,
    scheme: Scheme,
    place: Place,
    front: Front,
    mut stopping: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Front { router, proxies, .. } = front;
    let is_proxy = proxies.trusts(peer.ip());
    let visit = place.visit();
    let io = TokioIo::new(Guarded::new(stream, visit.cut().clone(), Some(place), PATIENCE));
    let inbound = Arc::new(Inbound { router, proxies, is_proxy, peer: peer.ip(), scheme, visit });
    let service = service_fn(move |request| inbound.clone().answer(request));
    // Not hyper-util's `auto`: it waits without a limit for whoever begins like HTTP/2 ("P").
    let mut builder = http1::Builder::new();
    let header_within = if is_proxy { PROXY_WITHIN } else { HEADER_WITHIN };
    builder.timer(TokioTimer::new()).header_read_timeout(header_within).max_buf_size(HELD);
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
            let _ = timeout(Duration::from_secs(2), connection).await;
        }
    }
}

/// Waits until the process stops; a sender that is gone means the same.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// A descriptor in reserve: when there is none left for a connection, it serves to take that
/// connection and to close it, so that its client hears it and the queue moves on.
struct Spare(Option<File>);

impl Spare {
    fn new() -> Self {
        Self(File::open("/dev/null").ok())
    }

    async fn turn_away(&mut self, listener: &TcpListener) {
        if self.0.take().is_some() {
            let _ = timeout(Duration::from_millis(1), accept(listener)).await;
        }
        tokio::time::sleep(BREATH).await;
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_finds_no_descriptor_is_turned_away() {
        let after = |code| After::of(&io::Error::from_raw_os_error(code));
        assert_eq!([libc::EMFILE, libc::ENFILE].map(after), [After::TurnAway, After::TurnAway]);
        assert_eq!([libc::ECONNABORTED, libc::EPROTO].map(after), [After::GoOn, After::GoOn]);
        assert_eq!([libc::ENOBUFS, libc::EPERM].map(after), [After::Breathe, After::Breathe]);
    }
}
