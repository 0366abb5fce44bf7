//! Who may do what to whom, asked of the built server: every line of `docs/compat/permissions.txt`
//! with tokens made over REST and clients on real sockets. The rules are asked the same lines by
//! their own test; what differs here is lost between a door and the rules.
//!
//! The application's column is played to the rules only.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

#[path = "../../domain/tests/support/matrix.rs"]
mod matrix;

use matrix::{Line, PREFIXES, held, lines};
use rotunda_acceptance::Stack;
use rotunda_acceptance::client::{Child, ChildKind, Client, ClientError, JoinOptions};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// What may not be asked twice in the same room: somebody is gone, or nobody comes in.
const RUINOUS: [&str; 4] =
    ["video.member.remove", "video.member.remove:all", "video.member.demote", "video.lock"];
/// Methods that must say whom they mean, even when it is the caller.
const NAMING: [&str; 2] = ["video.member.remove", "video.member.promote"];
const CALLER: usize = 0;
const NOBODY: usize = 4;

/// Method to its five signs.
type Asks = BTreeMap<&'static str, &'static str>;

/// The methods of the server, by the page that is made from its table.
fn methods() -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/compat/methods.md");
    let page = std::fs::read_to_string(page).expect("the page of methods");
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    // The list of sessions is asked of none, and only by the application.
    let of_rooms = |name: &&str| name.starts_with("video.") && *name != "video.rooms.get";
    names.filter(of_rooms).map(str::to_owned).collect()
}

/// What is asked of whom: by what the token holds. What no line gives somebody is asked, too, and
/// comes to the same as for one who holds nothing.
fn asks(prefix: &str) -> BTreeMap<Vec<String>, Asks> {
    let mut asks: BTreeMap<_, Asks> = BTreeMap::new();
    let mut write = |held: Vec<String>, method, signs| {
        let written = *asks.entry(held).or_default().entry(method).or_insert(signs);
        assert_eq!(written, signs, "two answers for {method}");
    };
    let lines: Vec<_> = lines().into_iter().filter(|l| l.method.starts_with(prefix)).collect();
    for Line { method, names, nothing, holding, .. } in &lines {
        write(Vec::new(), method, nothing);
        for (prefix, signs) in PREFIXES.iter().zip(holding) {
            write(held(prefix, names), method, signs);
        }
    }
    let nothing = asks[&Vec::new()].clone();
    for (_, asks) in asks.iter_mut().filter(|(held, _)| held.len() == 1) {
        nothing.iter().for_each(|(method, signs)| _ = asks.entry(method).or_insert(signs));
    }
    asks
}

fn asks_of_audience(prefix: &str) -> Asks {
    let lines = lines().into_iter().filter(|line| line.method.starts_with(prefix));
    lines.map(|line| (line.method, line.audience)).collect()
}

/// Whether it matters whom `method` is aimed at.
fn is_aimed(method: &str) -> bool {
    let has_target = method.starts_with("video.member.") && !method.contains(':');
    has_target || matches!(method, "video.set_position" | "video.set_layout:positions")
}

/// Parameters that are good in themselves, aimed at `who`; nobody named is the caller.
fn params(method: &str, who: Option<&str>) -> Value {
    let places = json!({ who.unwrap_or("self"): "off-canvas" });
    let mut params = match method.rsplit('.').next().unwrap() {
        "set_layout" => json!({"name": "2x2"}),
        "set_layout:positions" => json!({"name": "2x2", "positions": places}),
        "set_position" if method == "video.set_position" => json!({ "positions": places }),
        "set_position" => json!({"position": "off-canvas"}),
        "set_input_volume" | "set_output_volume" => json!({"volume": 1}),
        "set_input_sensitivity" => json!({"value": 1}),
        "prioritize_handraise" => json!({"enable": true}),
        "set_meta" | "update_meta" => json!({"meta": {}}),
        "delete_meta" => json!({"keys": ["key"]}),
        // Nobody answers to that name: it is started, and ends by itself.
        "start" if method == "video.stream.start" => {
            json!({"url": "rtmp://streams.invalid/live/key"})
        }
        "send" => json!({"text": "hello"}),
        "delete" => json!({"message_id": unknown()}),
        "create" => json!({"role": "audience"}),
        "revoke" => json!({"link_id": unknown()}),
        "admit" | "deny" => json!({"ids": [unknown()]}),
        "admit:all" | "deny:all" => json!({"all": true}),
        "push" => json!({"text": "hello", "lang": "en"}),
        "stop" if method == "video.stream.stop" => json!({"stream_id": unknown()}),
        "start" => json!({"url": "https://films.invalid/film.mp4"}),
        "set_volume" => json!({"playback_id": unknown(), "volume": 1}),
        "seek_absolute" | "seek_relative" => json!({"playback_id": unknown(), "position": 1}),
        "pause" | "resume" | "stop" if method.starts_with("video.recording.") => {
            json!({"recording_id": unknown()})
        }
        "pause" | "resume" | "stop" => json!({"playback_id": unknown()}),
        "remove:all" => json!({"member_id": "all"}),
        _ => json!({}),
    };
    if let (true, Some(who)) = (method.starts_with("video.member.") && is_aimed(method), who) {
        params["member_id"] = json!(who);
    }
    params
}

