//! Applications that listen: connections opened with an API token, what they asked to hear, and
//! what waits for them.
//!
//! An application has no seat and no leg. It hears whole channels: that of all rooms of its project,
//! and those of single sessions. It refuses to know what a session does.

use crate::connections::delivery::{Delivery, Dispatch};
use crate::connections::inbox::{Inbox, Taken};
use rotunda_domain::{Event, ProjectId, SessionId};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use uuid::Uuid;

/// Applications remembered at a time; one without a socket gives way to a newcomer.
const APPLICATIONS: usize = 1024;
/// Sessions one application may listen to at a time.
const SESSIONS: usize = 1024;

/// Names of events, as [`Event::name`] has them.
pub(crate) type Names = HashSet<&'static str>;

/// What a session is asked to introduce itself for.
#[derive(Clone, Debug)]
pub(crate) enum Hearing {
    /// The channel of all rooms.
    AllRooms,
    /// The session's own channel.
    Session {
        /// What is to be heard from now on.
        names: Names,
        /// Whether the session's present state is wanted.
        show: bool,
    },
}

/// One application.
pub(crate) struct Application {
    pub protocol: Arc<str>,
    pub project: ProjectId,
    state: Mutex<State>,
}

struct State {
    /// The API token of its latest socket.
    token: Uuid,
    inbox: Inbox,
    /// What it wants to hear of all rooms.
    all_rooms: Names,
    sessions: HashMap<SessionId, Names>,
    /// Sessions whose beginning it was told of, so that it is told once.
    begun: HashSet<SessionId>,
}

impl Application {
    pub fn new(protocol: Arc<str>, project: ProjectId, token: Uuid) -> Self {
        let state = State {
            token,
            inbox: Inbox::default(),
            all_rooms: Names::new(),
            sessions: HashMap::new(),
            begun: HashSet::new(),
        };
        Self { protocol, project, state: Mutex::new(state) }
    }

    /// The API token it spoke with last.
    pub fn token(&self) -> Uuid {
        self.lock().token
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the application a socket. What was lost without one is forgotten as told, so that it
    /// may be told again.
    pub fn take_socket(&self, token: Uuid) -> Taken {
        let mut state = self.lock();
        state.token = token;
        let taken = state.inbox.take_socket(false);
        if taken.overflowed {
            state.begun.clear();
        }
        taken
    }

    pub fn lose_socket(&self, socket: u64) -> bool {
        self.lock().inbox.lose_socket(socket)
    }

    pub fn has_socket(&self) -> bool {
        self.lock().inbox.has_socket()
    }

    /// Wants to hear these of all rooms too; answers whether the beginnings are new among them.
    pub fn hear_all_rooms(&self, names: &Names) -> bool {
        let mut state = self.lock();
        let begun = Event::STARTED;
        let is_new = names.contains(begun) && !state.all_rooms.contains(begun);
        state.all_rooms.extend(names);
        is_new
    }

    /// Whether there is room for another session.
    pub fn has_room(&self) -> bool {
        self.lock().sessions.len() < SESSIONS
    }

    /// What it hears, to be shown anew.
    pub fn hears(&self) -> (bool, Vec<SessionId>) {
        let state = self.lock();
        (!state.all_rooms.is_empty(), state.sessions.keys().copied().collect())
    }

    /// Wants to hear these of a session too; answers whether it is to be shown the session: a
    /// channel it did not hear before, or the very event asked for.
    pub fn hear(&self, session: SessionId, names: &Names) -> bool {
        let mut state = self.lock();
        let is_new = !state.sessions.contains_key(&session);
        let heard = state.sessions.entry(session).or_default();
        let shown = Event::SUBSCRIBED;
        let asked = names.contains(shown) && !heard.contains(shown);
        heard.extend(names);
        is_new || asked
    }

    /// Hands it an event of `session` if it wants to hear it.
    pub fn tell(&self, session: SessionId, dispatch: &Arc<Dispatch>) {
        let mut state = self.lock();
        if state.wants(session, &dispatch.event) {
            state.inbox.deliver(Delivery::Event(dispatch.clone()));
        }
        if let Event::RoomEnded(_) = dispatch.event {
            state.sessions.remove(&session);
            state.begun.remove(&session);
        }
    }
}

impl State {
    fn wants(&mut self, session: SessionId, event: &Event) -> bool {
        let name = event.name();
        let of_rooms = event.hearers().is_of_all_rooms && self.all_rooms.contains(name);
        let of_session = self.sessions.get(&session).is_some_and(|names| names.contains(name));
        match event {
            Event::RoomStarted(_) => (of_rooms || of_session) && self.begun.insert(session),
            Event::RoomShown(_) => self.sessions.contains_key(&session),
            _ => of_rooms || of_session,
        }
    }
}

/// All applications.
#[derive(Default)]
pub(crate) struct Applications {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    by_protocol: HashMap<Arc<str>, Arc<Application>>,
    by_project: HashMap<ProjectId, Vec<Arc<Application>>>,
}

impl Applications {
    pub fn get(&self, protocol: &str) -> Option<Arc<Application>> {
        self.read(|known| known.by_protocol.get(protocol).cloned())
    }

    /// Remembers one; false when there are too many with a socket.
    pub fn add(&self, application: Arc<Application>) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.by_protocol.len() >= APPLICATIONS {
            let idle = known.by_protocol.values().find(|one| !one.has_socket()).cloned();
            let Some(idle) = idle else { return false };
            known.remove(&idle);
        }
        known.by_project.entry(application.project).or_default().push(application.clone());
        known.by_protocol.insert(application.protocol.clone(), application);
        true
    }

    pub fn remove(&self, application: &Application) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(application);
    }

    /// The API tokens they speak with.
    pub fn tokens(&self) -> HashSet<Uuid> {
        self.read(|known| known.by_protocol.values().map(|one| one.token()).collect())
    }

    /// Closes the sockets of those who speak with a token, and forgets them.
    pub fn revoke(&self, token: Uuid) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let theirs = known.by_protocol.values().filter(|one| one.token() == token).cloned();
        for application in theirs.collect::<Vec<_>>() {
            application.lock().inbox.drop_socket();
            known.remove(&application);
            tracing::info!(project = %application.project, "an application's token was revoked");
        }
    }

    /// Whether anybody listens to the project.
    pub fn listen_to(&self, project: ProjectId) -> bool {
        self.read(|known| known.by_project.contains_key(&project))
    }

    /// Hands an event to those of the project who want to hear it.
    pub fn tell(&self, project: ProjectId, session: SessionId, dispatch: &Arc<Dispatch>) {
        self.read(|known| {
            for application in known.by_project.get(&project).into_iter().flatten() {
                application.tell(session, dispatch);
            }
        });
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn remove(&mut self, application: &Application) {
        self.by_protocol.remove(&application.protocol);
        if let Some(siblings) = self.by_project.get_mut(&application.project) {
            siblings.retain(|one| one.protocol != application.protocol);
            if siblings.is_empty() {
                self.by_project.remove(&application.project);
            }
        }
    }
}

#[cfg(test)]
#[path = "app_connection_tests.rs"]
mod tests;
