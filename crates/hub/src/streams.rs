//! Streams that stand with a room, as the doors see them: what is stored, and what a session that
//! runs does about it at once.

use crate::Hub;
use crate::rooms::whole;
use crate::unavailable;
use rotunda_domain::limits::STREAMS;
use rotunda_domain::{
    Actor, Command, ProjectId, Refusal, Reply, RoomId, RoomStream, RoomStreamId, StreamHealth,
    StreamId, StreamTarget,
};
use rotunda_engine::EngineRefusal;
use rotunda_store::{OnlyIf, StoreError, StreamRow};
use uuid::Uuid;

/// Why nothing was done about a stream.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The project has no such room or stream.
    #[error("no such room or stream")]
    NotFound,
    /// The room or its session has all the streams it may have.
    #[error("a room has at most {STREAMS} streams, with those its session was given besides")]
    Full,
    /// Streaming is switched off for the room.
    #[error("streaming is switched off for this room")]
    Off,
    /// The stream is not any more as whoever wants to change it has seen it.
    #[error("the stream was changed meanwhile")]
    Outdated,
    /// The address may not be reached from here.
    #[error("{0}")]
    Unsafe(String),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for StreamError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound | StoreError::Declined(_) => Self::NotFound,
            StoreError::Outdated => Self::Outdated,
            other => Self::Store(other),
        }
    }
}

impl Hub {
    /// Adds a stream to a room; a session that runs begins it at once. Once begun it is done whole,
    /// even when the caller stops waiting, like every change here.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn create_stream(
        &self,
        project: ProjectId,
        room: &str,
        target: StreamTarget,
    ) -> Result<StreamRow, StreamError> {
        self.check_stream(&target)?;
        let room = self.room_of_streams(project, room).await?;
        self.may_stand(room).await?;
        let hub = self.clone();
        whole(async move {
            let _one_at_a_time = hub.inner.room_streams.lock().await;
            let made = hub.store().create_stream(project, room, target, STREAMS).await?;
            let row = made.ok_or(StreamError::Full)?;
            if let Err(Refusal::LimitReached(_)) = hub.stand(project, room, None).await {
                hub.store().delete_stream(project, row.id, OnlyIf::Always).await?;
                return Err(StreamError::Full);
            }
            Ok(row)
        })
        .await
    }

    /// Lets a stream go elsewhere, in a session that runs at once. One that was stopped there begins
    /// again.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn update_stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
        target: StreamTarget,
        only_if: OnlyIf,
    ) -> Result<StreamRow, StreamError> {
        self.check_stream(&target)?;
        let row = self.store().stream(project, id).await?.ok_or(StreamError::NotFound)?;
        self.may_stand(row.room).await?;
        let hub = self.clone();
        whole(async move {
            let _one_at_a_time = hub.inner.room_streams.lock().await;
            let before = row.target;
            let row = hub.store().change_stream(project, id, &target, only_if).await?;
            if let Err(Refusal::LimitReached(_)) = hub.stand(project, row.room, Some(id)).await {
                hub.store().change_stream(project, id, &before, OnlyIf::Always).await?;
                return Err(StreamError::Full);
            }
            Ok(row)
        })
        .await
    }

    /// Deletes a stream; in a session that runs it ends at once.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn delete_stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
        only_if: OnlyIf,
    ) -> Result<(), StreamError> {
        let hub = self.clone();
        whole(async move {
            let _one_at_a_time = hub.inner.room_streams.lock().await;
            let row = hub.store().delete_stream(project, id, only_if).await?;
            let _ = hub.stand(project, row.room, None).await;
            Ok(())
        })
        .await
    }

    /// One stream, and how it does where a session of its room runs.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn stream(
        &self,
        project: ProjectId,
        id: RoomStreamId,
    ) -> Result<(StreamRow, Option<StreamHealth>), StreamError> {
        let row = self.store().stream(project, id).await?.ok_or(StreamError::NotFound)?;
        let health = self.health_of_streams(row.room).await;
        let health = health.into_iter().find(|(of, _)| *of == id).map(|(_, health)| health);
        Ok((row, health))
    }

    /// The streams of a room, oldest first, and how each does.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn streams_of_room(
        &self,
        project: ProjectId,
        room: &str,
    ) -> Result<Vec<(StreamRow, Option<StreamHealth>)>, StreamError> {
        let room = self.room_of_streams(project, room).await?;
        let rows = self.store().streams_of_room(project, room).await?;
        let health = self.health_of_streams(room).await;
        let of = |id| health.iter().find(|(of, _)| *of == id).map(|(_, health)| health.clone());
        Ok(rows.into_iter().map(|row| (row.clone(), of(row.id))).collect())
    }

    async fn room_of_streams(&self, project: ProjectId, room: &str) -> Result<RoomId, StreamError> {
        Ok(self.room(project, room).await.map_err(StoreError::from)?.id)
    }

    async fn may_stand(&self, room: RoomId) -> Result<(), StreamError> {
        let set = self.store().videochat_settings(room).await.map_err(StreamError::Store)?;
        set.may_stream().map_err(|_| StreamError::Off)
    }

    /// A machine without `ffmpeg` is no reason to refuse: it may get it before the next session,
    /// and until then the stream says what is missing.
    fn check_stream(&self, target: &StreamTarget) -> Result<(), StreamError> {
        match self.inner.services.engine.stream_hindrance(target) {
            Some(EngineRefusal::Offer(why)) => Err(StreamError::Unsafe(why)),
            _ => Ok(()),
        }
    }

    /// Makes the session of a room, if one runs, stream to where the room's streams go now; `renewed`
    /// begins again if somebody stopped it.
    pub(crate) async fn stand(
        &self,
        project: ProjectId,
        room: RoomId,
        renewed: Option<RoomStreamId>,
    ) -> Result<(), Refusal> {
        let Some((handle, _)) = self.inner.services.directory.by_room(room) else { return Ok(()) };
        let rows = self.store().streams_of_room(project, room).await.map_err(|error| {
            tracing::error!(%error, %room, "the streams of a room were not looked up");
            unavailable(&error)
        })?;
        let fresh = || StreamId(Uuid::new_v4());
        let room_streams = |row: StreamRow| RoomStream {
            id: row.id,
            target: row.target,
            stream: fresh(),
            is_renewed: renewed == Some(row.id),
        };
        let room_streams = rows.into_iter().map(room_streams).collect();
        let command = Command::SetRoomStreams(room_streams);
        self.command(&handle, Actor::Project, command).await.map(drop)
    }

    async fn health_of_streams(&self, room: RoomId) -> Vec<(RoomStreamId, StreamHealth)> {
        let Some((handle, _)) = self.inner.services.directory.by_room(room) else {
            return Vec::new();
        };
        let Ok(Reply::Streams(views)) =
            self.command(&handle, Actor::Project, Command::ListStreams).await
        else {
            return Vec::new();
        };
        let running = views.into_iter().filter(|view| view.ended_at_ms.is_none());
        running.filter_map(|view| Some((view.room_stream?, view.health))).collect()
    }
}
