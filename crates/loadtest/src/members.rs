//! Members that publish clips and voices (or nothing) and receive what their room sends. One or
//! many rooms: each token names its own.

use crate::adaptive_camera::{self, AdaptiveCamera};
use crate::error::LoadError;
use crate::meter::{Meter, round, rss_kib};
use crate::quality::FrameTap;
use clap::Args;
use rotunda_client::{
    Camera, Client, Clip, Content, JoinOptions, Microphone, OpusFile, Receive, Voice,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// What the members do.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// A file with one room token a line; each is one member.
    #[arg(long)]
    tokens: PathBuf,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// Clips (IVF) that the members publish, taken in turn.
    #[arg(long)]
    clip: Vec<PathBuf>,
    /// Smaller clips of the same pictures, taken when the server asks for less; in the order of
    /// `clip`, once for each of `--steps`.
    #[arg(long)]
    smaller: Vec<PathBuf>,
    /// Bits a second from which on a step is sent, largest first; the last is the least.
    #[arg(long, value_delimiter = ',')]
    steps: Vec<u64>,
    /// Voices (Ogg Opus), taken in turn by the members that talk.
    #[arg(long)]
    voice: Vec<PathBuf>,
    /// How many of the members talk; the others' microphones are there and send nothing, as those
    /// of silent browsers nearly do (discontinuous transmission).
    #[arg(long, default_value_t = 0)]
    talkers: usize,
    /// Offer no sound.
    #[arg(long)]
    soundless: bool,
    /// Offer H.264 beside VP8.
    #[arg(long)]
    h264: bool,
    /// Seconds between the last join and the measurement.
    #[arg(long, default_value_t = 3.0)]
    warm: f64,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Keep canvas frames of the first member in this file (I420, one behind the other).
    #[arg(long)]
    frames: Option<PathBuf>,
    /// Keep every so-manieth.
    #[arg(long, default_value_t = 5)]
    every: u64,
}

/// Opens all clips.
pub fn clips(paths: &[PathBuf]) -> Result<Vec<Arc<Clip>>, LoadError> {
    paths.iter().map(|path| Ok(Arc::new(Clip::open(path)?))).collect()
}

/// The tokens of a file, one a line.
pub fn tokens(path: &PathBuf) -> Result<Vec<String>, LoadError> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

struct Cast {
    clips: Vec<Arc<Clip>>,
    smaller: Vec<Arc<Clip>>,
    voices: Vec<Arc<OpusFile>>,
    tap: Option<Arc<Mutex<FrameTap>>>,
}

impl Cast {
    fn new(options: &Options) -> Result<Self, LoadError> {
        let voice = |path: &PathBuf| Ok::<_, LoadError>(Arc::new(OpusFile::open(path)?));
        Ok(Self {
            clips: clips(&options.clip)?,
            smaller: clips(&options.smaller)?,
            voices: options.voice.iter().map(voice).collect::<Result<_, _>>()?,
            tap: options.frames.is_some().then(|| FrameTap::every(options.every)),
        })
    }

    fn microphone(&self, index: usize, talkers: usize) -> Option<Microphone> {
        let voice = self.voices.get(index % self.voices.len().max(1))?;
        let talks = index < talkers;
        Some(Microphone::new(if talks { Voice::File(voice.clone()) } else { Voice::Silence }))
    }

    /// The sizes of the clip of member `index`, largest first.
    fn ladder(&self, index: usize, steps: &[u64]) -> Option<AdaptiveCamera> {
        let n = self.clips.len();
        let mut sizes = vec![self.clips.get(index % n.max(1))?.clone()];
        sizes.extend((0..steps.len()).filter_map(|s| self.smaller.get(s * n + index % n).cloned()));
        Some(AdaptiveCamera::new(sizes, steps.to_vec()))
    }

    fn join_options(&self, options: &Options, index: usize, token: String) -> JoinOptions {
        let mut join = JoinOptions::new(options.ws.clone(), token);
        join.offer_h264 = options.h264;
        join.receives_sound = !options.soundless;
        join.microphone = self.microphone(index, options.talkers);
        if let Some(clip) = self.clips.get(index % self.clips.len().max(1)) {
            let obeys = !options.steps.is_empty();
            let shown = if obeys { adaptive_camera::nothing() } else { clip.clone() };
            join.camera = Some(Camera::new(Content::Clip(shown)));
        }
        if let Some(tap) = self.tap.clone().filter(|_| index == 0) {
            join.receive = Receive::look().probe(tap);
        }
        join
    }
}

/// Counts of one client, to be taken twice.
#[derive(Clone, Copy, Default)]
struct Count {
    pictures: u64,
    picture_bytes: u64,
    packets: u64,
    lost: u64,
    keyframes: u64,
    sounds: u64,
}

