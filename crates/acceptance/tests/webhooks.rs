//! Events that reach an endpoint of another make: signed so that Standard Webhooks' own package takes
//! them, and neither lost nor out of order when the server is killed.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::{Hook, HookReceiver, Stack, ask, python};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const LOOPBACK: (&str, &str) = ("network.allow_addresses", "127.0.0.1");

async fn webhook(stack: &Stack, url: &str, events: Value) -> Value {
    let body = json!({"url": url, "events": events});
    let answer = stack.rest("POST", "/webhooks", Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

/// The receiver of docs/operating/webhooks.md, as it stands there.
struct Documented {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

impl Documented {
    fn start(secret: &str) -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let page = std::fs::read_to_string(format!("{root}/docs/operating/webhooks.md")).unwrap();
        let program = page.split_once("```python\n").unwrap().1.split_once("```").unwrap().0;
        let child = Command::new(python())
            .args(["-u", "-c", program, "0"])
            .env("WEBHOOK_SECRET", secret)
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap();
        Self { child, lines, url }
    }

    fn next(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Documented {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_what_rest_shows_and_the_documented_receiver_takes_it_through_a_rotation() {
    let stack = Stack::start(&[LOOPBACK]).await;
    let receiver = HookReceiver::start().await;
    let hook = webhook(&stack, &receiver.url(), json!(["room.*"])).await;
    let mut documented = Documented::start(hook["secret"].as_str().unwrap());
    let path = format!("/webhooks/{}", hook["id"].as_str().unwrap());
    let room = stack.room(json!({"name": "hall", "display_name": "Hall"})).await;
    let heard = receiver.until(|heard| heard.len() == 1).await;
    assert_eq!(heard[0].kind(), "room.created");
    assert_eq!(heard[0].body["data"]["room"], room_alone(&room));
    assert_eq!(heard[0].body["data"]["event"]["id"], json!(heard[0].id));
    assert_eq!(forward(&documented.url, &heard[0], &heard[0].text).await, 204);
    let id = &heard[0].id;
    assert_eq!(documented.next(), format!("{id} room.created"));
    assert_eq!(forward(&documented.url, &heard[0], &heard[0].text).await, 204, "seen already");
    let forged = heard[0].text.replace("Hall", "Hell");
    assert_eq!(forward(&documented.url, &heard[0], &forged).await, 401);

    let shown = stack.rest("GET", &path, None).await.json();
    assert_eq!(shown["secret"], Value::Null, "shown once");
    let rotated = stack.rest("POST", &format!("{path}/secret"), Some(&json!({}))).await.json();
    assert_ne!(rotated["secret"], hook["secret"]);
    let renamed = json!({"display_name": "New"});
    assert_eq!(stack.rest("PUT", &path_of(&room), Some(&renamed)).await.status, 200);
    let heard = receiver.until(|heard| heard.len() == 2).await;
    assert_eq!(heard[1].body["data"]["room"]["display_name"], "New");
    assert_eq!(forward(&documented.url, &heard[1], &heard[1].text).await, 204, "the old secret");
    assert_eq!(documented.next(), format!("{} room.changed", heard[1].id));
    let documented = Documented::start(rotated["secret"].as_str().unwrap());
    assert_eq!(forward(&documented.url, &heard[1], &heard[1].text).await, 204, "the new one");

    let replay = json!({"event_id": id});
    let again = stack.rest("POST", &format!("{path}/replay"), Some(&replay)).await;
    assert_eq!((again.status, again.json()), (202, json!({"count": 1})));
    let heard = receiver.until(|heard| heard.len() == 3).await;
    assert_eq!((&heard[2].id, &heard[2].text), (&heard[0].id, &heard[0].text));
    stack.until_metric("rotunda_webhooks_total{outcome=\"delivered\"}", |n| n >= 3.0).await;
    let listed = stack.rest("GET", &format!("{path}/deliveries?state=delivered"), None).await;
    assert_eq!(listed.json()["data"].as_array().unwrap().len(), 2);
    stack.stop().await;
}

fn path_of(room: &Value) -> String {
    format!("/rooms/{}", room["id"].as_str().unwrap())
}

/// A room as the routes show it, without what only some of them add.
fn room_alone(room: &Value) -> Value {
    let mut room = room.clone();
    room.as_object_mut().unwrap().remove("active_session");
    room
}

/// Sends to another what came, with the same signature; answers the status.
async fn forward(url: &str, hook: &Hook, text: &str) -> u16 {
    let value = |name: &str| {
        let line = hook.head.lines().find_map(|l| l.split_once(": ").filter(|(n, _)| *n == name));
        line.unwrap().1
    };
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type"];
    let headers: Vec<_> = names.iter().map(|name| (*name, value(name))).collect();
    ask("POST", url, &headers, text).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_ones_own_are_refused_and_so_is_what_is_one_too_many() {
    let stack = Stack::start(&[]).await;
    for (url, code) in [
        ("http://127.0.0.1:9/", "url_is_unsafe"),
        ("http://[::ffff:10.0.0.1]/", "url_is_unsafe"),
        ("http://169.254.169.254/latest", "url_is_unsafe"),
        ("rtmp://a.test/live/key", "url_failed_to_parse"),
        ("here", "url_failed_to_parse"),
    ] {
        let answer = stack.rest("POST", "/webhooks", Some(&json!({"url": url}))).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["code"]), (422, &json!(code)));
    }
    for at in 0..20 {
        webhook(&stack, &format!("https://a.test/{at}"), json!([])).await;
    }
    let body = json!({"url": "https://a.test/"});
    let full = stack.rest("POST", "/webhooks", Some(&body)).await;
    let code = &full.json()["errors"][0]["code"];
    assert_eq!((full.status, code), (422, &json!("exceeds_platform_webhook_limit")));
    stack.stop().await;
}

/// Kills the server while an event waits for its answer and others behind it wait to be sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_sends_all_it_had_committed_under_the_same_ids_and_in_order() {
    let rounds = if std::env::var_os("ROTUNDA_SOAK").is_some() { 20 } else { 5 };
    let mut stack = Stack::start(&[LOOPBACK]).await;
    let receiver = HookReceiver::start().await;
    webhook(&stack, &receiver.url(), json!(["room.created", "room.changed", "room.deleted"])).await;
    for round in 0..rounds {
        receiver.be_silent(true);
        let before = receiver.heard().len();
        for name in [format!("a{round}"), format!("b{round}")] {
            let path = path_of(&stack.room(json!({"name": name})).await);
            for text in ["One", "Two"] {
                let body = json!({"display_name": text});
                assert_eq!(stack.rest("PUT", &path, Some(&body)).await.status, 200);
            }
            if name.starts_with('a') {
                receiver.until(|heard| heard.len() > before).await;
            }
            assert_eq!(stack.rest("DELETE", &path, None).await.status, 204);
        }
        stack.kill();
        receiver.be_silent(false);
        stack.start_again().await;
        let all = 8 * (round + 1);
        receiver.until(|heard| taken(heard).len() >= all).await;
    }
    let heard = receiver.heard();
    let ids: BTreeSet<_> = taken(&heard).iter().map(|hook| hook.id.clone()).collect();
    assert_eq!(ids.len(), 8 * rounds, "each event, and none of them under two ids");
    assert!(heard.iter().all(|hook| ids.contains(&hook.id)), "who was heard only came again");
    let mut of_room: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for hook in taken(&heard).into_iter().filter(|hook| seen.insert(hook.id.clone())) {
        let name = hook.body["data"]["room"]["name"].as_str().unwrap().to_owned();
        let shown = hook.body["data"]["room"]["display_name"].as_str().unwrap().to_owned();
        of_room.entry(name).or_default().push(format!("{} {shown}", hook.kind()));
    }
    for (name, events) in of_room {
        let shown = &events[0]["room.created ".len()..];
        let expected = [
            format!("room.created {shown}"),
            "room.changed One".into(),
            "room.changed Two".into(),
            "room.deleted Two".into(),
        ];
        assert_eq!(events, expected, "{name}");
    }
    stack.stop().await;
}

fn taken(heard: &[Hook]) -> Vec<Hook> {
    heard.iter().filter(|hook| hook.is_taken).cloned().collect()
}
