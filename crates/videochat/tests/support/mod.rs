//! The door on a port of its own, before a real store and an engine that does nothing; and its
//! clients, over real sockets whose kernel buffers are small.

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::serve::{IncomingStream, Listener};
use futures_util::{SinkExt, StreamExt};
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::videochat::{RoomRight, VideochatSettings};
use rotunda_domain::{CanvasPlan, LegKey, ProjectId, RoomId, RoomSettings, SessionId};
use rotunda_doorway::{Cut, Guarded, Patience};
use rotunda_engine::{CanvasSpec, Engine, EngineRefusal, LegAnswer, LegRequest};
use rotunda_hub::{EngineListener, Hub, HubOptions, UserSession};
use rotunda_store::Store;
use rotunda_videochat::{Videochat, VideochatOptions};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

/// How long anything may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// What the kernel keeps of a connection, bytes, each way.
const BUFFER: u32 = 4096;

struct Silent;

impl Engine for Silent {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, _: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("no test here joins")
    }
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("no test here joins")
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn is_ready(&self) -> bool {
        true
    }
}

/// The stream is not what ends a connection here.
const AS_LONG_AS_IT_TAKES: Patience = Patience { unread: PATIENCE, idle: PATIENCE };

/// Accepts what can be cut.
struct Port(tokio::net::TcpListener);

impl Listener for Port {
    type Io = Guarded<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, from) = self.0.accept().await.expect("a connection");
        (Guarded::new(stream, Cut::default(), None, AS_LONG_AS_IT_TAKES), from)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

#[derive(Clone)]
struct HowToCut(Cut);

impl Connected<IncomingStream<'_, Port>> for HowToCut {
    fn connect_info(stream: IncomingStream<'_, Port>) -> Self {
        Self(stream.io().cut().clone())
    }
}

fn cut_at(mut request: Request) -> Request {
    let known = request.extensions().get::<ConnectInfo<HowToCut>>().cloned();
    if let Some(ConnectInfo(HowToCut(cut))) = known {
        request.extensions_mut().insert(cut);
    }
    request
}

/// A server's worth of door, with one room.
pub struct House {
    pub hub: Hub,
    pub project: ProjectId,
    pub room: RoomId,
    address: SocketAddr,
    folder: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub const ROOM: &str = "house";
/// A room that is not there at first.
pub const LATER: &str = "annexe";

impl House {
    pub async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-settings-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("test.db");
        let store = Store::open_patient(&file, Duration::from_secs(10)).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let hub =
            Hub::start(store, Arc::new(Silent), &EngineListener::default(), HubOptions::default());
        let room = hub.create_room(project, RoomSettings::named(ROOM)).await.unwrap().id;
        let patience = Duration::from_secs(1);
        let options = VideochatOptions { patience, ..VideochatOptions::default() };
        let door = Videochat::new(hub.clone(), options);
        let router = door.around(door.router());
        let tell = axum::middleware::map_request(async |request| cut_at(request));
        let router = Router::new().fallback_service(router).layer(tell);
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(BUFFER).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = Port(socket.listen(64).unwrap());
        let address = port.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<HowToCut>();
        tokio::spawn(async move { axum::serve(port, service).await });
        Self { hub, project, room, address, folder }
    }

    fn session(&self, user: &str, right: RoomRight) -> UserSession {
        UserSession {
            project: self.project,
            user: user.into(),
            name: user.into(),
            is_admin: false,
            rooms: [(ROOM.to_owned(), right), (LATER.to_owned(), right)].into(),
            expires_at_ms: i64::MAX,
        }
    }

    /// What is set for the room.
    pub async fn settings(&self) -> VideochatSettings {
        let session = self.session("root", RoomRight::Manage);
        let seen = self.hub.room_seen(&session, ROOM).await.unwrap();
        self.hub.videochat_settings(&seen).await.unwrap()
    }

    /// The database as another process opens it.
    pub async fn elsewhere(&self) -> Store {
        Store::open(self.folder.join("test.db")).await.unwrap()
    }

    /// A socket of a stored user.
    pub async fn stored(&self, store: &Store, user: Uuid, door: Door) -> Client {
        let session = self.session("ann", RoomRight::Manage);
        let id = store.open_user_session(&session, Some(user)).await.unwrap();
        let mut client = Client::open(self.address, door, &id).await;
        client.hear("user_info").await;
        client
    }

    /// A socket of somebody who manages the room.
    pub async fn manager(&self, user: &str, door: Door) -> Client {
        self.manager_until(user, door, i64::MAX).await
    }

    /// The same, of a session that ends then.
    pub async fn manager_until(&self, user: &str, door: Door, expires_at_ms: i64) -> Client {
        let session = UserSession { expires_at_ms, ..self.session(user, RoomRight::Manage) };
        let id = self.hub.open_user_session(&session).await.unwrap();
        let mut client = Client::open(self.address, door, &id).await;
        client.hear("user_info").await;
        client
    }
}

#[derive(Clone, Copy)]
pub enum Door {
    Plain,
    SocketIo,
}

pub struct Client {
    door: Door,
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    async fn open(address: SocketAddr, door: Door, session: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(BUFFER).unwrap();
        let stream = socket.connect(address).await.unwrap();
        let path = match door {
            Door::Plain => "ws?",
            Door::SocketIo => "socket/?EIO=4&transport=websocket&",
        };
        let url = format!("ws://{address}/{path}sessionId={session}");
        let (socket, _) = client_async(url, stream).await.unwrap();
        let mut client = Self { door, socket };
        if let Door::SocketIo = door {
            client.say("40".into()).await;
        }
        client
    }

    async fn say(&mut self, text: String) {
        timeout(PATIENCE, self.socket.send(Message::text(text))).await.unwrap().unwrap();
    }

    /// Asks, and does not wait for the answer.
    pub async fn ask(&mut self, endpoint: &str, data: Value) {
        self.ask_as(endpoint, data, "").await;
    }

    /// The same, under an id.
    pub async fn ask_as(&mut self, endpoint: &str, data: Value, id: &str) {
        let event = json!({ "id": id });
        let text = match self.door {
            Door::Plain => {
                json!({ "endpoint": endpoint, "data": data, "event": event }).to_string()
            }
            Door::SocketIo => format!("421{}", json!([endpoint, { "data": data, "event": event }])),
        };
        self.say(text).await;
    }

    /// The next text; `None` when the connection is over.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("in time") {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next text in which this occurs.
    pub async fn hear(&mut self, part: &str) -> String {
        loop {
            let text = self.next().await.expect("the connection is open");
            if text.contains(part) {
                return text;
            }
        }
    }
}

/// The code in an answer.
pub fn code(answer: &str) -> u64 {
    let at = answer.find(['{', '[']).expect("an answer");
    let answer: Value = serde_json::from_str(&answer[at..]).expect("JSON");
    let answer = answer.get(0).unwrap_or(&answer);
    answer["error"]["code"].as_u64().expect("a code")
}
