//! Rooms that each had a session and are empty again: joins and leaves every one of them, then
//! watches what the server does for nobody.

use crate::error::LoadError;
use crate::members::tokens;
use crate::meter::{Meter, rss_kib};
use clap::Args;
use rotunda_client::{Camera, Client, Content, JoinOptions, Microphone};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::sleep;

/// The rooms.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Tokens, each of another room.
    #[arg(long)]
    tokens: PathBuf,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// Joins under way at once.
    #[arg(long, default_value_t = 8)]
    at_once: usize,
    /// Seconds between the last goodbye and the measurement.
    #[arg(long, default_value_t = 5.0)]
    warm: f64,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
}

/// A whole stay: camera on, picture received, goodbye.
async fn stay(ws: String, token: String) -> Result<(), LoadError> {
    let camera = Camera::new(Content::Stamped { sender: 1 }).size(160, 90).fps(5);
    let join = JoinOptions::new(ws, token).camera(camera).microphone(Microphone::silence());
    let client = Client::join(join).await?;
    let came = |c: &Client| c.leg().look(|f| f.pictures.first.map(drop));
    client.until("a picture", Duration::from_secs(10), came).await?;
    client.leave().await?;
    Ok(())
}

/// Visits all rooms, then measures.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let rss_before = rss_kib(options.pid);
    let before = Meter::start(options.pid).read();
    let tokens = tokens(&options.tokens)?;
    for group in tokens.chunks(options.at_once.max(1)) {
        let stays: Vec<_> =
            group.iter().map(|t| tokio::spawn(stay(options.ws.clone(), t.clone()))).collect();
        for stay in stays {
            stay.await.map_err(|e| LoadError::Void(e.to_string()))??;
        }
    }
    sleep(Duration::from_secs_f64(options.warm)).await;
    let meter = Meter::start(options.pid);
    sleep(Duration::from_secs_f64(options.seconds)).await;
    let mut result = meter.read();
    result.insert("rooms".into(), json!(tokens.len()));
    result.insert("rss_kib_before".into(), json!(rss_before));
    result.insert("thread_count_before".into(), before["thread_count"].clone());
    Ok(Value::Object(result))
}
