//! Room videochat settings, as the settings door asks for them: what is set, what a setter changes,
//! seats and their tokens, and everything asked of a session that runs.
//!
//! A room with no session has settings as well; a room that a token made has them as long as its
//! session. Setters of one room wait for each other, and for a session that is just being started.

use crate::directory::Running;
use crate::session_task::{GONE, SessionHandle};
use crate::watchers::{Bulletin, News, Watcher};
use crate::{Hub, clock, people};
use rotunda_domain::videochat::{
    Caller, EngineName, InitUser, RoomRight, SeatGranted, SeatWish, VideochatChange,
    VideochatCommand, VideochatField, VideochatReply, VideochatSettings,
};
use rotunda_domain::{
    Actor, Command, Grant, JoinAs, MediaAllowed, MemberId, Permissions, ProjectId, Refusal, Reply,
    RoomId, SessionId, Window,
};
use rotunda_store::{StoreError, UserSession};
use serde_json::Map;
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Tries to find a session that does not end under one's hands.
const TRIES: usize = 3;

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

/// A seat, and the way to it.
#[derive(Clone, Debug)]
pub struct SeatToken {
    /// The session.
    pub session: SessionId,
    /// The seat.
    pub seat: SeatGranted,
    /// The token for this server's own engine; a vendor's is made elsewhere.
    pub token: Option<String>,
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
        let running = self.inner.directory.running_room(project, text);
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
        let handle = id.and_then(|id| self.inner.directory.by_id_in(session.project, id));
        let handle = handle.ok_or(VideochatError::NoVideochat)?;
        let seen = self.room_seen(session, &handle.room.to_string()).await;
        let seen = seen.map_err(|error| match error {
            VideochatError::NoRoom => VideochatError::NoVideochat,
            other => other,
        })?;
        Ok((seen, handle.id))
    }

    /// What is set for a room.
    ///
    /// # Errors
    /// `NoRoom` when it is gone meanwhile.
    pub async fn videochat_settings(
        &self,
        room: &RoomSeen,
    ) -> Result<VideochatSettings, VideochatError> {
        if room.is_stored {
            return Ok(self.store().videochat_settings(room.id).await?);
        }
        let running = self.inner.directory.session_of(room.id).ok_or(VideochatError::NoRoom)?;
        match self.ask(&running, &room.caller, VideochatCommand::View).await? {
            VideochatReply::View(view) => Ok(view.settings),
            _ => Err(Refusal::Broken.into()),
        }
    }

    /// Whether the caller may change this. Asked before the value is looked at.
    ///
    /// # Errors
    /// `AdminsOnly`, `ManagersOnly`.
    pub fn may_set(room: &RoomSeen, is_for_administrators: bool) -> Result<(), VideochatError> {
        if is_for_administrators && !room.is_admin {
            return Err(VideochatError::AdminsOnly);
        }
        if room.caller.right < RoomRight::Manage {
            return Err(VideochatError::ManagersOnly);
        }
        Ok(())
    }

    /// Changes what is set for a room: kept first, then told, then done in the session that runs.
    /// Setting what is set already tells nobody. Once begun it is done whole.
    ///
    /// # Errors
    /// [`VideochatError`].
    pub async fn set_videochat(
        &self,
        room: &RoomSeen,
        change: VideochatChange,
    ) -> Result<(), VideochatError> {
        Self::may_set(room, change.is_for_administrators())?;
        if let VideochatChange::Engine(engine) = change {
            self.is_offered(engine)?;
        }
        let (hub, room) = (self.clone(), room.clone());
        crate::rooms::whole(async move { hub.set_in_turn(&room, change).await }).await
    }

    fn is_offered(&self, engine: EngineName) -> Result<(), VideochatError> {
        let is_offered =
            engine == EngineName::Native || self.inner.options.vendors.contains(&engine);
        is_offered.then_some(()).ok_or(VideochatError::NotConfigured(engine.as_str()))
    }

    async fn set_in_turn(
        &self,
        room: &RoomSeen,
        change: VideochatChange,
    ) -> Result<(), VideochatError> {
        let place = self.inner.directory.place(room.project, &room.name);
        let turn = place.lock().await;
        let running = turn.as_ref().map(|r: &Running| r.handle.clone()).filter(|h| !h.is_gone());
        let running = running.filter(|handle| handle.room == room.id);
        let old = match (room.is_stored, &running) {
            (true, _) => self.store().videochat_settings(room.id).await?,
            (false, Some(_)) => self.videochat_settings(room).await?,
            (false, None) => return Err(VideochatError::NoRoom),
        };
        let new = old.with(change);
        let fields = new.differing(&old);
        let is_switched = fields.contains(&VideochatField::EnableStreaming);
        if !fields.is_empty() {
            self.keep_and_tell(room, &new, fields).await?;
            if let Some(running) = &running {
                let command = VideochatCommand::Apply(new);
                // Refused only when the session is over, and then the next one begins with these.
                let _ = self.ask(running, &room.caller, command).await;
            }
        } else if room.is_stored && self.store().room_by_id(room.project, room.id).await?.is_none()
        {
            return Err(VideochatError::NoRoom);
        }
        if let Some(running) = running.filter(|_| is_switched) {
            self.inner.previews.show(running.id, new.enable_streaming);
            // Those of its streams that stand with the room begin again; if it is over, none does.
            let _ = self.stand(room.project, room.id).await;
        }
        drop(turn);
        self.inner.directory.tidy(room.project, &room.name, place);
        Ok(())
    }

    async fn keep_and_tell(
        &self,
        room: &RoomSeen,
        new: &VideochatSettings,
        fields: Vec<VideochatField>,
    ) -> Result<(), VideochatError> {
        if room.is_stored {
            let names: Vec<_> = fields.iter().map(|field| field.name()).collect();
            let kept = self.store().put_videochat_settings(room.project, room.id, new, &names);
            kept.await.map_err(|error| match error {
                // The room was deleted meanwhile.
                StoreError::Declined(_) => VideochatError::NoRoom,
                other => other.into(),
            })?;
        }
        let news = News::Settings(fields, *new);
        self.inner.watchers.tell(room.id, clock::now().epoch_ms, news);
        Ok(())
    }

    /// Keeps a seat (or, `watching`, a place before the stream) and makes its token; begins the
    /// session if there is none and the caller may.
    ///
    /// # Errors
    /// [`VideochatError`].
    pub async fn take_seat(
        &self,
        room: &RoomSeen,
        name: &str,
        watching: bool,
    ) -> Result<SeatToken, VideochatError> {
        let settings = self.videochat_settings(room).await?;
        let may_begin = room.caller.right == RoomRight::Manage
            || (settings.init_user == InitUser::Any && room.caller.right >= RoomRight::Comment);
        let mut grant = grant(room, name);
        for _ in 0..TRIES {
            let running = self.inner.directory.session_of(room.id);
            let Some(running) = running.filter(|handle| !handle.is_gone()) else {
                if watching {
                    return Err(VideochatError::NoVideochat);
                }
                if room.caller.right < RoomRight::Comment {
                    return Err(Refusal::NotPermitted.into());
                }
                if !may_begin {
                    return Err(VideochatError::NotStarted);
                }
                self.is_offered(settings.engine)?;
                self.begin_session(&grant).await?;
                continue;
            };
            self.site_admits(room.project).await?;
            let id = MemberId(Uuid::new_v4());
            let wish = SeatWish { id, name: name.into(), watches: watching };
            let reserved = self.ask(&running, &room.caller, VideochatCommand::Reserve(wish)).await;
            let seat = match reserved {
                Ok(VideochatReply::Seat(seat)) => *seat,
                Err(refusal) if refusal == GONE => continue,
                Err(refusal) => return Err(refusal.into()),
                Ok(_) => return Err(Refusal::Broken.into()),
            };
            grant.identity = Some(id);
            grant.join_as = if seat.identity.speaks { JoinAs::Member } else { JoinAs::Audience };
            if seat.identity.speaks {
                grant.permissions = Permissions::of_videochat(seat.identity.ranks.moderates());
            }
            let token = match seat.engine {
                EngineName::Native => Some(self.mint_room_token(&grant).await?),
                _ => None,
            };
            return Ok(SeatToken { session: running.id, seat, token });
        }
        Err(GONE.into())
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
        let handle = self.inner.directory.by_id(session).ok_or(VideochatError::NoVideochat)?;
        Ok(self.ask(&handle, caller, command).await?)
    }

    async fn ask(
        &self,
        session: &SessionHandle,
        caller: &Caller,
        command: VideochatCommand,
    ) -> Result<VideochatReply, Refusal> {
        let command = Command::Videochat(caller.clone(), command);
        let command = self.with_hindrance(command).await;
        match session.execute(Actor::Project, command).await? {
            Reply::Videochat(reply) => Ok(reply),
            _ => Err(Refusal::Broken),
        }
    }

    /// The session that goes on in a room, if any.
    pub fn videochat_of_room(&self, room: RoomId) -> Option<SessionId> {
        let running = self.inner.directory.session_of(room)?;
        (!running.is_gone()).then_some(running.id)
    }

    /// Lets a socket of a user's session watch rooms; what it is to be told comes out of the
    /// receiver, which ends when the socket has to.
    pub fn enter_watch(
        &self,
        session_id: &str,
        user: &str,
    ) -> (Watcher, mpsc::Receiver<Arc<Bulletin>>) {
        self.inner.watchers.enter(user.into(), people::credential(session_id))
    }

    /// Watches a room from now on.
    ///
    /// # Errors
    /// `Refused` when the socket watches as many as it may.
    pub fn watch(&self, watcher: &Watcher, room: &RoomSeen) -> Result<(), VideochatError> {
        let manages = room.caller.right == RoomRight::Manage;
        if self.inner.watchers.watch(watcher, room.id, manages) {
            return Ok(());
        }
        let most = crate::watchers::ROOMS;
        Err(Refusal::Invalid(format!("a socket watches at most {most} rooms")).into())
    }

    /// Watches a room no more.
    pub fn unwatch(&self, watcher: &Watcher, room: RoomId) {
        self.inner.watchers.unwatch(watcher, room);
    }

    /// The socket is gone.
    pub fn leave_watch(&self, watcher: &Watcher) {
        self.inner.watchers.leave(watcher);
    }

    /// Sockets that may watch.
    pub fn watching(&self) -> usize {
        self.inner.watchers.len()
    }
}

/// What a token of the videochat grants, but for what the seat says.
fn grant(room: &RoomSeen, name: &str) -> Grant {
    Grant {
        project: room.project,
        token_id: Uuid::new_v4().to_string(),
        room_name: room.name.clone(),
        user_name: name.to_owned(),
        join_as: JoinAs::Audience,
        permissions: Permissions::default(),
        media_allowed: MediaAllowed::All,
        window: Window::default(),
        join_audio_muted: false,
        join_video_muted: false,
        auto_create_room: false,
        enable_room_previews: false,
        room_display_name: None,
        end_room_session_on_leave: false,
        meta: Map::new(),
        room_meta: Map::new(),
        audio_video_sync: false,
        identity: None,
        expires_at: None,
    }
}
