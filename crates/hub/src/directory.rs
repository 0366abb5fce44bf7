//! Finds the session of a room, or starts it; hears the engine on behalf of all sessions.

use crate::clock;
use crate::connection::Connection;
use crate::effects::Effects;
use crate::places::{Places, Running, Turn};
use crate::session_task::{self, Join, SessionHandle};
use crate::{Hub, Inner};
use rotunda_domain::session::Origin;
use rotunda_domain::videochat::VideochatSettings;
use rotunda_domain::{
    Actor, Command, Grant, LegKey, Outcome, ProjectId, Quality, RecordingId, Refusal, Room, RoomId,
    RoomSettings, Session, SessionId, entry,
};
use rotunda_engine::{CanvasSpec, Closed, EngineEvents};
use rotunda_store::{EventRow, HistoryWrite, INTERRUPTED, StoreError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use uuid::Uuid;

/// The refusal for a store that does not answer.
pub(crate) fn unavailable(error: &StoreError) -> Refusal {
    if error.is_passing() { Refusal::Unavailable } else { Refusal::Broken }
}

/// The most the end of the process waits for a note about the sessions.
const NOTED_WITHIN: Duration = Duration::from_secs(2);

/// Looks for a session that does not end under one's hands; twice is a coincidence already.
const ENTER_TRIES: usize = 3;

/// All running sessions; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Directory {
    places: Arc<Mutex<Places>>,
    last_leg: Arc<AtomicU64>,
    /// Microseconds all sessions took to act, until what followed was in everybody's queue.
    busy_us: Arc<AtomicU64>,
    home: Arc<Mutex<Weak<Inner>>>,
}