impl Count {
    fn of(client: &Client) -> Self {
        client.leg().look(|f| Self {
            pictures: f.pictures.arrivals.count,
            picture_bytes: f.pictures.arrivals.bytes,
            packets: f.pictures.arrivals.packets + f.sound.arrivals.packets,
            lost: f.pictures.arrivals.lost_packets + f.sound.arrivals.lost_packets,
            keyframes: f.pictures.keyframes,
            sounds: f.sound.arrivals.packets,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            pictures: self.pictures - before.pictures,
            picture_bytes: self.picture_bytes - before.picture_bytes,
            packets: self.packets - before.packets,
            lost: self.lost - before.lost,
            keyframes: self.keyframes - before.keyframes,
            sounds: self.sounds - before.sounds,
        }
    }
}

/// Joins all, waits, measures.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let cast = Cast::new(&options)?;
    let rss_before = rss_kib(options.pid);
    let mut clients = Vec::new();
    let mut senders = Vec::new();
    for (index, token) in tokens(&options.tokens)?.into_iter().enumerate() {
        let client = Arc::new(Client::join(cast.join_options(&options, index, token)).await?);
        client.set_microphone(index < options.talkers);
        if !options.steps.is_empty()
            && let Some(ladder) = cast.ladder(index, &options.steps)
        {
            senders.push(tokio::spawn(adaptive_camera::run(client.clone(), ladder)));
        }
        clients.push(client);
    }
    sleep(Duration::from_secs_f64(options.warm)).await;
    if let Some(tap) = &cast.tap {
        FrameTap::open(tap);
    }
    let before: Vec<Count> = clients.iter().map(|c| Count::of(c)).collect();
    let meter = Meter::start(options.pid);
    sleep(Duration::from_secs_f64(options.seconds)).await;
    let mut result = meter.read();
    let seconds = meter.seconds();
    let counts: Vec<Count> =
        clients.iter().zip(before).map(|(c, before)| Count::of(c).since(before)).collect();
    result.extend(summary(&counts, seconds));
    result.insert("n".into(), json!(clients.len()));
    result.insert("rss_kib_before".into(), json!(rss_before));
    result.insert("codec".into(), json!(clients.first().and_then(|c| codec_of(c))));
    result.insert("cells".into(), json!(cells(&clients)));
    result.insert(
        "asked_bps".into(),
        json!(clients.first().and_then(|c| c.leg().look(|f| f.asked_now()))),
    );
    if let (Some(tap), Some(path)) = (&cast.tap, &options.frames) {
        result.insert("frames_kept".into(), json!(FrameTap::write(tap, path)?));
    }
    senders.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(Value::Object(result))
}

fn codec_of(client: &Client) -> Option<String> {
    client.leg().look(|f| f.pictures.codec.map(|codec| format!("{codec:?}")))
}

/// Each member's cell on a 720p canvas, as announced: x, y, width, height. Edges are rounded one by
/// one to even pixels, so that neighbours share theirs.
fn cells(clients: &[Arc<Client>]) -> Vec<Option<[u32; 4]>> {
    let layout = clients.first().and_then(|c| c.layout()).unwrap_or_default();
    let layers = layout["layers"].as_array().cloned().unwrap_or_default();
    let edge = |percent: f64, side: f64| (percent * side / 200.0).round() as u32 * 2;
    let place = |client: &Arc<Client>| {
        let layer = layers.iter().find(|layer| layer["member_id"] == client.member_id())?;
        let percent = |name: &str| layer[name].as_f64();
        let (x, y) = (percent("x")?, percent("y")?);
        let (right, below) = (x + percent("width")?, y + percent("height")?);
        let (left, top) = (edge(x, 1280.0), edge(y, 720.0));
        Some([left, top, edge(right, 1280.0) - left, edge(below, 720.0) - top])
    };
    clients.iter().map(place).collect()
}

fn summary(counts: &[Count], seconds: f64) -> serde_json::Map<String, Value> {
    let sum = |of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>() as f64;
    let n = counts.len().max(1) as f64;
    let (packets, lost) = (sum(|c| c.packets), sum(|c| c.lost));
    let least = counts.iter().map(|c| c.pictures).min().unwrap_or(0) as f64;
    let figures = json!({
        "fps": round(sum(|c| c.pictures) / n / seconds, 3),
        "fps_least": round(least / seconds, 3),
        "kbps": round(sum(|c| c.picture_bytes) * 8.0 / n / seconds / 1000.0, 1),
        "pps": round(packets / seconds, 1),
        "sound_pps": round(sum(|c| c.sounds) / seconds, 1),
        "loss": round(lost / (packets + lost).max(1.0), 6),
        "keyframes": sum(|c| c.keyframes),
    });
    figures.as_object().cloned().unwrap_or_default()
}
