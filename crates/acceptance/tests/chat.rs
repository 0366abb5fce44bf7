//! Chat, captions and the line of raised hands, through the built server: heard by those alone who named
//! them when they joined.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Client, Event, JoinOptions};
use rotunda_acceptance::{Room, Stack};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const NAMES: [&str; 3] =
    ["video.chat.message", "video.captions.pushed", "video.member.updated.hand_raised_at"];

struct People {
    /// Named everything, and may remove people, push captions and raise hands.
    ann: Client,
    /// Named everything.
    ben: Client,
    /// Joined as the published SDK does.
    cid: Client,
    /// Looks on, and named everything.
    eve: Client,
}

async fn people(stack: &Stack, room: &Room<'_>) -> People {
    let may = json!({"permissions":
        ["room.member.remove", "room.captions.push", "room.self.raisehand"]});
    let ann = stack.token(&room.name, "Ann", may).await;
    let ann = room.join(JoinOptions::new(stack.ws(), ann).naming(&NAMES)).await;
    let ben = room.join(room.member("Ben").await.naming(&NAMES)).await;
    let cid = room.join(room.member("Cid").await).await;
    let eve = room.join(room.audience("Eve").await.naming(&NAMES)).await;
    People { ann, ben, cid, eve }
}

async fn hears(client: &Client, text: &str) -> Event {
    let is_it = |e: &Event| e.text("/text") == text;
    client.event(0, "video.chat.message", WITHIN, is_it).await.unwrap()
}

fn heard(client: &Client, kind: &str) -> usize {
    client.journal().since(0).iter().filter(|e| e.kind == kind).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_heard_by_members_who_asked_and_by_nobody_else() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "chat", json!({})).await;
    let People { ann, ben, cid, eve } = people(&stack, &room).await;
    let said = ben.rpc("video.chat.send", json!({"text": "to all"})).await.unwrap();
    let event = hears(&ann, "to all").await;
    assert_eq!(event.text("/from"), ben.member_id());
    assert_eq!(event.params["id"], said["chat_message"]["id"]);
    let alone = json!({"text": "to Ann", "to": ann.member_id()});
    cid.rpc("video.chat.send", alone).await.unwrap();
    assert_eq!(hears(&ann, "to Ann").await.text("/to"), ann.member_id());
    let delete = json!({"message_id": said["chat_message"]["id"]});
    assert!(ben.rpc("video.chat.delete", delete.clone()).await.is_err());
    ann.rpc("video.chat.delete", delete).await.unwrap();
    assert_eq!(hears(&ben, "").await.params["deleted"], json!(true));
    ann.rpc("video.captions.push", json!({"text": "hello", "lang": "en"})).await.unwrap();
    for client in [&ben, &eve] {
        client.event(0, "video.captions.pushed", WITHIN, |_| true).await.unwrap();
    }
    let texts = async |client: &Client| {
        let list = client.rpc("video.chat.list", json!({})).await.unwrap();
        let messages = list["messages"].as_array().unwrap().clone();
        messages.iter().map(|m| m["text"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(texts(&cid).await, ["", "to Ann"]);
    assert_eq!(texts(&ben).await, [""], "what is between two is not for a third");
    assert!(eve.rpc("video.chat.list", json!({})).await.is_err(), "not for audience here");
    assert_eq!(heard(&eve, "video.chat.message") + heard(&ben, "video.chat.message"), 2);
    assert_eq!(heard(&cid, "video.chat.message") + heard(&cid, "video.captions.pushed"), 0);
    drop((ann, ben, cid, eve));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audience_chats_where_the_room_says_all_and_the_line_of_hands_is_seen_by_who_asked() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "chat", json!({"enable_chat": "all"})).await;
    let People { ann, ben, cid, eve } = people(&stack, &room).await;
    eve.rpc("video.chat.send", json!({"text": "a question"})).await.unwrap();
    hears(&ben, "a question").await;
    for n in 0..4 {
        eve.rpc("video.chat.send", json!({ "text": n.to_string() })).await.unwrap();
    }
    let sixth = eve.rpc("video.chat.send", json!({"text": "too much"})).await;
    assert!(sixth.unwrap_err().to_string().contains("at most 5 messages"));

    ann.rpc("video.member.raisehand", json!({})).await.unwrap();
    let is_up = |e: &Event| e.get("/member/handraised") == Some(&json!(true));
    let asked = ben.event(0, "video.member.updated", WITHIN, is_up).await.unwrap();
    assert!(asked.params["member"]["hand_raised_at"].is_f64(), "{}", asked.params);
    let published = cid.event(0, "video.member.updated", WITHIN, is_up).await.unwrap();
    assert!(published.get("/member/hand_raised_at").is_none(), "{}", published.params);
    let members = ben.rpc("video.members.get", json!({})).await.unwrap();
    assert_eq!(members["members"][0]["hand_raised_at"], asked.params["member"]["hand_raised_at"]);
    drop((ann, ben, cid, eve));
    stack.stop().await;
}
