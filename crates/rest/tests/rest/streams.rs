//! Streams that stand with a room: made, listed, changed, deleted, and at most five.

use crate::common::{Desk, basic};
use axum::http::StatusCode;
use rotunda_domain::videochat::VideochatSettings;
use serde_json::{Value, json};
use uuid::Uuid;

fn url(n: usize) -> Value {
    json!({ "url": format!("rtmp://streams.test/live/key-{n}") })
}

#[tokio::test]
async fn a_stream_is_made_found_changed_and_deleted() {
    let desk = Desk::open().await;
    let whip_whep = json!({"name": "hall", "quality": "1080p"});
    let room = desk.ask("POST", "/rooms", Some(whip_whep)).await.json;
    let path = format!("/rooms/{}/streams", room["id"].as_str().unwrap());
    let made = desk.ask("POST", &path, Some(url(1))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    let id = made.json["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "url": "rtmp://streams.test/live/key-1", "stream_type": "rtmp", "width": 1920,
        "height": 1080, "fps": room["fps"], "state": "idle", "error": null,
        "created_at": made.json["created_at"], "updated_at": made.json["updated_at"],
    });
    assert_eq!(made.json, expected);
    let own = format!("/streams/{id}");
    assert_eq!(desk.ask("GET", &own, None).await.json, expected);
    let list = desk.ask("GET", "/rooms/hall/streams", None).await.json;
    assert_eq!(list["data"], json!([expected]));
    assert_eq!(list["links"]["self"], list["links"]["first"]);
    let changed = desk.ask("PUT", &own, Some(url(2))).await;
    assert_eq!((changed.status, &changed.json["url"]), (StatusCode::OK, &url(2)["url"]));
    assert_eq!(desk.ask("DELETE", &own, None).await.status, StatusCode::NO_CONTENT);
    for method in ["GET", "PUT", "DELETE"] {
        let body = (method == "PUT").then(|| url(3));
        assert_eq!(desk.ask(method, &own, body).await.status, StatusCode::NOT_FOUND, "{method}");
    }
}

#[tokio::test]
async fn five_are_the_most_also_when_ten_are_asked_for_at_once() {
    let desk = Desk::open().await;
    desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await;
    let asked = (0..10).map(|n| desk.ask("POST", "/rooms/hall/streams", Some(url(n))));
    let answers = futures_util::future::join_all(asked).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(made.len(), 5);
    for answer in refused {
        assert_eq!(answer.errors(), [("url".into(), "exceeds_platform_stream_limit".into())]);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_after_what_is_not_there() {
    let desk = Desk::open().await;
    desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await;
    let wrong = Some(json!({"url": "http://streams.test/live/key"}));
    let errors = desk.ask("POST", "/rooms/hall/streams", wrong.clone()).await.errors();
    assert_eq!(errors, [("url".into(), "url_failed_to_parse".into())]);
    let (nowhere, nothing) = ("/rooms/none/streams", format!("/streams/{}", Uuid::new_v4()));
    for (method, path) in [("POST", nowhere), ("PUT", nothing.as_str())] {
        for body in [wrong.clone(), Some(url(1))] {
            assert_eq!(desk.ask(method, path, body).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn no_stream_begins_or_changes_while_streaming_is_off_and_any_may_be_deleted() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await.json;
    let made = desk.ask("POST", "/rooms/hall/streams", Some(url(1))).await.json;
    let own = format!("/streams/{}", made["id"].as_str().unwrap());
    let off = VideochatSettings { enable_streaming: false, ..VideochatSettings::default() };
    let id = room["id"].as_str().unwrap().parse().unwrap();
    desk.store.put_videochat_settings(desk.project, id, &off, &["enableStreaming"]).await.unwrap();
    for (method, path) in [("POST", "/rooms/hall/streams"), ("PUT", own.as_str())] {
        let errors = desk.ask(method, path, Some(url(2))).await.errors();
        assert_eq!(errors, [("url".into(), "invalid_state".into())], "{method}");
    }
    assert_eq!(desk.get(&own).await.json["url"], url(1)["url"]);
    assert_eq!(desk.ask("DELETE", &own, None).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn streams_go_with_their_room_and_are_nobody_elses() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "hall"}))).await.json;
    let made = desk.ask("POST", "/rooms/hall/streams", Some(url(1))).await.json;
    let own = format!("/streams/{}", made["id"].as_str().unwrap());
    let (other, secret) = desk.stranger(&["video"]).await;
    for (method, body) in [("GET", None), ("PUT", Some(url(2))), ("DELETE", None)] {
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let answer = desk.send(method, &own, &basic(other, &secret), body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}");
    }
    assert_eq!(desk.ask("GET", &own, None).await.json["url"], url(1)["url"]);
    let path = format!("/rooms/{}", room["id"].as_str().unwrap());
    desk.ask("DELETE", &path, None).await;
    assert_eq!(desk.ask("GET", &own, None).await.status, StatusCode::NOT_FOUND);
}
