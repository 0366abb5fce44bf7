//! Logs: for people on a terminal, JSON for machines. Nothing here ever sees a token.

use std::io::IsTerminal;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Reads `auto`, `text` or `json`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn is_for_people(self) -> bool {
        match self {
            Self::Auto => std::io::stderr().is_terminal(),
            Self::Text => true,
            Self::Json => false,
        }
    }
}

/// How much is logged of what this server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(&'static str);

impl LogLevel {
    /// The known ones, from the least to the most.
    pub const ALL: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

    /// Reads one of them; capitals do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.eq_ignore_ascii_case(text)).map(Self)
    }

    /// As it is written in settings.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// `RUST_LOG` cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("RUST_LOG must be directives such as `info` or `warn,rotunda=debug`: {0}")]
pub struct BadRustLog(String);

/// A log that was started; its level can be changed.
#[derive(Clone)]
pub struct Log {
    filter: Option<reload::Handle<EnvFilter, Registry>>,
}

/// Starts logging to standard error. `RUST_LOG` overrides `level`; the libraries below us are kept
/// to warnings, because they log packets.
///
/// # Errors
/// `RUST_LOG` is set and cannot be read.
pub fn start_logging(format: LogFormat, level: LogLevel) -> Result<Log, BadRustLog> {
    let from_environment = from_environment()?;
    let is_fixed = from_environment.is_some();
    let (filter, handle) = reload::Layer::new(from_environment.unwrap_or_else(|| ours(level)));
    // A standard error that is gone must not become a panic, which reporting it there would be.
    let lines = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let lines = if format.is_for_people() { lines.compact().boxed() } else { lines.json().boxed() };
    // Fails only when logging was started before, as in a test.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(Log { filter: (!is_fixed).then_some(handle) })
}

impl Log {
    /// From now on as much as `level` says. False: `RUST_LOG` says how much, as before.
    pub fn set_level(&self, level: LogLevel) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.reload(ours(level)).is_ok())
    }
}

fn from_environment() -> Result<Option<EnvFilter>, BadRustLog> {
    match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(text) if !text.is_empty() => {
            EnvFilter::try_new(text).map(Some).map_err(|error| BadRustLog(error.to_string()))
        }
        _ => Ok(None),
    }
}

/// A directive's target is the beginning of a name: `rotunda` is all our crates, those to come too.
fn ours(level: LogLevel) -> EnvFilter {
    EnvFilter::new(format!("warn,rotunda={}", level.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_crate_of_ours_is_heard_and_libraries_only_when_they_warn() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).with_ansi(false);
        let level = LogLevel::parse("info").unwrap();
        let all = tracing_subscriber::registry().with(ours(level)).with(layer);
        tracing::subscriber::with_default(all, || {
            tracing::info!(target: "rotunda_videochat::set", "one of ours");
            tracing::info!(target: "rotunda_of_tomorrow", "another of ours");
            tracing::debug!(target: "rotunda_hub", "too much");
            tracing::info!(target: "str0m", "packets");
            tracing::warn!(target: "str0m", "a warning");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        for (part, is_there) in [
            ("one of ours", true),
            ("another of ours", true),
            ("too much", false),
            ("packets", false),
            ("a warning", true),
        ] {
            assert_eq!(text.contains(part), is_there, "{part}: {text}");
        }
    }

    #[test]
    fn a_level_nobody_knows_is_none() {
        assert_eq!(LogLevel::parse("INFO").map(LogLevel::as_str), Some("info"));
        assert!(LogLevel::parse("verbose").is_none() && LogLevel::parse("").is_none());
    }
}
