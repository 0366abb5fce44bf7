//! Who was removed and is to be kept out, through the built server.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Client, ClientError, Event, JoinOptions};
use rotunda_acceptance::{Room, Stack};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

fn message(refused: Result<impl Sized, ClientError>) -> String {
    match refused {
        Err(ClientError::Refused(refused)) => refused.message,
        Err(other) => panic!("refused in another way: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

/// Everybody here, by their ids.
async fn ids(client: &Client) -> Vec<Value> {
    let members = client.rpc("video.members.get", json!({})).await.unwrap();
    members["members"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_browser_with_the_token_of_somebody_who_is_kept_out_goes_and_a_third_stays_out() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "kept", json!({})).await;
    let may = json!({"permissions": ["room.member.remove"]});
    let host = JoinOptions::new(stack.ws(), stack.token("kept", "Host", may).await);
    let host = room.join(host).await;
    let token = stack.token("kept", "Ann", json!({})).await;
    let ann = || JoinOptions::new(stack.ws(), token.clone());
    let (first, second) = (room.join(ann()).await, room.join(ann()).await);

    let remove = |params: Value| host.rpc("video.member.remove", params);
    let all = remove(json!({"member_id": "all", "keep_out": true})).await;
    assert!(message(all).contains("keep_out is for one"));
    let mark = host.journal().mark();
    let id = first.member_id().to_owned();
    remove(json!({"member_id": id, "keep_out": true})).await.unwrap();
    for gone in [&first, &second] {
        let is_it = |e: &Event| e.text("/member/id") == gone.member_id();
        host.event(mark, "video.member.left", WITHIN, is_it).await.unwrap();
    }
    assert_eq!(ids(&host).await, [json!(host.member_id())]);

    let third = Client::join(ann()).await;
    assert_eq!(message(third), "You were removed from this room");
    room.join(room.member("Ann, asked anew").await).await;
    drop((host, first, second));
    stack.stop().await;
}
