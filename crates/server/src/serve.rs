//! Puts the process together, runs it, and ends it in order.

use crate::cli::ServeFlags;
use crate::config::{Config, ConfigError};
use crate::ending::{self, Harmless, Signals};
use crate::folder::{DataFolder, FolderError};
use crate::media::MediaAddresses;
use crate::memory::Memory;
use crate::reload::Reload;
use crate::tls::{self, TlsError};
use crate::{base, certificate, descriptors, dev, health, listen, metrics, probe, say, welcome};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use rotunda_domain::{ProjectId, SessionOptions};
use rotunda_doorway::{Doorstep, PlaceLimits, Places, Proxies};
use rotunda_engine::{
    AddressRange, AddressRules, Engine, GraphOptions, Native, NativeOptions, NetConfig, NetError,
    OutboundOptions,
};
use rotunda_fence::Strength;
use rotunda_hub::{
    ArchiveOptions, EngineListener, Hub, HubOptions, MemoryGate, Pusher, Storage, StorageError,
};
use rotunda_livechat::LivechatOptions;
use rotunda_rest::RestOptions;
use rotunda_signaling::{Signal, SignalOptions};
use rotunda_store::{Store, StoreError};
use rotunda_videochat::{Videochat, VideochatOptions};
use rotunda_webui::{BadAncestor, Page};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tower_http::normalize_path::NormalizePath;

/// Fewest characters of a secret somebody chose, where strangers can reach the server.
const SECRET_CHARS: usize = 16;

/// Why the process did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database cannot be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// Recordings have no place.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A media socket cannot be had.
    #[error("media: {0}")]
    Net(#[from] NetError),
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// A TCP port cannot be had.
    #[error("listening on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// There is no thread to take connections.
    #[error("taking connections: {0}")]
    Thread(std::io::Error),
    /// A file of ours cannot be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The environment's project id is no UUID.
    #[error("{0} must be a UUID")]
    NotAnId(&'static str),
    /// An email address is none.
    #[error("`{0}` is no email address")]
    NotAnEmail(String),
    /// Something is there already.
    #[error("there is {0} already")]
    Taken(&'static str),
    /// Something is not there.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// There is no project to keep a user in.
    #[error("there is no such project; make one with `rotunda project create`")]
    NoProject,
    /// A right in a room cannot be read.
    #[error("`{0}` is no ROOM=RIGHT with manage, contribute, comment or view")]
    NotARight(String),
    /// A password is too short.
    #[error(
        "a password has at least 8 characters; give it as the first line of the standard input"
    )]
    ShortPassword,
    /// The log cannot be started.
    #[error(transparent)]
    Log(#[from] rotunda_telemetry::BadRustLog),
    /// An API token of the operator's own choice can be guessed.
    #[error(
        "ROTUNDA_API_TOKEN has fewer than {SECRET_CHARS} characters and could be guessed: give a longer one, or \
         leave it out and make one with `rotunda api-token create`"
    )]
    ShortToken,
    /// A site that may frame the page is none.
    #[error("webui.frame_ancestors: {0}")]
    Ancestor(#[from] BadAncestor),
    /// The process cannot be told to end.
    #[error("signals: {0}")]
    Signals(std::io::Error),
    /// Somebody could not wait.
    #[error("ended at once by a second signal; the next start closes what was left open")]
    Hurried,
}

impl From<TlsError> for RunError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error.to_string())
    }
}

