//! The settings door: sockets that watch a room's settings, what each costs in memory, and what a
//! setter costs until all of them are told.
//!
//! Half of the sockets speak socket.io, half the plain WebSocket; nobody speaks but one who sets.

use crate::error::LoadError;
use crate::members::tokens;
use crate::meter::{Meter, counter, percentile, round, rss_kib};
use clap::Args;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const REPORTED_WITHIN: Duration = Duration::from_secs(20);
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long it took to hand pushes to the queues of all who watch.
const BUSY: &str = "rotunda_settings_busy_microseconds_total";
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 40;

/// The sockets, and what is set.
#[derive(Args)]
pub struct Options {
    /// `ws://host:port` of the server.
    #[arg(long)]
    ws: String,
    /// Ids of users' sessions, one a line and socket; the first manages the room.
    #[arg(long)]
    sessions: PathBuf,
    /// The room, by its name.
    #[arg(long)]
    room: String,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// `/metrics` of the server.
    #[arg(long)]
    metrics: String,
    /// Sockets that watch the room; the others only stay connected.
    #[arg(long, default_value_t = 300)]
    subscribers: usize,
    /// What the sockets speak: `both` in turn, or one of them.
    #[arg(long, value_enum, default_value_t = Speak::Both)]
    speak: Speak,
    /// Settings changed while it is measured.
    #[arg(long, default_value_t = 200)]
    sets: u32,
}

/// What sockets speak.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Speak {
    Both,
    Plain,
    SocketIo,
}

impl Speak {
    fn door(self, at: usize) -> Door {
        match (self, at % 2) {
            (Self::Plain, _) | (Self::Both, 0) => Door::Plain,
            _ => Door::SocketIo,
        }
    }
}

/// What all sockets tell of together.
#[derive(Default)]
struct Tally {
    greeted: AtomicU64,
    watching: AtomicU64,
    reported: AtomicU64,
    changed: Notify,
}

impl Tally {
    fn add(&self, to: &AtomicU64) {
        to.fetch_add(1, SeqCst);
        self.changed.notify_one();
    }

    /// Waits until `of` has come to `many`.
    async fn reach(&self, of: &AtomicU64, many: u64, within: Duration) -> Result<(), LoadError> {
        let all = async {
            while of.load(SeqCst) < many {
                self.changed.notified().await;
            }
        };
        let late = |_| LoadError::Void(format!("{} of {many} within {within:?}", of.load(SeqCst)));
        timeout(within, all).await.map_err(late)
    }
}

