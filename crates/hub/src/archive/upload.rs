//! Finished recordings on their way into the bucket. What is to be sent stands in the store before it
//! is tried, and the bucket is asked before anything is sent, so that a death at any moment costs
//! nothing and sends nothing twice.
//!
//! **What if the bucket is away?** The file stays in the folder, where it can be downloaded, and is
//! tried again after ever longer pauses; after [`TRIES`] it is given up until the next start. One
//! file is sent at a time.

use super::{Archive, event, key};
use crate::now;
use rotunda_storage::{Place, StorageError};
use rotunda_store::{
    Delivery, DeliveryKind, HistoryWrite, NewDelivery, RecordingPlace, RecordingRow, StoreError,
};
use serde_json::json;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

const KIND: DeliveryKind = DeliveryKind::Object;
const FIRST_PAUSE_MS: i64 = 1000;
const LAST_PAUSE_MS: i64 = 600_000;
/// Some two weeks.
const TRIES: i64 = 2000;
/// How often is looked when the store itself fails.
const LOOK: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
enum UploadError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends what is due, one after the other, until the archive is gone.
pub(super) async fn send_all(archive: Weak<Archive>, wake: Arc<Notify>) {
    loop {
        let Some(this) = archive.upgrade() else { return };
        let wait = match this.send_next().await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait,
            Err(error) => {
                tracing::warn!(%error, "the queue of recordings to be sent was not read");
                LOOK
            }
        };
        drop(this);
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

impl Archive {
    /// Queues a finished file, unless there is no bucket or it was queued before.
    pub(super) async fn queue(&self, row: &RecordingRow) {
        let Some(target) = self.storage().bucket() else { return };
        let delivery = NewDelivery {
            kind: KIND,
            project: row.project,
            recording: row.id,
            target: target.to_owned(),
            file: key(row.project, row.id),
        };
        // The next start looks for what is still in the folder.
        if let Err(error) = self.store.queue_delivery(&delivery, now().epoch_ms).await {
            tracing::error!(recording = %row.id, %error, "a recording was not queued for the bucket");
        }
        self.wake.notify_one();
    }

    /// What an earlier process gave up is tried anew.
    pub(super) async fn try_anew(&self) {
        if let Err(error) = self.store.retry_deliveries(KIND, None, now().epoch_ms).await {
            tracing::error!(%error, "what was given up is not tried anew");
        }
    }

    /// Sends what is due first; answers how long until something is due, when nothing was.
    async fn send_next(&self) -> Result<Option<Duration>, StoreError> {
        let waiting = self.store.next_delivery(KIND).await?;
        let Some(delivery) = waiting.filter(|_| self.storage().bucket().is_some()) else {
            return Ok(Some(Duration::MAX));
        };
        let early = delivery.next_at_ms - now().epoch_ms;
        if let Some(early) = u64::try_from(early).ok().filter(|early| *early > 0) {
            return Ok(Some(Duration::from_millis(early)));
        }
        let sent = self.send_one(&delivery).await;
        let now_ms = now().epoch_ms;
        match sent {
            Ok(()) => self.store.delivered(delivery.id, now_ms).await?,
            Err(error) => self.put_off(&delivery, &error, now_ms).await?,
        }
        Ok(None)
    }

    /// First the object, then the row that leads to it, then the file goes.
    async fn send_one(&self, delivery: &Delivery) -> Result<(), UploadError> {
        let hold = self.at_work.take(delivery.recording);
        let sent = self.storage().send(&delivery.file).await?;
        if let Some(row) = self.store.recording(delivery.recording).await? {
            let bytes = i64::try_from(sent.bytes).unwrap_or(i64::MAX);
            let (seekable, place) = (row.is_seekable, RecordingPlace::Remote);
            let now_ms = now().epoch_ms;
            self.store.move_recording(row.id, bytes, seekable, place, now_ms).await?;
        }
        drop(hold);
        self.storage().delete(Place::Folder, &delivery.file).await?;
        // Looked for again: who deleted it until now left the bytes to us.
        match self.store.recording(delivery.recording).await? {
            Some(row) => {
                let facts = json!({"id": row.id.0, "target": delivery.target,
                    "size_in_bytes": sent.bytes, "sha256": sent.sha256});
                let event = event(&row, "recording.stored", "info", facts);
                self.history.write(HistoryWrite::Event(event));
            }
            None => self.storage().delete(Place::Bucket, &delivery.file).await?,
        }
        Ok(())
    }

    async fn put_off(
        &self,
        delivery: &Delivery,
        error: &UploadError,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let recording = delivery.recording;
        let tries = delivery.attempts + 1;
        let is_lost =
            matches!(error, UploadError::Storage(StorageError::NotFound)) || tries >= TRIES;
        // The first, and then ever more rarely: a bucket that is away must not flood the log.
        if is_lost {
            tracing::error!(%recording, %error, tries, "a recording is not sent to the bucket");
        } else if tries.count_ones() == 1 {
            tracing::warn!(%recording, %error, tries, "a recording is not in the bucket yet");
        }
        let pause = (FIRST_PAUSE_MS << tries.clamp(1, 16)).min(LAST_PAUSE_MS);
        let next_at_ms = (!is_lost).then_some(now_ms + pause);
        self.store.not_delivered(delivery.id, &error.to_string(), next_at_ms, now_ms).await
    }
}
