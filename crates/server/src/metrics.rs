//! `/metrics`: what grows where it happens ([`rotunda_telemetry::figures`]) and what is read off when
//! somebody asks, on a loopback port of its own. Every name begins with `rotunda_`.

use crate::certificate::Certificate;
use crate::memory::{self, Memory};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use rotunda_engine::{Engine, Native};
use rotunda_hub::Hub;
use rotunda_signaling::Signal;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where figures are read off.
pub(crate) struct Sources {
    pub hub: Hub,
    pub engine: Arc<Native>,
    pub signal: Signal,
    pub memory: Memory,
    pub certificate: Option<Arc<Certificate>>,
    pub data_dir: PathBuf,
    pub recordings: PathBuf,
}

/// The route.
pub(crate) fn router(sources: Sources) -> Router {
    let mut registry = Registry::with_prefix("rotunda");
    rotunda_telemetry::figures().register(&mut registry);
    registry.register_collector(Box::new(sources));
    let registry = Arc::new(registry);
    Router::new().route("/metrics", get(move |headers: HeaderMap| page(registry, headers)))
}

/// Counts the answers of a door by status.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    let answer = rotunda_telemetry::named("REST", next.run(request)).await;
    rotunda_telemetry::figures().requests.one(word(answer.status()));
    answer
}

/// The statuses REST answers with by name, others by their class: a label's value is a word of ours.
fn word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "200",
        201 => "201",
        204 => "204",
        206 => "206",
        304 => "304",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        409 => "409",
        413 => "413",
        422 => "422",
        429 => "429",
        500 => "500",
        501 => "501",
        503 => "503",
        other => match other / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        },
    }
}

const OPEN_METRICS: &str = "application/openmetrics-text";

async fn page(
    registry: Arc<Registry>,
    headers: HeaderMap,
) -> ([(&'static str, String); 1], String) {
    // The disk and the control groups are asked.
    let text = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &registry);
        text
    });
    let text = text.await.unwrap_or_default();
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains(OPEN_METRICS)) {
        return ([("content-type", format!("{OPEN_METRICS}; version=1.0.0; charset=utf-8"))], text);
    }
    ([("content-type", "text/plain; version=0.0.4".to_owned())], older(&text))
}

/// OpenMetrics as the Prometheus text format 0.0.4, which names a counter with its `_total`.
fn older(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut help = "";
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), ..) => {
                help = line;
                continue;
            }
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let counter = if kind == "counter" { "_total" } else { "" };
                let kind = if kind == "unknown" { "untyped" } else { kind };
                let text = help.splitn(4, ' ').nth(3).unwrap_or_default();
                lines += &format!("# HELP {name}{counter} {text}\n# TYPE {name}{counter} {kind}\n");
                continue;
            }
            (Some("#"), ..) => continue,
            _ => {}
        }
        lines += line;
        lines.push('\n');
    }
    lines
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources")
    }
}

impl Collector for Sources {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut page = Page(encoder);
        self.rooms(&mut page)?;
        self.network(&mut page)?;
        self.pictures(&mut page)?;
        self.machine(&mut page)
    }
}

/// What is being written.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        metric.encode(self.0.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    /// The same, told apart by a label whose values are words of ours.
    fn gauges(
        &mut self,
        (name, help): (&str, &str),
        label: &str,
        values: &[(&str, usize)],
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (word, value) in values {
            let metric = ConstGauge::new(i64::try_from(*value).unwrap_or(i64::MAX));
            metric.encode(family.encode_family(&[(label, *word)])?)?;
        }
        Ok(())
    }

    /// A counter under a name that does not end like one; only an untyped figure may have that.
    fn total(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        metric.encode(self.0.encode_descriptor(name, help, None, MetricType::Unknown)?)
    }

    /// The name is written with `_total` behind it.
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = ConstCounter::new(value);
        metric.encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }
}

