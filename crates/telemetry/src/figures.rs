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
    /// Answers of REST, by status.
    pub requests: Counts,
    /// What was refused because memory is short.
    pub memory_refusals: Counts,
    /// How long calls to the database took.
    pub database: Times,
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
            requests: Counts::new("status", &[]),
            memory_refusals: Counts::new("what", &["join", "recording", "playback", "stream"]),
            database: Times::new("call", DATABASE_SECONDS),
        }
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
        let mut registry = Registry::with_prefix("rotunda");
        own.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE rotunda_joins counter",
            "rotunda_joins_total{outcome=\"granted\"} 1",
            "rotunda_recordings_total{what=\"failed\"} 0",
            "rotunda_database_call_seconds_bucket{le=\"0.003\",call=\"write\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
