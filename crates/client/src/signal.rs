//! One WebSocket: requests out, replies and events in. Pings and events are answered here, as a
//! browser does. It refuses to know what a call is.

use crate::error::{ClientError, Refused};
use crate::journal::Journal;
use crate::wire::connect;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Frames that wait to be sent. When full, whoever sends waits.
const OUTBOX: usize = 256;
/// As long as a browser waits for a reply.
const REPLY_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<HashMap<String, oneshot::Sender<Value>>>,
    is_deaf: AtomicBool,
    hears_again: Notify,
}

impl Shared {
    fn replies(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Value>>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open WebSocket. Dropping it tears the connection down without a closing handshake.
#[derive(Debug)]
pub struct Signal {
    out: mpsc::Sender<Message>,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Signal {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Signal {
    /// Opens a socket whose events go to `journal`.
    ///
    /// # Errors
    /// [`ClientError::Open`].
    pub async fn open(url: &str, journal: Journal) -> Result<Self, ClientError> {
        Self::open_with(url, journal, None).await
    }

    /// The same with a receive buffer of the system of so many bytes.
    ///
    /// # Errors
    /// [`ClientError::Open`]; [`ClientError::Unreadable`] for a URL without an address.
    pub async fn open_with(
        url: &str,
        journal: Journal,
        receive_buffer: Option<u32>,
    ) -> Result<Self, ClientError> {
        let authority = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
        let (Some(authority), true) = (authority, receive_buffer.is_some()) else {
            let (socket, _) = connect_async(url).await.map_err(Box::new)?;
            return Ok(Self::over(socket, journal));
        };
        let mut addresses = tokio::net::lookup_host(authority).await?;
        let no_address = || ClientError::Unreadable(format!("{url} names no address"));
        let address = addresses.next().ok_or_else(no_address)?;
        let stream = MaybeTlsStream::Plain(connect(address, receive_buffer).await?);
        let (socket, _) = client_async(url, stream).await.map_err(Box::new)?;
        Ok(Self::over(socket, journal))
    }

    fn over(socket: Socket, journal: Journal) -> Self {
        journal.opened();
        let (sink, stream) = socket.split();
        let (out, outbox) = mpsc::channel(OUTBOX);
        let shared = Arc::<Shared>::default();
        let writer = tokio::spawn(write(sink, outbox));
        let reader = tokio::spawn(read(stream, out.clone(), shared.clone(), journal));
        Self { out, shared, tasks: [reader, writer] }
    }

    /// Sends a text frame as it is.
    ///
    /// # Errors
    /// [`ClientError::Closed`].
    pub async fn say(&self, text: impl Into<String>) -> Result<(), ClientError> {
        let message = Message::text(text.into());
        self.out.send(message).await.map_err(|_| ClientError::Closed)
    }

    /// Closes with code 1000.
    pub async fn close(&self) {
        // Fails only if it is closed already.
        let _ = self.out.send(Message::Close(None)).await;
    }

    /// Stops reading: the server's frames stay in the network's buffers until those are full.
    pub fn stop_reading(&self) {
        self.shared.is_deaf.store(true, Ordering::Release);
    }

    /// Reads again.
    pub fn read_again(&self) {
        self.shared.is_deaf.store(false, Ordering::Release);
        self.shared.hears_again.notify_one();
    }

    /// Sends a request and gives the whole frame that answers it.
    ///
    /// # Errors
    /// [`ClientError::Closed`], [`ClientError::Late`] after 10 s.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, ClientError> {
        let id = uuid::Uuid::new_v4().to_string();
        let (tell, reported) = oneshot::channel();
        self.shared.replies().insert(id.clone(), tell);
        let frame = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.say(frame.to_string()).await?;
        match tokio::time::timeout(REPLY_WITHIN, reported).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(ClientError::Closed),
            Err(_) => {
                self.shared.replies().remove(&id);
                Err(ClientError::Late { what: method.to_owned(), within: REPLY_WITHIN })
            }
        }
    }

    /// Sends a request and unwraps the answer as the browser SDK does.
    ///
    /// # Errors
    /// As [`Self::call`], and [`ClientError::Refused`].
    pub async fn rpc(&self, method: &str, params: Value) -> Result<Value, ClientError> {
        Ok(unwrapped(self.call(method, params).await?)?)
    }
}

/// The innermost result of an answer, or the refusal in it.
fn unwrapped(mut answer: Value) -> Result<Value, Refused> {
    loop {
        if let Some(error) = answer.get("error").filter(|e| !e.is_null()) {
            return Err(refused(error));
        }
        let result = answer.get("result").cloned().unwrap_or(Value::Null);
        let code = result.get("code").map(plain).unwrap_or_else(|| "200".into());
        if !(code.len() == 3 && code.starts_with('2')) {
            return Err(refused(&result));
        }
        let inner = match result.get("result") {
            None | Some(Value::Null) => return Ok(result),
            Some(inner) => inner.clone(),
        };
        if inner.get("jsonrpc").is_none() {
            return Ok(inner);
        }
        answer = inner;
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn refused(whole: &Value) -> Refused {
    let field = |name| whole.get(name).map(plain).unwrap_or_default();
    Refused { code: field("code"), message: field("message"), whole: whole.clone() }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut outbox: mpsc::Receiver<Message>) {
    while let Some(message) = outbox.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

async fn read(
    mut stream: SplitStream<Socket>,
    out: mpsc::Sender<Message>,
    shared: Arc<Shared>,
    journal: Journal,
) {
    let mut code = None;
    loop {
        if shared.is_deaf.load(Ordering::Acquire) {
            shared.hears_again.notified().await;
            continue;
        }
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let Ok(frame) = serde_json::from_str::<Value>(&text) else { continue };
                if let Some(reply) = take(frame, &shared, &journal) {
                    // A full outbox waits: a client that is not read from stops reading, too.
                    if out.send(Message::text(reply.to_string())).await.is_err() {
                        break;
                    }
                }
            }
            Some(Ok(Message::Close(frame))) => code = frame.map(|f| u16::from(f.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    shared.replies().clear();
    journal.close(code);
}

/// Takes one frame in; gives what is to be sent back.
fn take(frame: Value, shared: &Shared, journal: &Journal) -> Option<Value> {
    let id = frame.get("id").cloned().unwrap_or(Value::Null);
    let Some(method) = frame.get("method").and_then(Value::as_str) else {
        let waiting = id.as_str().and_then(|id| shared.replies().remove(id));
        // Whoever asked may have given up.
        let _ = waiting.map(|tell| tell.send(frame));
        return None;
    };
    let result = match method {
        "signalwire.ping" => {
            journal.pinged();
            json!({"timestamp": frame.pointer("/params/timestamp")})
        }
        "signalwire.event" => {
            let kind = frame.pointer("/params/event_type").and_then(Value::as_str);
            let params = frame.pointer("/params/params").cloned().unwrap_or(Value::Null);
            journal.write(kind.unwrap_or_default(), params);
            json!({})
        }
        "signalwire.disconnect" => json!({}),
        _ => return None,
    };
    Some(json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_result_is_unwrapped_to_its_core() {
        let answer = json!({"result": {"node_id": "n", "code": "200",
            "result": {"jsonrpc": "2.0", "id": "i", "result": {"callID": "c"}}}});
        assert_eq!(unwrapped(answer).unwrap()["callID"], "c");
    }

    #[test]
    fn a_code_other_than_2xx_and_a_nested_error_are_refusals() {
        let plainly = unwrapped(json!({"result": {"code": "403", "message": "Unauthorized"}}));
        assert_eq!(plainly.unwrap_err().code, "403");
        let nested = json!({"result": {"code": "200", "result":
            {"jsonrpc": "2.0", "error": {"code": -32601, "message": "no"}}}});
        assert_eq!(unwrapped(nested).unwrap_err().code, "-32601");
    }

    #[test]
    fn pings_and_events_are_answered_and_events_are_kept() {
        let (shared, journal) = (Shared::default(), Journal::default());
        let ping = json!({"id": "p", "method": "signalwire.ping", "params": {"timestamp": 1.5}});
        assert_eq!(take(ping, &shared, &journal).unwrap()["result"]["timestamp"], 1.5);
        let event = json!({"id": "e", "method": "signalwire.event",
            "params": {"event_type": "video.room.updated", "params": {"a": 1}}});
        assert_eq!(take(event, &shared, &journal).unwrap()["id"], "e");
        let kept = journal.find(0, |e| e.kind == "video.room.updated").unwrap();
        assert_eq!(kept.params["a"], 1);
    }
}
