//! A full hall: hundreds of members and a thousand who look on, all with a leg that is up and
//! carries no media, and what a changed layout costs until everybody has been told.

use crate::crowd::Legs;
use crate::error::LoadError;
use crate::invite::{self, ViewerOptions};
use crate::members::tokens;
use crate::meter::{Meter, counter, percentile, round};
use clap::Args;
use rotunda_client::{Beat, Journal, Signal};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Events a listener remembers: enough to find the newest layout.
const REMEMBERED: usize = 8;
const REPORTED_WITHIN: Duration = Duration::from_secs(20);

/// The hall.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Tokens, one a line and person; the first is of one who may set the layout.
    #[arg(long)]
    tokens: PathBuf,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// `/metrics` of the server.
    #[arg(long)]
    metrics: String,
    /// Layouts set while it is measured.
    #[arg(long, default_value_t = 20)]
    layouts: u32,
    /// Seconds of watching it do nothing.
    #[arg(long, default_value_t = 5.0)]
    idle: f64,
}

/// Fills the hall and changes its layout.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let viewer_options =
        ViewerOptions { h264: false, sound: false, idle: true, bind: Ipv4Addr::LOCALHOST.into() };
    let (legs, up) = Legs::start()?;
    let mut people: Vec<(Signal, Journal)> = Vec::new();
    for (i, token) in tokens(&options.tokens)?.into_iter().enumerate() {
        let journal = Journal::keeping(Beat::default(), REMEMBERED);
        let (signal, viewer) = invite::join(&options.ws, &token, viewer_options, &journal).await?;
        legs.add(viewer)?;
        people.push((signal, journal));
        while up.load(std::sync::atomic::Ordering::Relaxed) <= i {
            sleep(Duration::from_millis(2)).await;
        }
    }
    let session = session_of(&people[0].1).await?;
    let idle = watched(options.pid, options.idle).await;
    let busy = busy_us(&options.metrics).await?;
    let meter = Meter::start(options.pid);
    let mut reported = Vec::new();
    for round in 0..options.layouts {
        let layout = ["6x6", "5x5"][round as usize % 2];
        reported.push(change(&people, &session, layout).await?);
        sleep(Duration::from_millis(250)).await;
    }
    let read = meter.read();
    let busy = busy_us(&options.metrics).await? - busy;
    let cores = |of: &Value| of["cores"].as_f64().unwrap_or(0.0);
    let read = Value::Object(read);
    let spent = (cores(&read) - cores(&idle)) * read["seconds"].as_f64().unwrap_or(0.0);
    Ok(json!({
        "n": people.len(), "layouts": options.layouts, "idle_cores": cores(&idle),
        "cores": cores(&read), "threads": read["threads"], "rss_kib": read["rss_kib"],
        "ms_queued_per_layout": round(busy / f64::from(options.layouts.max(1)) / 1e3, 3),
        "ms_cpu_per_layout": round(spent / f64::from(options.layouts.max(1)) * 1e3, 3),
        "ms_told_p50": percentile(&mut reported, 0.5), "ms_told_most": percentile(&mut reported, 1.0),
    }))
}

async fn busy_us(metrics: &str) -> Result<f64, LoadError> {
    counter(metrics, "rotunda_sessions_busy_microseconds_total").await
}

async fn watched(pid: u32, seconds: f64) -> Value {
    let meter = Meter::start(pid);
    sleep(Duration::from_secs_f64(seconds)).await;
    Value::Object(meter.read())
}

/// The session's id, out of any event that names it.
async fn session_of(journal: &Journal) -> Result<String, LoadError> {
    let named = |e: &rotunda_client::Event| !e.text("/room_session_id").is_empty();
    let event = journal.last(named).ok_or_else(|| LoadError::Void("nothing was told".into()))?;
    Ok(event.text("/room_session_id").to_owned())
}

/// Sets the layout and gives the milliseconds until the last one was told.
async fn change(
    people: &[(Signal, Journal)],
    session: &str,
    layout: &str,
) -> Result<f64, LoadError> {
    let marks: Vec<u64> = people.iter().map(|(_, journal)| journal.mark()).collect();
    let begin = Instant::now();
    let params = json!({"room_session_id": session, "name": layout});
    people[0].0.rpc("video.set_layout", params).await?;
    for ((_, journal), mark) in people.iter().zip(marks) {
        let mut beat = journal.beat().listen();
        let is_it = |e: &rotunda_client::Event| {
            e.kind == "video.layout.changed" && e.text("/layout/name") == layout
        };
        let reported = async {
            while journal.find(mark, is_it).is_none() {
                // The journal holds the other end, so this cannot fail.
                let _ = beat.changed().await;
            }
        };
        let late = |_| LoadError::Void("somebody was not told of the layout".into());
        timeout(REPORTED_WITHIN, reported).await.map_err(late)?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}
