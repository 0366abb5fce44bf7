//! Recordings' files: where they are, whether there is room, and what becomes of them when they are
//! closed. Rows are written through the history, so that they follow what the session told.

mod api;
mod leases;
mod link;
mod maintenance;
mod push;
mod upload;

pub use api::{RecordingError, RecordingFile};
pub use link::Link;

use crate::history::HistoryWriter;
use crate::now;
use leases::Leases;
use rotunda_domain::{ProjectId, RecordingId, Refusal};
use rotunda_outputs::{Closed, Ffmpeg, Pusher, Scan};
use rotunda_storage::{Place, Storage};
use rotunda_store::{EventRow, Finished, HistoryWrite, RecordingPlace, RecordingRow, Store};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// What the operator decides for recordings' files.
#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// Where they are.
    pub storage: Arc<Storage>,
    /// The `ffmpeg` program, a path or a name.
    pub ffmpeg: String,
    /// This very program, if it can fence its children.
    pub fence: Option<PathBuf>,
    /// No recording begins when the folder holds this many bytes; 0 is no bound.
    pub quota_bytes: u64,
    /// Finished ones are deleted after so many days; 0 is never.
    pub keep_days: u32,
    /// The oldest finished ones are deleted when there are more bytes than this; 0 is no bound.
    pub keep_bytes: u64,
    /// Posts finished ones to live-chat sites' servers; nobody does when `None`.
    pub pusher: Option<Pusher>,
    /// How long is tried to push one.
    pub push_give_up_after: Duration,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self {
            storage: Arc::new(Storage::folder_only("rotunda-data/recordings".into())),
            ffmpeg: "ffmpeg".into(),
            fence: None,
            quota_bytes: 0,
            keep_days: 0,
            keep_bytes: 0,
            pusher: None,
            push_give_up_after: Duration::from_secs(3 * 24 * 3600),
        }
    }
}

pub(crate) struct Archive {
    options: ArchiveOptions,
    store: Store,
    history: Arc<HistoryWriter>,
    /// Finished files that are to be made seekable; bounded by the recordings there are.
    closed: mpsc::UnboundedSender<RecordingRow>,
    /// Files that are being written anew or sent; whoever does it tidies up behind a deletion.
    at_work: Leases,
    /// Files that somebody downloads.
    being_read: Leases,
    /// Something is to be sent.
    wake: Arc<Notify>,
    /// Something is to be pushed.
    push_wake: Arc<Notify>,
    /// Closed files of which the history does not know yet.
    untold: AtomicUsize,
}

impl Archive {
    /// Starts what goes on behind; needs a Tokio runtime.
    pub fn start(options: ArchiveOptions, store: Store, history: Arc<HistoryWriter>) -> Arc<Self> {
        let (closed, inbox) = mpsc::unbounded_channel();
        let archive = Arc::new(Self {
            options,
            store,
            history,
            at_work: Leases::default(),
            being_read: Leases::default(),
            wake: Arc::default(),
            push_wake: Arc::default(),
            closed,
            untold: AtomicUsize::new(0),
        });
        rotunda_telemetry::spawn(
            "recordings made seekable",
            maintenance::make_seekable(Arc::downgrade(&archive), inbox),
        );
        rotunda_telemetry::spawn("recordings kept", maintenance::retain(Arc::downgrade(&archive)));
        rotunda_telemetry::spawn(
            "recordings sent",
            upload::send_all(Arc::downgrade(&archive), archive.wake.clone()),
        );
        rotunda_telemetry::spawn(
            "recordings pushed",
            push::push_all(Arc::downgrade(&archive), archive.push_wake.clone()),
        );
        archive
    }

    fn storage(&self) -> &Storage {
        &self.options.storage
    }

    /// The file of a recording: both names are ids, so nobody's words lead anywhere else.
    pub fn path(&self, project: ProjectId, recording: RecordingId) -> PathBuf {
        self.storage().path(&key(project, recording))
    }

    fn path_of(&self, row: &RecordingRow) -> PathBuf {
        self.path(row.project, row.id)
    }

    fn ffmpeg(&self) -> Option<Ffmpeg> {
        Ffmpeg::find(&self.options.ffmpeg, self.options.fence.clone()).ok()
    }

    /// Why the folder takes no recording now, if so.
    pub async fn hindrance(&self) -> Option<Refusal> {
        let quota = self.options.quota_bytes;
        let folder = self.storage().folder().to_owned();
        let looked = tokio::task::spawn_blocking(move || look(&folder)).await;
        match looked.unwrap_or_else(|_| Err(std::io::Error::other("a defect of ours"))) {
            Err(error) => {
                tracing::error!(%error, "the folder of recordings cannot be used");
                Some(Refusal::Unsupported("the folder of recordings cannot be written".into()))
            }
            Ok(bytes) if quota > 0 && bytes >= quota => {
                let text = format!("recordings.quota_bytes is reached: {bytes} of {quota}");
                Some(Refusal::LimitReached(text))
            }
            Ok(_) => None,
        }
    }

