//! The only crate that executes: it finds or starts sessions, runs the rules, carries out what
//! they want done, and delivers what people are told.
//!
//! Doors hand it commands as values and get values back; it knows no HTTP, no WebSocket and no
//! JSON shape.

mod archive;
mod auth;
mod clock;
mod conferences;
mod connections;
mod execute;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod history;
mod lines;
mod livechat;
mod memory;
mod previews;
mod room_links;
mod rooms;
mod sessions;
mod streams;
mod videochat;
mod webhooks;

pub use archive::{ArchiveOptions, Link as RecordingLink, RecordingError, RecordingFile};
pub use auth::admins::{InvitationRefused, SignedIn};
pub use auth::agents::{AGENT_TOKEN_LIFE, Agent};
pub use auth::limiter::{Limiter, Ticks};
pub use auth::users::{SignInRefused, hash_password};
pub use auth::{ApiKey, TokenCheckError, TokenRefused};
pub use conferences::ConferencePass;
pub use connections::delivery::{Delivery, Dispatch};
pub use connections::ice_server::{
    BadIceServer, BadTurnSecret, IceServer, IceServers, OfferedIceServer,
};
pub use connections::leg_places::{LegBound, LegLimits};
pub use connections::link::{
    Accepted, ConnectRefused, ConnectRequest, Credential, Invite, LegAction, LegRole, LostSeat,
    Renewed, Subscription, Who,
};
pub use connections::whip_state::Direction;
pub use connections::whip_whep::{Restart, WhipError, WhipLeg};
pub use history::{
    Fps, HistoryError, HistoryOptions, ListenRefused, Listening, ListensBy, RestartReport,
};
pub use memory::MemoryGate;
pub use room_links::{ExchangeRefused, LinkError};
pub use rooms::{RoomError, RoomFilter};
pub use rotunda_outputs::{Pusher, UrlRefused, WebhookSender};
pub use rotunda_storage::{Reading, RemoteOptions, Storage, StorageError};
pub use rotunda_store::{
    AdminRow, AdminSession, AgentRow, ApiTokenRow, BodyShape, ConferenceTokenRow, ConferenceVisit,
    Entity, EventRow, InvitationRow, LinkRow, LinkTerms, ListPage, LivechatChange, LivechatConfig,
    LogQuery, LogRow, MemberRow, NewCredential, NewLink, OnlyIf, OutboxCount, Page, PageToken,
    ProjectRow, RecordingRow, RecordingStatus, RoomRights, SessionFilter, SessionRow,
    SessionStatus, SiteId, StoreError, StreamRow, TokenPair, UserRow, UserSession, WebhookLine,
    WebhookRow, WebhookSecret, WebhookState, WebhookTerms,
};
pub use sessions::engine_events::EngineListener;
pub use streams::StreamError;

pub use connections::unconfirmed::Unconfirmed;
pub use videochat::subscribers::{EncodedPush, Push, PushEvent, Subscriber};
pub use videochat::{RoomSeen, SeatToken, SettingPermit, VideochatError};
pub use webhooks::{WebhookOptions, WebhookRefused};

use clock::now;
use connections::app_connection::Applications;
use connections::connection::Connections;
use execute::checked::Checked;
use rooms::whole;
use rotunda_domain::{Refusal, SessionOptions};
use rotunda_engine::Engine;
use rotunda_store::Store;
use sessions::directory::Directory;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long after a restart somebody may come back to what they had: longer than a browser tries.
const BACK_WITHIN_MS: i64 = 10 * 60 * 1000;

/// What the operator decides for the hub.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// The address clients are to use, scheme and all (`wss://…`); written into tokens as `ch`.
    pub public_url: Option<String>,
    /// Scheme and host of the HTTP doors (`https://…`); addresses handed to clients begin with it.
    pub http_base: String,
    /// Rules' options.
    pub session: SessionOptions,
    /// How long a socketless, memberless connection is remembered.
    pub connection_memory: Duration,
    /// Frames a second of a 720p canvas, as reported.
    pub fps_720p: u32,
    /// Frames a second of a 1080p canvas, as reported.
    pub fps_1080p: u32,
    /// How much history is kept.
    pub history: HistoryOptions,
    /// Recordings' files.
    pub archive: ArchiveOptions,
    /// Events that are sent to applications.
    pub webhooks: WebhookOptions,
    /// Legs there may be, by whom.
    pub legs: LegLimits,
    /// Where limits have their time from.
    pub clock: Ticks,
    /// Vendors for which there are credentials.
    pub vendors: Vec<rotunda_domain::videochat::EngineName>,
    /// Shut while memory is short.
    pub memory: MemoryGate,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            public_url: None,
            http_base: String::new(),
            session: SessionOptions::default(),
            connection_memory: Duration::from_secs(30),
            fps_720p: 20,
            fps_1080p: 30,
            history: HistoryOptions::default(),
            archive: ArchiveOptions::default(),
            webhooks: WebhookOptions::default(),
            legs: LegLimits::default(),
            clock: Ticks::default(),
            vendors: Vec::new(),
            memory: MemoryGate::default(),
        }
    }
}

