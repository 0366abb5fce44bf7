//! The plain WebSocket at `/ws`: the same endpoints, each request an object with its name in it.
//!
//! Request `{"endpoint", "data", "event"}`, answer `{"endpoint", "event": {"id"}, "data", "error"}`,
//! push `{"endpoint", "data", "error"}`.

use crate::Videochat;
use crate::client::{Client, Opened};
use crate::envelope::{Failure, answer};
use crate::push_events;
use crate::strangers::STRANGER;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rotunda_doorway::{ClientAddress, Cut, Stranger, Visit, WebSocketSizes};
use rotunda_hub::Push;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Most sockets say nothing most of the time. Answers are longer than requests: all rooms, all seats.
const SIZES: WebSocketSizes =
    WebSocketSizes { message: 64 * 1024, read_buffer: 4096, write_buffer: 4096, sent: 1024 * 1024 };
/// A ping is sent when nothing came for so long, and the socket ends when nothing came for three
/// times that.
const QUIET: Duration = Duration::from_secs(25);

pub(crate) fn routes() -> Router<Videochat> {
    Router::new().route("/ws", get(accept))
}

async fn accept(
    State(door): State<Videochat>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: WebSocketUpgrade,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if !door.admits_origin(header("origin")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let session =
        crate::auth::session_id(query.as_deref().unwrap_or_default(), header("x-session-id"));
    let Some(opened) = door.open(session.unwrap_or_default()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let Ok(stranger) = counted(&door, &opened, &extensions).await else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    SIZES.of(upgrade).on_upgrade(move |socket| serve(socket, opened, stranger))
}

/// Counts the connection by the session it showed, or on the doorstep, which fails when there is no
/// place.
async fn counted(
    door: &Videochat,
    opened: &Opened,
    extensions: &Extensions,
) -> Result<Option<Stranger>, ()> {
    if let Some(proof) = opened.proof {
        extensions.get::<Visit>().into_iter().for_each(|visit| visit.prove(proof));
        return Ok(None);
    }
    let Some(client) = extensions.get::<ClientAddress>() else { return Ok(None) };
    let cut = extensions.get::<Cut>().cloned().unwrap_or_default();
    door.inner.options.pending_sockets.enter(*client, cut).await.map(Some).ok_or(())
}

/// A socket with the patience one has with it.
struct Line {
    socket: WebSocket,
    patience: Duration,
}

async fn serve(socket: WebSocket, opened: Opened, _stranger: Option<Stranger>) {
    let Opened { mut client, mut pushes, user_info, .. } = opened;
    let mut socket = Line { socket, patience: client.options().patience };
    let until = user_info.is_none().then(|| Instant::now() + STRANGER);
    let mut greeting = Ok(());
    if let Some(info) = user_info {
        greeting = send(&mut socket, named("user_info", &info.to_string())).await;
    }
    if greeting.is_ok() {
        talk(&mut socket, &mut client, &mut pushes, until).await;
    }
    drop(socket);
    client.close().await;
}

/// One request after the other; what is pushed comes between them.
async fn talk(
    socket: &mut Line,
    client: &mut Client,
    pushes: &mut mpsc::Receiver<Arc<Push>>,
    until: Option<Instant>,
) {
    let mut unheard = 0;
    loop {
        let late = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let done = tokio::select! {
            message = timeout(QUIET, socket.socket.recv()) => match message {
                Ok(Some(Ok(message))) => {
                    unheard = 0;
                    take(socket, client, message).await
                }
                Ok(_) => return,
                Err(_) if unheard == 2 => return,
                Err(_) => {
                    unheard += 1;
                    write(socket, Message::Ping(Vec::new().into())).await
                }
            },
            push = pushes.recv() => {
                let Some(push) = push else { return };
                let written = push_events::written(&push);
                write(socket, Message::Text(named(written.name, written.json.get()).into())).await
            }
            () = late => return,
        };
        if done.is_err() {
            return;
        }
    }
}

async fn take(socket: &mut Line, client: &mut Client, message: Message) -> Result<(), ()> {
    match message {
        Message::Text(text) => {
            let answer = answer_to(client, &text).await;
            send(socket, answer).await
        }
        Message::Close(_) => Err(()),
        Message::Binary(_) => {
            let failure = answer(&Err(Failure::bad("requests are text")));
            send(socket, Value::Object(failure).to_string()).await
        }
        Message::Ping(_) | Message::Pong(_) => Ok(()),
    }
}

async fn answer_to(client: &mut Client, text: &str) -> String {
    let Ok(Value::Object(mut body)) = serde_json::from_str(text) else {
        return Value::Object(answer(&Err(Failure::bad("a request is a JSON object")))).to_string();
    };
    let endpoint = body.remove("endpoint").unwrap_or_default();
    let id = body.get("event").and_then(|event| event.get("id")).cloned();
    let said = client.call(endpoint.as_str().unwrap_or_default(), Some(Value::Object(body))).await;
    let mut whole = Map::new();
    whole.insert("endpoint".into(), endpoint);
    if let Some(id) = id {
        whole.insert("event".into(), json!({ "id": id }));
    }
    whole.extend(said);
    Value::Object(whole).to_string()
}

/// A push, which is an object that is not empty, with its name in it.
fn named(name: &str, push: &str) -> String {
    format!("{{\"endpoint\":\"{name}\",{}", &push[1..])
}

async fn send(socket: &mut Line, text: String) -> Result<(), ()> {
    write(socket, Message::Text(text.into())).await
}

/// A client that does not read is given up, and nobody waits for it.
async fn write(socket: &mut Line, message: Message) -> Result<(), ()> {
    match timeout(socket.patience, socket.socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(()),
    }
}
