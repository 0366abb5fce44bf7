//! What an operator sees of the process from outside: its log ([`start_logging`]), its figures
//! ([`figures`]), and workers of the runtime that are held up ([`spawn`]). It knows nothing of rooms.

mod busy;
mod figures;
mod log;

pub use busy::{named, spawn, watch_workers};
pub use figures::{Counts, Figures, Times, figures};
pub use log::{BadRustLog, Log, LogFormat, LogLevel, start_logging};
