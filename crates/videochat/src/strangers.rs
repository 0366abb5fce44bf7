//! Engine.IO handshakes of those who show no session: each takes a place on the doorstep for as long
//! as its socket lives, ten seconds at most, and goes when it has to make room.
//!
//! The library knows sockets by their id and gives nobody else a hold of them, so a socket by polling
//! is ended as its client would end it, by a packet, and one by WebSocket with its connection. A
//! stranger stays with the transport they began with, so that there is always one way to end it.

use crate::Videochat;
use crate::engine_io::{self, Asked};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rotunda_doorway::{ClientAddress, Cut, Proof, Stranger, Visit};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a socket without a session is let be, so that its requests are answered with 401.
pub(crate) const STRANGER: Duration = Duration::from_secs(10);
/// From then on until it is cut off, in which it is told.
const FAREWELL: Duration = Duration::from_secs(2);
/// Longest answer to a handshake, bytes.
const OPENED: usize = 4096;

/// Ids of strangers' sockets by polling; as many as the doorstep holds.
#[derive(Debug, Default)]
pub(crate) struct Ids(Mutex<HashSet<String>>);

impl Ids {
    fn set(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Kept with the request for as long as its socket lives; what is dropped then tells of it.
#[derive(Clone)]
struct Held(
    #[allow(dead_code, reason = "held until it is dropped")] Arc<(Stranger, oneshot::Sender<()>)>,
);

/// Stands before socket.io.
pub(crate) async fn meet(State(door): State<Videochat>, request: Request, next: Next) -> Response {
    let below = request.uri().path().strip_prefix(engine_io::PATH);
    if !below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let asked = Asked::read(&query);
    if let Some(sid) = &asked.sid {
        let is_strangers = asked.is_websocket && door.inner.strangers.set().contains(sid);
        return match is_strangers {
            true => StatusCode::BAD_REQUEST.into_response(),
            false => next.run(request).await,
        };
    }
    let header = request.headers().get("x-session-id").and_then(|value| value.to_str().ok());
    let shown = crate::auth::session_id(&query, header);
    let visit = request.extensions().get::<Visit>().cloned();
    match door.is_known(shown, visit).await {
        true => next.run(request).await,
        false => door.let_wait(request, next, asked).await,
    }
}

impl Videochat {
    /// Whether a session was shown that goes on; the connection counts by it from now on.
    async fn is_known(&self, shown: Option<String>, visit: Option<Visit>) -> bool {
        let Some(id) = shown else { return false };
        let Ok(Some(session)) = self.hub().user_session(&id).await else { return false };
        if let Some(visit) = visit {
            visit.prove(Proof::of(&session.project, &id));
        }
        true
    }

    async fn let_wait(&self, mut request: Request, next: Next, asked: Asked) -> Response {
        let extensions = request.extensions();
        let Some(client) = extensions.get::<ClientAddress>().copied() else {
            return next.run(request).await;
        };
        let cut = match asked.is_websocket {
            true => extensions.get::<Cut>().cloned().unwrap_or_default(),
            false => Cut::default(),
        };
        let Some(stranger) = self.inner.options.pending_sockets.enter(client, cut.clone()).await
        else {
            return StatusCode::TOO_MANY_REQUESTS.into_response();
        };
        let (gone, is_gone) = oneshot::channel();
        request.extensions_mut().insert(Held(Arc::new((stranger, gone))));
        let response = next.clone().run(request).await;
        if asked.is_websocket {
            tokio::spawn(async move {
                // Its connection waits for the cut itself.
                if tokio::time::timeout(STRANGER + FAREWELL, is_gone).await.is_err() {
                    cut.cut();
                }
            });
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, OPENED).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if let Some(sid) = engine_io::opened_sid(&bytes) {
            tokio::spawn(see_off(self.clone(), next, sid, asked.is_counted, (cut, is_gone)));
        }
        Response::from_parts(parts, Body::from(bytes))
    }
}

/// Waits until a stranger's socket is gone, which is true, or has to go.
async fn is_over(is_gone: oneshot::Receiver<()>, cut: &Cut) -> bool {
    tokio::select! {
        _ = is_gone => true,
        () = cut.happened() => false,
        () = tokio::time::sleep(STRANGER) => false,
    }
}

/// Ends a socket by polling when its time has come.
async fn see_off(
    door: Videochat,
    next: Next,
    sid: String,
    is_counted: bool,
    (cut, is_gone): (Cut, oneshot::Receiver<()>),
) {
    door.inner.strangers.set().insert(sid.clone());
    if !is_over(is_gone, &cut).await {
        let (eio, close) = if is_counted { ("3", "1:1") } else { ("4", "1") };
        let uri = format!("{}/?EIO={eio}&transport=polling&sid={sid}", engine_io::PATH);
        let packet = Request::builder().method(Method::POST).uri(uri).body(Body::from(close));
        if let Ok(packet) = packet {
            next.run(packet).await;
        }
    }
    door.inner.strangers.set().remove(&sid);
}
