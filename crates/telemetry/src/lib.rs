//! Logs: for people on a terminal, JSON for machines. Nothing here ever sees a token.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

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
}

/// Starts logging to standard error. `RUST_LOG` overrides `level`; the libraries below us are kept
/// to warnings, because they log packets.
pub fn start_logging(format: LogFormat, level: &str) {
    let default = format!("warn,{}", OURS.map(|name| format!("{name}={level}")).join(","));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let for_people = match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // Fails only when logging was started before, as in a test.
    let _ = if for_people { lines.compact().try_init() } else { lines.json().try_init() };
}

const OURS: [&str; 10] = [
    "rotunda",
    "rotunda_server",
    "rotunda_hub",
    "rotunda_engine",
    "rotunda_media",
    "rotunda_rtc",
    "rotunda_rest",
    "rotunda_signal",
    "rotunda_store",
    "rotunda_webui",
];
