//! Those who hear of a project's events as they happen: once an event is written, so that whoever hears of it finds
//! it, and what it changed, in what REST shows.
//!
//! **What if somebody does not read?** [`QUEUE`] events wait for a listener. Who lets more come is let go, and is to
//! look at what is, and to listen anew. At most [`LISTENERS`] hear one project.

use rotunda_domain::ProjectId;
use rotunda_domain::admin::Reach;
use rotunda_store::{EventRow, Store, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// Listeners of one project at a time.
const LISTENERS: usize = 32;
/// Events that wait for one.
const QUEUE: usize = 256;
/// How often new events are looked for while somebody listens: a look is a read by a key.
const BEAT: Duration = Duration::from_millis(200);
/// Events read at a time.
const READ: u32 = 500;
/// What is told begins so; the rest is the operator's own doing.
const KINDS: [&str; 7] =
    ["room.", "member.", "layout.", "recording.", "stream.", "playback.", "events."];

/// By what somebody listens; who loses it, listens no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListensBy {
    /// An API token.
    ApiToken(Uuid),
    /// An admin's session.
    Admin(Uuid),
}

/// Why somebody does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenRefused {
    /// As many listen to the project as may.
    #[error("{LISTENERS} listen to this project already")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What one hears, till they are let go.
pub type Listening = mpsc::Receiver<Arc<EventRow>>;

struct Listener {
    by: ListensBy,
    queue: mpsc::Sender<Arc<EventRow>>,
}

#[derive(Default)]
struct State {
    listeners: HashMap<ProjectId, Vec<Listener>>,
    /// Up to where events were told.
    place: i64,
}

impl State {
    /// Forgets those who went.
    fn tidy(&mut self) {
        self.keep(|_, listener| !listener.queue.is_closed());
    }

    fn keep(&mut self, stays: impl Fn(ProjectId, &Listener) -> bool) {
        self.listeners.retain(|project, all| {
            all.retain(|listener| stays(*project, listener));
            !all.is_empty()
        });
    }
}

/// All who listen.
#[derive(Default)]
pub(crate) struct Live {
    state: Mutex<State>,
    begun: Notify,
}

impl Live {
    /// A listener too many or too few is all that a panic between two steps leaves.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to a project: what is written from now on is heard.
    ///
    /// # Errors
    /// [`ListenRefused`].
    pub async fn listen(
        &self,
        store: &Store,
        project: ProjectId,
        by: ListensBy,
    ) -> Result<Listening, ListenRefused> {
        let last = store.last_event().await?;
        let mut state = self.lock();
        state.tidy();
        if state.listeners.is_empty() {
            state.place = last;
        }
        let others = state.listeners.entry(project).or_default();
        if others.len() >= LISTENERS {
            return Err(ListenRefused::Full);
        }
        let (queue, listening) = mpsc::channel(QUEUE);
        others.push(Listener { by, queue });
        self.begun.notify_one();
        Ok(listening)
    }

    /// By what they listen, and to which project.
    pub fn by(&self) -> HashSet<(ProjectId, ListensBy)> {
        let state = self.lock();
        let all = state.listeners.iter();
        all.flat_map(|(project, all)| all.iter().map(|one| (*project, one.by))).collect()
    }

    /// Lets those go who listen to a project by something that is no good any more.
    pub fn end(&self, over: &HashSet<(ProjectId, ListensBy)>) {
        self.lock().keep(|project, one| !over.contains(&(project, one.by)));
    }

    /// Lets everybody go.
    pub fn end_all(&self) {
        self.lock().listeners.clear();
    }

    /// Tells what was written, for as long as somebody listens.
    async fn tell_new(&self, store: &Store) -> Result<(), StoreError> {
        loop {
            let place = self.lock().place;
            let new = store.events_after(place, READ).await?;
            let is_all = new.len() < READ as usize;
            let mut state = self.lock();
            for (place, event) in new {
                state.place = place;
                tell(&mut state, Arc::new(event));
            }
            if is_all {
                return Ok(());
            }
        }
    }

    fn is_empty(&self) -> bool {
        let mut state = self.lock();
        state.tidy();
        state.listeners.is_empty()
    }
}

/// Whoever does not read is let go.
fn tell(state: &mut State, event: Arc<EventRow>) {
    if !KINDS.iter().any(|kind| event.name.starts_with(kind)) {
        return;
    }
    let Some(listeners) = state.listeners.get_mut(&event.project) else { return };
    listeners.retain(|one| one.queue.try_send(event.clone()).is_ok());
}

/// Looks for new events while somebody listens, as long as there is a hub.
pub(crate) async fn watch(live: std::sync::Weak<Live>, store: Store) {
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(live) = live.upgrade() else { return };
        if live.is_empty() {
            let _ = tokio::time::timeout(5 * BEAT, live.begun.notified()).await;
        } else if let Err(error) = live.tell_new(&store).await {
            tracing::debug!(%error, "new events were not looked up");
        }
    }
}

/// Who of those that listen may not any more.
///
/// # Errors
/// `Unavailable` when the database cannot be read: it revokes nothing then.
pub(crate) async fn over(
    live: &Live,
    store: &Store,
) -> Result<HashSet<(ProjectId, ListensBy)>, StoreError> {
    let all = live.by();
    let sessions = all.iter().filter_map(|(_, by)| match by {
        ListensBy::Admin(session) => Some(*session),
        ListensBy::ApiToken(_) => None,
    });
    let sessions = sessions.collect::<HashSet<_>>();
    let reaches = match sessions.is_empty() {
        true => HashMap::new(),
        false => store.admin_sessions_among(sessions.into_iter()).await?,
    };
    let mut over = HashSet::new();
    for (project, by) in all {
        let is_good = match by {
            ListensBy::ApiToken(token) => store.is_api_token_valid(token).await?,
            ListensBy::Admin(session) => {
                reaches.get(&session).is_some_and(|reach: &Reach| reach.includes(project))
            }
        };
        if !is_good {
            over.insert((project, by));
        }
    }
    Ok(over)
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