/// Runs until a signal ends it.
///
/// # Errors
/// When the configuration, the log, the data folder, the database, the storage of recordings, a
/// port, the certificate, a thread or the signals cannot be had or used; when `ROTUNDA_PROJECT_ID`
/// is no UUID or `ROTUNDA_API_TOKEN` can be guessed; `Hurried` when a second signal ended it
/// before the orderly end was done.
pub async fn run(flags: ServeFlags, dev_mode: bool) -> Result<(), RunError> {
    let harmless = Harmless::new().map_err(RunError::Signals)?;
    let config = flags.clone().into_config(dev_mode)?;
    let log = rotunda_telemetry::start_logging(config.log_format, config.log_level)?;
    let shares = descriptors::shares(descriptors::raise(), config.max_connections);
    let folder = DataFolder::take(&config.data_dir)?;
    let store = folder.database().await?;
    let (project, api_token) = first_project(&store, &config, dev_mode).await?;
    let media = MediaAddresses::of(&config, dev_mode);
    let ips = media.candidates.clone();
    let engine_listener = EngineListener::default();
    let native = native_options(&config, &media, &shares);
    let engine = Arc::new(Native::start(native, Arc::new(engine_listener.clone()))?);
    let listener = bind(config.listen)?;
    let http = local(&listener, config.listen)?;
    let gate = MemoryGate::default();
    let base = base::http_base(&config, dev_mode, http, &ips);
    let options = hub_options(&config, base.clone(), gate.clone())?;
    let memory = Memory::new(config.memory_bytes, gate.clone());
    rotunda_telemetry::spawn("memory", memory.clone().watch());
    rotunda_telemetry::watch_workers().map_err(RunError::Thread)?;
    let hub = Hub::start(store.clone(), engine.clone(), &engine_listener, options);
    let closed = hub.close_left_open().await?.sessions_closed;
    if closed > 0 {
        tracing::warn!(sessions = closed, "sessions of a process that was killed are closed");
    }
    hub.take_up_recordings();
    let doorstep = Doorstep::new(config.strangers_per_address);
    let signalling = Signal::new(hub.clone(), signal_options(&config, doorstep.clone()));
    let metrics_listener = match bind(config.metrics) {
        // A second dev server on one machine takes any port; it prints which.
        Err(_) if dev_mode => bind(SocketAddr::new(config.metrics.ip(), 0))?,
        bound => bound?,
    };
    let metrics_at = local(&metrics_listener, config.metrics)?;
    let (tls, certificate) = match tls::open(&config, dev_mode, &ips)? {
        Some(tls) => (Some(tls.acceptor), Some(tls.certificate)),
        None => (None, None),
    };
    let has_tls = tls.is_some();
    harmless.answer(Reload { flags, dev_mode, log, certificate: certificate.clone() });
    if let Some(certificate) = certificate.clone() {
        rotunda_telemetry::spawn("certificate", certificate::watch(certificate));
    }
    let (stop, stopping) = watch::channel(false);
    let watched: Arc<dyn Engine> = engine.clone();
    let videochat = Videochat::new(hub.clone(), videochat_options(&config, doorstep));
    let mut router = doors(&hub, &signalling, &videochat, &config, &base)?;
    router = router.merge(health::router(store.clone(), watched, gate));
    if dev_mode {
        router = router.merge(dev::router(hub.clone(), project, config.public_url.as_deref()));
    }
    // Last, because it is laid around what answers where no route does.
    let router = forgiving(videochat.around(router));
    let figures = metrics::router(metrics::Sources {
        hub: hub.clone(),
        engine: engine.clone(),
        signal: signalling,
        memory,
        certificate,
        data_dir: config.data_dir.clone(),
        recordings: config.recordings.clone(),
    });
    let proxies = Arc::new(Proxies::new(config.trusted_proxies.clone()));
    let places = Places::new(place_limits(&config, shares.doors));
    let front = listen::Front { router, tls, proxies: proxies.clone(), places };
    listen::serve(listener, front, stopping.clone()).map_err(RunError::Thread)?;
    let places = Places::new(FIGURES);
    let figures = listen::Front { router: figures, tls: None, proxies, places };
    listen::serve(metrics_listener, figures, stopping).map_err(RunError::Thread)?;

    let facts = welcome::Facts {
        config: &config,
        http,
        udp: engine.net().local_udp_addr(),
        tcp: engine.net().local_tcp_addr(),
        metrics: metrics_at,
        project: project.to_string(),
        api_token,
        ips: &ips,
    };
    let mut signals = Signals::new().map_err(RunError::Signals)?;
    if dev_mode {
        // It serves on, whether somebody reads this or not.
        let _ = say::answer(format_args!("{}", welcome::text(&facts)));
    } else {
        tell_of_start(&facts, has_tls);
        if media.are_loopback(&config) {
            tracing::warn!(
                "every address that answers name is loopback: only browsers of this machine can \
                 send and receive media; see media.listen and media.public_ips"
            );
        }
        let (url, ca_file) = (config.public_url.clone(), config.ca_file.clone());
        rotunda_telemetry::spawn("probe", async move {
            probe::warn_of_public_url(url, ca_file.as_deref()).await
        });
    }
    write_ready_file(&facts)?;
    let ending = signals.next().await;
    tokio::select! {
        () = ending::end(ending, &hub, &engine, &stop, config.shutdown) => {}
        _ = signals.next() => return Err(RunError::Hurried),
    }
    ending::close(&store).await;
    Ok(())
}