impl Sources {
    fn rooms(&self, page: &mut Page<'_>) -> fmt::Result {
        let (sessions, connections) = self.hub.load();
        page.gauge("sessions", "Sessions that run", sessions as u64)?;
        page.gauge("connections", "Signalling connections remembered", connections as u64)?;
        page.gauge(
            "members",
            "People who have a seat, audience included",
            self.hub.seated() as u64,
        )?;
        page.counter("history_lost", "Lines of history lost", self.hub.history_lost())?;
        let help = "Lines of history that wait for the database";
        page.gauge("history_waiting", help, self.hub.history_waiting() as u64)?;
        let help = "Time sessions took to act, until what followed was in everybody's queue";
        page.counter("sessions_busy_microseconds", help, micros(self.hub.sessions_busy()))?;
        page.gauge("settings_sockets", "Sockets of the settings door", self.hub.watching() as u64)?;
        let help =
            "Time it took to hand what is told of rooms' settings to the queues of all who watch";
        page.counter("settings_busy_microseconds", help, micros(self.hub.watching_busy()))?;
        let sockets = self.signal.counts();
        page.gauge("sockets", "WebSockets open", sockets.open)?;
        page.counter("sockets_refused", "WebSocket upgrades refused", sockets.refused_total)?;
        let webhooks = self.hub.webhooks_count();
        page.gauge("webhooks_waiting", "Events for webhooks not yet taken", webhooks.waiting)?;
        page.gauge("webhooks_dead", "Events for webhooks given up, and kept", webhooks.dead)?;
        let bytes = u64::try_from(webhooks.bytes).unwrap_or(0);
        page.gauge("webhooks_kept_bytes", "Weight of all events for webhooks", bytes)?;
        let open = self.engine.open_recordings() as u64;
        page.gauge("recordings_open", "Recordings whose files are not closed yet", open)
    }

    fn network(&self, page: &mut Page<'_>) -> fmt::Result {
        let net = self.engine.net().counters();
        page.gauge("legs", "Peer connections", net.legs)?;
        let help = "Peer connections by the size of the canvas that they are given";
        let legs = self.engine.legs_by_picture();
        page.gauges(("legs_by_picture", help), "picture", &legs)?;
        page.gauge("ice_tcp_connections", "ICE-TCP connections", net.tcp_connections)?;
        let refused = net.dropped_size
            + net.dropped_rubbish
            + net.dropped_stranger
            + net.dropped_stun
            + net.dropped_refused;
        for (name, help, value) in [
            ("packets_received", "Datagrams received", net.packets_in),
            ("received_bytes", "Bytes received", net.bytes_in),
            ("packets_sent", "Datagrams sent", net.packets_out),
            ("sent_bytes", "Bytes sent", net.bytes_out),
            ("gso_batches", "Send calls that carried several datagrams", net.gso_batches),
            ("packets_refused", "Datagrams from strangers, or rubbish", refused),
            ("packets_unwanted", "Media from those who may not send", net.dropped_unwanted),
            ("dtls_failed", "Legs ended by a failed DTLS handshake", net.dtls_failed),
            ("packets_flooding", "Media beyond what any camera sends", net.dropped_flood),
            ("packets_unsent", "Datagrams the socket did not take", net.dropped_udp_full),
            (
                "packets_retransmitted",
                "Packets sent again because a receiver asked",
                net.retransmitted,
            ),
            ("pictures_incomplete", "Pictures received with something missing before", net.gaps_in),
            ("pictures_skipped", "Pictures a slow receiver missed", net.pictures_skipped),
            ("pictures_sent", "Pictures sent, times receivers", net.pictures_out),
            (
                "media_dropped",
                "Pictures and sounds a network thread had no room for",
                net.commands_dropped,
            ),
            ("packets_handed_over", "Datagrams that came to another thread", net.strays),
            (
                "packets_handed_over_lost",
                "Datagrams that came to another thread, of which too many waited",
                net.dropped_strays,
            ),
            ("key_frames_asked", "Key frame requests from receivers", net.plis_in),
            (
                "key_frames_for_joins",
                "Key frames asked of a canvas because somebody came",
                net.keyframes_for_joins,
            ),
            (
                "key_frames_for_losses",
                "Key frames asked of a canvas for what a receiver lost",
                net.keyframes_for_losses,
            ),
            (
                "key_frames_for_climbs",
                "Key frames asked of a canvas for a receiver whose line became better",
                net.keyframes_for_climbs,
            ),
            (
                "key_frames_for_slow",
                "Key frames asked of a canvas for a receiver over TCP that reads slowly",
                net.keyframes_for_slow,
            ),
            (
                "key_frames_for_gaps",
                "Key frames asked of a canvas for a picture lost inside the server",
                net.keyframes_for_gaps,
            ),
            ("picture_falls", "Times a receiver was given a smaller picture", net.falls),
            ("picture_climbs", "Times a receiver was given a larger picture", net.climbs),
            (
                "packets_unrepeated",
                "Packets not sent again because the line was full",
                net.repeats_refused,
            ),
            ("leg_panics", "Peer connections ended by a defect", net.panics),
        ] {
            page.counter(name, help, value)?;
        }
        Ok(())
    }

