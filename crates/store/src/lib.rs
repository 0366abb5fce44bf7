//! What survives a restart: projects, tokens, rooms, the history of sessions, and events.
//!
//! All SQL of the server is here, in the part of the language that SQLite and PostgreSQL share.
//! The store checks no permission, knows no browser's message and keeps no media.

mod admin_sessions;
mod admins;
mod agents;
mod conference_tokens;
mod conferences;
mod deliveries;
mod error;
mod event_tail;
mod health;
mod history;
mod livechat;
mod logs;
mod offer;
mod only_if;
mod open;
mod outbox;
mod outbox_lines;
mod outbox_retention;
mod page;
mod projects;
mod recordings;
mod retention;
mod room_columns;
mod room_links;
mod rooms;
mod rows;
mod schema;
mod sessions;
mod streams;
mod tokens;
mod users;
mod videochat;
mod webhooks;
mod write;

pub use admin_sessions::AdminSession;
pub use admins::{AdminRow, InvitationRow, NewCredential};
pub use agents::{AgentRow, TokenLives, TokenPair};
pub use conference_tokens::{ConferenceTokenRow, ConferenceVisit, is_conference_token};
pub use deliveries::{Delivery, DeliveryKind, DeliveryState, NewDelivery};
pub use error::StoreError;
pub use history::{HistoryWrite, INTERRUPTED};
pub use livechat::{LivechatChange, LivechatConfig, SiteId};
pub use logs::{LogQuery, LogRow};
pub use only_if::OnlyIf;
pub use outbox::{BodyShape, Entity};
pub use outbox_lines::{DueWebhook, WebhookLine, WebhookState};
pub use outbox_retention::{Forgotten, OutboxCount};
pub use page::{ListPage, Page, PageToken};
pub use projects::{ProjectRow, SigningKey};
pub use recordings::Finished;
pub use room_links::{LinkRow, LinkTerms, LinkUse, NewLink};
pub use rooms::RoomQuery;
pub use rows::{
    EventRow, MemberRow, RecordingPlace, RecordingRow, RecordingStatus, SessionRow, SessionStatus,
};
pub use sessions::SessionFilter;
pub use streams::StreamRow;
pub use tokens::{ApiTokenRow, NewApiToken};
pub use users::{RoomRights, UserRow, UserSession};
pub use webhooks::{OldSecret, WebhookRow, WebhookSecret, WebhookTerms};

use health::{Pulse, Renewal};
use sqlx::SqlitePool;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use write::Writer;

/// The database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// All writes go through it. When its connection is taken, callers wait in line for at most
    /// three times the busy time and then get [`StoreError::Unavailable`].
    writer: Writer,
    /// Their connections decline every write.
    readers: SqlitePool,
    path: PathBuf,
    last_ordinal: AtomicI64,
    pulse: Pulse,
    renewal: Renewal,
    outbox: Arc<outbox::Outbox>,
}

impl Store {
    /// The next number in the order of writing: microseconds since 1970 UTC, made to grow even
    /// when the clock stands or goes back, so that a page's borders never shift.
    fn next_ordinal(&self) -> i64 {
        let clock = now_ms().saturating_mul(1000);
        let next = |last: i64| Some(clock.max(last + 1));
        let last = self.inner.last_ordinal.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        clock.max(last.unwrap_or(0) + 1)
    }
}

/// The time in milliseconds since 1970 UTC; a clock before that reads as 1970.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
