//! Real sockets: what only a connection can show. No test sleeps; each waits for a fact.

#![allow(clippy::unwrap_used)]

mod support;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{Extensions, HeaderMap};
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use rotunda_doorway::{ClientAddress, Cut, PendingSockets};
use rotunda_hub::Delivery;
use rotunda_signaling::{Signal, SignalOptions};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{FakeHub, dispatch};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CONNECT: &str = r#"{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{"authentication":{"jwt_token":"good"}}}"#;
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    hub: FakeHub,
    signal: Signal<FakeHub>,
    address: SocketAddr,
    /// Of each connection, in the order they came.
    cuts: Cuts,
}

type Cuts = Arc<Mutex<Vec<Cut>>>;

async fn serve(options: SignalOptions) -> Server {
    let hub = FakeHub::default();
    let signal = Signal::new(hub.clone(), options);
    let (door, cuts) = (signal.clone(), Cuts::default());
    let known = cuts.clone();
    let accept = move |ws: WebSocketUpgrade,
                       ConnectInfo(from): ConnectInfo<SocketAddr>,
                       headers: HeaderMap| async move {
        let (cut, mut extensions) = (Cut::default(), Extensions::new());
        known.lock().unwrap().push(cut.clone());
        extensions.insert(ClientAddress::new(from.ip()));
        extensions.insert(cut);
        door.accept(ws, &headers, &extensions).await
    };
    let router = Router::new().route("/", get(accept));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Server { hub, signal, address, cuts }
}

impl Server {
    async fn open(&self) -> Client {
        connect_async(format!("ws://{}/", self.address)).await.unwrap().0
    }

    /// A socket that has connected and read what that brings.
    async fn connected(&self) -> Client {
        let mut client = self.open().await;
        say(&mut client, CONNECT).await;
        assert!(hear(&mut client).await.contains("authorization"));
        assert!(hear(&mut client).await.contains("authorization_state"));
        client
    }

