//! Requests, their answers and their refusals.

use crate::desk::{Answer, CONFIG, Desk, basic};
use axum::body::Body;
use axum::http::header;
use rotunda_livechat::LivechatOptions;
use serde_json::{Value, json};
use std::time::Duration;

const ANN: &str = "grant_type=password&email=Ann%40example.org&password=correct+horse";
const RECORDS: &str = "isAutomaticallyRecordingAudioVideoChatsEnabled";

fn config(enabled: bool, records: bool, url: &str) -> Value {
    json!({ "isEnabled": enabled, RECORDS: records, "recordingServerUrl": url })
}

/// What every refusal but a token's looks like.
fn refused(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.json, json!({"code": u32::from(status) * 1000, "message": message}));
}

async fn ann(desk: &Desk) -> String {
    desk.agent("ann@example.org", "correct horse", true).await;
    let answer = desk.token(ANN).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    format!("Bearer {}", answer.json["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn while_the_database_is_away_a_call_is_to_be_made_again_later() {
    let desk = Desk::open().await;
    let bearer = ann(&desk).await;
    desk.store.close().await;
    let auth = [("authorization", bearer.as_str())];
    for answer in [desk.send("GET", CONFIG, &auth, "").await, desk.token(ANN).await] {
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["retry-after"]),
            (503, &"5".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn a_new_site_is_off_and_is_switched_replaced_and_read_by_whoever_has_a_token() {
    let desk = Desk::open().await;
    let bearer = ann(&desk).await;
    let auth = [("authorization", bearer.as_str())];
    let ask = async |method: &str, path: &str, body: &'static str| {
        let answer = desk.send(method, path, &auth, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.json);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        answer.json
    };
    assert_eq!(ask("GET", CONFIG, "").await, config(false, false, ""));
    let whole = r#"{"isEnabled":false,"isAutomaticallyRecordingAudioVideoChatsEnabled":false,"recordingServerUrl":"http://google.com"}"#;
    assert_eq!(ask("PUT", CONFIG, whole).await, config(false, false, "http://google.com"));
    for (path, enabled) in [
        ("/v4/livechat/audioVideoChatConfig:enable", true),
        ("/v4/livechat/audioVideoChatConfig:disable", false),
        ("/v4/LiveChat/audioVideoChatConfig%3Aenable", true),
        ("/v4/LiveChat/audioVideoChatConfig%3adisable", false),
        ("/V4/LIVECHAT/AUDIOVIDEOCHATCONFIG:Enable", true),
    ] {
        let reported = ask("POST", path, "ignored").await;
        assert_eq!(reported, config(enabled, false, "http://google.com"), "{path}");
    }
    let part = r#"{"recordingServerUrl":"https://rec.example/in","isAutomaticallyRecordingAudioVideoChatsEnabled":true}"#;
    assert_eq!(ask("PUT", CONFIG, part).await, config(true, true, "https://rec.example/in"));
    assert_eq!(ask("GET", CONFIG, "").await, config(true, true, "https://rec.example/in"));
    let head = desk.send("HEAD", CONFIG, &auth, "").await;
    assert_eq!(head.status, 200);
}

#[tokio::test]
async fn a_wrong_request_is_refused_by_name_and_changes_nothing() {
    let desk = Desk::open().await;
    let bearer = ann(&desk).await;
    let auth = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for (body, message) in [
        ("", "Parameter 'recordingServerUrl' is required."),
        (r#"{"isEnabled":true}"#, "Parameter 'recordingServerUrl' is required."),
        (
            r#"{"isEnabled":1,"recordingServerUrl":"http://a"}"#,
            "Parameter 'isEnabled' must be true or false.",
        ),
        (r#"{"isEnabled":true,"recordingServerUrl":"http://a""#, "The body must be a JSON object."),
        (
            r#"{"isEnabled":true,"recordingServerUrl":"google.com"}"#,
            "Parameter 'recordingServerUrl' must be an absolute http or https URL of at most 2000 bytes without a user name.",
        ),
    ] {
        refused(&desk.send("PUT", CONFIG, &auth, body).await, 400, message);
    }
    let long = desk.send("PUT", CONFIG, &auth, "x".repeat(70_000)).await;
    refused(&long, 413, "The body is too long.");
    for path in ["/v4/livechat/audioVideoChatConfig:foo", "/v4/livechat/other", "/v4/x"] {
        refused(&desk.send("POST", path, &auth, "").await, 404, "There is no such resource.");
    }
    for (method, path, allowed) in [
        ("POST", CONFIG, "GET, HEAD, PUT"),
        ("DELETE", CONFIG, "GET, HEAD, PUT"),
        ("GET", "/v4/livechat/audioVideoChatConfig:enable", "POST"),
    ] {
        let answer = desk.send(method, path, &auth, "").await;
        refused(&answer, 405, "The method is not allowed here.");
        assert_eq!(answer.headers[header::ALLOW], allowed);
    }
    assert_eq!(desk.send("GET", CONFIG, &auth, "").await.json, config(false, false, ""));
}

#[tokio::test]
async fn who_calls_is_asked_before_what_they_say() {
    let desk = Desk::open().await;
    let key = desk.agent("ann@example.org", "correct horse", true).await;
    let bens = desk.agent("ben@example.org", "battery staple", false).await;
    let (anns, bens) = (basic("Ann@example.org", &key), basic("ben@example.org", &bens));
    let ask = async |auth: &str, query: &str| {
        desk.send("PUT", &format!("{CONFIG}{query}"), &[("authorization", auth)], "{").await
    };
    let unauthorized = "The access token or API key is missing or not valid.";
    let wrong_key = basic("ann@example.org", &format!("{key}x"));
    for (auth, query) in [
        ("", ""),
        ("Bearer", ""),
        ("Bearer ra_x", ""),
        ("Basic !", "?siteId=10000"),
        (wrong_key.as_str(), "?siteId=10000"),
        (anns.as_str(), "?siteId=10001"),
        (format!("Bearer {key}").as_str(), ""),
    ] {
        let answer = ask(auth, query).await;
        refused(&answer, 401, unauthorized);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer realm=\"livechat\"");
    }
    refused(&ask(&anns, "").await, 400, "Parameter 'siteId' is required.");
    refused(&ask(&anns, "?siteId=x").await, 400, "Parameter 'siteId' must be a number.");
    refused(&ask(&bens, "?siteId=10000").await, 403, "The Manage Settings permission is needed.");
    refused(&ask(&anns, "?siteid=10000").await, 400, "The body must be a JSON object.");
    let path = format!("{CONFIG}?siteId=10000");
    let seen = desk.send("GET", &path, &[("authorization", &anns)], "").await;
    assert_eq!(seen.json, config(false, false, ""));
}

#[tokio::test]
async fn tokens_are_given_for_a_password_and_renewed_once_and_no_cache_keeps_them() {
    let desk = Desk::open().await;
    desk.agent("ann@example.org", "correct horse", true).await;
    let first = desk.token(ANN).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        (&first.json["token_type"], &first.json["expires_in"]),
        (&json!("bearer"), &json!(43199))
    );
    let renew = async |refresh: &str| {
        let form = format!("grant_type=refresh_token&refresh_token={refresh}");
        let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        desk.send("POST", "/oauth/token", &kind, form).await
    };
    let refresh = first.json["refresh_token"].as_str().unwrap();
    let second = renew(refresh).await;
    assert_eq!(second.status, 200);
    let bearer = format!("Bearer {}", second.json["access_token"].as_str().unwrap());
    let seen = desk.send("GET", CONFIG, &[("authorization", &bearer)], "").await;
    assert_eq!(seen.status, 200);
    let long = format!("grant_type=password&email={}&password=x", "a".repeat(255));
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    for (answer, error) in [
        (renew(refresh).await, "invalid_grant"),
        (renew("rr_x").await, "invalid_grant"),
        (desk.send("POST", "/oauth/token", &kind, long).await, "invalid_grant"),
        (desk.token("").await, "invalid_request"),
        (desk.token("grant_type=password").await, "invalid_request"),
        (
            desk.token("grant_type=password&email=ann@example.org&password=").await,
            "invalid_request",
        ),
        (desk.token("grant_type=password&email=a&email=b&password=c").await, "invalid_request"),
        (desk.token("grant_type=client_credentials&client_id=7").await, "unsupported_grant_type"),
        (
            desk.token("grant_type=password&username=ann@example.org&password=wrong").await,
            "invalid_grant",
        ),
        (
            desk.token("grant_type=password&email=nobody@example.org&password=wrong").await,
            "invalid_grant",
        ),
        (
            desk.send("POST", "/oauth/token", &[("content-type", "application/json")], "{}").await,
            "invalid_request",
        ),
    ] {
        assert_eq!((answer.status.as_u16(), answer.json["error"].as_str()), (400, Some(error)));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    let got = desk.send("GET", "/oauth/token", &[], "").await;
    assert_eq!((got.status.as_u16(), &got.headers[header::ALLOW]), (405, &"POST".parse().unwrap()));
}

#[tokio::test]
async fn whoever_guesses_passwords_waits_and_the_right_one_does_not_help_then() {
    let desk = Desk::open().await;
    desk.agent("ann@example.org", "correct horse", true).await;
    for n in 1..=11 {
        let answer = desk.token("grant_type=password&email=ANN@example.org&password=wrong").await;
        assert_eq!(answer.status, if n <= 10 { 400 } else { 429 }, "try {n}");
    }
    let late = desk.token(ANN).await;
    assert_eq!(late.status, 429);
    let wait: u64 = late.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
}

#[tokio::test]
async fn calls_of_an_address_are_counted_whatever_they_are_and_a_body_is_not_waited_for_long() {
    let options = LivechatOptions {
        calls: std::num::NonZeroU32::new(3).unwrap(),
        window: Duration::from_secs(300),
        body_within: Duration::from_millis(20),
    };
    let desk = Desk::with(options).await;
    let key = desk.agent("ann@example.org", "correct horse", true).await;
    let auth = basic("ann@example.org", &key);
    let auth = [("authorization", auth.as_str())];
    let path = format!("{CONFIG}?siteId=10000");
    assert_eq!(desk.send("GET", &path, &auth, "").await.status, 200);
    let slow = Body::from_stream(futures_util::stream::pending::<Result<String, std::io::Error>>());
    refused(&desk.send("PUT", &path, &auth, slow).await, 408, "The body did not come in time.");
    assert_eq!(desk.send("GET", "/v4/x", &[], "").await.status, 404);
    let late = desk.send("GET", &path, &auth, "").await;
    refused(&late, 429, "Too many calls; try again later.");
    let wait: u64 = late.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=101).contains(&wait), "{wait}");
    assert_eq!(desk.token(ANN).await.status, 429);
}
