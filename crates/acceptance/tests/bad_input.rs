//! Every field of every method, wrong in every way: each is refused in words, nothing changes, and
//! nobody else misses anything.
//!
//! The methods and their fields are read from `docs/compat/methods.md`, which is made from the
//! server's own table; a new method is tried from the day it stands there.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Client, JoinOptions};
use rotunda_acceptance::{Stack, pause};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);
/// What a typed answer may say; 500 and −32603 are ours to be ashamed of.
const TYPED: [&str; 7] = ["200", "403", "404", "409", "422", "501", "-32029"];
/// Below the server's limit of 200 a second, so that what is refused is refused for itself.
const REQUESTS_A_SECOND: u32 = 150;

/// A parameter of a method.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    is_optional: bool,
}

/// A line of the page of methods.
#[derive(Clone, Debug)]
struct Method {
    name: String,
    permissions: Vec<String>,
    fields: Vec<Field>,
}

/// `name; positions? {member id: position}, flag?` in parts; what stands in brackets explains.
fn fields(text: &str) -> Vec<Field> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            ';' | ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let field = |part: String| {
        let word = part.split_whitespace().next()?.to_owned();
        let name = word.trim_end_matches('?').to_owned();
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{text}: {name}?");
        (name != "none").then(|| Field { is_optional: word.ends_with('?'), name })
    };
    parts.into_iter().filter_map(field).collect()
}

fn methods() -> Vec<Method> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/compat/methods.md");
    let page = std::fs::read_to_string(page).expect("the page of methods");
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let head = cells(page.lines().find(|line| line.starts_with("| method")).expect("a head"));
    let column = |name: &str| head.iter().position(|cell| cell == name).expect("a column");
    let (permission, parameters) = (column("permission"), column("parameters"));
    let rows = page.lines().filter(|line| line.starts_with("| `video.")).map(cells);
    // What only an application may ask for is no matter of fields.
    let rows = rows.filter(|cells| cells[permission] != "an API token");
    let methods = rows.map(|cells| {
        let words = cells[permission].split([' ', ',', ';']);
        Method {
            name: cells[0].trim_matches('`').to_owned(),
            permissions: words.filter(|w| w.starts_with("room.")).map(str::to_owned).collect(),
            fields: fields(&cells[parameters]),
        }
    });
    methods.collect()
}

/// What a field takes, so that only the field under test is wrong; a field not known here is left
/// out, and its method is tried all the same.
fn good(field: &str, victim: &str) -> Option<Value> {
    Some(match field {
        "member_id" => json!(victim),
        "name" => json!("2x2"),
        "positions" => json!({"self": "auto"}),
        "position" => json!("auto"),
        "volume" => json!(0),
        "value" => json!(30),
        "enable" => json!(false),
        "meta" => json!({}),
        "keys" => json!(["none"]),
        _ => return None,
    })
}

/// One of each kind of JSON, and what is bad in itself.
fn wrong(others: &[String]) -> Vec<Value> {
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let mut values = vec![
        json!(true),
        json!(-1.5),
        json!(1e300),
        json!(i64::MAX),
        json!("nothing of the kind \u{202e}§\u{0}"),
        json!(""),
        json!("x".repeat(5000)),
        json!([1, null]),
        json!({"a": {"b": [null]}, "__proto__": 1}),
        json!({"keys": "x".repeat(3000)}),
        deep,
    ];
    values.extend(others.iter().map(|id| json!(id)));
    values.extend(others.iter().map(|id| json!({ id: "auto" })));
    values
}

struct Lab {
    stack: Stack,
    permissions: BTreeSet<String>,
}

impl Lab {
    async fn join(&self, room: &str, name: &str) -> Client {
        let options = json!({"permissions": self.permissions});
        let token = self.stack.token(room, name, options).await;
        Client::join(JoinOptions::new(self.stack.ws(), token)).await.expect("a seat")
    }
}

/// Asks and gives the code of the answer.
async fn code(client: &Client, method: &str, params: Value) -> String {
    let answer = client.signal().unwrap().call(method, params).await.expect("an answer");
    let code = answer.pointer("/error/code").or_else(|| answer.pointer("/result/code"));
    let code = code.map_or_else(|| answer.to_string(), |c| c.to_string());
    let code = code.trim_matches('"').to_owned();
    assert!(TYPED.contains(&&*code), "{method}: {answer}");
    let message = answer.pointer("/error/message").or_else(|| answer.pointer("/result/message"));
    assert!(message.and_then(Value::as_str).is_some_and(|m| !m.is_empty()), "{method}: {answer}");
    code
}

/// Everything that a client can see of the room.
async fn state(client: &Client) -> Value {
    let members = client.rpc("video.members.get", json!({})).await.unwrap();
    let meta = client.rpc("video.get_meta", json!({})).await.unwrap();
    let layout = client.journal().last(|e| e.kind == "video.layout.changed");
    json!([members["members"], meta["meta"], layout.map(|e| e.params["layout"].clone())])
}

