//! The end of the process: who is here comes back to the one that follows.

use crate::{Hub, now};
use rotunda_domain::{Actor, Command};
use std::time::Duration;

/// The most the end of the process waits for a note about the sessions.
const NOTED_WITHIN: Duration = Duration::from_secs(2);

impl Hub {
    /// Closes the sockets of everybody in a session and tells them nothing more: whatever becomes of
    /// their sessions here, they are to come back to the process that follows.
    pub fn let_go(&self) {
        self.inner.services.connections.close_all();
    }

    /// Notes of every session that the end of this process ends it, not somebody's wish: whoever sits in it
    /// comes back. Not noted when the database does not take it at once.
    pub async fn note_restart(&self) {
        let noting = async {
            // What happened before stands before it.
            self.inner.services.history.flush().await;
            let now_ms = now().epoch_ms;
            let marks = self.inner.services.directory.marks(now_ms);
            self.store().keep(&marks).await
        };
        match tokio::time::timeout(NOTED_WITHIN, noting).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "it was not noted which sessions go on"),
            Err(_) => tracing::warn!("it was not noted in time which sessions go on"),
        }
    }

    /// Ends every session and writes what is left of their history.
    pub async fn shut_down(&self) {
        for handle in self.inner.services.directory.all() {
            let _ = self.command(&handle, Actor::Project, Command::End).await;
        }
        self.recordings_closed().await;
        self.inner.services.history.flush().await;
        self.inner.services.live.end_all();
    }
}
