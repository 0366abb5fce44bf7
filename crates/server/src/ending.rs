//! How the process ends: in order, within a bound, and at once when somebody cannot wait.

use rotunda_engine::Native;
use rotunda_hub::Hub;
use rotunda_store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Most time for each of what follows the end of the sessions: media threads, database.
const LAST_STEPS: Duration = Duration::from_secs(3);

/// SIGTERM and SIGINT. Both are caught from the first moment on, so that none is lost between
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
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// Sessions end first, so that everybody hears it; then the sockets, then the media threads.
pub(crate) async fn end(
    hub: &Hub,
    engine: &Arc<Native>,
    stop: &watch::Sender<bool>,
    within: Duration,
) {
    tracing::info!("ending");
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
