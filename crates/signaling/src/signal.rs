//! Where upgrade requests come in: who may open a socket, before there is one.

use crate::hub_api::HubApi;
use crate::options::SignalOptions;
use crate::peer::Peer;
use crate::proving::Proving;
use crate::socket::{self, Clock};
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_doorway::{ClientAddress, Cut, Visit, WebSocketSizes};
use rotunda_hub::Hub;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes gathered before they are written; a reply and its events go out as one.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// What a socket holds on to for reading; longer messages are read in pieces. The library's 128 KiB
/// are touched at the first read and would be a third of what a viewer costs.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// The door; cheap to clone.
#[derive(Clone)]
pub struct Signal<D: HubApi = Hub> {
    door: D,
    options: Arc<SignalOptions>,
    clock: Clock,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    open: AtomicU64,
    refused: AtomicU64,
}

/// Numbers for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketCounts {
    /// Sockets open now.
    pub open: u64,
    /// Those that have shown nothing yet, here and wherever else sockets wait on the same doorstep.
    pub unconnected: u64,
    /// Upgrades refused since the start, by origin or by address.
    pub refused_total: u64,
}

impl<D: HubApi> Signal<D> {
    /// A door to `door`.
    pub fn new(door: D, options: SignalOptions) -> Self {
        Self { door, options: Arc::new(options), clock: Clock::new(), counters: Arc::default() }
    }

    /// Answers an upgrade request and serves the socket in a task of its own. The request's extensions
    /// say whose it is, when that is known; no subprotocol is selected and nothing is compressed.
    ///
    /// 403 for an `Origin` that is not on the operator's list, 429 for a network of which too many
    /// wait to open a socket.
    pub async fn accept(
        &self,
        upgrade: WebSocketUpgrade,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Response {
        if !self.admits(headers) {
            return self.refuse(StatusCode::FORBIDDEN, "This origin may not open sockets here\n");
        }
        let stranger = match extensions.get::<ClientAddress>() {
            Some(client) => {
                let cut = extensions.get::<Cut>().cloned().unwrap_or_default();
                let Some(stranger) = self.options.pending_sockets.enter(*client, cut).await else {
                    let text = "Too many sockets of this address wait for signalwire.connect\n";
                    return self.refuse(StatusCode::TOO_MANY_REQUESTS, text);
                };
                Some(stranger)
            }
            None => None,
        };
        let proving = Proving { stranger, visit: extensions.get::<Visit>().cloned() };
        let client = extensions.get::<ClientAddress>();
        let network = client.map(|client| client.network().ip());
        let signal = self.clone();
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let origin = origin.map(str::to_owned);
        self.sizes().of(upgrade).on_upgrade(move |socket| async move {
            let _open = Open::new(signal.counters);
            let name = uuid::Uuid::new_v4().to_string();
            let peer = Peer::new(signal.clock.now(), name, signal.options);
            let peer = peer.at(network).on_page(origin);
            let served = socket::serve(socket, signal.door, peer, proving, signal.clock);
            rotunda_telemetry::named("socket", served).await;
        })
    }

    fn sizes(&self) -> WebSocketSizes {
        WebSocketSizes {
            message: self.options.message_bytes_max,
            read_buffer: READ_BUFFER_BYTES,
            write_buffer: WRITE_BUFFER_BYTES,
            sent: self.options.unsent_bytes_max,
        }
    }

    /// How many sockets there are.
    pub fn counts(&self) -> SocketCounts {
        SocketCounts {
            open: self.counters.open.load(Ordering::Relaxed),
            unconnected: self.options.pending_sockets.len() as u64,
            refused_total: self.counters.refused.load(Ordering::Relaxed),
        }
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(allowed) = &self.options.allowed_origins else { return true };
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        // Programs send no Origin; the list is about pages.
        headers.get(header::ORIGIN).is_none()
            || origin.is_some_and(|origin| allowed.iter().any(|one| one == origin))
    }

    fn refuse(&self, status: StatusCode, text: &'static str) -> Response {
        self.counters.refused.fetch_add(1, Ordering::Relaxed);
        (status, text).into_response()
    }
}

/// One open socket, counted.
struct Open(Arc<Counters>);

impl Open {
    fn new(counters: Arc<Counters>) -> Self {
        counters.open.fetch_add(1, Ordering::Relaxed);
        Self(counters)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
