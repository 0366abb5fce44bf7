//! Recordings as the doors ask for them.

use super::{Archive, CLOSING, key, place_of};
use crate::Hub;
use futures_util::StreamExt;
use rotunda_domain::{ProjectId, RecordingId, Refusal, SessionId};
use rotunda_storage::{Facts, Place, Reading, StorageError};
use rotunda_store::{EventRow, ListPage, Page, RecordingRow, RecordingStatus, StoreError};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Why a recording is not given or deleted.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The project has no such recording, or there is no file yet.
    #[error("no such recording")]
    NotFound,
    /// It is being recorded, or finished.
    #[error("the recording is not completed")]
    NotCompleted,
    /// The link is not ours, or no longer good.
    #[error("the link is not good")]
    BadLink,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes are not to be had.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for RecordingError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NotFound => Self::NotFound,
            error => Self::Storage(error),
        }
    }
}

/// A recording's file as it is now, to be read in part or whole.
pub struct RecordingFile {
    archive: Arc<Archive>,
    recording: RecordingId,
    key: String,
    place: Place,
    facts: Facts,
}

impl RecordingFile {
    /// How large it is.
    pub fn bytes(&self) -> u64 {
        self.facts.bytes
    }

    /// Changes whenever its bytes do; `None` where the store gives none.
    pub fn etag(&self) -> Option<&str> {
        self.facts.etag.as_deref()
    }

    /// SHA-256 of its bytes.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) async fn sha256(&self) -> Result<[u8; 32], RecordingError> {
        Ok(self.archive.storage().sha256(self.place, &self.key, &self.facts).await?)
    }

    /// The bytes of `range`, which lies within it. Until they are read or dropped, retention
    /// leaves the file alone.
    ///
    /// # Errors
    /// `Storage`, with `Replaced` when it was made seekable or sent away meanwhile.
    pub async fn read(&self, range: Range<u64>) -> Result<Reading, RecordingError> {
        let hold = self.archive.being_read.take(self.recording);
        let storage = self.archive.storage();
        let reading = storage.read(self.place, &self.key, &self.facts, range).await?;
        let held = reading.map(move |bytes| {
            let _ = &hold;
            bytes
        });
        Ok(held.boxed())
    }
}

impl Archive {
    pub(super) async fn file(
        self: &Arc<Self>,
        row: &RecordingRow,
    ) -> Result<RecordingFile, RecordingError> {
        if row.status != RecordingStatus::Completed {
            return Err(RecordingError::NotFound);
        }
        let (place, key) = (place_of(row.place), key(row.project, row.id));
        let facts = self.storage().facts(place, &key).await?;
        Ok(RecordingFile { archive: self.clone(), recording: row.id, key, place, facts })
    }
}

impl Hub {
    /// A page of recordings, of the project or of one of its sessions, newest first.
    ///
    /// # Errors
    /// The store's; `NotFound` for an unknown session.
    pub async fn recordings_page(
        &self,
        project: ProjectId,
        session: Option<SessionId>,
        page: Page,
    ) -> Result<ListPage<RecordingRow>, RecordingError> {
        if let Some(session) = session {
            let row = self.store().session(project, session).await?;
            row.ok_or(RecordingError::NotFound)?;
        }
        Ok(self.store().recordings(project, session, page).await?)
    }

    /// One recording.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn recording_row(
        &self,
        project: ProjectId,
        recording: RecordingId,
    ) -> Result<RecordingRow, RecordingError> {
        let row = self.store().recording(recording).await?;
        row.filter(|row| row.project == project).ok_or(RecordingError::NotFound)
    }

    /// A page of what happened to a recording, newest first; also of one that is deleted.
    ///
    /// # Errors
    /// The store's.
    pub async fn recording_events_page(
        &self,
        project: ProjectId,
        recording: RecordingId,
        page: Page,
    ) -> Result<ListPage<EventRow>, RecordingError> {
        let found = self.store().recording_events(project, recording, page).await?;
        if found.rows.is_empty() {
            self.recording_row(project, recording).await?;
        }
        Ok(found)
    }

    /// Deletes a completed recording and its file.
    ///
    /// # Errors
    /// `NotFound`, `NotCompleted`.
    pub async fn delete_recording(
        &self,
        project: ProjectId,
        recording: RecordingId,
    ) -> Result<(), RecordingError> {
        let row = self.recording_row(project, recording).await?;
        if row.status != RecordingStatus::Completed
            || !self.inner.services.archive.remove(&row).await
        {
            return Err(RecordingError::NotCompleted);
        }
        Ok(())
    }

    /// Finishes, in the background, recordings that an earlier process left; to be called once.
    pub fn take_up_recordings(&self) {
        let archive = self.inner.services.archive.clone();
        rotunda_telemetry::spawn("recordings taken up", async move { archive.take_up().await });
    }

    /// Why no recording can begin now, if so: memory first, then the engine's reason, then the folder's.
    pub(crate) async fn recording_hindrance(&self) -> Option<Refusal> {
        if let Some(refusal) = self.memory_hindrance("recording") {
            return Some(refusal);
        }
        match self.inner.services.engine.recording_hindrance() {
            Some(refusal) => Some(refusal.into()),
            None => self.inner.services.archive.hindrance().await,
        }
    }

    /// Waits until the files of sessions that are over are closed, within a bound.
    pub(crate) async fn recordings_closed(&self) {
        let until = tokio::time::Instant::now() + CLOSING;
        let is_open = || {
            self.inner.services.engine.open_recordings() > 0
                || self.inner.services.archive.is_telling()
        };
        while is_open() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
