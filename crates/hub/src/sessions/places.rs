//! Where sessions go on: one place per room name, and whose turn it is there.
//!
//! Whoever has the turn decides alone what goes on in the place: whether a session begins, what a
//! changed room means for it, that it ends with its room. A place is remembered while a session goes
//! on there or somebody has or awaits the turn, and not a moment longer, whatever became of them; so
//! there are never more of them than sessions and requests under way.

use crate::sessions::handle::SessionHandle;
use rotunda_domain::{ProjectId, RoomSettings, SessionId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A session that runs, and what its room says now.
#[derive(Clone)]
pub(crate) struct Running {
    pub handle: SessionHandle,
    pub settings: RoomSettings,
    /// Whether the room exists in the store.
    pub is_stored: bool,
}

/// A room's name in its project.
pub(crate) type Name = (ProjectId, String);
type Place = Arc<Mutex<Option<Running>>>;

#[derive(Default)]
pub(crate) struct Places {
    by_name: HashMap<Name, Place>,
    pub(crate) by_id: HashMap<SessionId, (SessionHandle, Name)>,
}

impl Places {
    /// Forgets a place where nothing goes on, unless somebody is there, who will see to it.
    pub(crate) fn tidy(&mut self, name: &Name) {
        let Some(place) = self.by_name.get(name).filter(|place| Arc::strong_count(place) == 1)
        else {
            return;
        };
        let goes_on = |running: &Running| self.by_id.contains_key(&running.handle.id);
        if place.try_lock().is_ok_and(|running| !running.as_ref().is_some_and(goes_on)) {
            self.by_name.remove(name);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }
}

/// All places, as those who wait for a turn hold them.
pub(crate) type SharedPlaces = Arc<std::sync::Mutex<Places>>;

/// No change of the places can panic halfway, so a poisoned lock is as good.
pub(crate) fn lock(places: &SharedPlaces) -> std::sync::MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The turn at a place, or the wait for it.
pub(crate) struct Turn {
    places: SharedPlaces,
    name: Name,
    place: Option<Place>,
    running: Option<OwnedMutexGuard<Option<Running>>>,
}

impl Turn {
    /// Waits for the turn at a place; turns come in the order they were asked for.
    pub async fn at(places: &SharedPlaces, name: Name) -> Self {
        let place = lock(places).by_name.entry(name.clone()).or_default().clone();
        let places = places.clone();
        // Made before the wait, so that who stops waiting leaves the place as tidy as who does not.
        let mut turn = Self { places, name, place: Some(place.clone()), running: None };
        turn.running = Some(place.lock_owned().await);
        turn
    }

    /// The session that goes on here.
    pub fn running(&self) -> Option<&Running> {
        let running = self.running.as_ref()?.as_ref()?;
        (!running.handle.is_gone()).then_some(running)
    }

    /// A session begins here.
    pub fn begin(&mut self, running: Running) {
        let name = self.name.clone();
        let known = (running.handle.clone(), name);
        lock(&self.places).by_id.insert(running.handle.id, known);
        if let Some(place) = self.running.as_mut() {
            **place = Some(running);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut places = lock(&self.places);
        // Let go under the lock, so that what is left is looked at by exactly one: us, whoever
        // comes next, or the end of the session.
        drop(self.running.take());
        drop(self.place.take());
        places.tidy(&self.name);
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