fn unknown() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The sign of an answer; any other answer as it is.
fn sign<T>(answer: Result<T, ClientError>) -> String {
    match answer {
        Ok(_) => "+".into(),
        Err(ClientError::Refused(no)) if no.code == "403" && no.message == "Unauthorized" => {
            "-".into()
        }
        Err(ClientError::Refused(no)) if no.code == "404" => "?".into(),
        Err(error) => format!("({error})"),
    }
}

/// Another member with a device, in a room of their own.
struct House {
    room: String,
    other: Client,
    theirs: Child,
}

/// The caller, with a screen.
struct Caller {
    client: Client,
    own: Option<Child>,
}

impl Caller {
    /// How the one a method is aimed at is named: absent or by id, and by an id or by none.
    fn names(&self, house: &House, method: &str, aim: usize) -> Vec<Option<String>> {
        let id = |id: &str| Some(id.to_owned());
        match aim {
            CALLER if NAMING.contains(&method) => vec![id(self.client.member_id())],
            CALLER => vec![None, id(self.client.member_id())],
            1 => vec![Some(self.own.as_ref().map_or_else(unknown, |c| c.member_id().to_owned()))],
            2 => vec![id(house.other.member_id())],
            3 => vec![id(house.theirs.member_id())],
            NOBODY => vec![Some(unknown()), id("nobody")],
            _ => panic!("five signs, five aims"),
        }
    }
}

struct Lab {
    stack: Stack,
    rooms: u32,
    house: Option<House>,
    asked: u32,
    joins: u32,
}

impl Lab {
    async fn start(settings: &[(&str, &str)]) -> Self {
        Self { stack: Stack::start(settings).await, rooms: 0, house: None, asked: 0, joins: 0 }
    }

    /// Whether an application may put such permissions in a token.
    async fn are_known(&self, permissions: &[String]) -> bool {
        let body = json!({"room_name": "none", "permissions": permissions});
        let answer = self.stack.rest("POST", "/room_tokens", Some(&body)).await;
        assert!([200, 422].contains(&answer.status), "{}", answer.text);
        answer.status == 200
    }

    /// Joins; the client has been told what it holds, in the order in which it was written.
    async fn join(&mut self, room: &str, options: &Value) -> Client {
        self.joins += 1;
        let token = self.stack.token(room, "somebody", options.clone()).await;
        let client = Client::join(JoinOptions::new(self.stack.ws(), token)).await.expect("a seat");
        let is_audience = options["join_as"] == "audience";
        let holds = if is_audience { json!([]) } else { options["permissions"].clone() };
        let reported = client.connected().pointer("/authorization/room/scopes");
        assert_eq!(reported, Some(&holds), "rs.permissions");
        client
    }

    async fn house(&mut self) -> House {
        self.rooms += 1;
        let room = format!("lab-{}", self.rooms);
        // One that its token makes lasts a session and has no links.
        let made = self.stack.rest("POST", "/rooms", Some(&json!({ "name": room }))).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let options = json!({"permissions": ["room.self.additional_source"]});
        let other = self.join(&room, &options).await;
        let theirs = other.add_child(ChildKind::Device).await.expect("a device");
        House { room, other, theirs }
    }

    async fn caller(&mut self, room: &str, options: &Value) -> Caller {
        let client = self.join(room, options).await;
        let own = match options["join_as"].as_str() {
            Some("audience") => None,
            _ => Some(client.add_child(ChildKind::Screen).await.expect("a screen")),
        };
        Caller { client, own }
    }

