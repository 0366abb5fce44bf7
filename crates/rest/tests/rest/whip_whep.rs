//! WHIP and WHEP before a real hub and an engine that answers whatever it is told to.

use crate::common::{Desk, basic};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use futures_util::{StreamExt, stream};
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, LegKey, Outcome, SessionId};
use rotunda_doorway::{ClientAddress, Cut, PlaceLimits, Places};
use rotunda_engine::{CanvasSpec, Engine, EngineEvents, EngineRefusal, LegAnswer, LegRequest};
use rotunda_hub::{ConnectRequest, Credential, EngineListener, HubOptions, IceServers};
use rotunda_rest::{RestOptions, whip_whep_router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

mod actions;
mod network_quality;
mod resource;

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const PWD: &str = "0123456789abcdefghijkl";

/// Answers, and remembers what it was asked.
#[derive(Default)]
struct Answering {
    asked: Mutex<Vec<LegRequest>>,
    renewed: Mutex<Vec<String>>,
    released: Mutex<Vec<LegKey>>,
    refusal: Mutex<Option<EngineRefusal>>,
}

impl Answering {
    fn answer(&self, session: usize) -> Result<LegAnswer, EngineRefusal> {
        if let Some(refusal) = self.refusal.lock().unwrap().clone() {
            return Err(refusal);
        }
        let sdp = format!(
            "v=0\r\na=ice-lite\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:ours{session}\r\n\
             a=ice-pwd:{PWD}\r\na=candidate:1 1 udp 1 192.0.2.1 7882 typ host\r\n"
        );
        Ok(LegAnswer { sdp, fingerprint: "AB".into(), is_held: false })
    }
}

impl Engine for Answering {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, request: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        self.asked.lock().unwrap().push(request);
        self.answer(1)
    }
    fn renegotiate(&self, _: LegKey, sdp: String) -> Result<LegAnswer, EngineRefusal> {
        let mut renewed = self.renewed.lock().unwrap();
        renewed.push(sdp);
        self.answer(1 + renewed.len())
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, leg: LegKey) {
        self.released.lock().unwrap().push(leg);
    }
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn is_ready(&self) -> bool {
        true
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn problem(&self) -> Value {
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json", "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }
}

struct Stage {
    desk: Desk,
    router: Router,
    engine: Arc<Answering>,
    listener: EngineListener,
}

/// Headers of a request, its body, and the status it is refused with.
type Wrong<'a> = (&'a [(&'a str, &'a str)], &'a [u8], u16);
/// Method, path, and headers as `Name: value`.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

impl Stage {
    async fn open() -> Self {
        let (engine, listener) = (Arc::new(Answering::default()), EngineListener::default());
        let servers = ["stun:stun.example.net", "turn:turn.example.net user secret"];
        let rest = RestOptions {
            ice_servers: IceServers::new(
                servers.iter().map(|text| text.parse().unwrap()).collect(),
                "",
                Duration::ZERO,
            )
            .unwrap(),
            body_within: Duration::from_millis(200),
            ..RestOptions::default()
        };
        let desk =
            Desk::before(engine.clone(), &listener, HubOptions::default(), rest.clone()).await;
        let router = whip_whep_router(desk.hub.clone(), rest);
        Self { desk, router, engine, listener }
    }

    async fn token(&self, whip_whep: Value) -> String {
        self.token_of(&basic(self.desk.project, &self.desk.secret), whip_whep).await
    }

    async fn token_of(&self, credentials: &str, mut whip_whep: Value) -> String {
        whip_whep["room_name"] = whip_whep.get("room_name").cloned().unwrap_or(json!("lab"));
        let whip_whep = whip_whep.to_string().into_bytes();
        let answer = self.desk.send("POST", "/room_tokens", credentials, whip_whep).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json["token"].as_str().unwrap().to_owned()
    }

    async fn send(&self, (method, path, headers): Asked<'_>, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await;
        let (parts, body) = response.unwrap().into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    async fn post(&self, door: &str, token: &str, sdp: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send(
            ("POST", door, &[("authorization", &bearer), ("content-type", SDP)]),
            sdp.to_owned(),
        )
        .await
    }

    /// Opens a leg and has it come up; gives its address.
    async fn leg(&self, door: &str, whip_whep: Value) -> String {
        let answer = self.post(door, &self.token(whip_whep).await, &offer(door)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let asked = self.engine.asked.lock().unwrap().last().cloned().unwrap();
        self.listener.happened(asked.session, Outcome::Connected(asked.leg));
        answer.header(header::LOCATION).to_owned()
    }

    async fn patch(&self, address: &str, if_match: &str, fragment: &str) -> Answer {
        let headers = [("content-type", FRAGMENT), ("if-match", if_match)];
        self.send(("PATCH", address, &headers), fragment.to_owned()).await
    }

    async fn get(&self, address: &str) -> StatusCode {
        self.send(("GET", address, &[]), "").await.status
    }
}

fn offer(door: &str) -> String {
    let direction = if door == "/whep" { "recvonly" } else { "sendonly" };
    format!(
        "v=0\r\na=ice-ufrag:them1\r\na=ice-pwd:{PWD}\r\na=fingerprint:sha-256 AB\r\n\
         m=audio 9 X 111\r\na={direction}\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n"
    )
}

fn fragment(ufrag: &str) -> String {
    format!("a=ice-ufrag:{ufrag}\r\na=ice-pwd:{PWD}\r\nm=audio 9 X 0\r\na=mid:0\r\n")
}

#[tokio::test]
async fn an_offer_with_a_token_opens_a_leg_of_the_doors_way() {
    let stage = Stage::open().await;
    for (door, may_send, may_receive) in [("/whep", false, true), ("/whip", true, false)] {
        let token = stage.token(json!({"user_name": "Ann"})).await;
        let answer = stage.post(door, &token, &offer(door)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        assert!(answer.text.starts_with("v=0\r\n") && answer.text.contains("ours1"));
        let (place, id) = answer.header(header::LOCATION).rsplit_once('/').unwrap();
        assert_eq!((place, id.len()), (door, 64));
        assert_eq!(answer.header(header::CONTENT_TYPE), SDP);
        assert_eq!(answer.header(header::ETAG), "\"1\"");
        let links: Vec<_> = answer.headers.get_all(header::LINK).iter().collect();
        assert_eq!(links.len(), 2);
        assert_eq!(links[0], "<stun:stun.example.net>; rel=\"ice-server\"");
        let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
        assert_eq!(asked.may_send, may_send, "{door}");
        let receives = [asked.may_receive_audio, asked.may_receive_video];
        assert_eq!(receives, [may_receive; 2], "{door}");
        assert!(!asked.sdp.contains("candidate"));
    }
}

#[tokio::test]
async fn connections_count_by_the_project_of_their_token_and_not_all_as_one() {
    let stage = Stage::open().await;
    let limits =
        PlaceLimits { all: 8, kept_back: 0, unproven_per_network: 8, per_token: 8, per_project: 1 };
    let places = Places::new(limits);
    let (theirs, secret) = stage.desk.stranger(&["video"]).await;
    let ours = basic(stage.desk.project, &stage.desk.secret);
    let mut here = Vec::new();
    for (credentials, unproven) in [(&ours, 0), (&basic(theirs, &secret), 0), (&ours, 1)] {
        let client = ClientAddress::new([192, 0, 2, 1].into());
        here.extend(places.enter(client, Cut::default()).await);
        let token = stage.token_of(credentials, json!({})).await;
        let request = Request::post("/whip")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, SDP)
            .extension(here.last().unwrap().visit())
            .body(Body::from(offer("/whip")));
        let answer = stage.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(places.counts().unproven, unproven);
    }
}

#[tokio::test]
async fn a_token_of_audience_receives_the_kinds_it_allows_and_no_other() {
    let stage = Stage::open().await;
    for (media, join_as, receives) in [
        ("audio-only", "audience", [true, false]),
        ("video-only", "audience", [false, true]),
        ("all", "audience", [true, true]),
        ("audio-only", "member", [true, true]),
    ] {
        let both = format!("{}m=video 9 X 96\r\na=recvonly\r\n", offer("/whep"));
        let token = stage.token(json!({"media_allowed": media, "join_as": join_as})).await;
        let answer = stage.post("/whep", &token, &both).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
        let may = [asked.may_receive_audio, asked.may_receive_video];
        assert_eq!(may, receives, "{media} {join_as}");
        assert!(!asked.may_send && !asked.takes_audio && !asked.takes_video);
    }
    let speaks = stage.token(json!({"media_allowed": "audio-only"})).await;
    assert_eq!(stage.post("/whip", &speaks, &offer("/whip")).await.status, StatusCode::CREATED);
    let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!([asked.takes_audio, asked.takes_video], [true, false]);
    let token = stage.token(json!({"media_allowed": "video-only", "join_as": "audience"})).await;
    let answer = stage.post("/whep", &token, &offer("/whep")).await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE, "{}", answer.text);
    assert!(answer.problem()["detail"].as_str().unwrap().contains("media_allowed"));
}

#[tokio::test]
async fn while_memory_is_short_nobody_new_comes_in_and_who_is_in_stays() {
    let stage = Stage::open().await;
    let leg = stage.leg("/whip", json!({})).await;
    let token = stage.token(json!({})).await;
    let memory = &stage.desk.hub.options().memory;
    memory.set_short(true);
    let answer = stage.post("/whep", &token, &offer("/whep")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("memory"), "{}", answer.text);
    assert_eq!(stage.get(&leg).await, StatusCode::NO_CONTENT);
    memory.set_short(false);
    let answer = stage.post("/whep", &token, &offer("/whep")).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

#[tokio::test]
async fn while_the_database_is_away_an_offer_is_to_be_made_again_later() {
    let stage = Stage::open().await;
    let token = stage.token(json!({})).await;
    stage.desk.store.close().await;
    for door in ["/whep", "/whip"] {
        let answer = stage.post(door, &token, &offer(door)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
        assert_eq!(answer.header(header::RETRY_AFTER), "5");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_post_is_said_by_its_status() {
    let stage = Stage::open().await;
    stage.desk.ask("POST", "/rooms", Some(json!({"name": "small", "max_members": 1}))).await;
    stage.leg("/whip", json!({"room_name": "small"})).await;
    let good = stage.token(json!({})).await;
    let bearer = format!("Bearer {good}");
    let stranger = format!("Bearer {}x", good);
    let (sdp, long) = (offer("/whip"), "x".repeat(65 * 1024));
    let table: [Wrong<'_>; 10] = [
        (&[("content-type", SDP)], sdp.as_bytes(), 401),
        (&[("content-type", SDP), ("authorization", "Basic YTpi")], sdp.as_bytes(), 401),
        (&[("content-type", SDP), ("authorization", "Bearer ")], sdp.as_bytes(), 401),
        (&[("content-type", SDP), ("authorization", &stranger)], sdp.as_bytes(), 401),
        (&[("authorization", &bearer)], sdp.as_bytes(), 415),
        (&[("authorization", &bearer), ("content-type", "text/plain")], sdp.as_bytes(), 415),
        (&[("authorization", &bearer), ("content-type", SDP)], long.as_bytes(), 413),
        (&[("authorization", &bearer), ("content-type", SDP)], b"\xff", 400),
        (&[("authorization", &bearer), ("content-type", SDP)], b"v=0\nm=audio\na=recvonly\n", 406),
        (&[("authorization", &bearer), ("content-type", SDP)], b"", 406),
    ];
    for (headers, body, status) in table {
        let answer = stage.send(("POST", "/whip", headers), body.to_vec()).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        assert_eq!(answer.problem()["status"], status);
        let challenge = answer.header(header::WWW_AUTHENTICATE);
        assert_eq!(challenge.starts_with("Bearer "), status == 401);
        assert!(!answer.text.contains(&good), "a token is not repeated");
    }
    let past = stage.token(json!({"join_until": "2020-01-01"})).await;
    let nowhere = stage.token(json!({"room_name": "none", "auto_create_room": false})).await;
    let audience = stage.token(json!({"join_as": "audience"})).await;
    let full = stage.token(json!({"room_name": "small"})).await;
    for (token, status) in [(&past, 403), (&nowhere, 404), (&audience, 403), (&full, 403)] {
        let answer = stage.post("/whip", token, &sdp).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    for (refusal, status) in [
        (EngineRefusal::Offer("no codec in common".into()), 400),
        (EngineRefusal::Busy("full".into()), 503),
    ] {
        *stage.engine.refusal.lock().unwrap() = Some(refusal);
        let answer = stage.post("/whip", &good, &sdp).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert_eq!(answer.header(header::RETRY_AFTER).is_empty(), status != 503);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let stage = Stage::open().await;
    let bearer = format!("Bearer {}", stage.token(json!({})).await);
    let begun = stream::iter([Ok::<_, std::io::Error>("v=0")]).chain(stream::pending());
    let headers = [("authorization", bearer.as_str()), ("content-type", SDP)];
    let answer = stage.send(("POST", "/whep", &headers), Body::from_stream(begun)).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
}
