//! The index of what runs: sessions by id, room, channel and project.

use crate::sessions::handle::SessionHandle;
use crate::sessions::places::{Places, SharedPlaces, Turn, lock};
use rotunda_domain::{LegKey, ProjectId, RoomId, SessionId};
use rotunda_store::{EventRow, HistoryWrite, INTERRUPTED};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

/// All running sessions; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Directory {
    places: SharedPlaces,
    last_leg: Arc<AtomicU64>,
    /// Microseconds all sessions took to act, until what followed was in everybody's queue.
    busy_us: Arc<AtomicU64>,
}

impl Directory {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Places> {
        lock(&self.places)
    }

    pub fn next_leg(&self) -> LegKey {
        LegKey(self.last_leg.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub fn was_busy(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.busy_us.fetch_add(us, Ordering::Relaxed);
    }

    /// How long all sessions together took to act.
    pub fn busy(&self) -> Duration {
        Duration::from_micros(self.busy_us.load(Ordering::Relaxed))
    }

    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// The turn at the place of a room.
    pub async fn turn(&self, project: ProjectId, name: &str) -> Turn {
        Turn::at(&self.places, (project, name.to_owned())).await
    }

    pub fn by_id(&self, session: SessionId) -> Option<SessionHandle> {
        self.lock().by_id.get(&session).map(|(handle, _)| handle.clone())
    }

    /// A session, if it is the project's.
    pub fn by_id_in(&self, project: ProjectId, session: SessionId) -> Option<SessionHandle> {
        let places = self.lock();
        let (handle, _) = places.by_id.get(&session).filter(|(_, (of, _))| *of == project)?;
        Some(handle.clone())
    }

    /// The project's session with this event channel.
    pub fn by_channel(&self, project: ProjectId, channel: &str) -> Option<SessionHandle> {
        self.of_project(project).into_iter().find(|handle| *handle.channel == *channel)
    }

    pub fn of_project(&self, project: ProjectId) -> Vec<SessionHandle> {
        let places = self.lock();
        let own = places.by_id.values().filter(|(_, (of, _))| *of == project);
        own.map(|(handle, _)| handle.clone()).collect()
    }

    /// The session of a stored room, with the name its place has.
    pub fn by_room(&self, room: RoomId) -> Option<(SessionHandle, (ProjectId, String))> {
        self.lock().by_id.values().find(|(handle, _)| handle.room == room).cloned()
    }

    /// The running session of a room.
    pub fn session_of(&self, room: RoomId) -> Option<SessionHandle> {
        self.by_room(room).map(|(handle, _)| handle)
    }

    /// The room of a running session by its id or name.
    pub fn running_room(&self, project: ProjectId, text: &str) -> Option<(RoomId, String)> {
        let places = self.lock();
        let is_meant = |handle: &SessionHandle, of: &(ProjectId, String)| {
            of.0 == project && (of.1 == text || handle.room.to_string() == text)
        };
        let found = places.by_id.values().find(|(handle, of)| is_meant(handle, of));
        found.map(|(handle, of)| (handle.room, of.1.clone()))
    }

    /// A line for each session, that it is interrupted.
    pub fn marks(&self, now_ms: i64) -> Vec<HistoryWrite> {
        let places = self.lock();
        let mark = |(id, (handle, (project, _))): (&SessionId, &(SessionHandle, _))| {
            HistoryWrite::Event(EventRow {
                room: Some(handle.room),
                session: Some(*id),
                ..EventRow::new(*project, INTERRUPTED, serde_json::json!({}), now_ms)
            })
        };
        places.by_id.iter().map(mark).collect()
    }

    pub fn all(&self) -> Vec<SessionHandle> {
        self.lock().by_id.values().map(|(handle, _)| handle.clone()).collect()
    }

    /// A session is over, and nothing goes on in its place.
    pub fn forget(&self, session: SessionId) {
        let mut places = self.lock();
        if let Some((_, name)) = places.by_id.remove(&session) {
            places.tidy(&name);
        }
    }
}