/// Every wrong form of a method's parameters; the good ones are not among them, except by chance.
fn trials(method: &Method, session: &str, victim: &str, others: &[String]) -> Vec<(bool, Value)> {
    let good = |field: &Field| good(&field.name, victim).map(|value| (field.name.clone(), value));
    let mut base: Map<String, Value> = method.fields.iter().filter_map(good).collect();
    base.insert("room_session_id".into(), json!(session));
    let mut trials = Vec::new();
    for field in &method.fields {
        // Who is kept out is gone, as with a removal that says nothing of it.
        let is_good = |value: &Value| field.name == "keep_out" && value.is_boolean();
        for value in wrong(others).into_iter().filter(|value| !is_good(value)) {
            let mut params = base.clone();
            params.insert(field.name.clone(), value);
            trials.push((false, params.into()));
        }
        if !field.is_optional {
            for absent in [None, Some(Value::Null)] {
                let mut params = base.clone();
                params.remove(&field.name);
                params.extend(absent.map(|null| (field.name.clone(), null)));
                // A switch that is left out has a meaning of its own.
                trials.push((field.name != "enable", params.into()));
            }
        }
    }
    for elsewhere in wrong(others).into_iter().chain([Value::Null]) {
        let mut params = base.clone();
        params.insert("room_session_id".into(), elsewhere);
        trials.push((true, params.into()));
    }
    trials.extend([json!(null), json!([]), json!("no"), json!(7)].map(|params| (true, params)));
    trials
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_field_of_every_method_is_refused_and_changes_nothing() {
    let methods = methods();
    assert!(methods.len() >= 32, "{} methods", methods.len());
    let permissions = methods.iter().flat_map(|method| method.permissions.clone()).collect();
    let lab = Lab { stack: Stack::start(&[]).await, permissions };
    let (asker, victim) = (lab.join("lab", "Asker").await, lab.join("lab", "Victim").await);
    let witness = lab.join("lab", "Witness").await;
    let (gone, elsewhere) = (lab.join("lab", "Gone").await, lab.join("other", "Elsewhere").await);
    let others =
        [gone.member_id(), elsewhere.member_id(), &*elsewhere.seat().room_session_id.clone()];
    let others = others.map(str::to_owned);
    gone.leave().await.unwrap();
    let has_left = |c: &Client| {
        let left = |e: &rotunda_acceptance::client::Event| {
            e.kind == "video.member.left" && e.text("/member/id") == others[0]
        };
        c.journal().find(0, left)
    };
    witness.until("Gone is gone", WITHIN, has_left).await.unwrap();

    let session = asker.seat().room_session_id.clone();
    let (started, mut asked) = (Instant::now(), 0u32);
    let mut tell = 0;
    for method in &methods {
        let trials = trials(method, &session, victim.member_id(), &others);
        let mut refused = Vec::new();
        for round in 0..2 {
            // First all of them; then, between two looks at the room, those that were refused.
            let before = state(&witness).await;
            let these = if round == 0 { trials.clone() } else { std::mem::take(&mut refused) };
            for (must_be_refused, params) in these {
                let code = code(&asker, &method.name, params.clone()).await;
                asked += 1;
                let due = started + Duration::from_secs(1) * asked / REQUESTS_A_SECOND;
                pause(due.saturating_duration_since(Instant::now())).await;
                assert_ne!(code, "-32029", "{}: asked too fast", method.name);
                if code == "200" {
                    let (name, params) = (&method.name, params.to_string());
                    assert!(!must_be_refused && round == 0, "{name} took {params:.200}");
                } else {
                    refused.push((must_be_refused, params));
                }
            }
            if round == 1 {
                assert_eq!(state(&witness).await, before, "{} changed something", method.name);
            } else {
                let kinds = 3 * method.fields.len();
                assert!(refused.len() >= kinds, "{} takes nearly anything", method.name);
            }
        }
        // Somebody else goes on telling: not one word is lost on the witness.
        tell += 1;
        let set = json!({"meta": {"told": tell}});
        victim.rpc("video.set_meta", set).await.unwrap();
    }
    let reported = |c: &Client, n: u64| {
        let is_it = |e: &rotunda_acceptance::client::Event| {
            e.kind == "video.room.updated" && e.get("/room_session/meta/told") == Some(&json!(n))
        };
        c.journal().find(0, is_it).map(|e| e.number)
    };
    witness.until("the last word", WITHIN, |c| reported(c, tell)).await.unwrap();
    let heard: Vec<_> = (1..=tell).filter_map(|n| reported(&witness, n)).collect();
    assert!(heard.len() as u64 == tell && heard.is_sorted(), "{heard:?} of {tell}");
    assert!(lab.stack.log().lines().all(|line| !line.contains("ERROR")), "{}", lab.stack.log());
    println!("{asked} requests in {:?}", started.elapsed());
    drop((asker, victim, witness, elsewhere));
    lab.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_thing_twice_at_once_happens_once() {
    let permissions = methods().iter().flat_map(|method| method.permissions.clone()).collect();
    let lab = Lab { stack: Stack::start(&[]).await, permissions };
    let (asker, victim) = (lab.join("lab", "Asker").await, lab.join("lab", "Victim").await);
    let witness = lab.join("lab", "Witness").await;
    let id = json!(victim.member_id());
    let session = json!(asker.seat().room_session_id);
    let rows = [
        ("video.lock", json!({}), "video.room.updated"),
        ("video.set_layout", json!({"name": "5up"}), "video.layout.changed"),
        ("video.member.raisehand", json!({"member_id": id}), "video.member.updated"),
        ("video.member.audio_mute", json!({"member_id": id}), "video.member.updated"),
        ("video.member.set_meta", json!({"meta": {"a": 1}}), "video.member.updated"),
        ("video.member.remove", json!({"member_id": id}), "video.member.left"),
    ];
    for (method, mut params, event) in rows {
        params["room_session_id"] = session.clone();
        let mark = witness.journal().mark();
        let twice =
            tokio::join!(code(&asker, method, params.clone()), code(&asker, method, params));
        let second = if method.ends_with("remove") { "404" } else { "200" };
        assert_eq!(twice, ("200".to_owned(), second.to_owned()), "{method}");
        witness.event(mark, event, WITHIN, |_| true).await.unwrap();
        // What was told after both answers comes after them; one more round trip brings it.
        state(&witness).await;
        let reported = witness.journal().since(mark);
        assert_eq!(
            reported.iter().filter(|e| e.kind == event).count(),
            1,
            "{method}: {reported:?}"
        );
    }
    drop((asker, victim, witness));
    lab.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_a_second_are_all_answered_and_nobody_else_feels_them() {
    const SECONDS: u32 = 4;
    let permissions = methods().iter().flat_map(|method| method.permissions.clone()).collect();
    let lab = Lab { stack: Stack::start(&[]).await, permissions };
    let flooder = Arc::new(lab.join("lab", "Flooder").await);
    let (teller, witness) = (lab.join("lab", "Teller").await, lab.join("lab", "Witness").await);
    let session = flooder.seat().room_session_id.clone();
    let mark = witness.journal().mark();
    let (started, mut answers) = (Instant::now(), tokio::task::JoinSet::new());
    let mut slowest = Duration::ZERO;
    for tenth in 0..SECONDS * 10 {
        for n in 0..100 {
            let (flooder, session) = (flooder.clone(), session.clone());
            let (method, position) = match n % 4 {
                0 => ("video.member.set_position", "standard-2"),
                1 => ("video.member.set_position", "nowhere"),
                2 => ("video.no_such_method", ""),
                _ => ("video.get_meta", ""),
            };
            let params = json!({"room_session_id": session, "position": position});
            answers.spawn(async move {
                let answer = flooder.signal().unwrap().call(method, params).await;
                let answer = answer.unwrap_or_else(|error| panic!("{method}: {error}"));
                let code = answer.pointer("/error/code").or(answer.pointer("/result/code"));
                code.map(|c| c.to_string().trim_matches('"').to_owned()).unwrap_or_default()
            });
        }
        let asked = Instant::now();
        teller.rpc("video.set_meta", json!({"meta": {"told": tenth}})).await.unwrap();
        slowest = slowest.max(asked.elapsed());
        let next = started + Duration::from_millis(100) * (tenth + 1);
        pause(next.saturating_duration_since(Instant::now())).await;
    }
    let answers = answers.join_all().await;
    let count = |wanted: &str| answers.iter().filter(|code| *code == wanted).count();
    let (done, wrong, unknown) = (count("200"), count("422"), count("-32601"));
    let too_many = count("-32029");
    println!("{done} done, {wrong} wrong, {unknown} unknown, {too_many} too many; {slowest:?}");
    assert_eq!(done + wrong + unknown + too_many, 1000 * SECONDS as usize, "{answers:?}");
    assert!(too_many > 500 * SECONDS as usize, "most are turned away");
    assert!(done > 0 && wrong > 0 && unknown > 0, "and some are carried out");
    assert!(slowest < Duration::from_secs(1), "somebody else waited {slowest:?}");
    let last = |e: &rotunda_acceptance::client::Event| {
        e.get("/room_session/meta/told") == Some(&json!(SECONDS * 10 - 1))
    };
    witness.event(mark, "video.room.updated", WITHIN, last).await.unwrap();
    let reported: Vec<_> = witness.journal().since(mark);
    let reported: Vec<_> =
        reported.iter().filter_map(|e| e.get("/room_session/meta/told")?.as_u64()).collect();
    assert_eq!(reported, (0..u64::from(SECONDS * 10)).collect::<Vec<_>>(), "no word is lost");
    assert_eq!(flooder.journal().closed(), None, "and whoever asks too much may stay");
    drop((flooder, teller, witness));
    lab.stack.stop().await;
}
