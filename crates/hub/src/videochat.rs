//! Room videochat settings, as the settings door asks for them: who may know of which room, what is
//! asked of a session that runs, and who watches. What is set, and seats with their tokens, are below.

mod seats;
mod settings;
pub(crate) mod subscribers;

pub use seats::SeatToken;
pub use settings::SettingPermit;

use crate::sessions::handle::SessionHandle;
use crate::{Hub, auth::users};
use rotunda_domain::videochat::{Caller, RoomRight, VideochatCommand, VideochatReply};
use rotunda_domain::{Actor, Command, ProjectId, Refusal, Reply, RoomId, SessionId};
use rotunda_store::{StoreError, UserSession};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use subscribers::{Push, Subscriber};
use tokio::sync::mpsc;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum VideochatError {
    /// There is no such room, or the caller may not know of it.
    #[error("no such room")]
    NoRoom,
    /// There is no such videochat, or the caller may not know of it.
    #[error("no such videochat")]
    NoVideochat,
    /// Only administrators may.
    #[error("administrators only")]
    AdminsOnly,
    /// Only those who manage the room may.
    #[error("the right to manage the room is needed")]
    ManagersOnly,
    /// The engine has no credentials.
    #[error("engine {0} is not configured")]
    NotConfigured(&'static str),
    /// Somebody who manages the room has to begin.
    #[error("the videochat is started by a manager of the room")]
    NotStarted,
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A room somebody may know of, and what they may do there.
#[derive(Clone, Debug)]
pub struct RoomSeen {
    /// The room.
    pub id: RoomId,
    /// Its project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Who asks.
    pub caller: Caller,
    /// Whether they administrate.
    pub is_admin: bool,
    is_stored: bool,
}

/// The right `session` has in a room.
fn right_in(session: &UserSession, id: RoomId, name: &str) -> Option<RoomRight> {
    if session.is_admin {
        return Some(RoomRight::Manage);
    }
    let by_id = session.rooms.get(&id.to_string());
    by_id.or_else(|| session.rooms.get(name)).copied()
}

impl Hub {
    /// The room `text` names by id or name, if the caller may know of it.
    ///
    /// # Errors
    /// `NoRoom`, the same for both.
    pub async fn room_seen(
        &self,
        session: &UserSession,
        text: &str,
    ) -> Result<RoomSeen, VideochatError> {
        let (id, name, is_stored) = self.find_room(session.project, text).await?;
        let right = right_in(session, id, &name).ok_or(VideochatError::NoRoom)?;
        Ok(RoomSeen {
            id,
            project: session.project,
            name,
            caller: Caller { user: session.user.as_str().into(), right },
            is_admin: session.is_admin,
            is_stored,
        })
    }

    async fn find_room(
        &self,
        project: ProjectId,
        text: &str,
    ) -> Result<(RoomId, String, bool), VideochatError> {
        match self.room(project, text).await {
            Ok(room) => return Ok((room.id, room.settings.name, true)),
            Err(crate::RoomError::Store(error)) => return Err(error.into()),
            Err(_) => {}
        }
        let running = self.inner.services.directory.running_room(project, text);
        let (id, name) = running.ok_or(VideochatError::NoRoom)?;
        Ok((id, name, false))
    }

    /// The room of a session that runs, if the caller may know of it.
    ///
    /// # Errors
    /// `NoVideochat`.
    pub async fn room_of_videochat(
        &self,
        session: &UserSession,
        videochat: &str,
    ) -> Result<(RoomSeen, SessionId), VideochatError> {
        let id: Option<SessionId> = videochat.parse().ok();
        let handle = id.and_then(|id| self.inner.services.directory.by_id_in(session.project, id));
        let handle = handle.ok_or(VideochatError::NoVideochat)?;
        let seen = self.room_seen(session, &handle.room.to_string()).await;
        let seen = seen.map_err(|error| match error {
            VideochatError::NoRoom => VideochatError::NoVideochat,
            other => other,
        })?;
        Ok((seen, handle.id))
    }

    /// Asks something of a session that runs.
    ///
    /// # Errors
    /// The rules', and `NoVideochat` when it is over.
    pub async fn ask_videochat(
        &self,
        session: SessionId,
        caller: &Caller,
        command: VideochatCommand,
    ) -> Result<VideochatReply, VideochatError> {
        let handle =
            self.inner.services.directory.by_id(session).ok_or(VideochatError::NoVideochat)?;
        Ok(self.ask(&handle, caller, command).await?)
    }

    async fn ask(
        &self,
        session: &SessionHandle,
        caller: &Caller,
        command: VideochatCommand,
    ) -> Result<VideochatReply, Refusal> {
        let command = Command::Videochat(caller.clone(), command);
        match self.command(session, Actor::Project, command).await? {
            Reply::Videochat(reply) => Ok(reply),
            _ => Err(Refusal::Broken),
        }
    }

    /// The session that goes on in a room, if any.
    pub fn videochat_of_room(&self, room: RoomId) -> Option<SessionId> {
        let running = self.inner.services.directory.session_of(room)?;
        (!running.is_gone()).then_some(running.id)
    }

    /// Lets a socket of a user's session watch rooms; what it is to be told comes out of the
    /// receiver, which ends when the socket has to.
    pub fn enter_watch(
        &self,
        session_id: &str,
        session: Option<&UserSession>,
    ) -> (Subscriber, mpsc::Receiver<Arc<Push>>) {
        let user = session.map_or("", |session| session.user.as_str());
        // A stranger's socket is the door's to end, and watches nothing.
        let until = session.map_or(i64::MAX, |session| session.expires_at_ms);
        let credential = session.map_or_else(|| "".into(), |_| users::credential(session_id));
        self.inner.services.subscribers.enter(user.into(), credential, until)
    }

    /// Watches a room from now on.
    ///
    /// # Errors
    /// `Refused` when the socket watches as many as it may.
    pub fn watch(&self, subscriber: &Subscriber, room: &RoomSeen) -> Result<(), VideochatError> {
        let manages = room.caller.right == RoomRight::Manage;
        if self.inner.services.subscribers.watch(subscriber, room.id, manages) {
            return Ok(());
        }
        let most = crate::videochat::subscribers::ROOMS;
        Err(Refusal::Invalid(format!("a socket watches at most {most} rooms")).into())
    }

    /// Watches a room no more.
    pub fn unwatch(&self, subscriber: &Subscriber, room: RoomId) {
        self.inner.services.subscribers.unwatch(subscriber, room);
    }

    /// The socket is gone.
    pub fn leave_watch(&self, subscriber: &Subscriber) {
        self.inner.services.subscribers.leave(subscriber);
    }

    /// How long it took so far to hand what is told of rooms to the queues of all who watch them.
    pub fn watching_busy(&self) -> Duration {
        Duration::from_micros(self.inner.services.subscribers.busy_us.load(Ordering::Relaxed))
    }

    /// Sockets that may watch.
    pub fn watching(&self) -> usize {
        self.inner.services.subscribers.len()
    }
}
