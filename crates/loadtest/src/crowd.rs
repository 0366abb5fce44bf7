//! Hundreds of light viewers on one thread, and what the server that feeds them costs. The same
//! loop serves viewers of our server, viewers of Janus and members of its AudioBridge.

use crate::error::LoadError;
use crate::invite::{self, ViewerOptions};
use crate::janus::{self, Address};
use crate::members::tokens;
use crate::meter::{Meter, percentile, round, rss_kib};
use crate::viewer::{Counted, Viewer};
use clap::Args;
use mio::{Events, Interest, Poll, Token};
use rotunda_client::{Journal, OpusFile, Signal};
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A crowd that is not complete after this long is counted as it is.
const JOIN_WITHIN: Duration = Duration::from_secs(60);
const PACKET: Duration = Duration::from_millis(20);

/// Viewers.
#[derive(Args)]
pub struct Options {
    /// Our server's WebSocket, with `--tokens`.
    #[arg(long, conflicts_with = "janus")]
    ws: Option<String>,
    /// Tokens, one a line and viewer.
    #[arg(long)]
    tokens: Option<PathBuf>,
    /// Janus' HTTP interface, for viewers of stream 1.
    #[arg(long)]
    janus: Option<String>,
    /// Offer H.264 beside VP8 (ours only).
    #[arg(long)]
    h264: bool,
    /// Offer sound beside the picture (ours only).
    #[arg(long)]
    sound: bool,
    #[command(flatten)]
    common: Common,
}

/// Members of an AudioBridge room.
#[derive(Args)]
pub struct BridgeOptions {
    /// Janus' HTTP interface, for room 1.
    #[arg(long)]
    janus: String,
    /// A voice (Ogg Opus).
    #[arg(long)]
    voice: PathBuf,
    /// How many talk; the others send nothing.
    #[arg(long)]
    talkers: usize,
    #[command(flatten)]
    common: Common,
}

/// What both need.
#[derive(Args, Clone)]
pub struct Common {
    /// How many.
    #[arg(short)]
    n: usize,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// Address of the viewers' sockets.
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// Milliseconds between two joins.
    #[arg(long, default_value_t = 20)]
    ramp_ms: u64,
    /// Seconds between the last join and the measurement.
    #[arg(long, default_value_t = 3.0)]
    warm: f64,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
}

/// What a joiner makes: a viewer, and what must live as long as it.
type Joined = Result<(Option<Signal>, Viewer), LoadError>;

/// Viewers of our server or of Janus.
pub fn run(options: Options) -> Result<Value, LoadError> {
    let common = options.common.clone();
    let (tell, joined) = channel();
    match (&options.ws, &options.tokens, &options.janus) {
        (Some(ws), Some(path), _) => {
            let tokens = tokens(path)?;
            let (h264, sound, bind) = (options.h264, options.sound, common.bind);
            let viewer_options = ViewerOptions { h264, sound, idle: false, bind };
            let (ws, ramp) = (ws.clone(), common.ramp_ms);
            std::thread::spawn(move || join_ours(&ws, tokens, viewer_options, ramp, &tell));
        }
        (_, _, Some(url)) => {
            let address = Address::new(url)?;
            let common = common.clone();
            std::thread::spawn(move || {
                join_each(&common, &tell, |_| janus::watch(&address, 1, common.bind));
            });
        }
        _ => return Err(LoadError::Void("say --ws and --tokens, or --janus".into())),
    }
    // The joiner is not waited for: it keeps sockets alive, and ends with this process.
    Crowd::new(&common)?.run(&joined, None)
}

/// Members of an AudioBridge.
pub fn run_bridge(options: BridgeOptions) -> Result<Value, LoadError> {
    let common = options.common.clone();
    let address = Address::new(&options.janus)?;
    let voice = OpusFile::open(&options.voice)?;
    let (tell, joined) = channel();
    let for_joiner = common.clone();
    std::thread::spawn(move || {
        join_each(&for_joiner, &tell, |i| {
            janus::join_bridge(&address, 1, &format!("m{i}"), for_joiner.bind)
        });
    });
    let choir = Choir { packets: voice.packets, talkers: options.talkers, tick: 0, next: None };
    Crowd::new(&common)?.run(&joined, Some(choir))
}

