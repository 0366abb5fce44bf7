//! Viewers that join a running room one after the other: how soon each has a key frame, whether
//! what follows decodes, and how many key frames that cost an old viewer.

use crate::error::LoadError;
use crate::members::{clips, tokens};
use crate::meter::percentile;
use clap::Args;
use rotunda_client::{Camera, Client, Content, JoinOptions, LegFacts, Receive};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Every so-manieth viewer decodes what it gets; two cores cannot decode it for all.
const DECODES: usize = 10;

/// The room and the viewers.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Tokens: the first for the member, the second for the old viewer, the rest join.
    #[arg(long)]
    tokens: PathBuf,
    /// The member's clip (IVF).
    #[arg(long)]
    clip: PathBuf,
    /// Viewers a second.
    #[arg(long, default_value_t = 50)]
    per_second: u32,
    /// Seconds of watching after the last join.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
}

/// Joins them all.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let clip = clips(std::slice::from_ref(&options.clip))?.remove(0);
    let mut tokens = tokens(&options.tokens)?.into_iter();
    let mut next = || tokens.next().ok_or_else(|| LoadError::Void("too few tokens".into()));
    let plain = |token: String| JoinOptions::new(options.ws.clone(), token).vp8_only();
    let _member = Client::join(plain(next()?).camera(Camera::new(Content::Clip(clip)))).await?;
    let old = Client::join(plain(next()?)).await?;
    sleep(Duration::from_secs(3)).await;
    let before = old.leg().look(|f| f.pictures.keyframes);
    let begin = Instant::now();
    let mut clock = interval(Duration::from_secs(1) / options.per_second.max(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut joins = Vec::new();
    for (i, token) in tokens.enumerate() {
        clock.tick().await;
        let decodes = i % DECODES == 0;
        let join = plain(token).receive(if decodes { Receive::look() } else { Receive::count() });
        joins.push(tokio::spawn(Client::join(join)));
    }
    let mut viewers = Vec::new();
    for join in joins {
        viewers.push(join.await.map_err(|e| LoadError::Void(e.to_string()))??);
    }
    sleep(Duration::from_secs_f64(options.seconds)).await;
    let forced = old.leg().look(|f| keyframes_since(f, begin));
    let total = old.leg().look(|f| f.pictures.keyframes) - before;
    Ok(summary(&viewers, &forced, total))
}

/// When key frames came after `begin`, in milliseconds.
fn keyframes_since(facts: &LegFacts, begin: Instant) -> Vec<u128> {
    let arrivals = facts.pictures.arrivals.keyframes();
    arrivals.filter(|at| *at >= begin).map(|at| (at - begin).as_millis()).collect()
}

fn summary(viewers: &[Client], forced: &[u128], keyframes: u64) -> Value {
    let ms = |client: &Client| {
        let first = client.leg().look(|f| f.pictures.first_keyframe)?;
        Some((first - client.started_at()).as_secs_f64() * 1000.0)
    };
    let mut firsts: Vec<f64> = viewers.iter().filter_map(ms).collect();
    let in_order: Vec<i64> = firsts.iter().map(|ms| *ms as i64).collect();
    let up = |client: &Client| {
        let at = client.leg().look(|f| f.connected_at)?;
        Some((at - client.started_at()).as_millis() as u64)
    };
    let connected: Vec<u64> = viewers.iter().filter_map(up).collect();
    let sum = |of: fn(&LegFacts) -> u64| viewers.iter().map(|c| c.leg().look(of)).sum::<u64>();
    let closest = forced.windows(2).map(|pair| pair[1] - pair[0]).min();
    json!({
        "n": viewers.len(), "with_keyframe": firsts.len(),
        "first_keyframe_ms_p50": percentile(&mut firsts, 0.5),
        "first_keyframe_ms_p95": percentile(&mut firsts, 0.95),
        "first_keyframe_ms_most": percentile(&mut firsts, 1.0),
        "first_keyframe_ms": in_order, "connected_ms": connected,
        "gaps": sum(|f| f.pictures.gaps),
        "lost": sum(|f| f.pictures.arrivals.lost_packets),
        "began_without_keyframe": sum(|f| u64::from(f.pictures.first.is_some_and(|a| !a.keyframe))),
        "decoded": sum(|f| f.pictures.decoded),
        "undecodable": sum(|f| f.pictures.undecodable),
        "forced_keyframes": keyframes, "forced_at_ms": forced, "closest_ms": closest,
    })
}
