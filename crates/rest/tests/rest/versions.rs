//! What somebody else changed meanwhile is not changed over, where whoever changes says which state they mean.

use crate::common::{Answer, Desk, basic};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn with(desk: &Desk, method: &str, path: &str, tag: &str, body: Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/video{path}"))
        .header(header::AUTHORIZATION, basic(desk.project, &desk.secret))
        .header(header::IF_MATCH, tag)
        .body(Body::from(body.to_string()))
        .unwrap();
    desk.raw(request).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_two_who_change_the_same_state_the_second_is_refused() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "lab"}))).await;
    let hall = desk.ask("POST", "/conferences", Some(json!({"display_name": "Hall"}))).await;
    let body = Some(json!({"url": "rtmp://live.example.com/app/key"}));
    let stream = desk.ask("POST", "/rooms/lab/streams", body).await;
    let changes = [
        ("rooms", &room, json!({"max_members": 5}), json!({"max_members": 6})),
        ("conferences", &hall, json!({"size": "small"}), json!({"size": "large"})),
        (
            "streams",
            &stream,
            json!({"url": "rtmp://a.test/a/b"}),
            json!({"url": "rtmp://a.test/a/c"}),
        ),
    ];
    for (kind, made, first, second) in changes.into_iter().rev() {
        let path = format!("/{kind}/{}", made.json["id"].as_str().unwrap());
        let seen = desk.get(&path).await;
        assert_eq!(tag(&seen), tag(made), "{kind}");
        let changed = with(&desk, "PUT", &path, &tag(&seen), first).await;
        assert_eq!(changed.status, StatusCode::OK, "{kind}");
        assert_ne!(tag(&changed), tag(&seen), "{kind}");
        let late = with(&desk, "PUT", &path, &tag(&seen), second.clone()).await;
        let expected = (StatusCode::PRECONDITION_FAILED, json!({"error": "Precondition Failed"}));
        assert_eq!((late.status, late.json), expected, "{kind}");
        assert_eq!(tag(&desk.get(&path).await), tag(&changed), "{kind}: nothing was changed");
        let late = with(&desk, "DELETE", &path, &tag(&seen), Value::Null).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{kind}");
        let any = with(&desk, "PUT", &path, "*", second).await;
        assert_eq!(any.status, StatusCode::OK, "{kind}");
        let both = format!("{}, {}", tag(&seen), tag(&any));
        let gone = with(&desk, "DELETE", &path, &both, Value::Null).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{kind}");
        let gone = with(&desk, "DELETE", &path, &both, Value::Null).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{kind}");
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_tag_and_each_other_one_is_a_new_state() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "lab"}))).await;
    let path = format!("/rooms/{}", room.json["id"].as_str().unwrap());
    let same = desk.ask("PUT", &path, Some(json!({"max_members": 20}))).await;
    assert_eq!(tag(&same), tag(&room));
    let mut tags = vec![tag(&room)];
    for members in 1..=20 {
        tags.push(tag(&desk.ask("PUT", &path, Some(json!({"max_members": members}))).await));
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 21, "also within one millisecond");
}
