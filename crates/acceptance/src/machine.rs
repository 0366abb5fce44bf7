//! Whether the machine gave a test the time it needs. It is shared with other tests and with
//! compilers, and what a server does without a processor says nothing about the server.

use crate::process::Stack;
use std::fmt::Debug;
use std::fs;
use std::time::{Duration, Instant};

/// Rounds at most.
const ROUNDS: usize = 16;
/// So many bad rounds in a row with enough time are the server's fault. Not one, because a room
/// that was short of time before takes ten seconds to go back to its full rate.
const PATIENCE: usize = 5;
/// The threads of server and test together waited for a processor for more than this part of a
/// round: the round is worth nothing.
const STARVED: f64 = 0.5;

/// How long the threads of a process have waited for a processor so far; ended ones are forgotten.
fn waited(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let of = |path: std::path::PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let all = tasks.into_iter().flatten().flatten().filter_map(|task| of(task.path()));
    Duration::from_nanos(all.sum())
}

/// Runs `round` until its result `is_good`, and gives that. A server that is at fault has no good
/// round; a machine that was busy elsewhere has one sooner or later.
///
/// # Panics
/// Five rounds in a row with enough time were bad, or all of sixteen.
pub async fn fairly<T: Debug>(
    stack: &Stack,
    round: impl AsyncFn() -> T,
    is_good: impl Fn(&T) -> bool,
) -> T {
    let waits = || waited(stack.pid()) + waited(std::process::id());
    let (mut bad, mut in_a_row) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (before, from) = (waits(), Instant::now());
        let result = round().await;
        let part = waits().saturating_sub(before).as_secs_f64() / from.elapsed().as_secs_f64();
        println!("waiting for a processor {:.1} % of the time: {result:?}", part * 100.0);
        if is_good(&result) {
            return result;
        }
        bad.push(result);
        in_a_row = if part > STARVED { 0 } else { in_a_row + 1 };
        assert!(in_a_row < PATIENCE, "bad though the machine had time: {bad:?}");
    }
    panic!("no round was good, and the machine had no time: {bad:?}");
}
