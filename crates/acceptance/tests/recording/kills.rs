//! What a kill costs, of the server, of the child that encodes sound, and of both.

use crate::support::{
    WITHIN, age_ms, completed, downloaded, events, kill_children, roll, stamper, start,
};
use rotunda_acceptance::client::Client;
use rotunda_acceptance::{Film, Room, Stack, observe};
use serde_json::json;
use std::time::{Duration, Instant};

/// Who dies, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Server,
    Child,
    Both,
}

/// Moments to kill at, seconds after the start of the recording: uniformly random, more and later
/// ones in a soak.
fn moments() -> Vec<(Victim, f64)> {
    let is_soak = std::env::var_os("ROTUNDA_SOAK").is_some();
    let (rounds, latest) = if is_soak { (30, 20.0) } else { (3, 4.0) };
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut state = seed.as_nanos() as u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        0.5 + (state >> 40) as f64 / f64::from(1 << 24) * (latest - 0.5)
    };
    let victims = [Victim::Server, Victim::Child, Victim::Both].into_iter().cycle();
    victims.take(rounds).map(|victim| (victim, next())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_whenever_the_film_plays_and_lost_at_most_a_second() {
    let mut stack = Stack::start(&[]).await;
    for (n, (victim, seconds)) in moments().into_iter().enumerate() {
        let name = format!("kill-{n}");
        let room = Room::new(&stack, &name, json!({"layout": "1x1"})).await;
        let member = stamper(&room).await;
        let flows =
            |c: &Client| c.leg().look(|f| (f.pictures.arrivals.recent.len() > 40).then_some(()));
        member.until("pictures", WITHIN, flows).await.unwrap();
        let id = start(&member).await;
        observe(Duration::from_secs_f64(seconds)).await;
        if victim != Victim::Server {
            kill_children(&stack);
        }
        let ended = match victim {
            Victim::Child => {
                observe(Duration::from_secs(1)).await;
                roll(&member, "stop", &id).await;
                Instant::now()
            }
            _ => {
                stack.kill();
                let killed = Instant::now();
                stack.start_again().await;
                killed
            }
        };
        drop(member);
        let (row, _) = completed(&stack, &id).await;
        let film = Film::at(downloaded(&stack, &row).await);
        assert_eq!(film.complaints(), "", "{victim:?} after {seconds} s");
        let (lost, gap) = (age_ms(&film, ended), film.longest_gap("a"));
        println!(
            "{victim:?} killed after {seconds:.2} s: {lost} ms missing at the end, {gap:.3} s of sound"
        );
        assert!(lost <= 1000 && gap <= 1.0, "{lost} ms, {gap} s of sound");
        let plays = film.end("v");
        assert!((row["duration"].as_f64().unwrap() - plays).abs() <= 1.0, "{row} plays {plays}");
        let reported = events(&stack, &id).await;
        let tells = |name: &str| reported.iter().any(|reported| reported == name);
        match victim {
            Victim::Child => assert!(tells("recording.sound_restarted"), "{reported:?}"),
            _ => assert!(tells("recording.interrupted"), "{reported:?}"),
        }
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_child_is_replaced_and_the_room_and_the_film_go_on() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "child", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let id = start(&member).await;
    for _ in 0..2 {
        observe(Duration::from_secs(2)).await;
        assert_eq!(stack.children().len(), 1, "one child a session");
        assert!(stack.has_fenced_children());
        kill_children(&stack);
    }
    observe(Duration::from_secs(3)).await;
    roll(&member, "stop", &id).await;
    let (row, _) = completed(&stack, &id).await;
    let film = Film::at(downloaded(&stack, &row).await);
    assert_eq!(film.complaints(), "");
    let gap = film.longest_gap("a");
    println!("longest time without sound {gap} s; pictures {}", film.longest_gap("v"));
    assert!(gap <= 1.0 && film.longest_gap("v") <= 0.5);
    let reported = events(&stack, &id).await;
    assert_eq!(
        reported.iter().filter(|name| *name == "recording.sound_restarted").count(),
        2,
        "{reported:?}"
    );
    member.leave().await.unwrap();
    stack.stop().await;
}
