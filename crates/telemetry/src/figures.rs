//! Figures of the process that grow where something happens, in one place with their names and units.
//! What can be read off when somebody asks (how many sessions, how much disk) is not kept here.
//!
//! A label's value is a word of our own code, by its type: no room, person or address can become one,
//! so the number of series is bounded by the code.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::LazyLock;
use std::time::Duration;

type Label = [(&'static str, &'static str); 1];

/// Counters of one name, told apart by one label.
#[derive(Debug)]
pub struct Counts {
    label: &'static str,
    family: Family<Label, Counter>,
}

impl Counts {
    fn new(label: &'static str, words: &[&'static str]) -> Self {
        let counts = Self { label, family: Family::default() };
        // There from the start, so that the first one is seen as a rise.
        for word in words {
            drop(counts.family.get_or_create(&[(label, *word)]));
        }
        counts
    }

    /// Counts one of `word`.
    pub fn one(&self, word: &'static str) {
        self.family.get_or_create(&[(self.label, word)]).inc();
    }

    /// Counts `many` of `word`.
    pub fn many(&self, word: &'static str, many: u64) {
        self.family.get_or_create(&[(self.label, word)]).inc_by(many);
    }

    /// How many of `word` there were.
    pub fn get(&self, word: &'static str) -> u64 {
        self.family.get_or_create(&[(self.label, word)]).get()
    }
}

#[derive(Clone, Copy, Debug)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// Times of one name, told apart by one label.
#[derive(Debug)]
pub struct Times {
    label: &'static str,
    family: Family<Label, Histogram, Buckets>,
}

impl Times {
    fn new(label: &'static str, buckets: &'static [f64]) -> Self {
        Self { label, family: Family::new_with_constructor(Buckets(buckets)) }
    }

    /// Adds one of `word` that took `time`.
    pub fn took(&self, word: &'static str, time: Duration) {
        self.family.get_or_create(&[(self.label, word)]).observe(time.as_secs_f64());
    }
}

/// Sizes of one name, told apart by one label.
#[derive(Debug)]
pub struct Sizes {
    label: &'static str,
    family: Family<Label, Histogram, Buckets>,
}

impl Sizes {
    fn new(label: &'static str, words: &[&'static str], buckets: &'static [f64]) -> Self {
        let sizes = Self { label, family: Family::new_with_constructor(Buckets(buckets)) };
        for word in words {
            drop(sizes.family.get_or_create(&[(label, *word)]));
        }
        sizes
    }

    /// Adds one of `word`.
    pub fn seen(&self, word: &'static str, size: f64) {
        self.family.get_or_create(&[(self.label, word)]).observe(size);
    }
}

/// The two ways of a line.
const WAYS: &[&str] = &["down", "up"];
/// Around the shares from which a line is called fair and poor.
const LOSS_RATIOS: &[f64] = &[0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/// The same of round trips; a satellite's is 0.6.
const ROUND_TRIP_SECONDS: &[f64] = &[0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 2.0];
/// The same of jitter.
const JITTER_SECONDS: &[f64] = &[0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.5];
/// From sound alone over the quarter and the half to a canvas of 1080p.
const BITS: &[f64] = &[5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 4e6, 8e6];

/// From a cached page to a disk that flushes slowly.
const DATABASE_SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// All figures that grow.
#[derive(Debug)]
pub struct Figures {
    /// Times a task held a worker of the runtime for more than 200 ms, by the task's name.
    pub worker_busy: Counts,
    /// Answers to those who asked for a seat.
    pub joins: Counts,
    /// What became of legs that were answered.
    pub legs: Counts,
    /// Recordings, by what happened to them.
    pub recordings: Counts,
    /// Streams, by what happened to them.
    pub streams: Counts,
    /// Recordings pushed to live-chat sites.
    pub pushes: Counts,
    /// Tries to send events to endpoints of webhooks, and what was forgotten before it was taken.
    pub webhooks: Counts,
    /// Answers of REST, by status.
    pub requests: Counts,
    /// What was refused because memory is short.
    pub memory_refusals: Counts,
    /// How long calls to the database took.
    pub database: Times,
    /// Shares of packets lost on lines, by way.
    pub leg_loss: Sizes,
    /// Seconds of jitter on lines, by way.
    pub leg_jitter: Sizes,
    /// Bits a second on lines, by way.
    pub leg_bitrate: Sizes,
    round_trips: Histogram,
}

/// The figures of this process.
pub fn figures() -> &'static Figures {
    static FIGURES: LazyLock<Figures> = LazyLock::new(Figures::new);
    &FIGURES
}

