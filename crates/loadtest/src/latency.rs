//! From a camera's picture in to the canvas that shows it out. One member sends stamped pictures
//! and knows when each went out; another reads the stamps in the canvas. Encoding before and
//! decoding after are not counted: both clocks are this process's.

use crate::adaptive_camera;
use crate::error::LoadError;
use crate::members::{clips, tokens};
use crate::meter::{percentile, round};
use clap::Args;
use rotunda_client::{
    Camera, Client, Content, JoinOptions, Probe, RawPicture, Receive, Rect, Seen, Stamp,
    draw_stamp, read_stamp,
};
use rotunda_codec::{EncoderSettings, Frame, Speed, VideoCodec, VideoEncoder, Yuv};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval_at, sleep};

const FPS: u32 = 25;

/// The rooms; each start is one.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Tokens of all starts, `--members` for each.
    #[arg(long)]
    tokens: PathBuf,
    /// Members of a room, the stamping and the reading one included.
    #[arg(long, default_value_t = 9)]
    members: usize,
    /// Clips (IVF) of the others, taken in turn.
    #[arg(long)]
    clip: Vec<PathBuf>,
    /// Seconds of each start, the first of which is not counted.
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
}

/// When each numbered picture went out, and how long each took.
#[derive(Default)]
struct Ledger {
    sent: HashMap<u16, Instant>,
    delays_ms: Vec<f64>,
    cell: Option<Rect>,
    last: Option<u16>,
}

#[derive(Clone, Default)]
struct Reader(Arc<Mutex<Ledger>>);

impl Reader {
    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Probe for Reader {
    fn picture(&mut self, seen: &Seen<'_>) {
        let mut ledger = self.lock();
        let Some(stamp) = ledger.cell.and_then(|cell| read_stamp(seen.frame, cell)) else { return };
        if ledger.last.replace(stamp.number) == Some(stamp.number) {
            return;
        }
        if let Some(sent) = ledger.sent.get(&stamp.number).copied() {
            let delay = seen.arrived.saturating_duration_since(sent);
            ledger.delays_ms.push(delay.as_secs_f64() * 1000.0);
        }
    }
}

/// All starts, one after the other.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let tokens = tokens(&options.tokens)?;
    let mut all = Vec::new();
    let mut starts = Vec::new();
    for (index, room) in tokens.chunks(options.members).enumerate() {
        let mut delays = start(&options, room, index).await?;
        starts.push(json!({
            "n": delays.len(),
            "p50": percentile(&mut delays, 0.5), "p95": percentile(&mut delays, 0.95),
        }));
        all.extend(delays);
    }
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    Ok(json!({
        "starts": starts, "n": all.len(), "ms_mean": round(mean, 2),
        "ms_p50": percentile(&mut all, 0.5), "ms_p95": percentile(&mut all, 0.95),
        "ms_p99": percentile(&mut all, 0.99), "ms_least": percentile(&mut all, 0.0),
    }))
}

async fn start(options: &Options, tokens: &[String], index: usize) -> Result<Vec<f64>, LoadError> {
    let clips = clips(&options.clip)?;
    let reader = Reader::default();
    let mut clients = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let shown = match i {
            0 => adaptive_camera::nothing(),
            _ => clips[i % clips.len()].clone(),
        };
        let join = JoinOptions::new(options.ws.clone(), token.clone()).vp8_only();
        let join = join.camera(Camera::new(Content::Clip(shown)));
        let is_reader = i + 1 == tokens.len();
        let join =
            if is_reader { join.receive(Receive::look().probe(reader.clone())) } else { join };
        clients.push(Arc::new(Client::join(join).await?));
    }
    // Eight phases over one frame time, so that no start is luckier than the others.
    sleep(Duration::from_millis(index as u64 * 5 % 40)).await;
    let sender = tokio::spawn(send(clients[0].clone(), reader.clone()));
    sleep(Duration::from_secs(1)).await;
    reader.lock().cell = clients[0].cell_of(clients[0].member_id(), 1280, 720);
    sleep(Duration::from_secs_f64((options.seconds - 1.0).max(1.0))).await;
    sender.abort();
    Ok(std::mem::take(&mut reader.lock().delays_ms))
}

/// Draws, encodes, notes the time, sends.
async fn send(client: Arc<Client>, reader: Reader) -> Result<(), LoadError> {
    let void = |e: rotunda_codec::EncodeError| LoadError::Void(e.to_string());
    let settings = EncoderSettings {
        width: 640,
        height: 360,
        fps: FPS,
        bitrate_bps: 600_000,
        speed: Speed::Normal,
    };
    let mut encoder = VideoEncoder::new(VideoCodec::Vp8, settings).map_err(void)?;
    let mut frame = Frame::new(640, 360);
    let origin = Instant::now();
    let mut clock = interval_at(origin.into(), Duration::from_secs(1) / FPS);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut asks_seen = 0;
    for number in 0u64.. {
        clock.tick().await;
        frame.fill(Yuv { y: 60 + (number % 8) as u8, u: 110, v: 140 });
        draw_stamp(&mut frame, Stamp::now(1, number));
        let asks = client.leg().look(|f| f.keyframe_asks);
        let keyframe = std::mem::replace(&mut asks_seen, asks) != asks;
        let now = Instant::now();
        let rtp = now.duration_since(origin).as_micros() as u64 * 90 / 1000;
        let coded = encoder.encode(&frame, keyframe, rtp).map_err(void)?;
        let sent = Instant::now();
        reader.lock().sent.insert(number as u16, sent);
        client
            .leg()
            .send_picture(RawPicture {
                codec: VideoCodec::Vp8,
                data: coded.data.into(),
                rtp_90khz: rtp,
                captured: now,
                due: now,
            })
            .await?;
    }
    Ok(())
}
