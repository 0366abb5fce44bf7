//! Those who watch rooms' videochats: which sockets, whose, and what waits for them.
//!
//! A push is handed to each as a reference, so that its text is written once for all. Who does
//! not read loses the socket, not others their time.

use rotunda_domain::videochat::{Notification, Setting, VideochatSettings};
use rotunda_domain::{RoomId, SessionId};
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// Pushes that may wait for a socket; when there are more it is closed.
const QUEUE: usize = 256;
/// Rooms one socket may watch at a time.
pub(crate) const ROOMS: usize = 64;

/// What happened.
#[derive(Clone, Debug)]
pub enum PushEvent {
    /// These settings of the room are new.
    Settings(Vec<&'static Setting>, VideochatSettings),
    /// Something of the session.
    Session(SessionId, Notification),
}

/// Something for those who watch a room.
#[derive(Debug)]
pub struct Push {
    /// The room.
    pub room: RoomId,
    /// What happened.
    pub event: PushEvent,
    /// When, milliseconds since 1970 UTC.
    pub at_epoch_ms: i64,
    /// As it is sent, once somebody has written it: all sockets send the same text.
    pub written: OnceLock<EncodedPush>,
}

/// A push as it is sent.
#[derive(Debug)]
pub struct EncodedPush {
    /// The name of its event.
    pub name: &'static str,
    /// Its JSON.
    pub json: Box<RawValue>,
}

/// A socket that may watch.
#[derive(Clone, Debug)]
pub struct Subscriber {
    socket: u64,
    user: Arc<str>,
    /// Names the user's session, so that all its sockets can be closed with it; a stranger's is empty.
    credential: Arc<str>,
    /// When that session ends, milliseconds since 1970 UTC.
    until_epoch_ms: i64,
    /// `None` once it did not read.
    outlet: Arc<Mutex<Option<mpsc::Sender<Arc<Push>>>>>,
}

impl Subscriber {
    fn close(&self) {
        *self.outlet.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn tell(&self, push: &Arc<Push>) {
        let mut outlet = self.outlet.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = &*outlet else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = sender.try_send(push.clone()) {
            tracing::warn!("a settings socket does not read; it is closed");
            *outlet = None;
        }
    }
}

/// Who watches which room.
#[derive(Default)]
pub(crate) struct Subscribers {
    state: Mutex<State>,
    /// Microseconds it took so far to hand pushes to all who hear them.
    pub busy_us: AtomicU64,
}

#[derive(Default)]
struct State {
    last_socket: u64,
    /// With each watcher, whether they manage the room.
    by_room: HashMap<RoomId, Vec<(Subscriber, bool)>>,
    by_socket: HashMap<u64, (Subscriber, Vec<RoomId>)>,
}

impl Subscribers {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn enter(
        &self,
        user: Arc<str>,
        credential: Arc<str>,
        until_epoch_ms: i64,
    ) -> (Subscriber, mpsc::Receiver<Arc<Push>>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut state = self.lock();
        state.last_socket += 1;
        let outlet = Arc::new(Mutex::new(Some(sender)));
        let subscriber =
            Subscriber { socket: state.last_socket, user, credential, until_epoch_ms, outlet };
        state.by_socket.insert(subscriber.socket, (subscriber.clone(), Vec::new()));
        (subscriber, receiver)
    }

    pub fn leave(&self, subscriber: &Subscriber) {
        let mut state = self.lock();
        let Some((_, rooms)) = state.by_socket.remove(&subscriber.socket) else { return };
        for room in rooms {
            state.forget(room, subscriber.socket);
        }
    }

    /// False when the socket watches as many rooms as it may.
    pub fn watch(&self, subscriber: &Subscriber, room: RoomId, manages: bool) -> bool {
        let mut state = self.lock();
        let Some((_, rooms)) = state.by_socket.get_mut(&subscriber.socket) else { return true };
        if !rooms.contains(&room) {
            if rooms.len() >= ROOMS {
                return false;
            }
            rooms.push(room);
        }
        state.forget(room, subscriber.socket);
        state.by_room.entry(room).or_default().push((subscriber.clone(), manages));
        true
    }

    pub fn unwatch(&self, subscriber: &Subscriber, room: RoomId) {
        let mut state = self.lock();
        if let Some((_, rooms)) = state.by_socket.get_mut(&subscriber.socket) {
            rooms.retain(|one| *one != room);
        }
        state.forget(room, subscriber.socket);
    }

    /// Closes all sockets of a user's session.
    pub fn close(&self, credential: &str) {
        for (subscriber, _) in self.lock().by_socket.values() {
            if *subscriber.credential == *credential {
                subscriber.close();
            }
        }
    }

    /// The sessions that have sockets, each once.
    pub fn credentials(&self) -> HashSet<Arc<str>> {
        let state = self.lock();
        let all = state.by_socket.values().map(|(subscriber, _)| subscriber.credential.clone());
        all.filter(|credential| !credential.is_empty()).collect()
    }

    /// Closes all sockets of sessions that are over.
    pub fn end_expired(&self, now_epoch_ms: i64) {
        for (subscriber, _) in self.lock().by_socket.values() {
            if subscriber.until_epoch_ms <= now_epoch_ms {
                subscriber.close();
            }
        }
    }

