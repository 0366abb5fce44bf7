//! Durable rooms, as the doors see them: what is stored, and what a change does to a session that
//! runs.

use crate::Hub;
use rotunda_domain::{ProjectId, Room, RoomId, RoomSettings};
use rotunda_store::{ListPage, OnlyIf, Page, RoomQuery, SessionRow, StoreError};
use std::collections::HashMap;

/// Which rooms are listed.
pub type RoomFilter = RoomQuery;

/// Why nothing was done about a room.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// The project has a room of this name.
    #[error("the project has a room of this name")]
    NameTaken,
    /// The project has no such room.
    #[error("no such room")]
    NotFound,
    /// The room is not any more as whoever wants to change it has seen it.
    #[error("the room was changed meanwhile")]
    Outdated,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RoomError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotUnique => Self::NameTaken,
            StoreError::NotFound => Self::NotFound,
            StoreError::Outdated => Self::Outdated,
            other => Self::Store(other),
        }
    }
}

/// For what belongs to a room: it is not there without its room.
impl From<RoomError> for StoreError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::NotFound | RoomError::NameTaken => Self::NotFound,
            RoomError::Outdated => Self::Outdated,
            RoomError::Store(error) => error,
        }
    }
}

impl Hub {
    /// Makes a room that stays until it is deleted.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn create_room(
        &self,
        project: ProjectId,
        settings: RoomSettings,
    ) -> Result<Room, RoomError> {
        Ok(self.store().create_room(project, settings).await?)
    }

    /// The room with this id, or else with this name: a name may look like an id.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn room(&self, project: ProjectId, id_or_name: &str) -> Result<Room, RoomError> {
        if let Ok(id) = id_or_name.parse()
            && let Some(room) = self.store().room_by_id(project, id).await?
        {
            return Ok(room);
        }
        self.store().room_by_name(project, id_or_name).await?.ok_or(RoomError::NotFound)
    }

    /// The room with this id.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn room_by_id(&self, project: ProjectId, id: RoomId) -> Result<Room, RoomError> {
        self.store().room_by_id(project, id).await?.ok_or(RoomError::NotFound)
    }

    /// Changes a room by what `change` does to its settings, unless that refuses (the inner
    /// result). The window and the member limit act on a running session at once, everything else
    /// on the next. Once begun it is done whole, even when the caller stops waiting.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn update_room<E: Send + 'static>(
        &self,
        project: ProjectId,
        id: RoomId,
        change: impl FnOnce(&mut RoomSettings) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<Room, E>, RoomError> {
        self.update_room_if(project, id, OnlyIf::Always, change).await
    }

    /// As [`Hub::update_room`], of the room as its author has seen it.
    ///
    /// # Errors
    /// `NotFound`; `Outdated`.
    pub async fn update_room_if<E: Send + 'static>(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
        change: impl FnOnce(&mut RoomSettings) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<Room, E>, RoomError> {
        let (hub, name) = (self.clone(), self.name_of(project, id).await?);
        whole(async move {
            // A session that is just being opened is waited for, and takes the change; one that is
            // opened next reads it.
            let _turn = hub.inner.services.directory.turn(project, &name).await;
            let changed = hub.store().change_room_if(project, id, only_if, change).await?;
            if let Ok(room) = &changed {
                hub.apply_room(room).await;
            }
            Ok(changed)
        })
        .await
    }

    /// Deletes a room and ends its session; the history stays. Once begun it is done whole, even
    /// when the caller stops waiting.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_room(&self, project: ProjectId, id: RoomId) -> Result<(), RoomError> {
        self.delete_room_if(project, id, OnlyIf::Always).await
    }

    /// As [`Hub::delete_room`], of the room as its author has seen it.
    ///
    /// # Errors
    /// `NotFound`; `Outdated`.
    pub async fn delete_room_if(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
    ) -> Result<(), RoomError> {
        let (hub, name) = (self.clone(), self.name_of(project, id).await?);
        whole(async move {
            // As above: what is open then ends here, and what is opened next finds no room.
            let _turn = hub.inner.services.directory.turn(project, &name).await;
            hub.store().delete_room_if(project, id, only_if).await?;
            hub.end_session_of_room(id).await;
            hub.inner.services.subscribers.forget_room(id);
            Ok(())
        })
        .await
    }

    /// What the room is called; a room keeps its name for good.
    async fn name_of(&self, project: ProjectId, id: RoomId) -> Result<String, RoomError> {
        Ok(self.room_by_id(project, id).await?.settings.name)
    }

    /// A page of the project's rooms, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn rooms_page(
        &self,
        project: ProjectId,
        filter: RoomFilter,
        page: Page,
    ) -> Result<ListPage<Room>, StoreError> {
        self.store().rooms(project, filter, page).await
    }

    /// The session that goes on in a room, as history knows it: a moment behind what is true.
    ///
    /// # Errors
    /// The store's.
    pub async fn active_session(
        &self,
        project: ProjectId,
        room: RoomId,
    ) -> Result<Option<SessionRow>, StoreError> {
        self.store().running_session(project, room).await
    }

    /// All sessions of a project that go on, by room.
    ///
    /// # Errors
    /// The store's.
    pub async fn active_sessions(
        &self,
        project: ProjectId,
    ) -> Result<HashMap<RoomId, SessionRow>, StoreError> {
        let running = self.store().running_sessions(project).await?;
        Ok(running.into_iter().map(|session| (session.room, session)).collect())
    }
}

/// Runs `work` apart from its caller: a request whose socket closes is dropped where it stands,
/// and a room must not be changed in the store and unchanged in the session that runs.
pub(crate) async fn whole<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match rotunda_telemetry::spawn("change of a room", work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is shutting down, and takes the caller with it.
        Err(_) => std::future::pending().await,
    }
}
