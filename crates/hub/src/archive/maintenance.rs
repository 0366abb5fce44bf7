//! What happens to files behind everybody's back: what a crash left is mended, what is whole is made
//! seekable, and what is too old goes.

use super::{Archive, event, key, place_of};
use crate::now;
use rotunda_outputs::Scan;
use rotunda_store::{HistoryWrite, RecordingPlace, RecordingRow, RecordingStatus};
use serde_json::json;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;

/// How often old recordings are looked for.
const RETAIN_EVERY: Duration = Duration::from_secs(60);
const DAY_MS: i64 = 24 * 3600 * 1000;

/// One after the other: it is work for the disk, and nobody waits for it.
pub(super) async fn make_seekable(
    archive: Weak<Archive>,
    mut closed: mpsc::UnboundedReceiver<RecordingRow>,
) {
    while let Some(row) = closed.recv().await {
        let Some(archive) = archive.upgrade() else { return };
        archive.history.flush().await;
        archive.finish_one(&row).await;
    }
}

/// Deletes by age and by bytes, now and then.
pub(super) async fn retain(archive: Weak<Archive>) {
    let mut beat = tokio::time::interval(RETAIN_EVERY);
    loop {
        beat.tick().await;
        let Some(archive) = archive.upgrade() else { return };
        archive.retain_once().await;
    }
}

impl Archive {
    /// Makes a file seekable, and sends it on; a deletion meanwhile is carried out behind it.
    pub(super) async fn finish_one(&self, closed: &RecordingRow) {
        let hold = self.at_work.take(closed.id);
        if let Ok(Some(row)) = self.store.recording(closed.id).await {
            self.make_one_seekable(&row).await;
        }
        drop(hold);
        // Looked for again: who deleted it until now left the bytes to us.
        match self.store.recording(closed.id).await {
            Ok(None) => self.delete_bytes(closed, RecordingPlace::Local).await,
            Ok(Some(row)) => {
                self.release_push(&row).await;
                self.queue(&row).await;
            }
            // The next start looks for what is still in the folder.
            Err(_) => {}
        }
    }

    async fn make_one_seekable(&self, row: &RecordingRow) {
        let is_due = row.status == RecordingStatus::Completed && !row.is_seekable;
        let has_any = row.bytes.is_some_and(|bytes| bytes > 0);
        let Some(ffmpeg) = self.ffmpeg().filter(|_| is_due && has_any) else { return };
        let Ok(bytes) = ffmpeg.make_seekable(&self.path_of(row)).await else { return };
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let now_ms = now().epoch_ms;
        let moved = self.store.move_recording(row.id, bytes, true, RecordingPlace::Local, now_ms);
        if let Err(error) = moved.await {
            tracing::error!(recording = %row.id, %error, "a recording's new size was not kept");
        }
    }

    /// Finishes what an earlier process left; until then its rows say `processing`.
    pub async fn take_up(self: &Arc<Self>) {
        let rows = match self.store.take_up_recordings(now().epoch_ms).await {
            Ok(rows) => rows,
            Err(error) => return tracing::error!(%error, "recordings were not taken up"),
        };
        for row in rows {
            let path = self.path_of(&row);
            let mended = tokio::task::spawn_blocking(move || rotunda_outputs::repair(&path)).await;
            match mended.map_err(std::io::Error::other).and_then(|mended| mended) {
                Ok(whole) => {
                    tracing::warn!(recording = %row.id, "a recording that was cut off is finished");
                    let facts = json!({"reason": "restart"});
                    self.finish(&row, whole, "recording.interrupted", "warning", facts).await;
                }
                Err(error) => {
                    tracing::error!(recording = %row.id, %error, "a recording has no file");
                    let facts = json!({"reason": "restart", "error": error.to_string()});
                    let none = Scan::default();
                    self.finish(&row, none, "recording.interrupted", "error", facts).await;
                }
            }
        }
        self.try_anew().await;
        for row in self.store.completed_recordings().await.unwrap_or_default() {
            if row.place == RecordingPlace::Local {
                let _ = self.closed.send(row);
            }
        }
    }

    pub(super) async fn retain_once(&self) {
        let (days, most) = (self.options.keep_days, self.options.keep_bytes);
        if days == 0 && most == 0 {
            return;
        }
        let rows = self.store.completed_recordings().await.unwrap_or_default();
        let bytes = |row: &RecordingRow| row.bytes.unwrap_or(0).max(0) as u64;
        let mut held: u64 = rows.iter().map(bytes).sum();
        let too_old = now().epoch_ms - i64::from(days) * DAY_MS;
        for row in &rows {
            let is_old = days > 0 && row.finished_ms.is_some_and(|at| at < too_old);
            let is_over = most > 0 && held > most;
            // Never what somebody has in hand: it goes the next time.
            let is_in_use = self.at_work.has(row.id) || self.being_read.has(row.id);
            if (is_old || is_over) && !is_in_use && self.remove(row).await {
                held -= bytes(row);
                let facts = json!({"reason": if is_old { "age" } else { "space" }});
                let event = event(row, "recording.expired", "info", facts);
                self.history.write(HistoryWrite::Event(event));
            }
        }
    }

    /// Row first: a row without a file would be a promise nobody keeps. Who reads the file in the
    /// folder just now reads it to its end.
    pub(super) async fn remove(&self, row: &RecordingRow) -> bool {
        let place = match self.store.delete_recording(row.id).await {
            Ok(Some(place)) => place,
            Ok(None) => return false,
            Err(error) => {
                tracing::error!(recording = %row.id, %error, "a recording was not deleted");
                return false;
            }
        };
        // Whoever has it in hand finds no row when they are done, and takes it away.
        if !self.at_work.has(row.id) {
            self.delete_bytes(row, place).await;
        }
        true
    }

    async fn delete_bytes(&self, row: &RecordingRow, place: RecordingPlace) {
        let deleted = self.storage().delete(place_of(place), &key(row.project, row.id)).await;
        if let Err(error) = deleted {
            tracing::error!(recording = %row.id, %error, "a recording's file was not deleted");
        }
    }
}
