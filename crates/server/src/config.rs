//! Settings: file < environment < flags, checked against one table.

mod layers;
mod setting;
mod table;
mod videochat;
mod webhooks;

pub use layers::{Layers, print};
pub use setting::{Kind, Setting};
pub use table::SETTINGS;

use rotunda_engine::AddressRange;
use rotunda_hub::RemoteOptions;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// What is wrong with the configuration, and what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key nobody knows.
    #[error("unknown setting `{key}` in {place}; the nearest known one is `{nearest}`")]
    Unknown {
        /// As written.
        key: String,
        /// File or environment.
        place: String,
        /// What may have been meant.
        nearest: &'static str,
    },
    /// A value of the wrong kind or out of its bounds.
    #[error("setting `{key}` ({place}): {what}")]
    Value {
        /// Which.
        key: &'static str,
        /// File, environment or flag.
        place: String,
        /// What it should be.
        what: String,
    },
    /// The file cannot be read or is no TOML.
    #[error("configuration file {path}: {what}")]
    File {
        /// Which.
        path: String,
        /// Why.
        what: String,
    },
}

/// Every setting, in the types the process uses.
#[derive(Clone, Debug)]
pub struct Config {
    /// HTTP, HTTPS and WebSocket.
    pub listen: SocketAddr,
    /// Proxies whose word about their clients counts.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Connections of all doors.
    pub max_connections: usize,
    /// Those of one address that have shown no good token.
    pub unproven_per_address: usize,
    /// Sockets of one address that have not.
    pub strangers_per_address: usize,
    /// Database, keys, certificate.
    pub data_dir: PathBuf,
    /// The address clients are to use, with its scheme.
    pub public_url: Option<String>,
    /// Memory of the process and its children above which nothing new begins, if set.
    pub memory_bytes: Option<u64>,
    /// PEM files, both or none.
    pub tls_files: Option<(PathBuf, PathBuf)>,
    /// Loopback address of `/metrics`.
    pub metrics: SocketAddr,
    /// Where media listens; `None` leaves it to the process.
    pub media_listen: Option<IpAddr>,
    /// UDP port of all media.
    pub udp_port: u16,
    /// Threads that send and receive media; none leaves it to the machine.
    pub network_threads: Option<usize>,
    /// ICE-TCP port.
    pub tcp_port: u16,
    /// Whether ICE-TCP is taken on the port of HTTPS too, where TLS ends here.
    pub tcp_on_https: bool,
    /// Addresses under which the world reaches this host.
    pub public_ips: Vec<IpAddr>,
    /// STUN and TURN servers that clients are told of.
    pub ice_servers: rotunda_hub::IceServers,
    /// Whether H.264 is among the codecs.
    pub h264: bool,
    /// Names drawn into cells.
    pub name_banners: bool,
    /// Other aspects cut instead of letterboxed.
    pub crop: bool,
    /// Senders asked for what their cell can show.
    pub uplink_shaping: bool,
    /// Smaller pictures for lines that do not take the canvas.
    pub tiers: bool,
    /// Frames a second.
    pub fps_720p: u32,
    /// Frames a second.
    pub fps_1080p: u32,
    /// Bits a second.
    pub bitrate_720p: u32,
    /// Bits a second.
    pub bitrate_1080p: u32,
    /// How long a seat is kept.
    pub grace: Duration,
    /// Most people looking on in one session.
    pub max_audience: u32,
    /// Whether everybody may lock.
    pub lock_is_open: bool,
    /// Whether everybody may share a screen.
    pub screenshare_is_open: bool,
    /// Whether the token of somebody who was removed opens that session no more.
    pub ban_removed: bool,
    /// Most time for an orderly end.
    pub shutdown: Duration,
    /// Whether private addresses may be reached by playback, streams, pushes and webhooks.
    pub allow_private: bool,
    /// Most playbacks of all sessions together.
    pub max_playbacks: usize,
    /// The `ffmpeg` program.
    pub ffmpeg: String,
    /// Folder of recordings.
    pub recordings: PathBuf,
    /// Where finished recordings are sent; nowhere when `None`.
    pub recordings_bucket: Option<RemoteOptions>,
    /// No recording begins above this; 0 is no bound.
    pub recordings_quota: u64,
    /// Days finished recordings are kept; 0 is for ever.
    pub recordings_keep_days: u32,
    /// Bytes of finished recordings that are kept; 0 is all.
    pub recordings_keep_bytes: u64,
    /// How much history is kept.
    pub history: rotunda_hub::HistoryOptions,
    /// The operator's own endpoint of webhooks.
    pub webhook: Option<(rotunda_hub::WebhookTerms, rotunda_hub::WebhookSecret)>,
    /// Days events for webhooks are kept.
    pub webhooks_keep_days: u32,
    /// Bytes of them that are kept.
    pub webhooks_keep_bytes: u64,
    /// How long is tried to push a finished recording.
    pub push_give_up_after: Duration,
    /// Further addresses that playback, streams, pushes and webhooks may reach.
    pub allow_addresses: Vec<AddressRange>,
    /// Whom they trust; the machine's own when `None`.
    pub ca_file: Option<PathBuf>,
    /// Pages that may open sockets; none is any.
    pub allowed_origins: Vec<String>,
    /// Sites that may show the page in a frame.
    pub frame_ancestors: Vec<String>,
    /// What counts where a room's videochat says "the server's default".
    pub videochat: rotunda_domain::videochat::VideochatDefaults,
    /// Legs there may be, by whom.
    pub legs: rotunda_hub::LegLimits,
    /// Vendors' credentials.
    pub vendors: rotunda_videochat::Vendors,
    /// Where live streams of videochats go that name no address.
    pub live_target: Option<rotunda_domain::StreamTarget>,
    /// Where people see those.
    pub live_playback: Option<String>,
    /// How long a session of a user lasts that says nothing of it.
    pub session_life: Duration,
    /// `auto`, `text` or `json`.
    pub log_format: rotunda_telemetry::LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: rotunda_telemetry::LogLevel,
    /// Base of links in REST lists.
    pub rest_base: Option<String>,
}
