//! The configuration as what each part of the process wants to know of it.

use crate::config::Config;
use crate::error::RunError;
use crate::media::MediaAddresses;
use crate::{descriptors, fence, reach};
use rotunda_domain::SessionOptions;
use rotunda_doorway::{PendingSockets, PlaceLimits};
use rotunda_engine::{GraphOptions, NativeOptions, NetConfig};
use rotunda_hub::{
    ArchiveOptions, Fps, HubOptions, MemoryGate, Pusher, Storage, WebhookOptions, WebhookSender,
};
use rotunda_signaling::SignalOptions;
use rotunda_videochat::VideochatOptions;
use std::net::SocketAddr;
use std::sync::Arc;

/// Whoever reads the figures has few connections, and nothing to show.
pub(crate) const FIGURES: PlaceLimits =
    PlaceLimits { all: 64, kept_back: 64, unproven_per_network: 32, per_token: 0, per_project: 0 };

/// An eighth is always left for connections that have shown nothing yet, such as those that ask for
/// the server's health; no token may take more than an eighth, and no project more than three
/// quarters of what can be taken.
pub(crate) fn places(config: &Config, doors: usize) -> PlaceLimits {
    let kept_back = doors / 8;
    PlaceLimits {
        all: doors,
        kept_back,
        unproven_per_network: config.unproven_per_address.min(doors / 2),
        per_token: doors / 8,
        per_project: (doors - kept_back) / 4 * 3,
    }
}

pub(crate) fn videochat(config: &Config, pending_sockets: PendingSockets) -> VideochatOptions {
    let origins = config.allowed_origins.clone();
    VideochatOptions {
        pending_sockets,
        vendors: config.vendors.clone(),
        live_target: config.live_target.clone(),
        live_playback: config.live_playback.clone(),
        allowed_origins: (!origins.is_empty()).then_some(origins),
        session_ttl: config.session_life,
        ..VideochatOptions::default()
    }
}

pub(crate) fn native(
    config: &Config,
    media: &MediaAddresses,
    shares: &descriptors::Shares,
    on_https: Vec<SocketAddr>,
) -> NativeOptions {
    let mut net = NetConfig::new(SocketAddr::new(media.listen, config.udp_port));
    net.threads = config.network_threads.unwrap_or_else(rotunda_engine::default_threads);
    net.tcp = Some(SocketAddr::new(media.listen, config.tcp_port));
    net.tcp_elsewhere = on_https;
    net.public_ips.clone_from(&config.public_ips);
    net.candidate_ips.clone_from(&media.candidates);
    net.h264 = config.h264;
    net.tiers = config.tiers;
    net.tcp_connections = shares.ice_tcp;
    let graph = GraphOptions {
        bitrate_720p: config.bitrate_720p,
        bitrate_1080p: config.bitrate_1080p,
        name_banners: config.name_banners,
        crop: config.crop,
        uplink_shaping: config.uplink_shaping,
        ..GraphOptions::default()
    };
    NativeOptions {
        net,
        graph,
        ffmpeg: config.ffmpeg.clone(),
        max_playbacks: config.max_playbacks,
        fence: Some(fence::PROGRAM.into()),
        reach: reach::options(config),
    }
}

pub(crate) fn hub(
    config: &Config,
    http_base: String,
    memory: MemoryGate,
) -> Result<HubOptions, RunError> {
    let folder = config.recordings.clone();
    let storage = Storage::open(folder, config.recordings_bucket.as_ref())?;
    let pusher = Pusher::open(reach::options(config));
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
            fence: Some(fence::PROGRAM.into()),
            quota_bytes: config.recordings_quota,
            keep_days: config.recordings_keep_days,
            keep_bytes: config.recordings_keep_bytes,
            pusher: Some(pusher),
            push_give_up_after: config.push_give_up_after,
        },
        webhooks: webhooks(config)?,
    })
}

fn webhooks(config: &Config) -> Result<WebhookOptions, RunError> {
    let sender = WebhookSender::open(reach::options(config));
    let fps = Fps { p720: config.fps_720p, p1080: config.fps_1080p };
    Ok(WebhookOptions {
        sender: Some(sender.map_err(|error| RunError::Tls(error.to_string()))?),
        shape: Some(rotunda_rest::webhook_bodies(fps)),
        keep_days: config.webhooks_keep_days,
        keep_bytes: config.webhooks_keep_bytes,
        own: config.webhook.clone(),
    })
}

pub(crate) fn signal(config: &Config, pending_sockets: PendingSockets) -> SignalOptions {
    let origins = config.allowed_origins.clone();
    SignalOptions {
        pending_sockets,
        allowed_origins: (!origins.is_empty()).then_some(origins),
        ice_servers: config.ice_servers.clone(),
        ..SignalOptions::default()
    }
}