/// The first line of a log that an operator looks for.
fn tell_of_start(facts: &welcome::Facts<'_>, has_tls: bool) {
    let list = |ips: &[IpAddr]| ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %facts.http,
        tls = has_tls,
        udp = %facts.udp,
        tcp = facts.tcp.map(|addr| addr.to_string()),
        public_ips = list(&facts.config.public_ips),
        candidates = list(facts.ips),
        metrics = %facts.metrics,
        data_dir = %facts.config.data_dir.display(),
        "serving"
    );
}

/// Connections that wait in the kernel to be accepted; the library's 1024 are full in a twentieth of a
/// second when somebody floods, and who comes then waits a second for the next try.
const BACKLOG: u32 = 4096;

fn bind(addr: SocketAddr) -> Result<TcpListener, RunError> {
    let bound = || -> std::io::Result<TcpListener> {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bound().map_err(|e| RunError::Listen(addr, e))
}

fn local(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, RunError> {
    listener.local_addr().map_err(|e| RunError::Listen(asked, e))
}

/// The page, the socket, REST, on one router.
fn doors(
    hub: &Hub,
    signalling: &Signal,
    videochat: &Videochat,
    config: &Config,
    http_base: &str,
) -> Result<Router, RunError> {
    let page = Page::framed_by(&config.frame_ancestors)?;
    let rest = RestOptions {
        public_base: config.rest_base.clone(),
        error_docs_url: format!("{http_base}/errors"),
        ice_servers: config.ice_servers.clone(),
        ..RestOptions::default()
    };
    let assets = page.assets();
    Ok(Router::new()
        .route("/", get(front))
        .with_state(Front { signalling: signalling.clone(), page })
        .merge(assets)
        .route("/openapi.json", get(rotunda_rest::openapi))
        .route("/errors", get(rotunda_rest::error_codes))
        .merge(rotunda_rest::whip_whep_router(hub.clone(), rest.clone()))
        .merge(rotunda_rest::router(hub.clone(), rest).layer(from_fn(metrics::count)))
        .merge(videochat.router())
        .merge(rotunda_livechat::router(hub.clone(), &LivechatOptions::default())))
}

/// A slash too many at the end of a path leads where the path without it does.
fn forgiving(router: Router) -> Router {
    Router::new().fallback_service(NormalizePath::trim_trailing_slash(router))
}

/// Whoever reads the figures has few connections, and nothing to show.
const FIGURES: PlaceLimits =
    PlaceLimits { all: 64, kept_back: 64, unproven_per_network: 32, per_token: 0, per_project: 0 };

/// An eighth is always left for connections that have shown nothing yet, such as those that ask for
/// the server's health; no token may take more than an eighth, and no project more than three
/// quarters of what can be taken.
fn place_limits(config: &Config, doors: usize) -> PlaceLimits {
    let kept_back = doors / 8;
    PlaceLimits {
        all: doors,
        kept_back,
        unproven_per_network: config.unproven_per_address.min(doors / 2),
        per_token: doors / 8,
        per_project: (doors - kept_back) / 4 * 3,
    }
}

fn videochat_options(config: &Config, doorstep: Doorstep) -> VideochatOptions {
    let origins = config.allowed_origins.clone();
    VideochatOptions {
        doorstep,
        vendors: config.vendors.clone(),
        live_target: config.live_target.clone(),
        live_playback: config.live_playback.clone(),
        allowed_origins: (!origins.is_empty()).then_some(origins),
        session_ttl: config.session_life,
        ..VideochatOptions::default()
    }
}

/// What answers at `/`.
#[derive(Clone)]
struct Front {
    signalling: Signal,
    page: Page,
}

/// `GET /` is the page for people and the socket for programs.
async fn front(
    State(Front { signalling, page }): State<Front>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => signalling.accept(upgrade, &headers, &extensions).await,
        Err(_) => page.index(&headers),
    }
}

fn native_options(
    config: &Config,
    media: &MediaAddresses,
    shares: &descriptors::Shares,
) -> NativeOptions {
    let mut net = NetConfig::new(SocketAddr::new(media.listen, config.udp_port));
    net.tcp = Some(SocketAddr::new(media.listen, config.tcp_port));
    net.public_ips.clone_from(&config.public_ips);
    net.candidate_ips.clone_from(&media.candidates);
    net.h264 = config.h264;
    net.tcp_connections = shares.ice_tcp;
    let graph = GraphOptions {
        bitrate_720p: config.bitrate_720p,
        bitrate_1080p: config.bitrate_1080p,
        name_banners: config.name_banners,
        crop: config.crop,
        uplink_shaping: config.uplink_shaping,
        ..GraphOptions::default()
    };
    tell_of_fence();
    NativeOptions {
        net,
        graph,
        ffmpeg: config.ffmpeg.clone(),
        max_playbacks: config.max_playbacks,
        fence: Some(FENCE.into()),
        reach: reach_options(config),
    }
}

/// This very program, which `ffmpeg` children begin as. By this name it is the program that runs, even
/// if another has taken its place on the disk.
const FENCE: &str = "/proc/self/exe";

/// Says once where the kernel keeps less than all rules for children.
fn tell_of_fence() {
    match rotunda_fence::strength() {
        Strength::Whole => {}
        Strength::Partly => tracing::warn!(
            "this kernel fences ffmpeg children in part only (Linux 6.12 does wholly)"
        ),
        Strength::No => {
            tracing::warn!(
                "this kernel does not keep ffmpeg children from our files (no Landlock)"
            );
        }
    }
}

/// Networks of one's own, which `network.allow_private` opens: never multicast or broadcast.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
];