    /// The room is no more.
    pub fn forget_room(&self, room: RoomId) {
        let mut state = self.lock();
        state.by_room.remove(&room);
        for (_, rooms) in state.by_socket.values_mut() {
            rooms.retain(|one| *one != room);
        }
    }

    pub fn len(&self) -> usize {
        self.lock().by_socket.len()
    }

    pub fn tell(&self, room: RoomId, at_epoch_ms: i64, event: PushEvent) {
        let begin = Instant::now();
        self.hand_out(room, at_epoch_ms, event);
        let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.busy_us.fetch_add(took, Ordering::Relaxed);
    }

    fn hand_out(&self, room: RoomId, at_epoch_ms: i64, event: PushEvent) {
        let state = self.lock();
        let Some(watching) = state.by_room.get(&room) else { return };
        let push = Arc::new(Push { room, event, at_epoch_ms, written: OnceLock::new() });
        for (subscriber, manages) in watching {
            let hears = match &push.event {
                PushEvent::Settings(..) => true,
                PushEvent::Session(_, notification) => {
                    notification.recipients.includes(&subscriber.user, *manages)
                }
            };
            if hears && at_epoch_ms < subscriber.until_epoch_ms {
                subscriber.tell(&push);
            }
        }
    }
}

impl State {
    fn forget(&mut self, room: RoomId, socket: u64) {
        if let Some(watching) = self.by_room.get_mut(&room) {
            watching.retain(|(one, _)| one.socket != socket);
            if watching.is_empty() {
                self.by_room.remove(&room);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_domain::videochat::{Insiders, NotificationKind, Notify, Recipients};
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(1));
    const NEVER: i64 = i64::MAX;

    fn started(recipients: Recipients) -> PushEvent {
        let notify = Notify { show: true, sound: false };
        PushEvent::Session(
            SessionId(Uuid::from_u128(2)),
            Notification { kind: NotificationKind::Started, recipients, notify },
        )
    }

    #[test]
    fn a_push_reaches_those_who_watch_the_room_and_are_meant() {
        let subscribers = Subscribers::default();
        let [(ann, mut to_ann), (ben, mut to_ben), (olga, mut to_olga)] =
            ["ann", "ben", "olga"].map(|name| subscribers.enter(name.into(), name.into(), NEVER));
        subscribers.watch(&ann, ROOM, false);
        subscribers.watch(&ann, ROOM, false);
        subscribers.watch(&ben, ROOM, false);
        subscribers.watch(&olga, ROOM, true);
        subscribers.tell(ROOM, 0, started(Recipients::Only(Insiders([Arc::from("ann")].into()))));
        assert!(to_ann.try_recv().is_ok() && to_ann.try_recv().is_err(), "once");
        assert!(to_ben.try_recv().is_err() && to_olga.try_recv().is_ok());
        subscribers.unwatch(&ann, ROOM);
        subscribers.leave(&olga);
        subscribers.tell(ROOM, 0, started(Recipients::Everybody));
        assert!(to_ann.try_recv().is_err() && to_ben.try_recv().is_ok());
        assert!(to_olga.try_recv().is_err());
    }

    #[test]
    fn whoever_does_not_read_loses_the_socket_and_others_lose_nothing() {
        let subscribers = Subscribers::default();
        let (idle, mut to_idle) = subscribers.enter("idle".into(), "idle".into(), NEVER);
        let (busy, mut to_busy) = subscribers.enter("busy".into(), "busy".into(), NEVER);
        subscribers.watch(&idle, ROOM, false);
        subscribers.watch(&busy, ROOM, false);
        for _ in 0..=QUEUE {
            subscribers.tell(ROOM, 0, started(Recipients::Everybody));
            assert!(to_busy.try_recv().is_ok());
        }
        let left = std::iter::from_fn(|| to_idle.try_recv().ok()).count();
        assert_eq!(left, QUEUE);
        assert!(matches!(to_idle.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    }

    #[test]
    fn a_session_that_ran_out_hears_nothing_more_and_its_sockets_are_closed() {
        let subscribers = Subscribers::default();
        let (ann, mut to_ann) = subscribers.enter("ann".into(), "s1".into(), 10);
        subscribers.watch(&ann, ROOM, false);
        subscribers.tell(ROOM, 9, started(Recipients::Everybody));
        subscribers.tell(ROOM, 10, started(Recipients::Everybody));
        subscribers.end_expired(9);
        assert!(to_ann.try_recv().is_ok());
        assert!(matches!(to_ann.try_recv(), Err(mpsc::error::TryRecvError::Empty)));
        subscribers.end_expired(10);
        assert!(matches!(to_ann.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    }

    #[test]
    fn the_sockets_of_a_session_close_with_it() {
        let subscribers = Subscribers::default();
        let (_one, mut to_one) = subscribers.enter("ann".into(), "s1".into(), NEVER);
        let (_two, mut to_two) = subscribers.enter("ann".into(), "s2".into(), NEVER);
        subscribers.close("s1");
        assert!(matches!(to_one.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert!(matches!(to_two.try_recv(), Err(mpsc::error::TryRecvError::Empty)));
    }

    #[test]
    fn a_stranger_has_no_session_that_could_be_looked_up() {
        let subscribers = Subscribers::default();
        let _people = ["", "s1", "s1"].map(|one| subscribers.enter("".into(), one.into(), NEVER));
        assert_eq!(subscribers.credentials(), ["s1".into()].into());
    }
}