impl Directory {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_home(&self, inner: &Arc<Inner>) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(inner);
    }

    fn home(&self) -> Option<Arc<Inner>> {
        self.home.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    pub fn next_leg(&self) -> LegKey {
        LegKey(self.last_leg.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub fn was_busy(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.busy_us.fetch_add(us, Ordering::Relaxed);
    }

    pub fn forget_leg(&self, leg: LegKey) {
        tracing::debug!(leg = leg.0, "leg released");
    }

    /// The turn at the place of a room.
    pub async fn turn(&self, project: ProjectId, name: &str) -> Turn {
        Turn::at(self, (project, name.to_owned())).await
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
    fn marks(&self, now_ms: i64) -> Vec<HistoryWrite> {
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
    pub fn forget(&self, origin: &Origin) {
        if let Some(inner) = self.home() {
            inner.previews.end(origin.session);
        }
        let mut places = self.lock();
        if let Some((_, name)) = places.by_id.remove(&origin.session) {
            places.tidy(&name);
        }
    }

    /// A connection without seat and socket is forgotten: at once if its client has nothing to hear,
    /// which is then as if the server had been started anew, else after some time.
    pub fn forget_idle(&self, connection: Arc<Connection>) {
        let Some(inner) = self.home() else { return };
        if connection.has_socket() {
            return;
        }
        if connection.whip_whep.is_some() || !connection.owes_farewell() {
            return inner.connections.remove(&connection.protocol);
        }
        let memory = inner.options.connection_memory;
        let home = Arc::downgrade(&inner);
        rotunda_telemetry::spawn("connection forgotten", async move {
            tokio::time::sleep(memory).await;
            let Some(inner) = home.upgrade() else { return };
            if !connection.has_socket() && connection.lock().seat.is_none() {
                inner.connections.remove(&connection.protocol);
            }
        });
    }
}

/// Hears the engine; made before it, because the engine wants an ear to start with.
#[derive(Clone, Default)]
pub struct EngineListener {
    pub(crate) directory: Directory,
}

/// The id of a recording that is to begin.
pub(crate) fn new_recording() -> RecordingId {
    RecordingId(Uuid::new_v4())
}

impl EngineEvents for EngineListener {
    fn recording_closed(&self, session: SessionId, recording: RecordingId, closed: Closed) {
        if let Some(handle) = self.directory.by_id(session).filter(|_| closed.error.is_some()) {
            handle.tell(Outcome::RecordingFailed(recording));
        }
        if let Some(inner) = self.directory.home() {
            inner.archive.closed(recording, closed);
        }
    }

    fn sound_replaced(&self, _: SessionId, recordings: Vec<RecordingId>, why: &str) {
        if let Some(inner) = self.directory.home() {
            inner.archive.sound_replaced(recordings, why);
        }
    }

    fn happened(&self, session: SessionId, outcome: Outcome) {
        if let Some(handle) = self.directory.by_id(session) {
            handle.tell(outcome);
        }
    }
}

impl Hub {
    /// The session `grant` opens, started if it may and must be; then `join` is done in it. A
    /// session that ends between being found and being joined is looked for anew.
    pub(crate) async fn enter<F>(&self, grant: &Grant, join: F) -> Result<String, Refusal>
    where
        F: Fn(&SessionHandle, session_task::JoinReply) -> Join,
    {
        let mut done = Err(session_task::GONE);
        for _ in 0..ENTER_TRIES {
            let session = self.find_or_start(grant).await?;
            done = session.join(|reply| join(&session, reply)).await;
            if done != Err(session_task::GONE) {
                break;
            }
        }
        done
    }

    /// Whoever has the turn at the place decides, so that many who come at once find one session.
    pub(crate) async fn find_or_start(&self, grant: &Grant) -> Result<SessionHandle, Refusal> {
        let mut turn = self.inner.directory.turn(grant.project, &grant.room_name).await;
        let stored = self.stored_room(grant).await?;
        let known = match (turn.running(), &stored) {
            (_, Some(room)) => Some(&room.settings),
            (Some(running), None) if !running.is_stored => Some(&running.settings),
            _ => None,
        };
        entry::check(clock::now(), known, grant)?;
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
        self.inner.engine.open(session, self.canvas_spec(&settings));
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
        let mut effects = Effects::new(
            origin.clone(),
            self.inner.engine.clone(),
            self.inner.history.clone(),
            self.inner.directory.clone(),
            self.inner.applications.clone(),
            self.inner.archive.clone(),
            self.inner.subscribers.clone(),
        );
        let options = self.inner.options.session;
        let mut session = Session::open(clock::now(), origin.clone(), settings.clone(), options);
        session.set_videochat(videochat);
        if settings.record_on_start || is_recorded {
            let refused = match self.recording_hindrance().await {
                Some(hindrance) => Err(hindrance),
                None => session.record_from_the_beginning(new_recording()),
            };
            effects.unrecorded = refused.err();
        }
        let handle = session_task::spawn(session, effects);
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
        let engine = self.inner.engine.clone();
        self.inner.previews.begin(engine, session, &self.inner.options.http_base, shown)
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
        let Some((handle, _)) = self.inner.directory.by_room(room.id) else { return };
        let command = Command::ApplyRoom(Box::new(room.settings.clone()));
        // Refused only when the session is over, and then there is nothing to act on.
        let _ = handle.execute(Actor::Project, command).await;
    }

    /// Ends the running session of a room.
    pub(crate) async fn end_session_of_room(&self, room: RoomId) {
        if let Some((handle, _)) = self.inner.directory.by_room(room) {
            let _ = handle.execute(Actor::Project, Command::End).await;
        }
    }

    /// How many sessions run, and how many connections are remembered.
    pub fn load(&self) -> (usize, usize) {
        (self.inner.directory.lock().by_id.len(), self.inner.connections.len())
    }

    /// How long all sessions together took to act, until what followed was in everybody's queue.
    pub fn sessions_busy(&self) -> Duration {
        Duration::from_micros(self.inner.directory.busy_us.load(Ordering::Relaxed))
    }

    /// Closes the sockets of everybody in a session and tells them nothing more: whatever becomes of
    /// their sessions here, they are to come back to the process that follows.
    pub fn let_go(&self) {
        self.inner.connections.close_all();
    }

    /// Notes of every session that the end of this process ends it, not somebody's wish: whoever sits in it
    /// comes back. Not noted when the database does not take it at once.
    pub async fn note_restart(&self) {
        let noting = async {
            // What happened before stands before it.
            self.inner.history.flush().await;
            let now_ms = clock::now().epoch_ms;
            let marks = self.inner.directory.marks(now_ms);
            self.store().keep(&marks).await
        };
        match tokio::time::timeout(NOTED_WITHIN, noting).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "it was not noted which sessions go on"),
            Err(_) => tracing::warn!("it was not noted in time which sessions go on"),
        }
    }

    /// Ends every session and writes what is left of their history.
    pub async fn shut_down(&self) {
        for handle in self.inner.directory.all() {
            let _ = handle.execute(Actor::Project, Command::End).await;
        }
        self.recordings_closed().await;
        self.inner.history.flush().await;
    }
}
