//! Links that open a room: made and shown once, exchanged by visitors, revoked.

use crate::common::{Answer, Desk, basic};
use axum::http::StatusCode;
use rotunda_hub::{ConnectRequest, Credential, HubOptions, Ticks};
use rotunda_rest::RestOptions;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Longer than any machine takes for what a second allows.
const WITHIN: Duration = Duration::from_secs(20);

async fn made(desk: &Desk, body: Value) -> Value {
    let answer = desk.ask("POST", "/rooms/hall/links", Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json);
    answer.json
}

fn key(link: &Value) -> &str {
    link["url"].as_str().unwrap().split_once('#').unwrap().1
}

/// A visitor has no credentials of ours.
async fn visits(desk: &Desk, key: &str, name: &str) -> Answer {
    let body = json!({"room_name": "hall", "key": key, "user_name": name});
    desk.send("POST", "/link_tokens", "", body.to_string().into_bytes()).await
}

async fn hall() -> Desk {
    let desk = Desk::open().await;
    desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await;
    desk
}

#[tokio::test]
async fn a_link_is_shown_once_and_its_visitor_is_given_a_token_of_its_role_in_their_name() {
    let desk = hall().await;
    let link = made(&desk, json!({"role": "audience", "expires_at": "2099-01-01"})).await;
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with("http://rooms.test:7880/r/hall#"), "{url}");
    let token = visits(&desk, key(&link), "Ann").await.json["token"].as_str().unwrap().to_owned();
    let grant = desk.hub.open_room_token(&token, 1_800_000_000).await.unwrap();
    assert_eq!((&*grant.room_name, &*grant.user_name), ("hall", "Ann"));
    assert_eq!(grant.join_as.as_str(), "audience");
    assert!(!grant.auto_create_room && grant.permissions.as_slice().is_empty());
    assert_eq!(grant.link.map(|link| link.0.to_string()).as_deref(), link["id"].as_str());
    let listed = desk.get("/rooms/hall/links").await.json["data"][0].clone();
    let expected = json!({
        "id": link["id"], "room_id": link["room_id"], "role": "audience", "url": null,
        "expires_at": "2099-01-01T00:00:00Z", "max_uses": null, "uses": 1,
        "created_at": link["created_at"],
    });
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn what_a_link_no_longer_opens_is_said_and_a_wrong_key_is_not_found() {
    let desk = hall().await;
    let link = made(&desk, json!({"role": "guest", "max_uses": 1})).await;
    assert_eq!(visits(&desk, key(&link), "Ann").await.status, StatusCode::OK);
    let again = visits(&desk, key(&link), "Ben").await;
    assert_eq!(again.errors(), [("key".into(), "invalid_state".into())]);
    assert_eq!(visits(&desk, "guess", "Eve").await.status, StatusCode::NOT_FOUND);
    let elsewhere = json!({"room_name": "yard", "key": key(&link), "user_name": "Eve"});
    let elsewhere = elsewhere.to_string().into_bytes();
    let elsewhere = desk.send("POST", "/link_tokens", "", elsewhere).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let past = json!({"role": "guest", "expires_at": 1});
    let past = desk.ask("POST", "/rooms/hall/links", Some(past)).await;
    assert_eq!(past.errors(), [("expires_at".into(), "invalid_parameter".into())]);
    let wrong = Some(json!({"role": "king"}));
    let nowhere = desk.ask("POST", "/rooms/nowhere/links", wrong).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "told before what is wrong with the link");
}

#[tokio::test]
async fn a_use_is_not_counted_where_no_token_can_be_made() {
    let desk = hall().await;
    let link = made(&desk, json!({"role": "guest", "max_uses": 1})).await;
    desk.tamper("UPDATE projects SET signing_key = 'x' || signing_key").await;
    let refused = visits(&desk, key(&link), "Ann").await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    desk.tamper("UPDATE projects SET signing_key = substr(signing_key, 2)").await;
    assert_eq!(visits(&desk, key(&link), "Ann").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_begins_where_people_find_the_page() {
    let page_base = Some("https://site.example/video/".to_owned());
    let options = RestOptions { page_base, ..RestOptions::default() };
    let desk = Desk::with(HubOptions::default(), options).await;
    desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await;
    let link = made(&desk, json!({"role": "guest"})).await;
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with("https://site.example/video/r/hall#"), "{url}");
}

#[tokio::test]
async fn a_room_has_a_hundred_links_and_another_projects_are_not_there() {
    let desk = hall().await;
    let mut last = Value::Null;
    for _ in 0..100 {
        last = made(&desk, json!({"role": "guest"})).await;
    }
    let more = desk.ask("POST", "/rooms/hall/links", Some(json!({"role": "guest"}))).await;
    assert_eq!(more.errors(), [("-".into(), "exceeds_platform_link_limit".into())]);
    let own = format!("/links/{}", last["id"].as_str().unwrap());
    let (other, secret) = desk.stranger(&["video"]).await;
    let theirs = desk.send("DELETE", &own, &basic(other, &secret), Vec::new()).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.ask("DELETE", &own, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.ask("DELETE", &own, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(visits(&desk, key(&last), "Ann").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_revoked_link_opens_nothing_any_more_and_closes_the_sockets_of_who_came_by_it() {
    let desk = hall().await;
    let (link, other) =
        (made(&desk, json!({"role": "host"})).await, made(&desk, json!({"role": "host"})).await);
    let connect = async |key: &str| {
        let token = visits(&desk, key, "Ann").await.json["token"].as_str().unwrap().to_owned();
        desk.hub.connect(request(token)).await
    };
    let mut gone = connect(key(&link)).await.unwrap();
    let stays = connect(key(&other)).await.unwrap();
    let token = visits(&desk, key(&link), "Ben").await.json["token"].as_str().unwrap().to_owned();
    desk.ask("DELETE", &format!("/links/{}", link["id"].as_str().unwrap()), None).await;
    let refused = desk.hub.connect(request(token)).await.err().unwrap().to_string();
    assert!(refused.contains("revoked"), "{refused}");
    let closing = async { while gone.inbox.recv().await.is_some() {} };
    tokio::time::timeout(WITHIN, closing).await.expect("the socket is to close");
    assert!(!stays.inbox.is_closed(), "who came by another link stays");
}

fn request(token: String) -> ConnectRequest {
    ConnectRequest {
        credential: Credential::RoomToken(token),
        protocol: None,
        authorization_state: None,
        origin: None,
        was_refused: false,
        is_renewal: false,
        address: None,
    }
}

#[tokio::test]
async fn one_address_exchanges_sixty_at_once_and_then_hears_how_long_to_wait() {
    let ms = Arc::new(AtomicU64::new(0));
    let hands = ms.clone();
    let clock = Ticks::new(move || hands.load(Ordering::Relaxed));
    let options = HubOptions { clock, ..HubOptions::default() };
    let desk = Desk::with(options, RestOptions::default()).await;
    desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await;
    let link = made(&desk, json!({"role": "guest"})).await;
    let from = Some(std::net::IpAddr::from([192, 0, 2, 1]));
    let exchange = || desk.hub.exchange_link(("hall", key(&link)), "Ann".into(), from);
    for _ in 0..60 {
        exchange().await.unwrap();
    }
    let refused = exchange().await.unwrap_err().to_string();
    assert!(refused.contains("try again in 1 s"), "{refused}");
    ms.store(1000, Ordering::Relaxed);
    exchange().await.unwrap();
    let nobody = format!("/links/{}", Uuid::nil());
    assert_eq!(desk.ask("DELETE", &nobody, None).await.status, StatusCode::NOT_FOUND);
}
