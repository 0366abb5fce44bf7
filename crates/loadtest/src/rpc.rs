//! Requests at a steady rate over the sockets of an application: what each costs the server, how
//! late its answer is, and whether anything piles up. The room holds two members who do nothing.

use crate::error::LoadError;
use crate::members::tokens;
use crate::meter::{Meter, percentile, round};
use clap::Args;
use rotunda_client::{Client, JoinOptions, Journal, Signal};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// What is asked in turn: two reads, two mutes (each an event to everybody and a line of history).
const ASKED: [&str; 4] =
    ["video.members.get", "video.member.audio_mute", "video.get_meta", "video.member.audio_unmute"];
/// A member's mutes would answer each other's if two sockets asked about one.
const IDLE: Duration = Duration::from_secs(3);

/// The room and the rate.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Tokens of the room's two members, one a line.
    #[arg(long)]
    tokens: PathBuf,
    /// The project.
    #[arg(long)]
    project: String,
    /// Its API token.
    #[arg(long)]
    api_token: String,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// Requests a second, over all sockets.
    #[arg(long, default_value_t = 2000)]
    per_second: u32,
    /// Sockets of the application.
    #[arg(long, default_value_t = 20)]
    sockets: u32,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
}

/// One answer: when it was asked, counted from the beginning, and how long it took.
struct Answered {
    asked: Duration,
    took: Duration,
}

#[derive(Default)]
struct Tally {
    answers: Mutex<Vec<Answered>>,
    waiting: AtomicU64,
    most_waiting: AtomicU64,
    refused: AtomicU64,
}

/// Asks for as long as it is told.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let mut members = Vec::new();
    for token in tokens(&options.tokens)? {
        members.push(Client::join(JoinOptions::new(options.ws.clone(), token)).await?);
    }
    let mut sockets = Vec::new();
    for _ in 0..options.sockets.max(1) {
        sockets.push(Arc::new(application(&options).await?));
    }
    let params = everything(&sockets[0]).await?;
    let idle = Meter::start(options.pid);
    sleep(IDLE).await;
    let idle = idle.read();
    let meter = Meter::start(options.pid);
    let tally = Arc::new(Tally::default());
    let begin = Instant::now();
    let every = Duration::from_secs(1) * options.sockets.max(1) / options.per_second.max(1);
    let asking = sockets.iter().map(|socket| {
        let (socket, tally, params) = (socket.clone(), tally.clone(), params.clone());
        tokio::spawn(ask(socket, params, every, begin, options.seconds, tally))
    });
    for task in asking.collect::<Vec<_>>() {
        task.await.map_err(|e| LoadError::Void(e.to_string()))?;
    }
    let read = meter.read();
    // What is still under way has its time to be answered, and is counted as late.
    sleep(Duration::from_millis(500)).await;
    Ok(summary(&tally, &idle, &read, options.seconds))
}

async fn application(options: &Options) -> Result<Signal, LoadError> {
    let signal = Signal::open(&options.ws, Journal::default()).await?;
    let hello = json!({
        "version": {"major": 3, "minor": 0, "revision": 0}, "event_acks": true,
        "authentication": {"project": options.project, "token": options.api_token},
    });
    signal.rpc("signalwire.connect", hello).await?;
    Ok(signal)
}

/// Parameters that fit every method asked: the session, and its first member.
async fn everything(signal: &Signal) -> Result<Value, LoadError> {
    let rooms = signal.rpc("video.rooms.get", json!({})).await?;
    let session = rooms["rooms"][0]["id"].clone();
    let members = signal.rpc("video.members.get", json!({"room_session_id": session})).await?;
    Ok(json!({"room_session_id": session, "member_id": members["members"][0]["id"]}))
}

/// Asks at its pace whether answers come or not, as people do who know nothing of each other.
async fn ask(
    socket: Arc<Signal>,
    params: Value,
    every: Duration,
    begin: Instant,
    seconds: f64,
    tally: Arc<Tally>,
) {
    let mut clock = interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for method in ASKED.iter().cycle() {
        clock.tick().await;
        if begin.elapsed().as_secs_f64() >= seconds {
            return;
        }
        let (socket, tally, params) = (socket.clone(), tally.clone(), params.clone());
        tokio::spawn(async move {
            let waiting = tally.waiting.fetch_add(1, Relaxed) + 1;
            tally.most_waiting.fetch_max(waiting, Relaxed);
            let asked = Instant::now();
            let answer = socket.rpc(method, params).await;
            let took = asked.elapsed();
            tally.waiting.fetch_sub(1, Relaxed);
            match answer {
                Ok(_) => tally
                    .answers
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Answered { asked: asked - begin, took }),
                Err(_) => drop(tally.refused.fetch_add(1, Relaxed)),
            }
        });
    }
}

fn summary(
    tally: &Tally,
    idle: &serde_json::Map<String, Value>,
    read: &serde_json::Map<String, Value>,
    seconds: f64,
) -> Value {
    let answers = tally.answers.lock().unwrap_or_else(PoisonError::into_inner);
    let ms = |from: f64, to: f64| {
        let of = |a: &&Answered| (from..to).contains(&(a.asked.as_secs_f64() / seconds));
        let took = answers.iter().filter(of).map(|a| a.took.as_secs_f64() * 1e3);
        percentile(&mut took.collect::<Vec<_>>(), 0.99)
    };
    let mut all: Vec<f64> = answers.iter().map(|a| a.took.as_secs_f64() * 1e3).collect();
    let cores = |of: &serde_json::Map<String, Value>| of["cores"].as_f64().unwrap_or(0.0);
    let spent = (cores(read) - cores(idle)) * read["seconds"].as_f64().unwrap_or(0.0);
    let mut result = read.clone();
    let figures = json!({
        "answered": answers.len(), "refused": tally.refused.load(Relaxed),
        "waiting": tally.waiting.load(Relaxed), "most_waiting": tally.most_waiting.load(Relaxed),
        "per_second": round(answers.len() as f64 / seconds, 1),
        "idle_cores": cores(idle),
        "ms_cpu_per_rpc": round(spent / (answers.len() as f64).max(1.0) * 1e3, 4),
        "ms_p50": percentile(&mut all, 0.5), "ms_p99": percentile(&mut all, 0.99),
        "ms_most": percentile(&mut all, 1.0),
        "ms_p99_first": ms(0.0, 0.25), "ms_p99_last": ms(0.75, 1.0),
    });
    result.extend(figures.as_object().cloned().unwrap_or_default());
    Value::Object(result)
}