/// The conductor; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    services: Arc<Services>,
    store: Store,
    options: HubOptions,
    keys: auth::Keys,
    /// Whoever changes the streams that stand with a room, one at a time.
    room_streams: tokio::sync::Mutex<()>,
    guesses: auth::sign_in_limit::Guesses,
    /// Links that visitors of one address exchange.
    exchanges: Limiter<std::net::IpAddr>,
    waiting: Arc<tokio::sync::Semaphore>,
    legs: Arc<connections::leg_places::LegPlaces>,
    /// Seats of the settings door that were given back after the restart.
    given_back: Mutex<HashSet<rotunda_domain::MemberId>>,
}

/// What sessions are served by, and those who deliver for them.
struct Services {
    engine: Arc<dyn Engine>,
    archive: Arc<archive::Archive>,
    webhooks: Arc<webhooks::Webhooks>,
    history: Arc<history::HistoryWriter>,
    previews: previews::Previews,
    connections: Arc<Connections>,
    subscribers: videochat::subscribers::Subscribers,
    applications: Applications,
    live: Arc<history::live::Live>,
    directory: Directory,
}

/// The refusal for a store that does not answer.
fn unavailable(error: &StoreError) -> Refusal {
    if error.is_passing() { Refusal::Unavailable } else { Refusal::Broken }
}

impl Hub {
    /// Begins with what the store holds; `listener` is the one the engine was started with.
    pub fn start(
        store: Store,
        engine: Arc<dyn Engine>,
        listener: &EngineListener,
        options: HubOptions,
    ) -> Self {
        let fps = history::Fps { p720: options.fps_720p, p1080: options.fps_1080p };
        let history = Arc::new(history::HistoryWriter::start(store.clone(), fps));
        let retained = history::retain(store.clone(), options.history);
        rotunda_telemetry::spawn("history retention", retained);
        let files = options.archive.clone();
        let archive = archive::Archive::start(files, store.clone(), history.clone());
        let webhooks = webhooks::Webhooks::start(options.webhooks.clone(), store.clone());
        let live = Arc::<history::live::Live>::default();
        let heard = history::live::watch(Arc::downgrade(&live), store.clone());
        rotunda_telemetry::spawn("live events", heard);
        let services = Arc::new(Services {
            live,
            engine,
            archive,
            webhooks,
            history,
            previews: previews::Previews::default(),
            connections: Connections::new(options.connection_memory),
            subscribers: videochat::subscribers::Subscribers::default(),
            applications: Applications::default(),
            directory: listener.directory.clone(),
        });
        if listener.services.set(Arc::downgrade(&services)).is_err() {
            tracing::error!("a listener of the engine serves another hub already");
        }
        let inner = Arc::new(Inner {
            services,
            room_streams: tokio::sync::Mutex::default(),
            keys: auth::Keys::default(),
            guesses: auth::sign_in_limit::Guesses::new(options.clock.clone()),
            exchanges: room_links::exchanges(options.clock.clone()),
            waiting: auth::users::waiting(),
            legs: connections::leg_places::LegPlaces::new(options.legs),
            given_back: Mutex::default(),
            store,
            options,
        });
        auth::revoke::watch(Arc::downgrade(&inner));
        Self { inner }
    }

    /// Lines of history lost because the database was away for too long.
    pub fn history_lost(&self) -> u64 {
        self.inner.services.history.dropped()
    }

    /// Lines of history that wait for the database.
    pub fn history_waiting(&self) -> usize {
        self.inner.services.history.waiting()
    }

    /// How many people have a seat, those who only look on included.
    pub fn seated(&self) -> usize {
        self.inner.services.connections.seated()
    }

    /// How many sessions run, and how many connections are remembered.
    pub fn load(&self) -> (usize, usize) {
        (self.inner.services.directory.len(), self.inner.services.connections.len())
    }

    /// How long all sessions together took to act, until what followed was in everybody's queue.
    pub fn sessions_busy(&self) -> Duration {
        self.inner.services.directory.busy()
    }

    /// Options as the operator set them.
    pub fn options(&self) -> &HubOptions {
        &self.inner.options
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }
}