fn join_each(
    common: &Common,
    tell: &Sender<Joined>,
    join: impl Fn(usize) -> Result<Viewer, LoadError>,
) {
    for i in 0..common.n {
        let joined = join(i).map(|viewer| (None, viewer));
        let failed = joined.is_err();
        if tell.send(joined).is_err() || failed {
            return;
        }
        std::thread::sleep(Duration::from_millis(common.ramp_ms));
    }
}

/// Joins our server, then keeps the sockets' tasks alive until the process ends.
fn join_ours(
    ws: &str,
    tokens: Vec<String>,
    viewer_options: ViewerOptions,
    ramp_ms: u64,
    tell: &Sender<Joined>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        // The crowd may have ended; then nobody wants to know.
        Err(error) => return drop(tell.send(Err(error.into()))),
    };
    runtime.block_on(async {
        for token in tokens {
            let joined = invite::join(ws, &token, viewer_options, &Journal::default()).await;
            let failed = joined.is_err();
            let joined = joined.map(|(signal, viewer)| (Some(signal), viewer));
            if tell.send(joined).is_err() || failed {
                return;
            }
            tokio::time::sleep(Duration::from_millis(ramp_ms)).await;
        }
        std::future::pending::<()>().await;
    });
}

/// Voices of a bridge's members, sent every 20 ms.
struct Choir {
    packets: Vec<Arc<[u8]>>,
    talkers: usize,
    tick: usize,
    next: Option<Instant>,
}

impl Choir {
    fn sing(&mut self, now: Instant, viewers: &mut [Viewer]) {
        let next = *self.next.get_or_insert(now);
        if now < next {
            return;
        }
        self.next = Some(next + PACKET);
        self.tick += 1;
        for (i, viewer) in viewers.iter_mut().enumerate().take(self.talkers) {
            // Each begins elsewhere in the file, so that no two say the same.
            viewer.say(now, &self.packets[(self.tick + i * 97) % self.packets.len()]);
        }
    }
}

struct Crowd {
    common: Common,
    poll: Poll,
    viewers: Vec<Viewer>,
    signals: Vec<Signal>,
    rss_before: u64,
    buffer: Vec<u8>,
}

impl Crowd {
    fn new(common: &Common) -> Result<Self, LoadError> {
        Ok(Self {
            common: common.clone(),
            poll: Poll::new()?,
            viewers: Vec::new(),
            signals: Vec::new(),
            rss_before: rss_kib(common.pid),
            buffer: vec![0; 65_536],
        })
    }

