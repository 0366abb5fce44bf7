//! A room link through the built server: it lets in as its role says, until it is revoked.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Client, ClientError, JoinOptions};
use rotunda_acceptance::{Stack, get};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

/// A token for a visitor by the link with this key.
async fn exchanged(stack: &Stack, key: &str) -> (u16, Value) {
    let visit = json!({"room_name": "linked", "key": key, "user_name": "Ann"});
    let answer = stack.rest("POST", "/link_tokens", Some(&visit)).await;
    (answer.status, answer.json()["token"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_lets_in_as_its_role_says_until_it_is_revoked_and_its_key_is_in_no_log() {
    let mut stack = Stack::start(&[]).await;
    stack.room(json!({"name": "linked"})).await;
    let wanted = json!({"role": "member"});
    let link = stack.rest("POST", "/rooms/linked/links", Some(&wanted)).await.json();
    let (page, key) = link["url"].as_str().unwrap().split_once('#').unwrap();
    assert!(get(page).await.unwrap().text.contains("<!doctype html>"), "{page}");
    // What is kept of it survives a restart.
    stack.kill();
    stack.start_again().await;
    let host = stack.token("linked", "Host", json!({})).await;
    let host = Client::join(JoinOptions::new(stack.ws(), host)).await.unwrap();
    let (status, token) = exchanged(&stack, key).await;
    assert_eq!(status, 200);
    let options = || JoinOptions::new(stack.ws(), token.as_str().unwrap());
    let ann = Client::join(options()).await.unwrap();
    let remove = json!({"member_id": host.member_id()});
    let refused = ann.rpc("video.member.remove", remove).await;
    assert!(matches!(refused, Err(ClientError::Refused(_))), "a member removes nobody");

    let mark = host.journal().mark();
    let own = format!("/links/{}", link["id"].as_str().unwrap());
    assert_eq!(stack.rest("DELETE", &own, None).await.status, 204);
    let id = ann.member_id().to_owned();
    host.event(mark, "video.member.left", WITHIN, |e| e.text("/member/id") == id).await.unwrap();
    assert!(Client::join(options()).await.is_err(), "the token opens nothing any more");
    assert_eq!(exchanged(&stack, key).await.0, 404);
    assert!(!stack.log().contains(key), "{}", stack.log());
    drop((host, ann));
    stack.stop().await;
}
