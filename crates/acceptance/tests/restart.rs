//! A server that ends and comes back under people who are in its rooms: they come back by themselves, as
//! the ones they were, and are told nothing of it but the room's state.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, ClientError, Content, JoinOptions, Microphone, Resume, Yuv,
};
use rotunda_acceptance::{Room, Stack, observe};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const WITHIN: Duration = Duration::from_secs(20);
/// From the moment the server is ready.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// Who was in the room, and what they show to come back.
struct Away {
    member_id: String,
    token: String,
    resume: Resume,
}

/// Lets `count` people join, every tenth with camera and microphone.
async fn fill(stack: &Stack, room: &Room<'_>, count: usize) -> Vec<(String, Client)> {
    let mut joining = JoinSet::new();
    for n in 0..count {
        let token = stack.token(&room.name, &format!("P{n}"), json!({})).await;
        let options = live(JoinOptions::new(stack.ws(), token.clone()), n);
        joining.spawn(async move { (token, Client::join(options).await.unwrap()) });
    }
    let people = joining.join_all().await;
    for (_, person) in &people {
        person.until("a picture", WITHIN, sees).await.unwrap();
        let state = "signalwire.authorization.state";
        person.event(0, state, WITHIN, |_| true).await.unwrap();
    }
    people
}

fn live(options: JoinOptions, n: usize) -> JoinOptions {
    if !n.is_multiple_of(10) {
        return options;
    }
    let camera = Camera::new(Content::Lively(Yuv::from_rgb(40, 60, 200)));
    options.camera(camera).microphone(Microphone::tone(440.0, -30.0))
}

fn sees(client: &Client) -> Option<()> {
    client.leg().look(|f| f.pictures.first).map(drop)
}

/// What is left of people whose server is gone; nobody was told that anybody left.
fn leave_behind(people: Vec<(String, Client)>) -> Vec<Away> {
    let behind = people.into_iter().map(|(token, person)| {
        let reported = person.journal().find(0, |e| e.kind == "video.member.left");
        assert!(reported.is_none(), "{reported:?}");
        let (member_id, resume) = (person.member_id().to_owned(), person.resume());
        Away { member_id, token, resume }
    });
    behind.collect()
}

/// All come back at once, each by one connection; gives them, and how long the last one had to wait for
/// its picture since `ready`.
async fn come_back(stack: &Stack, away: Vec<Away>, ready: Instant) -> (Vec<Client>, Duration) {
    let mut joining = JoinSet::new();
    for (n, one) in away.into_iter().enumerate() {
        let options = live(JoinOptions::new(stack.ws(), one.token), n).resume(one.resume);
        joining.spawn(async move {
            let person = Client::join(options).await.unwrap();
            assert_eq!(person.member_id(), one.member_id, "the same member");
            person.until("the canvas", WITHIN, sees).await.unwrap();
            (person, ready.elapsed())
        });
    }
    let (people, waits): (Vec<_>, Vec<_>) = joining.join_all().await.into_iter().unzip();
    let most = waits.into_iter().max().unwrap();
    println!("{} people are back {most:?} after the server was ready", people.len());
    (people, most)
}

/// Lines of the log since `from` that name a member.
fn lines_of(stack: &Stack, from: usize) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for line in stack.log()[from..].lines() {
        let reported: Value = serde_json::from_str(line).unwrap_or_default();
        if let Some(member) = reported["fields"]["member"].as_str() {
            *lines.entry(member.to_owned()).or_default() += 1;
        }
    }
    lines
}

async fn all_come_back(count: usize, end: impl AsyncFn(&mut Stack)) {
    let mut stack = Stack::start(&[]).await;
    let people = {
        let room = Room::new(&stack, "again", json!({"max_members": 150})).await;
        fill(&stack, &room, count).await
    };
    end(&mut stack).await;
    let away = leave_behind(people);
    let from = stack.log().len();
    stack.start_again().await;
    let (people, most) = come_back(&stack, away, Instant::now()).await;
    assert!(most <= BACK_WITHIN, "the last one was back after {most:?}");
    let listed = people[0].rpc("video.members.get", json!({})).await.unwrap();
    assert_eq!(listed["members"].as_array().map(Vec::len), Some(count));
    let lines = lines_of(&stack, from);
    assert!(lines.values().all(|lines| *lines <= 1), "{lines:?}");
    drop(people);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_people_whose_server_was_killed_are_back_within_ten_seconds_of_its_return() {
    all_come_back(30, async |stack| stack.kill()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn a_hundred_people_whose_server_was_killed_are_back_within_ten_seconds_of_its_return() {
    all_come_back(100, async |stack| stack.kill()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_whose_server_was_terminated_are_back_as_soon_as_a_new_one_is_there() {
    all_come_back(10, Stack::terminate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_to_a_restarted_room_that_others_filled_hears_that_it_is_full() {
    let mut stack = Stack::start(&[]).await;
    let (people, others) = {
        let room = Room::new(&stack, "taken", json!({"max_members": 2})).await;
        let others = stack.token(&room.name, "Other", json!({})).await;
        (fill(&stack, &room, 2).await, others)
    };
    stack.kill();
    let mut away = leave_behind(people);
    stack.start_again().await;
    let other = || Client::join(JoinOptions::new(stack.ws(), others.clone()));
    let (cid, dan) = (other().await.unwrap(), other().await.unwrap());
    let ann = away.remove(0);
    let options = || JoinOptions::new(stack.ws(), ann.token.clone()).resume(ann.resume.clone());
    match Client::join(options()).await.err().expect("the room is full") {
        ClientError::Refused(refused) => assert_eq!(refused.message, "Room is full"),
        ClientError::Bye { cause, .. } => assert_eq!(cause, "USER_BUSY"),
        other => panic!("{other}"),
    }
    // A seat that becomes free is hers, under her old id.
    cid.leave().await.unwrap();
    let again = Client::join(options()).await.unwrap();
    assert_eq!(again.member_id(), ann.member_id);
    drop((dan, again));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn who_opens_the_lid_after_two_minutes_is_back_as_the_one_they_were() {
    let stack = Stack::start(&[("session.grace_seconds", "27")]).await;
    let room = Room::new(&stack, "lid", json!({})).await;
    let host = room.join(live(room.member("Host").await, 0)).await;
    let away = leave_behind(fill(&stack, &room, 2).await);
    let left = |id: &str| {
        let id = id.to_owned();
        move |e: &rotunda_acceptance::client::Event| e.text("/member/id") == id
    };
    for one in &away {
        host.event(0, "video.member.left", Duration::from_secs(60), left(&one.member_id))
            .await
            .unwrap();
    }
    observe(Duration::from_secs(120)).await;
    let (people, most) = come_back(&stack, away, Instant::now()).await;
    assert!(most <= BACK_WITHIN, "{most:?}");
    drop((people, host));
    stack.stop().await;
}