    fn take(&mut self, joined: &Receiver<Joined>) -> Result<(), LoadError> {
        while let Ok(joined) = joined.try_recv() {
            let (signal, mut viewer) = joined?;
            let token = Token(self.viewers.len());
            self.poll.registry().register(&mut viewer.socket, token, Interest::READABLE)?;
            viewer.pump(false);
            self.viewers.push(viewer);
            self.signals.extend(signal);
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.viewers.len() == self.common.n && self.viewers.iter().all(|v| v.connected.is_some())
    }

    fn turn(&mut self, events: &mut Events, counting: bool) -> Result<(), LoadError> {
        self.poll.poll(events, Some(Duration::from_millis(4)))?;
        for event in events.iter() {
            if let Some(viewer) = self.viewers.get_mut(event.token().0) {
                viewer.read(&mut self.buffer, counting);
            }
        }
        let now = Instant::now();
        self.viewers.iter_mut().for_each(|viewer| viewer.on_time(now, counting));
        Ok(())
    }

    fn run(
        mut self,
        joined: &Receiver<Joined>,
        mut choir: Option<Choir>,
    ) -> Result<Value, LoadError> {
        let mut events = Events::with_capacity(1024);
        let begin = Instant::now();
        let mut complete: Option<Instant> = None;
        let mut meter: Option<Meter> = None;
        loop {
            self.take(joined)?;
            self.turn(&mut events, meter.is_some())?;
            let now = Instant::now();
            if let Some(choir) = &mut choir {
                choir.sing(now, &mut self.viewers);
            }
            if complete.is_none() && (self.is_complete() || begin.elapsed() > JOIN_WITHIN) {
                complete = Some(now);
            }
            let warm = Duration::from_secs_f64(self.common.warm);
            if meter.is_none() && complete.is_some_and(|at| now >= at + warm) {
                self.viewers.iter_mut().for_each(|v| v.counted = Counted::default());
                meter = Some(Meter::start(self.common.pid));
            }
            if let Some(meter) = &meter
                && meter.seconds() >= self.common.seconds
            {
                return Ok(Value::Object(self.result(meter)));
            }
        }
    }

    fn result(&self, meter: &Meter) -> Map<String, Value> {
        let mut result = meter.read();
        let seconds = meter.seconds();
        let sum =
            |of: fn(&Counted) -> u64| self.viewers.iter().map(|v| of(&v.counted)).sum::<u64>();
        let (packets, pictures) = (sum(|c| c.packets), sum(|c| c.pictures));
        let expected = sum(|c| c.seq.map_or(0, |(first, last)| last - first + 1));
        let receiving = self.viewers.iter().filter(|v| v.counted.packets > 0).count();
        let ms = |v: &Viewer| Some((v.connected? - v.began).as_secs_f64() * 1000.0);
        let mut connect: Vec<f64> = self.viewers.iter().filter_map(ms).collect();
        let cores = result.get("cores").and_then(Value::as_f64).unwrap_or(0.0);
        let pps = packets as f64 / seconds;
        let rss = rss_kib(self.common.pid) as f64 - self.rss_before as f64;
        let n = self.common.n;
        let figures = json!({
            "n": n, "connected": connect.len(), "receiving": receiving,
            "pps": round(pps, 1), "mbps": round(sum(|c| c.bytes) as f64 * 8e-6 / seconds, 2),
            "loss": if expected == 0 { 0.0 } else { round(1.0 - pictures as f64 / expected as f64, 6) },
            "us_per_packet": round(cores / pps.max(1.0) * 1e6, 3),
            "ms_per_member_s": round(cores / n as f64 * 1e3, 4),
            "rss_kib_each": round(rss / n as f64, 1),
            "connect_ms_p50": percentile(&mut connect, 0.5),
            "connect_ms_p95": percentile(&mut connect, 0.95),
        });
        result.extend(figures.as_object().cloned().unwrap_or_default());
        result
    }
}

/// Legs on a thread of their own that only keeps them alive.
pub struct Legs(Sender<Joined>);

impl Legs {
    /// Starts the thread; the number is how many legs are up.
    pub fn start() -> Result<(Self, Arc<AtomicUsize>), LoadError> {
        let up = Arc::new(AtomicUsize::new(0));
        let (tell, joined) = channel();
        let common = Common {
            n: 0,
            pid: std::process::id(),
            bind: IpAddr::from([127, 0, 0, 1]),
            ramp_ms: 0,
            warm: 0.0,
            seconds: 0.0,
        };
        let mut crowd = Crowd::new(&common)?;
        let count = up.clone();
        std::thread::spawn(move || {
            let mut events = Events::with_capacity(1024);
            while crowd.take(&joined).is_ok() && crowd.turn(&mut events, false).is_ok() {
                let connected = crowd.viewers.iter().filter(|v| v.connected.is_some()).count();
                count.store(connected, Ordering::Relaxed);
            }
        });
        Ok((Self(tell), up))
    }

    /// Hands a leg over.
    pub fn add(&self, viewer: Viewer) -> Result<(), LoadError> {
        let ended = |_| LoadError::Void("the thread of the legs ended".into());
        self.0.send(Ok((None, viewer))).map_err(ended)
    }
}
