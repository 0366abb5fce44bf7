//! `/metrics`: counters as Prometheus text, on a loopback port of its own.

use axum::Router;
use axum::routing::get;
use rotunda_engine::Native;
use rotunda_hub::Hub;
use rotunda_signal::Signal;
use std::fmt::Write;
use std::sync::Arc;

/// The route.
pub(crate) fn router(hub: Hub, engine: Arc<Native>, signal: Signal) -> Router {
    let text = move || {
        let text = page(&hub, &engine, &signal);
        async move { ([("content-type", "text/plain; version=0.0.4")], text) }
    };
    Router::new().route("/metrics", get(text))
}

fn page(hub: &Hub, engine: &Native, signal: &Signal) -> String {
    let mut text = String::new();
    let mut one = |kind: &str, name: &str, help: &str, value: u64| {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "# HELP rotunda_{name} {help}\n# TYPE rotunda_{name} {kind}\nrotunda_{name} {value}\n"
        );
    };
    let (sessions, connections) = hub.load();
    one("gauge", "sessions", "Sessions that run.", sessions as u64);
    one("gauge", "connections", "Signalling connections remembered.", connections as u64);
    one("counter", "history_lost_total", "Lines of history lost.", hub.history_lost());
    let busy = u64::try_from(hub.sessions_busy().as_micros()).unwrap_or(u64::MAX);
    let help = "Time sessions took to act, until what followed was in everybody's queue.";
    one("counter", "sessions_busy_microseconds_total", help, busy);
    one("gauge", "settings_sockets", "Sockets of the settings door.", hub.watching() as u64);
    let busy = u64::try_from(hub.watching_busy().as_micros()).unwrap_or(u64::MAX);
    let help =
        "Time it took to hand what is told of rooms' settings to the queues of all who watch.";
    one("counter", "settings_busy_microseconds_total", help, busy);
    let sockets = signal.counts();
    one("gauge", "sockets", "WebSockets open.", sockets.open);
    one("counter", "sockets_refused_total", "WebSocket upgrades refused.", sockets.refused_total);
    let net = engine.net().counters();
    one("gauge", "legs", "Peer connections.", net.legs);
    one("gauge", "ice_tcp_connections", "ICE-TCP connections.", net.tcp_connections);
    let dropped = net.dropped_size
        + net.dropped_rubbish
        + net.dropped_stranger
        + net.dropped_stun
        + net.dropped_refused;
    for (name, help, value) in [
        ("packets_received_total", "Datagrams received.", net.packets_in),
        ("received_bytes_total", "Bytes received.", net.bytes_in),
        ("packets_sent_total", "Datagrams sent.", net.packets_out),
        ("sent_bytes_total", "Bytes sent.", net.bytes_out),
        ("gso_batches_total", "Send calls that carried several datagrams.", net.gso_batches),
        ("packets_refused_total", "Datagrams from strangers, or rubbish.", dropped),
        ("packets_unwanted_total", "Media from those who may not send.", net.dropped_unwanted),
        ("packets_unsent_total", "Datagrams the socket did not take.", net.dropped_udp_full),
        ("pictures_skipped_total", "Pictures a slow receiver missed.", net.pictures_skipped),
        ("pictures_sent_total", "Pictures sent, times receivers.", net.pictures_out),
    ] {
        one("counter", name, help, value);
    }
    let canvases = engine.canvas_figures();
    one(
        "counter",
        "canvas_ticks_skipped",
        "Canvas ticks left out, of running sessions.",
        canvases.ticks_skipped,
    );
    one(
        "counter",
        "canvas_frames_encoded",
        "Canvas frames encoded, of running sessions.",
        canvases.frames_encoded,
    );
    text
}
