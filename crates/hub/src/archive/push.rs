//! Finished recordings on their way to the server that a live-chat site named. Whether and where to
//! is written down in the same transaction as that the recording is finished, so that neither a
//! death nor a later change of the site's settings loses one, sends it twice or sends it elsewhere.
//!
//! **What if the receiver is away?** It is tried again after ever longer pauses until
//! `push_give_up_after` is over; then the line stays as given up, told in the log and in the
//! recording's events, until somebody asks for another try. **What if there are many?** They wait in
//! the store: of a project one is sent at a time, of all projects [`AT_ONCE`], so that a slow receiver
//! holds up its own project only. **What if the recording is deleted meanwhile?** Its line goes with
//! it; a body that is under way is sent to its end.

use super::{Archive, RecordingError, event, key};
use crate::now;
use futures_util::TryStreamExt;
use rotunda_domain::ProjectId;
use rotunda_outputs::{PushError, PushedFilm, Pusher};
use rotunda_store::{Delivery, DeliveryKind, HistoryWrite, NewDelivery, RecordingRow, StoreError};
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

const KIND: DeliveryKind = DeliveryKind::Push;
const AT_ONCE: usize = 4;
const FIRST_PAUSE_MS: i64 = 1000;
const LAST_PAUSE_MS: i64 = 3_600_000;
/// How often is looked though nobody woke us: `rotunda push retry` is another process.
const LOOK: Duration = Duration::from_secs(15);
/// Between tries to write down how it went.
const NOTE_AGAIN: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
enum TryError {
    #[error(transparent)]
    File(#[from] RecordingError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Push(#[from] PushError),
}

/// Pushes that go on.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<ProjectId>,
    /// Whose; a project whose task panicked stays here, so that it is not tried at once for ever.
    projects: HashSet<ProjectId>,
}

impl UnderWay {
    fn ended(&mut self, ended: Result<ProjectId, JoinError>) {
        match ended {
            Ok(project) => drop(self.projects.remove(&project)),
            Err(error) => {
                tracing::error!(%error, "a push broke off; its project waits for a restart")
            }
        }
    }
}

/// Pushes what is due until the archive is gone.
pub(super) async fn push_all(archive: Weak<Archive>, wake: Arc<Notify>) {
    let mut under_way = UnderWay::default();
    loop {
        let Some(this) = archive.upgrade() else { return };
        let Some(pusher) = this.options.pusher.clone() else { return };
        let wait = this.begin_due(&pusher, &mut under_way).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the queue of recordings to be pushed was not read");
            LOOK
        });
        drop(this);
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
            Some(ended) = under_way.tasks.join_next() => under_way.ended(ended),
        }
    }
}

impl Archive {
    /// Where a recording is to be pushed that is finished just now: nowhere without a site, without
    /// an address, while the site records nothing, and when there is not a byte.
    pub(super) async fn wanted_push(
        &self,
        row: &RecordingRow,
        bytes: i64,
    ) -> Result<Option<NewDelivery>, StoreError> {
        if self.options.pusher.is_none() || bytes <= 0 {
            return Ok(None);
        }
        let site = self.store.livechat_of(row.project).await?;
        let site = site.filter(|site| site.record && !site.recording_server_url.is_empty());
        Ok(site.map(|site| NewDelivery {
            kind: KIND,
            project: row.project,
            recording: row.id,
            target: site.recording_server_url,
            file: key(row.project, row.id),
        }))
    }

    /// The file stays as it is from now on.
    pub(super) async fn release_push(&self, row: &RecordingRow) {
        match self.store.release_deliveries(row.id, now().epoch_ms).await {
            Ok(true) => self.push_wake.notify_one(),
            Ok(false) => {}
            // It stays held back, and the next start releases it.
            Err(error) => tracing::error!(recording = %row.id, %error, "a push is held back"),
        }
    }

    /// Begins what is due and has room; answers after which time to look again.
    async fn begin_due(
        self: &Arc<Self>,
        pusher: &Pusher,
        under_way: &mut UnderWay,
    ) -> Result<Duration, StoreError> {
        let now_ms = now().epoch_ms;
        for delivery in self.store.foremost_deliveries(KIND).await? {
            if under_way.tasks.len() >= AT_ONCE {
                break;
            }
            let early = u64::try_from(delivery.next_at_ms - now_ms).unwrap_or(0);
            if early > 0 {
                return Ok(Duration::from_millis(early).min(LOOK));
            }
            if under_way.projects.insert(delivery.project) {
                let (this, pusher) = (self.clone(), pusher.clone());
                under_way.tasks.spawn(rotunda_telemetry::named("push", async move {
                    this.push_one(&pusher, &delivery).await;
                    delivery.project
                }));
            }
        }
        Ok(LOOK)
    }

