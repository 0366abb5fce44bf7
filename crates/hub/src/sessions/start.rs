//! Finds the session of a room, or starts it, where one has the turn.

use crate::sessions::effects::Effects;
use crate::sessions::handle::{GONE, Join, JoinReply, SessionHandle};
use crate::sessions::places::{Running, Turn};
use crate::{Hub, now, sessions::task, unavailable};
use rotunda_domain::session::Origin;
use rotunda_domain::videochat::VideochatSettings;
use rotunda_domain::{
    Actor, Command, Grant, Quality, RecordingId, Refusal, Room, RoomId, RoomSettings, Session,
    SessionId, entry,
};
use rotunda_engine::CanvasSpec;
use std::sync::Arc;
use uuid::Uuid;

/// Looks for a session that does not end under one's hands; twice is a coincidence already.
const ENTER_TRIES: usize = 3;

/// The id of a recording that is to begin.
pub(crate) fn new_recording() -> RecordingId {
    RecordingId(Uuid::new_v4())
}

impl Hub {
    /// The session `grant` opens, started if it may and must be; then `join` is done in it. A
    /// session that ends between being found and being joined is looked for anew.
    pub(crate) async fn enter<F>(&self, grant: &Grant, join: F) -> Result<String, Refusal>
    where
        F: Fn(&SessionHandle, JoinReply) -> Join,
    {
        let mut done = Err(GONE);
        for _ in 0..ENTER_TRIES {
            let session = self.find_or_start(grant).await?;
            done = session.join(|reply| join(&session, reply)).await;
            if done != Err(GONE) {
                break;
            }
        }
        done
    }

    /// Whoever has the turn at the place decides, so that many who come at once find one session.
    pub(crate) async fn find_or_start(&self, grant: &Grant) -> Result<SessionHandle, Refusal> {
        let mut turn = self.inner.services.directory.turn(grant.project, &grant.room_name).await;
        let stored = self.stored_room(grant).await?;
        let known = match (turn.running(), &stored) {
            (_, Some(room)) => Some(&room.settings),
            (Some(running), None) if !running.is_stored => Some(&running.settings),
            _ => None,
        };
        entry::check(now(), known, grant)?;
        let is_recorded = self.site_admits(grant.project).await?;
        if let Some(running) = turn.running() {
            return Ok(running.handle.clone());
        }
        if grant.identity.is_some() {
            return Err(Refusal::NotAdmitted("the videochat of this token is over"));
        }
        let videochat = self.videochat_of(stored.as_ref()).await?;
        Ok(self.start_session(&mut turn, grant, stored, videochat, is_recorded).await)
    }

    async fn stored_room(&self, grant: &Grant) -> Result<Option<Room>, Refusal> {
        let found = self.store().room_by_name(grant.project, &grant.room_name).await;
        found.map_err(|error| {
            tracing::error!(%error, "the room was not looked up");
            unavailable(&error)
        })
    }

    async fn videochat_of(&self, stored: Option<&Room>) -> Result<VideochatSettings, Refusal> {
        let Some(room) = stored else { return Ok(VideochatSettings::default()) };
        self.store().videochat_settings(room.id).await.map_err(|error| {
            tracing::error!(%error, "the settings of a videochat were not read");
            unavailable(&error)
        })
    }

    /// Begins the session that `grant` opens, unless it runs.
    pub(crate) async fn begin_session(&self, grant: &Grant) -> Result<(), Refusal> {
        self.find_or_start(grant).await.map(drop)
    }

    /// Opens a session where one has the turn. It begins when somebody has come.
    async fn start_session(
        &self,
        turn: &mut Turn,
        grant: &Grant,
        stored: Option<Room>,
        videochat: VideochatSettings,
        is_recorded: bool,
    ) -> SessionHandle {
        let is_stored = stored.is_some();
        let (room, settings) = match stored {
            Some(room) => (room.id, room.settings),
            None => (RoomId(Uuid::new_v4()), entry::room_from(grant)),
        };
        let session = SessionId(Uuid::new_v4());
        // The canvas is there before anybody looks at it.
        self.inner.services.engine.open(session, self.canvas_spec(&settings));
        let origin = Origin {
            session,
            room,
            project: grant.project,
            auto_created: !is_stored,
            event_channel: format!("EC_{}", Uuid::new_v4()).into(),
            preview_url: settings
                .enable_room_previews
                .then(|| self.begin_previews(session, videochat.enable_streaming)),
        };
        let mut effects = Effects::new(origin.clone(), self.inner.services.clone());
        let options = self.inner.options.session;
        let mut session = Session::open(now(), origin.clone(), settings.clone(), options);
        session.set_videochat(videochat);
        if settings.record_on_start || is_recorded {
            let refused = match self.recording_hindrance().await {
                Some(hindrance) => Err(hindrance),
                None => session.record_from_the_beginning(new_recording()),
            };
            effects.unrecorded = refused.err();
        }
        let handle = task::spawn(session, effects);
        tracing::debug!(session = %origin.session, %room, "session opened");
        turn.begin(Running { handle: handle.clone(), settings, is_stored });
        if is_stored {
            // After it can be found, so that a stream made meanwhile is seen by one of the two.
            let (hub, project) = (self.clone(), grant.project);
            rotunda_telemetry::spawn("streams of a room", async move {
                hub.stand(project, room, None).await
            });
        }
        handle
    }

    fn begin_previews(&self, session: SessionId, shown: bool) -> Arc<str> {
        let engine = self.inner.services.engine.clone();
        self.inner.services.previews.begin(engine, session, &self.inner.options.http_base, shown)
    }

    fn canvas_spec(&self, settings: &RoomSettings) -> CanvasSpec {
        CanvasSpec {
            quality: settings.quality,
            fps: match settings.quality {
                Quality::P720 => self.inner.options.fps_720p,
                Quality::P1080 => self.inner.options.fps_1080p,
            },
            audio_video_sync: settings.audio_video_sync.unwrap_or(false),
            name_banners: settings.logos_visible,
        }
    }

    /// Lets a changed room act on its running session, as far as it does.
    pub(crate) async fn apply_room(&self, room: &Room) {
        let Some((handle, _)) = self.inner.services.directory.by_room(room.id) else { return };
        let command = Command::ApplyRoom(Box::new(room.settings.clone()));
        // Refused only when the session is over, and then there is nothing to act on.
        let _ = self.command(&handle, Actor::Project, command).await;
    }

    /// Ends the running session of a room.
    pub(crate) async fn end_session_of_room(&self, room: RoomId) {
        if let Some((handle, _)) = self.inner.services.directory.by_room(room) {
            let _ = self.command(&handle, Actor::Project, Command::End).await;
        }
    }
}