fn reach_options(config: &Config) -> OutboundOptions {
    let mut allowed = config.allow_addresses.clone();
    if config.allow_private {
        let range =
            |text: &&str| -> AddressRange { text.parse().expect("the table above is right") };
        allowed.extend(PRIVATE.iter().map(range));
    }
    OutboundOptions { rules: AddressRules::new(allowed), ca_file: config.ca_file.clone() }
}

fn hub_options(
    config: &Config,
    http_base: String,
    memory: MemoryGate,
) -> Result<HubOptions, RunError> {
    let folder = config.recordings.clone();
    let storage = Storage::open(folder, config.recordings_bucket.as_ref())?;
    let pusher = Pusher::open(reach_options(config));
    let pusher = pusher.map_err(|error| RunError::Tls(error.to_string()))?;
    let grace_ms = u64::try_from(config.grace.as_millis()).unwrap_or(u64::MAX);
    Ok(HubOptions {
        memory,
        public_url: config.public_url.clone(),
        http_base,
        session: SessionOptions {
            grace_ms,
            max_audience: config.max_audience,
            lock_is_open: config.lock_is_open,
            screenshare_is_open: config.screenshare_is_open,
            bans_removed: config.ban_removed,
            name_banners: config.name_banners,
            videochat: config.videochat,
            ..SessionOptions::default()
        },
        connection_memory: config.grace,
        legs: config.legs,
        clock: rotunda_hub::Ticks::default(),
        vendors: config.vendors.names(),
        fps_720p: config.fps_720p,
        fps_1080p: config.fps_1080p,
        history: config.history,
        archive: ArchiveOptions {
            storage: Arc::new(storage),
            ffmpeg: config.ffmpeg.clone(),
            fence: Some(FENCE.into()),
            quota_bytes: config.recordings_quota,
            keep_days: config.recordings_keep_days,
            keep_bytes: config.recordings_keep_bytes,
            pusher: Some(pusher),
            push_give_up_after: config.push_give_up_after,
        },
    })
}