    async fn push_one(self: &Arc<Self>, pusher: &Pusher, delivery: &Delivery) {
        match self.try_push(pusher, delivery).await {
            Ok(Some((row, film))) => {
                // Whatever the store does meanwhile: what was accepted is not sent again.
                while let Err(error) = self.store.delivered(delivery.id, now_ms()).await {
                    tracing::error!(recording = %row.id, %error, "a push is not written down yet");
                    tokio::time::sleep(NOTE_AGAIN).await;
                }
                self.tell_pushed(delivery, &row, &film);
            }
            // Deleted, and its line with it.
            Ok(None) => {}
            Err(error) => self.put_push_off(delivery, &error).await,
        }
    }

    async fn try_push(
        self: &Arc<Self>,
        pusher: &Pusher,
        delivery: &Delivery,
    ) -> Result<Option<(RecordingRow, PushedFilm)>, TryError> {
        let Some(row) = self.store.recording(delivery.recording).await? else { return Ok(None) };
        let hold = self.being_read.take(row.id);
        let session = self.store.session(row.project, row.session).await?;
        let file = self.file(&row).await?;
        let film = PushedFilm {
            recording: row.id,
            session: row.session,
            project: row.project,
            room: session.map(|session| session.settings.name).unwrap_or_default(),
            started_ms: row.started_ms,
            duration_ms: row.duration_ms.unwrap_or(0),
            bytes: file.bytes(),
            sha256: file.sha256().await?,
        };
        let bytes = file.read(0..film.bytes).await?.map_err(std::io::Error::other);
        pusher.push(&delivery.target, &film, Box::pin(bytes)).await?;
        drop(hold);
        Ok(Some((row, film)))
    }

    fn tell_pushed(&self, delivery: &Delivery, row: &RecordingRow, film: &PushedFilm) {
        let sha256: String = film.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let facts = json!({"id": row.id.0, "target": Pusher::origin(&delivery.target),
            "size_in_bytes": film.bytes, "sha256": sha256, "attempts": delivery.attempts + 1});
        rotunda_telemetry::figures().pushes.one("done");
        tracing::info!(recording = %row.id, "a recording is pushed");
        self.history.write(HistoryWrite::Event(event(row, "recording.pushed", "info", facts)));
    }

    async fn put_push_off(&self, delivery: &Delivery, error: &TryError) {
        let tries = delivery.attempts + 1;
        let next_at_ms = self.next_try(delivery, error, now_ms());
        let (recording, target) = (delivery.recording, Pusher::origin(&delivery.target));
        let outcome = if next_at_ms.is_none() { "given_up" } else { "failed" };
        rotunda_telemetry::figures().pushes.one(outcome);
        // The first, and then ever more rarely: a receiver that is away must not flood the log.
        if next_at_ms.is_none() {
            tracing::error!(%recording, target, %error, tries, "a recording is not pushed: given up");
        } else if tries.count_ones() == 1 {
            tracing::warn!(%recording, target, %error, tries, "a recording is not pushed yet");
        }
        let why = error.to_string();
        let note = async || self.store.not_delivered(delivery.id, &why, next_at_ms, now_ms()).await;
        while let Err(error) = note().await {
            tracing::error!(%recording, %error, "a push in vain is not written down yet");
            tokio::time::sleep(NOTE_AGAIN).await;
        }
        if next_at_ms.is_none()
            && let Ok(Some(row)) = self.store.recording(recording).await
        {
            let facts = json!({"id": row.id.0, "target": target, "attempts": tries, "error": why});
            let event = event(&row, "recording.push_failed", "error", facts);
            self.history.write(HistoryWrite::Event(event));
        }
    }

    /// When it is tried again; `None` when it is given up. The last try is when its time is over,
    /// unless the receiver asks for more.
    fn next_try(&self, delivery: &Delivery, error: &TryError, now_ms: i64) -> Option<i64> {
        let (is_final, asked) = match error {
            TryError::Push(error) => (error.is_final(), error.wait().unwrap_or_default()),
            _ => (false, Duration::ZERO),
        };
        let end_ms = delivery.since_ms.saturating_add(in_ms(self.options.push_give_up_after));
        let random = Uuid::new_v4().as_u64_pair().1 as u32;
        let next_ms = now_ms + pause_ms(delivery.attempts + 1, random);
        let next_ms = next_ms.min(end_ms).max(now_ms + in_ms(asked));
        (!is_final && now_ms < end_ms).then_some(next_ms)
    }
}

fn now_ms() -> i64 {
    now().epoch_ms
}

fn in_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// After so many tries in vain: doubled from try to try, and anywhere in its second half, so that
/// what failed together does not come back together.
fn pause_ms(tries: i64, random: u32) -> i64 {
    let longest = (FIRST_PAUSE_MS << tries.clamp(1, 16)).min(LAST_PAUSE_MS);
    longest / 2 + longest / 2 * i64::from(random) / i64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_never_shrink_below_half() {
        assert_eq!((pause_ms(1, 0), pause_ms(1, u32::MAX)), (1000, 2000));
        assert_eq!((pause_ms(5, 0), pause_ms(5, u32::MAX)), (16_000, 32_000));
        assert_eq!((pause_ms(500, 0), pause_ms(500, u32::MAX)), (1_800_000, 3_600_000));
    }
}
