//! Webhooks at the door: made, shown without their secret, changed, rotated, deleted.

use crate::common::{Desk, basic};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

async fn made(desk: &Desk) -> Value {
    let body = json!({"url": "https://a.test/hook", "events": ["member.*"], "description": "mine"});
    let answer = desk.ask("POST", "/webhooks", Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    answer.json
}

fn path(hook: &Value) -> String {
    format!("/webhooks/{}", hook["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_secret_is_shown_when_it_is_made_and_never_again() {
    let desk = Desk::open().await;
    let hook = made(&desk).await;
    let secret = hook["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "256 bits");
    assert_eq!((&hook["events"], &hook["enabled"]), (&json!(["member.*"]), &json!(true)));
    let mut hidden = hook.clone();
    hidden["secret"] = Value::Null;
    assert_eq!(desk.get(&path(&hook)).await.json, hidden);
    assert_eq!(desk.get("/webhooks").await.json["data"], json!([hidden]));
    let rotate = format!("{}/secret", path(&hook));
    let rotated = desk.ask("POST", &rotate, Some(json!({"overlap_seconds": 60}))).await.json;
    assert_ne!(rotated["secret"], hook["secret"]);
    assert!(rotated["secret"].is_string() && rotated["previous_secret_until"].is_string());
}

#[tokio::test]
async fn a_webhook_changes_by_what_is_said_of_it_and_is_nobody_elses() {
    let desk = Desk::open().await;
    let hook = made(&desk).await;
    let body = json!({"events": null, "enabled": false});
    let changed = desk.ask("PUT", &path(&hook), Some(body)).await.json;
    assert_eq!((&changed["events"], &changed["enabled"]), (&json!([]), &json!(false)));
    assert_eq!((&changed["url"], &changed["description"]), (&hook["url"], &json!("mine")));
    let (other, secret) = desk.stranger(&["video"]).await;
    for (method, end) in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("GET", "/deliveries"),
        ("POST", "/replay"),
    ] {
        let path = format!("{}{end}", path(&hook));
        let theirs = desk.send(method, &path, &basic(other, &secret), b"{}".to_vec()).await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    let wrong = desk.get(&format!("{}/deliveries?state=lost", path(&hook))).await;
    assert_eq!(wrong.errors(), [("state".to_owned(), "invalid_parameter".to_owned())]);
    let nothing = json!({"event_id": Uuid::nil()});
    let replay = format!("{}/replay", path(&hook));
    let none = desk.ask("POST", &replay, Some(nothing)).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let all = desk.ask("POST", &replay, Some(json!({}))).await;
    assert_eq!((all.status, all.json), (StatusCode::ACCEPTED, json!({"count": 0})));
    assert_eq!(desk.ask("DELETE", &path(&hook), None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get(&path(&hook)).await.status, StatusCode::NOT_FOUND);
}