fn signal_options(config: &Config, doorstep: Doorstep) -> SignalOptions {
    let origins = config.allowed_origins.clone();
    SignalOptions {
        doorstep,
        allowed_origins: (!origins.is_empty()).then_some(origins),
        ice_servers: config.ice_servers.clone(),
        ..SignalOptions::default()
    }
}

/// The first project and its token: from the environment, or made on the first run. Dev mode keeps
/// the secret beside the database, to print it again.
async fn first_project(
    store: &Store,
    config: &Config,
    dev_mode: bool,
) -> Result<(ProjectId, String), RunError> {
    let wanted = match std::env::var("ROTUNDA_PROJECT_ID") {
        Ok(text) => {
            let id = text.parse().map_err(|_| RunError::NotAnId("ROTUNDA_PROJECT_ID"))?;
            Some(ProjectId(id))
        }
        Err(_) => None,
    };
    let found = match wanted {
        Some(id) => store.project(id).await?,
        None => store.first_project().await?,
    };
    let project = match found {
        Some(project) => project,
        None => store.create_project(wanted, "default").await?,
    };
    let scopes = ["video".to_owned()];
    if let Ok(secret) = std::env::var("ROTUNDA_API_TOKEN") {
        if !dev_mode && secret.trim().chars().count() < SECRET_CHARS {
            return Err(RunError::ShortToken);
        }
        store.ensure_api_token(project.id, &scopes, &secret).await?;
        return Ok((project.id, secret));
    }
    if !dev_mode {
        return Ok((project.id, String::new()));
    }
    let file = config.data_dir.join("dev-api-token");
    if let Ok(secret) = std::fs::read_to_string(&file)
        && store.verify_api_token(project.id, secret.trim()).await?.is_some()
    {
        return Ok((project.id, secret.trim().to_owned()));
    }
    let made = store.create_api_token(project.id, &scopes).await?;
    tls::write_private(&file, made.secret.as_bytes())
        .map_err(|e| RunError::File(file.display().to_string(), e))?;
    Ok((project.id, made.secret))
}

/// For scripts: where everything is, written once it can be used. The file appears whole.
fn write_ready_file(facts: &welcome::Facts<'_>) -> Result<(), RunError> {
    let Ok(path) = std::env::var("ROTUNDA_READY_FILE") else { return Ok(()) };
    let host = match facts.http.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let port = facts.http.port();
    let text = serde_json::json!({
        "http": format!("http://{host}:{port}"),
        "https": format!("https://{host}:{port}"),
        "ws": format!("ws://{host}:{port}"),
        "udp_port": facts.udp.port(),
        "tcp_port": facts.tcp.map(|addr| addr.port()),
        "metrics": format!("http://{}", facts.metrics),
        "project_id": facts.project,
        "api_token": facts.api_token,
        "pid": std::process::id(),
        "data_dir": facts.config.data_dir,
    });
    let part = format!("{path}.part");
    let written = tls::write_private(Path::new(&part), text.to_string().as_bytes())
        .and_then(|()| std::fs::rename(&part, &path));
    written.map_err(|e| RunError::File(path, e))
}