    /// Asks everything of somebody with such a token; gives what came of it otherwise than written.
    async fn play(&mut self, options: Value, asks: &Asks) -> Vec<String> {
        let (mut caller, mut wrong) = (None, Vec::new());
        for (method, written) in asks {
            let mut played = String::new();
            for aim in 0..if is_aimed(method) { written.len() } else { 1 } {
                let mut signs = BTreeSet::new();
                let mut spelling = 0;
                loop {
                    let house = match self.house.take() {
                        Some(house) => house,
                        None => self.house().await,
                    };
                    let here = match caller.take() {
                        Some(here) => here,
                        None => self.caller(&house.room, &options).await,
                    };
                    let names = here.names(&house, method, aim);
                    let params = params(method, names[spelling].as_deref());
                    let name = method.split(':').next().unwrap();
                    let sign = sign(here.client.rpc(name, params).await);
                    self.asked += 1;
                    if sign == "+" && RUINOUS.contains(method) {
                        leave([here.client, house.other]).await;
                    } else {
                        (caller, self.house) = (Some(here), Some(house));
                    }
                    signs.insert(sign);
                    spelling += 1;
                    if spelling == names.len() || !is_aimed(method) {
                        break;
                    }
                }
                played.extend(signs);
            }
            if !is_aimed(method) {
                played = played.repeat(written.len());
            }
            if played != *written {
                wrong.push(format!("{method} with {options}\n  {written}\n  {played}"));
            }
        }
        leave(caller.map(|caller: Caller| caller.client)).await;
        wrong
    }
}

/// Whoever was removed cannot say goodbye any more.
async fn leave(clients: impl IntoIterator<Item = Client>) {
    for client in clients {
        _ = client.leave().await;
    }
}

#[test]
fn every_method_has_its_line_and_every_line_its_method() {
    let lines = lines().into_iter().map(|line| line.method.split(':').next().unwrap().to_owned());
    let written: BTreeSet<_> = lines.filter(|method| method.starts_with("video.")).collect();
    // Asked before there is a seat, by whoever has a room token.
    let before = ["video.lobby.enter", "video.lobby.leave"].map(str::to_owned);
    assert_eq!(&written | &BTreeSet::from(before), methods());
}

/// Permission is asked before existence: whoever may not reach others hears `"403"` of one whom
/// there is not, and `"404"` otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_what_the_table_says() {
    let started = Instant::now();
    // Everybody has a screen to aim at; who may share one is asked below.
    let mut lab = Lab::start(&[("session.screenshare_is_open", "true")]).await;
    let asks = asks("video.");
    let nothing = &asks[&Vec::new()];
    let (mut wrong, mut known) = (Vec::new(), Vec::new());
    for (held, asks) in &asks {
        if lab.are_known(held).await {
            known.extend(held.clone());
            wrong.extend(lab.play(json!({ "permissions": held }), asks).await);
        } else if !["room", "room.self", "room.member"].contains(&&*held.concat()) {
            let gives = asks.iter().find(|(method, signs)| nothing[*method] != **signs);
            assert_eq!(gives, None, "{held:?} cannot be granted");
        }
    }
    let audience = json!({"join_as": "audience", "permissions": known});
    wrong.extend(lab.play(audience, &asks_of_audience("video.")).await);
    let Lab { stack, rooms, asked, joins, .. } = lab;
    println!("{asked} asked by {joins} in {rooms} rooms, {:?}", started.elapsed());
    assert!(wrong.is_empty(), "written, then played:\n{}", wrong.join("\n"));
    stack.stop().await;
}

/// A refused screen or device leaves the leg beside it as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_bring_and_dial_what_the_table_says() {
    let mut lab = Lab::start(&[]).await;
    let mut roles = Vec::new();
    for (held, asks) in asks("verto.") {
        if lab.are_known(&held).await {
            roles.push((json!({ "permissions": held }), asks));
        }
    }
    let everything = ["room.self.screenshare", "room.self.additional_source"];
    let audience = json!({"join_as": "audience", "permissions": everything});
    roles.push((audience, asks_of_audience("verto.")));
    assert_eq!(roles.len(), 4, "nothing, the two, audience");
    for (options, asks) in roles {
        let client = lab.join("lab", &options).await;
        for (method, written) in asks {
            let sign = match method {
                "verto.info" => sign(client.send_digits("1").await),
                "verto.invite:screen" => sign(client.add_child(ChildKind::Screen).await),
                "verto.invite:device" => sign(client.add_child(ChildKind::Device).await),
                _ => panic!("what is {method}?"),
            };
            assert_eq!(sign.repeat(written.len()), written, "{method} with {options}");
            client.rpc("video.members.get", json!({})).await.expect("an answer");
            assert!(client.hung_up().is_none(), "{method} with {options}");
        }
        leave([client]).await;
    }
    lab.stack.stop().await;
}
