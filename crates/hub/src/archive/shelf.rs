//! Recordings as the doors ask for them.

use super::{Archive, CLOSING};
use crate::Hub;
use rotunda_domain::{ProjectId, RecordingId, Refusal, SessionId};
use rotunda_store::{EventRow, ListPage, Page, RecordingRow, RecordingStatus, StoreError};
use std::path::PathBuf;
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
}

impl Archive {
    pub(super) fn file(&self, row: &RecordingRow) -> Result<PathBuf, RecordingError> {
        match row.status {
            RecordingStatus::Completed => Ok(self.path_of(row)),
            _ => Err(RecordingError::NotFound),
        }
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
        if row.status != RecordingStatus::Completed || !self.inner.archive.remove(&row).await {
            return Err(RecordingError::NotCompleted);
        }
        Ok(())
    }

    /// Finishes, in the background, recordings that an earlier process left; to be called once.
    pub fn take_up_recordings(&self) {
        let archive = self.inner.archive.clone();
        tokio::spawn(async move { archive.take_up().await });
    }

    /// Why no recording can begin now, if so: the engine's reason first, then the folder's.
    pub(crate) async fn recording_hindrance(&self) -> Option<Refusal> {
        match self.inner.engine.recording_hindrance() {
            Some(refusal) => Some(refusal.into()),
            None => self.inner.archive.hindrance().await,
        }
    }

    /// Waits until the files of sessions that are over are closed, within a bound.
    pub(crate) async fn recordings_closed(&self) {
        let until = tokio::time::Instant::now() + CLOSING;
        let is_open = || self.inner.engine.open_recordings() > 0 || self.inner.archive.is_telling();
        while is_open() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