    fn pictures(&self, page: &mut Page<'_>) -> fmt::Result {
        let canvases = self.engine.canvas_figures();
        let (skipped, encoded) = (canvases.ticks_skipped, canvases.frames_encoded);
        page.total("canvas_ticks_skipped", "Canvas ticks left out", skipped)?;
        page.total("canvas_frames_encoded", "Canvas frames encoded", encoded)?;
        let help = "Pictures of members not decoded because they sent too many pixels";
        page.total("pictures_over_budget", help, canvases.pictures_over_budget)?;
        let load = self.engine.load();
        let help = "What is given up for want of time, from 0 (nothing) to 5 (all but sound)";
        page.gauge("overload_step", help, load.step.index() as u64)?;
        let help = "Times something more was given up for want of time";
        page.counter("overload_steps_down", help, load.steps_down)?;
        for (name, help, busy) in [
            ("decode_busy_microseconds", "Time threads decoded cameras", load.decode),
            ("canvas_busy_microseconds", "Time threads drew and encoded canvases", load.canvas),
            ("mix_busy_microseconds", "Time threads mixed", load.mix),
        ] {
            page.counter(name, help, micros(busy))?;
        }
        Ok(())
    }

    fn machine(&self, page: &mut Page<'_>) -> fmt::Result {
        if let Some(certificate) = &self.certificate {
            let ends = u64::try_from(certificate.validity().until_s).unwrap_or_default();
            let help = "End of the certificate, seconds since 1970";
            page.gauge("certificate_ends_seconds", help, ends)?;
        }
        let memory = self.memory.level();
        page.gauge("memory_used_bytes", "Memory in use, as it is bounded", memory.used)?;
        let help = "Memory in use at which nothing new begins";
        page.gauge("memory_bound_bytes", help, memory.bound)?;
        page.gauge("children", "Child processes", memory::count_children() as u64)?;
        let help = "Bytes free on the disk of the data folder";
        page.gauge("data_free_bytes", help, free(&self.data_dir))?;
        let help = "Bytes free on the disk of the recordings' folder";
        page.gauge("recordings_free_bytes", help, free(&self.recordings))
    }
}

/// Bytes the server's user may still write below `folder`, or below the next folder above that exists.
fn free(folder: &Path) -> u64 {
    let there = folder.ancestors().find_map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        rustix::fs::statvfs(folder).ok()
    });
    there.map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_prometheus_reads_a_counter_under_the_name_it_has() {
        let text = "# HELP rotunda_joins Answers.\n# TYPE rotunda_joins counter\n\
            rotunda_joins_total{outcome=\"granted\"} 1\n# HELP rotunda_legs Legs.\n\
            # TYPE rotunda_legs gauge\nrotunda_legs 2\n# EOF\n";
        let expected = "# HELP rotunda_joins_total Answers.\n# TYPE rotunda_joins_total counter\n\
            rotunda_joins_total{outcome=\"granted\"} 1\n# HELP rotunda_legs Legs.\n\
            # TYPE rotunda_legs gauge\nrotunda_legs 2\n";
        assert_eq!(older(text), expected);
    }

    #[test]
    fn the_disk_of_a_folder_that_is_not_there_yet_is_the_one_it_will_be_on() {
        assert!(free(Path::new("/tmp/not/there/yet")) > 0 && free(Path::new("nor-this")) > 0);
    }
}
