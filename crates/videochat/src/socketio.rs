//! socket.io under `/socket`: the endpoint's name is the event's, the answer its acknowledgement.
//!
//! Clients of major 2 (Engine.IO 3) and 4 are served alike. The requests of a socket are done one
//! after the other, in the order they came; who sends faster is told so.

use crate::client::{Client, Opened};
use crate::engine_io::{self, PATH};
use crate::envelope::{Failure, TOO_OFTEN, answer};
use crate::push_events;
use crate::strangers::STRANGER;
use crate::{Videochat, client};
use axum::http::request::Parts;
use rotunda_doorway::Cut;
use rotunda_hub::Push;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The layer that answers under `/socket` and passes everything else on.
type Layer = socketioxide::layer::SocketIoLayer;

/// Largest message, bytes; the largest legal one is a hundredth of it.
const MESSAGE: usize = 64 * 1024;
/// Bytes kept for reading of each WebSocket; what waits to be written is bounded by its stream, which
/// reads nothing meanwhile, and by `PACKETS`.
const READ_BUFFER: usize = 4096;
/// Requests of one socket that may wait.
const REQUESTS: usize = 64;
/// Packets that may wait to be written; a socket whose queue is full is closed.
const PACKETS: usize = 512;

pub(crate) fn layer(door: &Videochat) -> Layer {
    let (layer, io) = SocketIo::builder()
        .req_path(PATH)
        .max_payload(MESSAGE as u64)
        .ws_max_message_size(MESSAGE)
        .ws_max_frame_size(MESSAGE)
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(PACKETS)
        .connect_timeout(Duration::from_secs(10))
        .build_layer();
    let door = door.clone();
    io.ns("/", move |socket: SocketRef| {
        // Listening begins before anything is awaited, so that no request goes astray.
        let requests = listen(&socket);
        serve(door.clone(), socket, requests)
    });
    layer
}

/// A request; boxed where it waits, because a queue keeps room for dozens even while it is empty.
struct Asked {
    name: String,
    body: Option<Value>,
    ack: AckSender,
}

fn listen(socket: &SocketRef) -> mpsc::Receiver<Box<Asked>> {
    let (sender, requests) = mpsc::channel(REQUESTS);
    socket.on_fallback(
        // The call itself is made in the order of arrival, the future it gives is not.
        move |Event(name): Event, TryData(body): TryData<Value>, ack: AckSender| {
            let asked = Box::new(Asked { name, body: body.ok(), ack });
            if let Err(mpsc::error::TrySendError::Full(asked)) = sender.try_send(asked) {
                let refused = answer(&Err(Failure::new(TOO_OFTEN, "too frequent")));
                let _ = asked.ack.send(&refused);
            }
            async {}
        },
    );
    requests
}

async fn serve(door: Videochat, socket: SocketRef, requests: mpsc::Receiver<Box<Asked>>) {
    let session_id = session_id(&socket);
    let patience = door.inner.options.patience;
    let origin = socket.req_parts().headers.get("origin").and_then(|value| value.to_str().ok());
    if !door.admits_origin(origin) {
        tokio::spawn(part(socket, patience));
        return;
    }
    let Some(Opened { client, pushes, user_info, .. }) = door.open(session_id).await else {
        tokio::spawn(part(socket, patience));
        return;
    };
    let (gone, is_gone) = tokio::sync::oneshot::channel::<()>();
    let gone = Arc::new(std::sync::Mutex::new(Some(gone)));
    socket.on_disconnect(move || {
        drop(gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        async {}
    });
    let is_stranger = user_info.is_none();
    if let Some(info) = user_info {
        let _ = socket.emit("user_info", &info);
    }
    tokio::spawn(async move {
        let stranger = async {
            match is_stranger {
                true => tokio::time::sleep(STRANGER).await,
                false => std::future::pending().await,
            }
        };
        let client = tokio::select! {
            client = talk(&socket, client, requests, pushes, is_gone) => Some(client),
            () = stranger => None,
        };
        if let Some(client) = client {
            client::Client::close(client).await;
        }
        part(socket, patience).await;
    });
}

/// Closes a socket; a client that does not read what is left is cut off.
async fn part(socket: SocketRef, patience: Duration) {
    let cut = own_connection(socket.req_parts());
    let _ = socket.disconnect();
    if let Some(cut) = cut {
        tokio::time::sleep(patience).await;
        cut.cut();
    }
}

/// What cuts a socket off that began as a WebSocket. The connection of a handshake by polling may serve
/// somebody else by now, such as another client of the same proxy.
fn own_connection(handshake: &Parts) -> Option<Cut> {
    let asked = engine_io::Asked::read(handshake.uri.query().unwrap_or_default());
    handshake.extensions.get::<Cut>().filter(|_| asked.is_websocket).cloned()
}

/// Answers and pushes until either side has to end.
async fn talk(
    socket: &SocketRef,
    mut client: Client,
    mut requests: mpsc::Receiver<Box<Asked>>,
    mut pushes: mpsc::Receiver<Arc<Push>>,
    mut is_gone: tokio::sync::oneshot::Receiver<()>,
) -> Client {
    loop {
        tokio::select! {
            // An answer comes before what it causes.
            biased;
            _ = &mut is_gone => return client,
            asked = requests.recv() => {
                let Some(asked) = asked else { return client };
                let Asked { name, body, ack } = *asked;
                let answer = client.call(&name, body).await;
                if ack.send(&answer).is_err() {
                    return client;
                }
            }
            push = pushes.recv() => {
                let Some(push) = push else { return client };
                let written = push_events::written(&push);
                if socket.emit(written.name, &written.json).is_err() {
                    return client;
                }
            }
        }
    }
}

/// From the handshake's query or header.
fn session_id(socket: &SocketRef) -> String {
    let parts = socket.req_parts();
    let query = parts.uri.query().unwrap_or_default();
    let header = parts.headers.get("x-session-id").and_then(|value| value.to_str().ok());
    crate::auth::session_id(query, header).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_of_a_handshake_by_polling_is_not_cut_and_a_websockets_is() {
        let is_cut = |transport| {
            let uri = format!("/socket/?EIO=4&transport={transport}");
            let request = axum::http::Request::builder().uri(uri).extension(Cut::default());
            own_connection(&request.body(()).unwrap().into_parts().0).is_some()
        };
        assert_eq!(["polling", "websocket"].map(is_cut), [false, true]);
    }
}