/// Opens the sockets, and sets.
pub async fn run(options: Options) -> Result<Value, LoadError> {
    let sessions = tokens(&options.sessions)?;
    let tally = Arc::new(Tally::default());
    let before = rss_kib(options.pid);
    let mut said = Vec::new();
    for (at, session) in sessions.iter().enumerate() {
        let (say, to_say) = mpsc::unbounded_channel();
        let door = options.speak.door(at);
        let socket = door.open(&options.ws, session).await?;
        tokio::spawn(live(door, socket, to_say, tally.clone()));
        said.push(say);
        let waiting = (at + 1).saturating_sub(AT_ONCE) as u64;
        tally.reach(&tally.greeted, waiting, READY_WITHIN).await?;
    }
    tally.reach(&tally.greeted, sessions.len() as u64, READY_WITHIN).await?;
    sleep(Duration::from_secs(1)).await;
    let connected = rss_kib(options.pid);
    let watching = options.subscribers.min(said.len());
    for say in &said[..watching] {
        let _ = say.send(("room:getRoomSettings", json!({ "roomId": options.room })));
    }
    tally.reach(&tally.watching, watching as u64, READY_WITHIN).await?;
    let idle = Meter::start(options.pid);
    sleep(Duration::from_secs(2)).await;
    let idle = idle.read();
    let meter = Meter::start(options.pid);
    let (user, system) = split(options.pid);
    let busy = counter(&options.metrics, BUSY).await?;
    let mut took = Vec::new();
    for n in 0..options.sets {
        let all = u64::from(n + 1) * watching as u64;
        let begin = Instant::now();
        let set = json!({ "roomId": options.room, "notificationMode": n % 2 + 1 });
        let _ = said[0].send(("room:videochat:setRoomVideochatNotificationMode", set));
        tally.reach(&tally.reported, all, REPORTED_WITHIN).await?;
        took.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let read = meter.read();
    let busy = counter(&options.metrics, BUSY).await? - busy;
    let (user, system) = (split(options.pid).0 - user, split(options.pid).1 - system);
    let each = |spent: f64| round(spent / f64::from(options.sets.max(1)), 4);
    let cores = |of: &serde_json::Map<String, Value>| of["cores"].as_f64().unwrap_or(0.0);
    let spent = (cores(&read) - cores(&idle)) * read["seconds"].as_f64().unwrap_or(0.0);
    Ok(json!({
        "sockets": said.len(), "subscribers": watching, "sets": options.sets,
        "rss_kib_before": before, "rss_kib_connected": connected, "rss_kib": read["rss_kib"],
        "idle_cores": cores(&idle), "cores": cores(&read), "threads": read["threads"],
        "ms_cpu_per_set": round(spent / f64::from(options.sets.max(1)) * 1e3, 4),
        "ms_queued_per_set": each(busy / 1e3),
        "ms_user_per_set": each(user), "ms_system_per_set": each(system),
        "ms_told_p50": percentile(&mut took, 0.5), "ms_told_most": percentile(&mut took, 1.0),
    }))
}

/// Milliseconds of a process in its own code, and in the kernel for it (proc(5), fields 14 and 15).
fn split(pid: u32) -> (f64, f64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let numbers = stat.rsplit_once(')').map_or("", |(_, numbers)| numbers);
    let mut ticks = numbers.split_whitespace().skip(11).map(|n| n.parse().unwrap_or(0.0));
    // A tick is a hundredth of a second everywhere.
    let mut next = || ticks.next().unwrap_or(0.0) * 10.0;
    (next(), next())
}

/// How a socket speaks.
#[derive(Clone, Copy)]
enum Door {
    Plain,
    SocketIo,
}

impl Door {
    async fn open(self, ws: &str, session: &str) -> Result<Socket, LoadError> {
        let url = match self {
            Self::Plain => format!("{ws}/ws?sessionId={session}"),
            Self::SocketIo => {
                format!("{ws}/socket/?EIO=4&transport=websocket&sessionId={session}")
            }
        };
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(4096);
        let opened = connect_async_with_config(url, Some(config), true).await;
        let (mut socket, _) = opened.map_err(|error| LoadError::Void(error.to_string()))?;
        if let Self::SocketIo = self {
            // The namespace; what the server says before does not matter here.
            send(&mut socket, "40".into()).await?;
        }
        Ok(socket)
    }

    fn request(self, endpoint: &str, data: &Value) -> String {
        match self {
            Self::Plain => json!({ "endpoint": endpoint, "data": data }).to_string(),
            Self::SocketIo => format!("420{}", json!([endpoint, { "data": data }])),
        }
    }
}

async fn send(socket: &mut Socket, text: String) -> Result<(), LoadError> {
    let sent = socket.send(Message::Text(text.into())).await;
    sent.map_err(|error| LoadError::Void(error.to_string()))
}

/// Says what it is told to say, and counts what comes.
async fn live(
    door: Door,
    mut socket: Socket,
    mut to_say: mpsc::UnboundedReceiver<(&'static str, Value)>,
    tally: Arc<Tally>,
) {
    loop {
        let text = tokio::select! {
            said = to_say.recv() => {
                let Some((endpoint, data)) = said else { return };
                if send(&mut socket, door.request(endpoint, &data)).await.is_err() {
                    return;
                }
                continue;
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        if text.as_str() == "2" {
            // Engine.IO's ping.
            let _ = send(&mut socket, "3".into()).await;
        } else if text.contains("room:settingsUpdated") {
            tally.add(&tally.reported);
        } else if text.contains("user_info") {
            tally.add(&tally.greeted);
        } else if text.contains("limitSettings") {
            tally.add(&tally.watching);
        }
    }
}
