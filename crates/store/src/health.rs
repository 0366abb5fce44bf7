//! Whether the database can be used now, found out by using it: at most one beat a second, however
//! many ask.

use crate::{Store, StoreError, now_ms};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Longest answer time of a database that is called healthy.
const DEADLINE: Duration = Duration::from_secs(2);
/// How long what a beat found is told to whoever asks, without another beat.
const LASTS: Duration = Duration::from_secs(1);

/// What the last beat found.
#[derive(Clone, Copy, Debug)]
enum Beat {
    /// Nobody has asked yet.
    None,
    /// It is under way.
    Begun,
    /// It is through.
    Through { at: Instant, is_well: bool },
}

impl Beat {
    fn is_due(self) -> bool {
        match self {
            Self::None => true,
            Self::Begun => false,
            Self::Through { at, .. } => at.elapsed() >= LASTS,
        }
    }

    fn is_well(self) -> Option<bool> {
        match self {
            Self::Through { is_well, .. } => Some(is_well),
            Self::None | Self::Begun => None,
        }
    }
}

/// The beat that all askers share.
#[derive(Debug)]
pub(crate) struct Pulse(watch::Sender<Beat>);

impl Default for Pulse {
    fn default() -> Self {
        Self(watch::Sender::new(Beat::None))
    }
}

impl Pulse {
    /// Whether the caller is the one who is to begin a beat.
    fn begin(&self) -> bool {
        self.0.send_if_modified(|beat| {
            let is_due = beat.is_due();
            if is_due {
                *beat = Beat::Begun;
            }
            is_due
        })
    }

    fn end(&self, is_well: bool) {
        self.0.send_replace(Beat::Through { at: Instant::now(), is_well });
    }

    async fn reported(&self) -> bool {
        let mut beats = self.0.subscribe();
        // The sender is ours, so waiting cannot fail.
        let beat = beats.wait_for(|beat| beat.is_well().is_some()).await;
        beat.ok().and_then(|beat| beat.is_well()).unwrap_or(false)
    }
}

impl Store {
    /// Whether a write and a read of what was written succeeded within two seconds, and the file is
    /// still where it was (one that was deleted takes writes that nobody will ever see again). What
    /// was found holds for a second: whoever asks meanwhile costs the disk nothing.
    pub async fn healthy(&self) -> bool {
        if self.inner.pulse.begin() {
            let store = self.clone();
            // A task of its own: who hangs up does not end the beat the others wait for.
            tokio::spawn(async move {
                let is_well = store.beat().await;
                store.inner.pulse.end(is_well);
            });
        }
        self.inner.pulse.reported().await
    }

    async fn beat(&self) -> bool {
        let beat = tokio::time::timeout(DEADLINE, self.try_beat()).await;
        match beat {
            Ok(Ok(is_well)) => is_well,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database is unwell");
                false
            }
            Err(_) => {
                tracing::warn!("the database did not answer in {} s", DEADLINE.as_secs());
                false
            }
        }
    }

    async fn try_beat(&self) -> Result<bool, StoreError> {
        let beat = now_ms();
        let write = sqlx::query("UPDATE heartbeat SET beat = $1 WHERE id = 1").bind(beat);
        self.inner.writer.execute(write).await?;
        let read: Result<i64, _> = sqlx::query_scalar("SELECT beat FROM heartbeat WHERE id = 1")
            .fetch_one(&self.inner.readers)
            .await;
        let is_seen = read.as_ref().is_ok_and(|read| *read >= beat);
        let is_there = tokio::fs::try_exists(&self.inner.path).await.unwrap_or(false);
        if !is_seen || !is_there {
            self.inner.renewal.renew();
        }
        read?;
        Ok(is_seen && is_there)
    }
}

/// Since when a connection must have been opened to be used: those that are older when something
/// was not seen that is written are closed instead.
#[derive(Clone, Debug)]
pub(crate) struct Renewal(Arc<watch::Sender<Instant>>);

impl Default for Renewal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Instant::now())))
    }
}

impl Renewal {
    fn renew(&self) {
        self.0.send_replace(Instant::now());
    }

    /// Whether a connection of this age may still be used.
    pub fn allows(&self, age: Duration) -> bool {
        age <= self.0.borrow().elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asker_begins_and_all_others_share_what_was_found() {
        let pulse = Pulse::default();
        assert!(pulse.begin());
        assert!(!pulse.begin(), "one is under way");
        pulse.end(true);
        assert!(!pulse.begin(), "what it found still holds");
        let long_ago = Instant::now().checked_sub(LASTS).unwrap();
        pulse.0.send_replace(Beat::Through { at: long_ago, is_well: true });
        assert!(pulse.begin());
    }

    #[test]
    fn a_connection_older_than_the_last_doubt_is_not_used() {
        let renewal = Renewal::default();
        let age = Duration::from_secs(1);
        assert!(renewal.allows(Duration::ZERO));
        renewal.renew();
        assert!(!renewal.allows(age));
    }
}
