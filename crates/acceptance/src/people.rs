//! Short words for what most tests do: people join a room, something is watched for a while.

use crate::machine::fairly;
use crate::process::Stack;
use rotunda_client::{Client, ClientError, JoinOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Permissions of somebody who may change what these tests change.
const EVERYTHING: [&str; 10] = [
    "room.recording",
    "room.self.audio_mute",
    "room.self.audio_unmute",
    "room.self.video_mute",
    "room.self.video_unmute",
    "room.member.audio_mute",
    "room.member.audio_unmute",
    "room.member.video_mute",
    "room.member.video_unmute",
    "room.set_layout",
];

/// A room of a server.
pub struct Room<'a> {
    stack: &'a Stack,
    /// Its name.
    pub name: String,
}

impl<'a> Room<'a> {
    /// Creates a room called `name` with `options`.
    pub async fn new(stack: &'a Stack, name: &str, mut options: Value) -> Self {
        options["name"] = json!(name);
        stack.room(options).await;
        Self { stack, name: name.to_owned() }
    }

    /// How a member called `user` joins; to be refined.
    pub async fn member(&self, user: &str) -> JoinOptions {
        let token = self.stack.token(&self.name, user, json!({"permissions": EVERYTHING})).await;
        JoinOptions::new(self.stack.ws(), token)
    }

    /// How somebody in the audience joins.
    pub async fn audience(&self, user: &str) -> JoinOptions {
        let token = self.stack.token(&self.name, user, json!({"join_as": "audience"})).await;
        JoinOptions::new(self.stack.ws(), token)
    }

    /// Joins.
    ///
    /// # Panics
    /// The join fails.
    pub async fn join(&self, options: JoinOptions) -> Client {
        let joined: Result<Client, ClientError> = Client::join(options).await;
        joined.unwrap_or_else(|error| panic!("joining {}: {error}", self.name))
    }
}

/// Watches for `length`, as a viewer would: the one thing of these tests that takes its time on
/// purpose, because a rate is measured over time. Gives the beginning and the end.
pub async fn observe(length: Duration) -> (Instant, Instant) {
    let from = Instant::now();
    tokio::time::sleep(length).await;
    (from, Instant::now())
}

/// Lets time pass where the test is about time itself, such as people who join 50 ms apart.
pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// How long a viewer is watched at a time.
const WINDOW: Duration = Duration::from_secs(3);
/// Longest time without sound in a good window.
const GAP: Duration = Duration::from_millis(100);

/// What a viewer had in a while.
#[derive(Clone, Copy, Debug)]
pub struct Had {
    /// Pictures a second.
    pub pictures: f64,
    /// Longest time without a packet of sound.
    pub gap: Duration,
}

/// Watches `viewer` for a while; before somebody misbehaves, so that it is known what the machine
/// gives without them.
pub async fn watched(viewer: &Client) -> Had {
    let (from, to) = observe(WINDOW).await;
    viewer.leg().look(|f| Had {
        pictures: f.pictures.arrivals.between(from, to) as f64 / (to - from).as_secs_f64(),
        gap: f.sound.arrivals.longest_gap(from, to),
    })
}

/// Watches `viewer` while somebody misbehaves: pictures must come at nine tenths of their rate and
/// sound without a gap of more than 100 ms, or of what there was `before`.
///
/// # Panics
/// As [`fairly`].
pub async fn undisturbed(stack: &Stack, viewer: &Client, before: Had) {
    let is_good =
        |had: &Had| had.pictures >= 0.9 * before.pictures && had.gap <= GAP.max(before.gap);
    let had = fairly(stack, async || watched(viewer).await, is_good).await;
    println!("before {before:?}, then {had:?}");
}

/// The median of values in microseconds, in milliseconds.
///
/// # Panics
/// There is none.
pub fn median_ms(values: impl IntoIterator<Item = i64>) -> f64 {
    let mut values: Vec<i64> = values.into_iter().collect();
    assert!(!values.is_empty(), "nothing was measured");
    values.sort_unstable();
    values[values.len() / 2] as f64 / 1000.0
}