impl Figures {
    fn new() -> Self {
        Self {
            worker_busy: Counts::new("task", &[]),
            joins: Counts::new("outcome", &["granted"]),
            legs: Counts::new(
                "outcome",
                &[
                    "connected",
                    "not_connected",
                    "lost",
                    "dtls_failed",
                    "closed_by_peer",
                    "stalled",
                    "failed",
                ],
            ),
            recordings: Counts::new("what", &["begun", "completed", "failed"]),
            streams: Counts::new("what", &["begun", "interrupted", "ended"]),
            pushes: Counts::new("outcome", &["done", "failed", "given_up"]),
            webhooks: Counts::new("outcome", &["delivered", "failed", "dead", "off", "lost"]),
            requests: Counts::new("status", &[]),
            memory_refusals: Counts::new("what", &["join", "recording", "playback", "stream"]),
            database: Times::new("call", DATABASE_SECONDS),
            leg_loss: Sizes::new("direction", WAYS, LOSS_RATIOS),
            leg_jitter: Sizes::new("direction", WAYS, JITTER_SECONDS),
            leg_bitrate: Sizes::new("direction", WAYS, BITS),
            round_trips: Buckets(ROUND_TRIP_SECONDS).new_metric(),
        }
    }

    /// Adds a round trip of a line.
    pub fn round_trip(&self, time: Duration) {
        self.round_trips.observe(time.as_secs_f64());
    }

    /// Names them all in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        for (counts, name, help) in [
            (
                &self.worker_busy,
                "runtime_worker_busy",
                "Times a task held a worker of the runtime for more than 200 ms",
            ),
            (&self.joins, "joins", "Answers to those who asked for a seat"),
            (&self.legs, "legs_answered", "What became of peer connections that were answered"),
            (&self.recordings, "recordings", "Recordings, by what happened to them"),
            (&self.streams, "streams", "Streams, by what happened to them"),
            (&self.pushes, "pushes", "Pushes of recordings to live-chat sites"),
            (&self.webhooks, "webhooks", "Events sent to endpoints of webhooks, by outcome"),
            (&self.requests, "rest_requests", "Answers of REST, by status"),
            (&self.memory_refusals, "memory_refusals", "What was refused because memory is short"),
        ] {
            registry.register(name, help, counts.family.clone());
        }
        registry.register_with_unit(
            "database_call",
            "How long calls to the database took",
            Unit::Seconds,
            self.database.family.clone(),
        );
        self.register_lines(registry);
    }

    fn register_lines(&self, registry: &mut Registry) {
        for (sizes, name, help) in [
            (
                &self.leg_loss,
                "leg_loss_ratio",
                "Share of packets lost on lines, each read every 5 s",
            ),
            (&self.leg_jitter, "leg_jitter_seconds", "Jitter of the sound on lines, the same"),
            (&self.leg_bitrate, "leg_bitrate_bits", "Bits a second on lines, the same"),
        ] {
            registry.register(name, help, sizes.family.clone());
        }
        let help = "Round trips of lines, the same";
        registry.register("leg_round_trip_seconds", help, self.round_trips.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;

    #[test]
    fn every_figure_has_a_name_a_kind_and_a_label_that_is_a_word_of_ours() {
        let own = Figures::new();
        own.joins.one("granted");
        own.database.took("write", Duration::from_millis(2));
        own.leg_loss.seen("down", 0.03);
        own.leg_bitrate.seen("up", 150_000.0);
        own.round_trip(Duration::from_millis(40));
        let mut registry = Registry::with_prefix("rotunda");
        own.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE rotunda_joins counter",
            "rotunda_joins_total{outcome=\"granted\"} 1",
            "rotunda_recordings_total{what=\"failed\"} 0",
            "rotunda_database_call_seconds_bucket{le=\"0.003\",call=\"write\"} 1",
            "# TYPE rotunda_leg_loss_ratio histogram",
            "rotunda_leg_loss_ratio_bucket{le=\"0.02\",direction=\"down\"} 0",
            "rotunda_leg_loss_ratio_bucket{le=\"0.05\",direction=\"down\"} 1",
            "rotunda_leg_bitrate_bits_sum{direction=\"up\"} 150000.0",
            "rotunda_leg_jitter_seconds_count{direction=\"up\"} 0",
            "rotunda_leg_round_trip_seconds_bucket{le=\"0.05\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