    /// Waits until the hub was called like this.
    async fn called(&self, call: &str) {
        let wait = async {
            while !self.hub.calls().iter().any(|one| one == call) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {call}"));
    }

    /// The status an upgrade is refused with.
    async fn refusal(&self, origin: Option<&str>) -> u16 {
        let mut request = format!("ws://{}/", self.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

async fn say(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.unwrap();
}

async fn hear(client: &mut Client) -> String {
    match timeout(PATIENCE, client.next()).await.expect("a frame in time") {
        Some(Ok(Message::Text(text))) => text.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

/// The number the socket is closed with; whatever comes before it is passed over.
async fn close_code(client: &mut Client) -> u16 {
    loop {
        match timeout(PATIENCE, client.next()).await.expect("a close in time") {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
}

fn members(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"{id}","method":"video.members.get","params":{{"room_session_id":"00000000-0000-0000-0000-00000000cccc"}}}}"#
    )
}

fn invite(sdp: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"i","method":"video.message","params":{{"message":{{"jsonrpc":"2.0","id":"in","method":"verto.invite","params":{{"dialogParams":{{"callID":"leg"}},"sdp":"{sdp}"}}}}}}}}"#
    )
}

#[tokio::test]
async fn a_client_connects_joins_and_goes_and_the_hub_hears_of_each() {
    let server = serve(SignalOptions::default()).await;
    let mut client = server.connected().await;
    assert_eq!(server.signal.counts().open, 1);
    assert_eq!(server.signal.counts().unconnected, 0);
    say(&mut client, &invite("slow")).await;
    assert!(hear(&mut client).await.contains("CALL CREATED"));
    assert!(hear(&mut client).await.contains("verto.answer"));
    assert!(hear(&mut client).await.contains("video.member.joined"));
    client.close(None).await.unwrap();
    server.called("disconnect signalwire_sig1_1 1").await;
}

#[tokio::test]
async fn a_socket_that_is_dropped_without_a_word_is_given_back_too() {
    let server = serve(SignalOptions::default()).await;
    drop(server.connected().await);
    server.called("disconnect signalwire_sig1_1 1").await;
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let server = serve(SignalOptions::default()).await;
    let mut client = server.connected().await;
    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1003);
}

#[tokio::test]
async fn a_message_of_256_kib_is_read_and_one_byte_more_closes_with_1009() {
    let server = serve(SignalOptions::default()).await;
    let mut client = server.connected().await;
    say(&mut client, &" ".repeat(256 * 1024)).await;
    assert!(hear(&mut client).await.contains("-32700"));
    say(&mut client, &" ".repeat(256 * 1024 + 1)).await;
    assert_eq!(close_code(&mut client).await, 1009);
    server.called("disconnect signalwire_sig1_1 1").await;
}

#[tokio::test]
async fn a_silent_socket_is_closed() {
    let options =
        SignalOptions { connect_within: Duration::from_millis(50), ..SignalOptions::default() };
    let server = serve(options).await;
    let mut client = server.open().await;
    assert_eq!(close_code(&mut client).await, 1008);
}

#[tokio::test]
async fn of_an_address_with_too_many_unconnected_sockets_the_oldest_of_those_goes() {
    let pending_sockets = PendingSockets::new(2);
    let server = serve(SignalOptions { pending_sockets, ..SignalOptions::default() }).await;
    // Who connects gives its place up, and stays.
    let _connected = server.connected().await;
    let _idle = (server.open().await, server.open().await);
    let _newcomer = server.connected().await;
    let cuts = server.cuts.lock().unwrap().clone();
    let is_cut: Vec<_> = cuts.iter().map(Cut::is_cut).collect();
    assert_eq!(is_cut, [false, true, false, false]);
    assert_eq!(server.signal.counts().refused_total, 0);
}

#[tokio::test]
async fn only_listed_origins_are_let_in_when_there_is_a_list() {
    let origin = "https://app.example".to_owned();
    let options = SignalOptions { allowed_origins: Some(vec![origin]), ..SignalOptions::default() };
    let server = serve(options).await;
    assert_eq!(server.refusal(Some("https://other.example")).await, 403);
    server.connected().await; // a program, without an Origin
    let anywhere = serve(SignalOptions::default()).await;
    let mut request = format!("ws://{}/", anywhere.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", "https://other.example".parse().unwrap());
    let (_, response) = connect_async(request).await.unwrap();
    assert!(response.headers().get("sec-websocket-extensions").is_none());
    assert!(response.headers().get("sec-websocket-protocol").is_none());
}

#[tokio::test]
async fn a_closed_inbox_closes_the_socket_after_what_was_in_it() {
    let server = serve(SignalOptions::default()).await;
    let mut client = server.connected().await;
    let inbox = server.hub.inbox("signalwire_sig1_1");
    inbox.try_send(Delivery::Event(dispatch("ended"))).unwrap();
    drop(inbox);
    server.hub.close();
    assert!(hear(&mut client).await.contains("video.room.ended"));
    assert_eq!(close_code(&mut client).await, 1001);
}

#[tokio::test]
async fn pings_go_out_and_answers_come_in_while_the_hub_takes_its_time() {
    let options = SignalOptions {
        ping_every: Duration::from_millis(20),
        call_within: Duration::from_millis(500),
        ..SignalOptions::default()
    };
    let server = serve(options).await;
    let mut client = server.connected().await;
    say(&mut client, &invite("never")).await;
    let mut pings = 0;
    loop {
        let frame = hear(&mut client).await;
        if frame.contains("signalwire.ping") {
            let ping: serde_json::Value = serde_json::from_str(&frame).unwrap();
            let pong = serde_json::json!({"jsonrpc": "2.0", "id": ping["id"], "result": {}});
            say(&mut client, &pong.to_string()).await;
            pings += 1;
        } else {
            assert!(frame.contains(r#""code":"500""#), "{frame}");
            break;
        }
    }
    assert!(pings >= 3, "{pings}");
    say(&mut client, &members("m")).await;
    while !hear(&mut client).await.contains(r#""members":"#) {}
}

#[tokio::test]
async fn a_call_that_panics_ends_nothing_but_itself() {
    let server = serve(SignalOptions::default()).await;
    let mut client = server.connected().await;
    say(&mut client, &invite("panic")).await;
    assert!(hear(&mut client).await.contains(r#""code":"500""#));
    say(&mut client, &members("m")).await;
    assert!(hear(&mut client).await.contains(r#""members":"#));
}

#[tokio::test]
async fn one_who_asks_and_never_reads_is_closed_and_nobody_waits_for_it() {
    let server = serve(SignalOptions::default()).await;
    let mut deaf = server.connected().await;
    let mut other = server.connected().await;
    let id = "i".repeat(256);
    let flood = async {
        // The server stops reading when it closes; then sending fails.
        while deaf.feed(Message::text(members(&id))).await.is_ok() {}
    };
    let closed = async {
        server.called("disconnect signalwire_sig1_1 1").await;
    };
    let asked = async {
        for n in 0..100 {
            say(&mut other, &members(&n.to_string())).await;
            let reply = timeout(Duration::from_secs(2), hear(&mut other)).await;
            assert!(reply.expect("nobody waits").contains("Alice"));
        }
    };
    let ((), (), _) = tokio::join!(closed, asked, timeout(PATIENCE, flood));
}

#[tokio::test]
async fn one_who_reads_no_events_is_closed_for_lack_of_progress() {
    let options =
        SignalOptions { write_within: Duration::from_millis(200), ..SignalOptions::default() };
    let server = serve(options).await;
    let _deaf = server.connected().await;
    let inbox = server.hub.inbox("signalwire_sig1_1");
    // The network's own buffers take some megabytes before anything stops.
    let fill = async { while inbox.send(Delivery::Event(dispatch("subscribed"))).await.is_ok() {} };
    timeout(PATIENCE, fill).await.expect("the socket ends and with it its inbox");
    server.called("disconnect signalwire_sig1_1 1").await;
}
