//! The history of sessions: written behind their backs, read for the doors.

mod allowance;
mod lines;
pub(crate) mod live;
mod record;
mod retention;
mod writer;

pub use record::{Fps, HistoryRecord};
pub use retention::HistoryOptions;
pub(crate) use retention::retain;
pub use writer::HistoryWriter;

use crate::Hub;
pub use live::{ListenRefused, Listening, ListensBy};
use rotunda_domain::{ProjectId, Quality, SessionId};
use rotunda_store::{
    EventRow, ListPage, LogQuery, LogRow, MemberRow, Page, SessionFilter, SessionRow, StoreError,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Why there is no history to show.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The project had no such session.
    #[error("no such session")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found of an earlier process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartReport {
    /// Sessions that were open and are closed now.
    pub sessions_closed: u64,
}

impl Hub {
    /// Listens to what happens in a project, from now on.
    ///
    /// # Errors
    /// [`ListenRefused`].
    pub async fn listen(
        &self,
        project: ProjectId,
        by: ListensBy,
    ) -> Result<Listening, ListenRefused> {
        self.inner.services.live.listen(self.store(), project, by).await
    }

    /// Frames a second of a canvas of this quality, as REST reports them: 20 or 30.
    pub fn fps(&self, quality: Quality) -> u32 {
        let options = self.options();
        Fps { p720: options.fps_720p, p1080: options.fps_1080p }.of(quality)
    }

    /// A page of the project's sessions, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn sessions_page(
        &self,
        project: ProjectId,
        filter: &SessionFilter,
        page: Page,
    ) -> Result<ListPage<SessionRow>, StoreError> {
        self.store().sessions(project, filter, page).await
    }

    /// A page of the project's log, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn logs_page(
        &self,
        project: ProjectId,
        query: LogQuery,
        page: Page,
    ) -> Result<ListPage<LogRow>, StoreError> {
        self.store().logs(project, query, page).await
    }

    /// One entry of the log.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn log(&self, project: ProjectId, id: SessionId) -> Result<LogRow, HistoryError> {
        self.store().log(project, id).await?.ok_or(HistoryError::NotFound)
    }

    /// One session, running or over.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn session_row(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<SessionRow, HistoryError> {
        self.store().session(project, session).await?.ok_or(HistoryError::NotFound)
    }

    /// A page of those who took part in a session, newest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown session.
    pub async fn members_page(
        &self,
        project: ProjectId,
        session: SessionId,
        page: Page,
    ) -> Result<ListPage<MemberRow>, HistoryError> {
        self.session_row(project, session).await?;
        Ok(self.store().members(project, session, page).await?)
    }

    /// A page of what happened in a session, newest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown session.
    pub async fn events_page(
        &self,
        project: ProjectId,
        session: SessionId,
        page: Page,
    ) -> Result<ListPage<EventRow>, HistoryError> {
        self.session_row(project, session).await?;
        Ok(self.store().events(project, session, page).await?)
    }

    /// Closes in history what a crash left open; to be called once, before the first session.
    ///
    /// # Errors
    /// The store's.
    pub async fn close_left_open(&self) -> Result<RestartReport, StoreError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Ok(RestartReport { sessions_closed: self.store().close_left_open(now_ms).await? })
    }
}
