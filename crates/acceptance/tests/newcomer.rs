//! Many people come at once: each has a picture at once that decodes, and the encoder is not asked
//! for a key frame by each of them.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{Camera, Client, Content, LegFacts, Receive};
use rotunda_acceptance::{Room, Stack, observe, pause};
use serde_json::json;
use std::time::{Duration, Instant};

const PEOPLE: usize = 20;
const APART: Duration = Duration::from_millis(50);
const WITHIN: Duration = Duration::from_secs(20);
/// One every half second; a tick that came late may bring one later and so nearer to the next.
const FORCED_APART_MS: u64 = 500;
const LATE_TICKS_MS: u64 = 200;

/// How long after ICE and DTLS were up the first picture came.
fn wait_of(facts: &LegFacts) -> Duration {
    let first = facts.pictures.first.expect("a picture came");
    first.at.saturating_duration_since(facts.connected_at.expect("it was up"))
}

/// Milliseconds between one key frame and the next from `from` on, by the canvas's own clock.
fn keyframe_distances(facts: &LegFacts, from: Instant) -> Vec<u64> {
    let pictures = facts.pictures.arrivals.recent.iter();
    let keyframes = pictures.filter(|a| a.keyframe && a.at >= from);
    let times: Vec<u64> = keyframes.map(|a| a.rtp / 90).collect();
    times.windows(2).map(|w| w[1] - w[0]).collect()
}

/// Whether over any time there was no more than one every half second.
fn are_apart(distances: &[u64]) -> bool {
    let sums = |n: usize| distances.windows(n).map(|some| some.iter().sum::<u64>());
    let is_slow = |n: usize| {
        let least = (n as u64 * FORCED_APART_MS).saturating_sub(LATE_TICKS_MS);
        sums(n).all(|ms| ms >= least)
    };
    (1..=distances.len()).all(is_slow)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_who_join_50_ms_apart_each_see_a_picture_at_once() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "rush", json!({})).await;
    let camera = Camera::new(Content::Stamped { sender: 1 });
    let host = room.join(room.member("Host").await.camera(camera).receive(Receive::count())).await;
    let flows = |c: &Client| c.leg().look(|f| f.pictures.arrivals.count > 40).then_some(());
    host.until("the canvas flows", WITHIN, flows).await.unwrap();
    let begin = Instant::now();
    let before = host.leg().look(|f| f.pictures.keyframes);
    let mut options = Vec::new();
    for n in 0..PEOPLE {
        options.push(room.audience(&format!("P{n}")).await.receive(Receive::look()));
    }
    let mut joining = Vec::new();
    for options in options {
        joining.push(tokio::spawn(Client::join(options)));
        pause(APART).await;
    }
    let mut people = Vec::new();
    for joined in joining {
        people.push(joined.await.unwrap().unwrap());
    }
    for person in &people {
        let sees = |c: &Client| c.leg().look(|f| f.pictures.decoded >= 20).then_some(());
        person.until("twenty pictures", WITHIN, sees).await.unwrap();
    }
    observe(Duration::from_secs(2)).await;

    let mut waits: Vec<_> = people.iter().map(|p| p.leg().look(wait_of)).collect();
    waits.sort();
    println!("first pictures after {waits:?}");
    assert!(waits[PEOPLE * 9 / 10 - 1] <= Duration::from_millis(300), "{waits:?}");
    assert!(waits[PEOPLE - 1] <= Duration::from_secs(1), "{waits:?}");
    for person in &people {
        let pictures = person.facts().pictures;
        assert!(pictures.first.unwrap().keyframe, "the first picture is a key frame");
        assert_eq!((pictures.undecodable, pictures.gaps), (0, 0), "all later pictures decode");
        // One may be at the decoder just now.
        assert!(pictures.decoded + 1 >= pictures.arrivals.count);
        assert_eq!(pictures.arrivals.lost_packets, 0);
    }
    let facts = host.facts();
    let distances = keyframe_distances(&facts, begin);
    let forced = facts.pictures.keyframes - before;
    println!("{forced} key frames, {distances:?} ms apart");
    assert!(are_apart(&distances), "{distances:?}");
    assert!(forced <= 2 * begin.elapsed().as_secs() + 1, "{forced}");
    drop((host, people));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_who_ask_for_key_frames_without_end_get_one_in_four_seconds() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "greedy", json!({})).await;
    let camera = Camera::new(Content::Stamped { sender: 1 });
    let host = room.join(room.member("Host").await.camera(camera)).await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(room.join(room.audience(&format!("P{n}")).await).await);
    }
    let flows = |c: &Client| c.leg().look(|f| f.pictures.first).map(drop);
    for person in &people {
        person.until("a picture", WITHIN, flows).await.unwrap();
    }
    let (begin, before) = (Instant::now(), host.leg().look(|f| f.pictures.keyframes));
    for _ in 0..30 {
        for person in &people {
            person.leg().ask_keyframe().await.unwrap();
        }
        pause(Duration::from_millis(100)).await;
    }
    let facts = host.facts();
    let (forced, distances) =
        (facts.pictures.keyframes - before, keyframe_distances(&facts, begin));
    println!("{forced} key frames, {distances:?} ms apart");
    // What receivers lost may cost everybody one key frame in four seconds; one more may be of the
    // canvas' own rhythm.
    assert!((1..=2).contains(&forced), "{forced} in {:?}", begin.elapsed());
    assert!(are_apart(&distances), "{distances:?}");
    drop((host, people));
    stack.stop().await;
}