    /// A file is closed: its row becomes `completed`, after what the session told of it.
    pub fn closed(self: &Arc<Self>, recording: RecordingId, closed: Closed) {
        self.untold.fetch_add(1, Ordering::Relaxed);
        let this = self.clone();
        rotunda_telemetry::spawn("recording closed", async move {
            this.history.flush().await;
            match this.store.recording(recording).await {
                Ok(Some(row)) => this.tell_closed(&row, closed).await,
                Ok(None) => tracing::error!(%recording, "a closed recording has no row"),
                // It stays `processing`, and the next start finishes it.
                Err(error) => tracing::error!(%recording, %error, "a recording is not finished"),
            }
            this.untold.fetch_sub(1, Ordering::Relaxed);
        });
    }

    async fn tell_closed(&self, row: &RecordingRow, closed: Closed) {
        let whole = Scan { bytes: closed.bytes, duration: closed.duration, is_seekable: false };
        match closed.error {
            None => {
                rotunda_telemetry::figures().recordings.one("completed");
                let facts = json!({"lost": closed.lost});
                self.finish(row, whole, "recording.completed", "info", facts).await;
            }
            Some(error) => {
                rotunda_telemetry::figures().recordings.one("failed");
                tracing::error!(recording = %row.id, error, "a recording ended by itself");
                let facts = json!({"error": error});
                self.finish(row, whole, "recording.failed", "error", facts).await;
            }
        }
    }

    /// Whether the history does not know yet of a closed file.
    pub fn is_telling(&self) -> bool {
        self.untold.load(Ordering::Relaxed) > 0
    }

    /// The one sound of a session had to begin anew; told in each recording's list of events.
    pub fn sound_replaced(self: &Arc<Self>, recordings: Vec<RecordingId>, why: &str) {
        let (this, why) = (self.clone(), why.to_owned());
        rotunda_telemetry::spawn("recording sound", async move {
            this.history.flush().await;
            for recording in recordings {
                let Ok(Some(row)) = this.store.recording(recording).await else { continue };
                let facts = json!({"reason": why});
                let event = event(&row, "recording.sound_restarted", "warning", facts);
                this.history.write(HistoryWrite::Event(event));
            }
        });
    }

    /// What cannot be written down stays `processing`, and the next start finishes it.
    async fn finish(
        &self,
        row: &RecordingRow,
        whole: Scan,
        name: &str,
        level: &str,
        mut facts: serde_json::Value,
    ) {
        let duration_ms = i64::try_from(whole.duration.as_millis()).unwrap_or(i64::MAX);
        let bytes = i64::try_from(whole.bytes).unwrap_or(i64::MAX);
        facts["id"] = json!(row.id.0);
        facts["duration"] = json!(duration_ms as f64 / 1000.0);
        facts["size_in_bytes"] = json!(bytes);
        let event = event(row, name, level, facts);
        let push = match self.wanted_push(row, bytes).await {
            Ok(push) => push.map(Box::new),
            Err(error) => {
                tracing::error!(recording = %row.id, %error, "a recording is not finished");
                return;
            }
        };
        let (recording, finished) = (row.id, Finished { duration_ms, bytes });
        self.history.write(HistoryWrite::RecordingFinished { recording, finished, push, event });
        // Fails only while the process ends; the next one looks for what is left.
        let _ = self.closed.send(row.clone());
    }
}

/// What a recording's file is called, wherever it is.
fn key(project: ProjectId, recording: RecordingId) -> String {
    format!("{project}/{recording}.mp4")
}

fn place_of(place: RecordingPlace) -> Place {
    match place {
        RecordingPlace::Local => Place::Folder,
        RecordingPlace::Remote => Place::Bucket,
    }
}

fn event(row: &RecordingRow, name: &str, level: &str, facts: serde_json::Value) -> EventRow {
    EventRow {
        session: Some(row.session),
        recording: Some(row.id.0),
        level: level.into(),
        ..EventRow::new(row.project, name, json!({ "recording": facts }), now().epoch_ms)
    }
}

/// Whether a file can be made here, and how many bytes there are.
fn look(folder: &Path) -> std::io::Result<u64> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".probe");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)?;
    let mut bytes = 0;
    for project in std::fs::read_dir(folder)? {
        let project = project?;
        if project.file_type()?.is_dir() {
            for file in std::fs::read_dir(project.path())? {
                bytes += file?.metadata().map_or(0, |facts| facts.len());
            }
        }
    }
    Ok(bytes)
}

/// How long the end of the process waits for files to be closed; the next start finishes others.
pub(crate) const CLOSING: Duration = Duration::from_secs(4);

#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod tests;
