//! How the process ends: in order, within a bound, and at once when somebody cannot wait.

use crate::reload::Reload;
use rotunda_engine::Native;
use rotunda_hub::Hub;
use rotunda_store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Most time for each of what follows the end of the sessions: media threads, database.
const LAST_STEPS: Duration = Duration::from_secs(3);

/// What becomes of the people inside when the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Another process follows: nobody is told to leave, and everybody comes back to that one.
    Restart,
    /// Nothing follows: everybody is hung up.
    Stop,
}

/// SIGTERM, which is how a service is restarted, and SIGINT. Both are caught from the first moment on, so that none is lost between
/// the first and the second.
pub(crate) struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    /// Catches both from now on.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one of either kind.
    pub async fn next(&mut self) -> Ending {
        tokio::select! {
            _ = self.term.recv() => Ending::Restart,
            _ = self.int.recv() => Ending::Stop,
        }
    }
}

/// Signals that end a process by default and have no reason to end this one: HUP comes from a terminal
/// that was closed or a certificate that was renewed, USR1 and USR2 from log rotation, XFSZ from a
/// file that may grow no more (the write fails instead), the timers from nobody. PIPE is ignored by
/// Rust's own start.
const HARMLESS: [(&str, libc::c_int); 9] = [
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("ALRM", libc::SIGALRM),
    ("VTALRM", libc::SIGVTALRM),
    ("PROF", libc::SIGPROF),
    ("IO", libc::SIGIO),
    ("PWR", libc::SIGPWR),
    ("XCPU", libc::SIGXCPU),
    ("XFSZ", libc::SIGXFSZ),
];

/// Those signals and HUP, caught from the moment this exists to the end of the process.
pub(crate) struct Harmless {
    hangup: Signal,
    others: Vec<(&'static str, Signal)>,
}

impl Harmless {
    /// Catches all of them from now on.
    pub fn new() -> std::io::Result<Self> {
        let caught = |(name, number): &(&'static str, libc::c_int)| {
            Ok((*name, signal(SignalKind::from_raw(*number))?))
        };
        let others = HARMLESS.iter().map(caught).collect::<std::io::Result<_>>()?;
        Ok(Self { hangup: signal(SignalKind::hangup())?, others })
    }

    /// Reads again at each HUP what can be, and says of the others that they do nothing.
    pub fn answer(self, reload: Reload) {
        for (name, mut signal) in self.others {
            rotunda_telemetry::spawn("signals", async move {
                while signal.recv().await.is_some() {
                    tracing::info!(signal = name, "a signal that does nothing here");
                }
            });
        }
        let mut hangup = self.hangup;
        rotunda_telemetry::spawn("signals", async move {
            while hangup.recv().await.is_some() {
                let reload = reload.clone();
                let _ = tokio::task::spawn_blocking(move || reload.now()).await;
            }
        });
    }
}

/// Sessions end first, so that everybody hears it; then the sockets, then the media threads. Before a
/// restart the doors are closed first: whoever comes back is to come to the next process.
pub(crate) async fn end(
    ending: Ending,
    hub: &Hub,
    engine: &Arc<Native>,
    stop: &watch::Sender<bool>,
    within: Duration,
) {
    tracing::info!(people = if ending == Ending::Restart { "stay" } else { "go" }, "ending");
    if ending == Ending::Restart {
        let _ = stop.send(true);
        hub.note_restart().await;
        hub.let_go();
    }
    if tokio::time::timeout(within, hub.shut_down()).await.is_err() {
        tracing::warn!("not every session ended in time; the next start closes the others");
    }
    // What was queued for sockets is on its way; a moment lets it out.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _ = stop.send(true);
    let engine = engine.clone();
    let stopped = tokio::task::spawn_blocking(move || engine.stop());
    if tokio::time::timeout(LAST_STEPS, stopped).await.is_err() {
        tracing::warn!("the media threads did not end in time");
    }
}

/// Closes the database, or leaves it to its write-ahead log.
pub(crate) async fn close(store: &Store) {
    if tokio::time::timeout(LAST_STEPS, store.close()).await.is_err() {
        tracing::warn!("the database was not closed in time");
    }
}
