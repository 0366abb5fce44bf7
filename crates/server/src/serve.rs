//! Puts the process together, runs it, and ends it in order.

use crate::bind::{bind, local};
use crate::cli::ServeFlags;
use crate::config::Config;
use crate::ending::{self, Harmless, Signals};
use crate::error::RunError;
use crate::folder::DataFolder;
use crate::media::MediaAddresses;
use crate::memory::Memory;
use crate::reload::Reload;
use crate::{
    base, bootstrap, certificate, descriptors, dev, doors, fence, health, ice_tcp, listen, metrics,
    operators, options, probe, ready_file, say, tls, welcome,
};
use rotunda_domain::Quality;
use rotunda_doorway::{PendingSockets, Places, Proxies};
use rotunda_engine::{Engine, Native};
use rotunda_hub::{EngineListener, Hub, MemoryGate};
use rotunda_signaling::Signal;
use rotunda_videochat::Videochat;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::watch;

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
    let (project, api_token) = bootstrap::first_project(&store, &config, dev_mode).await?;
    let media = MediaAddresses::of(&config, dev_mode);
    let ips = media.candidates.clone();
    let engine_listener = EngineListener::default();
    fence::tell_of_strength();
    let listener = bind(config.listen)?;
    let http = local(&listener, config.listen)?;
    let on_https = media.on_https(&config, http, tls::files(&config, dev_mode).is_some());
    let takes_ice_tcp = !on_https.is_empty();
    let native = options::native(&config, &media, &shares, on_https);
    let engine = Arc::new(Native::start(native, Arc::new(engine_listener.clone()))?);
    let gate = MemoryGate::default();
    let base = base::http_base(&config, dev_mode, http, &ips);
    let hub_options = options::hub(&config, base.clone(), gate.clone())?;
    let memory = Memory::new(config.memory_bytes, gate.clone());
    rotunda_telemetry::spawn("memory", memory.clone().watch());
    rotunda_telemetry::watch_workers().map_err(RunError::Thread)?;
    let hub = Hub::start(store.clone(), engine.clone(), &engine_listener, hub_options);
    hub.configure_webhook().await?;
    let closed = hub.close_left_open().await?.sessions_closed;
    if closed > 0 {
        tracing::warn!(sessions = closed, "sessions of a process that was killed are closed");
    }
    hub.take_up_recordings();
    let pending_sockets = PendingSockets::new(config.strangers_per_address);
    let signalling = Signal::new(hub.clone(), options::signal(&config, pending_sockets.clone()));
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
    let videochat = Videochat::new(hub.clone(), options::videochat(&config, pending_sockets));
    let mut router = doors::doors(&hub, &signalling, &videochat, &config, &base)?;
    router = router.merge(health::router(store.clone(), watched, gate));
    if dev_mode {
        router = router.merge(dev::router(hub.clone(), project, config.public_url.as_deref()));
    }
    // Last, because it is laid around what answers where no route does.
    let router = doors::forgiving(videochat.around(router));
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
    let places = Places::new(options::places(&config, shares.doors));
    let ice_tcp = takes_ice_tcp.then(|| hand_over(&engine));
    let front = listen::Front { router, tls, ice_tcp, proxies: proxies.clone(), places };
    listen::serve(listener, front, stopping.clone()).map_err(RunError::Thread)?;
    let places = Places::new(options::FIGURES);
    let figures = listen::Front { router: figures, tls: None, ice_tcp: None, proxies, places };
    listen::serve(metrics_listener, figures, stopping).map_err(RunError::Thread)?;

    let operator = match dev_mode {
        true => operators::dev_link(&store, &config, http.port()).await,
        false => String::new(),
    };
    let facts = welcome::Facts {
        config: &config,
        http,
        udp: engine.net().local_udp_addr(),
        tcp: engine.net().local_tcp_addr(),
        metrics: metrics_at,
        project: project.to_string(),
        api_token,
        operator,
        ips: &ips,
    };
    let mut signals = Signals::new().map_err(RunError::Signals)?;
    if dev_mode {
        // It serves on, whether somebody reads this or not.
        let _ = say::answer(format_args!("{}", welcome::text(&facts)));
    } else {
        tell_of_start(&facts, has_tls);
        operators::welcome(&store, &config, &base).await;
        if media.are_loopback(&config) {
            tracing::warn!(
                "every address that answers name is loopback: only browsers of this machine can \
                 send and receive media; see media.listen and media.public_ips"
            );
        }
        probe::start(&config);
    }
    tell_of_rates(&config, &hub);
    ready_file::write(&facts)?;
    let ending = signals.next().await;
    tokio::select! {
        () = ending::end(ending, &hub, &engine, &stop, config.shutdown) => {}
        _ = signals.next() => return Err(RunError::Hurried),
    }
    ending::close(&store).await;
    Ok(())
}

/// To the network thread, which closes what it does not take.
fn hand_over(engine: &Native) -> ice_tcp::HandOver {
    let net = engine.net().clone();
    Arc::new(move |stream, frame| {
        net.hand_over(stream, frame);
    })
}

/// Clients of REST know two frame rates; an operator who sets another one is to know what they read.
fn tell_of_rates(config: &Config, hub: &Hub) {
    for (setting, fps, quality) in [
        ("canvas.fps_720p", config.fps_720p, Quality::P720),
        ("canvas.fps_1080p", config.fps_1080p, Quality::P1080),
    ] {
        let reported = hub.fps(quality);
        if reported != fps {
            tracing::warn!(
                setting,
                fps,
                reported,
                "rooms have another frame rate than REST reports"
            );
        }
    }
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
