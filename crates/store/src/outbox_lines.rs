//! Lines of the queue of deliveries that are events for endpoints: what is due, and what became of it.
//! Of each endpoint and room one line at most is `waiting`; the others of the room
//! are `held` behind it, in the order in which they were written.

use crate::sessions::{beyond, cut};
use crate::webhooks::read_secrets;
use crate::{ListPage, OldSecret, Page, Store, StoreError, WebhookSecret, room_columns};
use rotunda_domain::RoomId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

/// Lines of one endpoint that are looked at: more than go on at a time, so that there are others.
const OF_ENDPOINT: i64 = 8;
/// Lines of all.
const OF_ALL: i64 = 256;

/// An event that is due at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueWebhook {
    /// The line.
    pub id: Uuid,
    /// The endpoint.
    pub endpoint: Uuid,
    /// Where that is.
    pub url: String,
    /// What signs.
    pub secret: WebhookSecret,
    /// What signs beside it.
    pub old_secret: Option<OldSecret>,
    /// The event's id.
    pub event: Uuid,
    /// Its name.
    pub name: String,
    /// What is sent.
    pub body: String,
    /// Within what the order is kept: the room's id, or nothing.
    pub lane: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When that was first, milliseconds since 1970 UTC.
    pub first_at_ms: Option<i64>,
}

/// Where an event for an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// It is being tried.
    Waiting,
    /// It is behind another of its room.
    Held,
    /// It was taken.
    Delivered,
    /// It was given up.
    Dead,
}

impl WebhookState {
    /// All, with their spelling on the wire and in the database.
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Waiting, "waiting", "waiting"),
        (Self::Held, "held", "held"),
        (Self::Delivered, "delivered", "done"),
        (Self::Dead, "dead", "failed"),
    ];

    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(_, wire, _)| *wire)
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, wire, _)| *wire == text).map(|(state, ..)| *state)
    }

    fn stored(self) -> &'static str {
        Self::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(.., stored)| *stored)
    }

    fn of_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(.., stored)| *stored == text).map(|(state, ..)| *state)
    }
}

/// An event for an endpoint, as people want to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookLine {
    /// The event's id.
    pub event: Uuid,
    /// The endpoint.
    pub endpoint: Uuid,
    /// The event's name.
    pub name: String,
    /// Its room.
    pub room: Option<RoomId>,
    /// Where it stands.
    pub state: WebhookState,
    /// How often it was tried since it was written, or since it was last replayed.
    pub attempts: i64,
    /// Why it was not taken the last time.
    pub error: Option<String>,
    /// When it is tried next, while it waits; milliseconds since 1970 UTC.
    pub next_at_ms: i64,
    /// When it was first tried.
    pub first_at_ms: Option<i64>,
    /// When it happened.
    pub created_at_ms: i64,
    /// When something became of it last.
    pub updated_at_ms: i64,
}

impl Store {
    /// What is due at endpoints that are switched on, the most urgent first: a few of each endpoint,
    /// and of each room the first only.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// secret none.
    pub async fn due_webhooks(&self, now_ms: i64) -> Result<Vec<DueWebhook>, StoreError> {
        let rows = sqlx::query(
            "SELECT d.id, d.target, d.file, d.name, d.body, d.lane, d.attempts, d.first_at, w.url, \
             w.secret, w.old_secret, w.old_until FROM (SELECT id, ROW_NUMBER() OVER \
             (PARTITION BY target ORDER BY next_at, ordinal) AS place FROM deliveries \
             WHERE state = 'waiting' AND kind = 'webhook' AND next_at <= $1) AS placed \
             JOIN deliveries AS d ON d.id = placed.id \
             JOIN webhooks AS w ON w.id = d.target AND w.is_enabled \
             WHERE placed.place <= $2 ORDER BY d.next_at, d.ordinal LIMIT $3",
        )
        .bind(now_ms)
        .bind(OF_ENDPOINT)
        .bind(OF_ALL)
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read_due).collect()
    }

    /// When something is due that is not yet, milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn next_webhook_at(&self, now_ms: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT MIN(next_at) FROM deliveries \
             WHERE state = 'waiting' AND kind = 'webhook' AND next_at > $1";
        Ok(sqlx::query_scalar(sql).bind(now_ms).fetch_one(&self.inner.readers).await?)
    }

    /// An event was taken, or is given up for the reason given: the next of its room is due.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; a line that is not there is no error.
    pub async fn webhook_over(
        &self,
        due: &DueWebhook,
        dead: Option<&str>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let state = if dead.is_some() { WebhookState::Dead } else { WebhookState::Delivered };
        let work = async |tx: &mut SqliteConnection| {
            sqlx::query(
                "UPDATE deliveries SET state = $1, error = $2, attempts = attempts + 1, \
                 first_at = COALESCE(first_at, $3), updated_at = $3 \
                 WHERE id = $4 AND state = 'waiting'",
            )
            .bind(state.stored())
            .bind(dead)
            .bind(now_ms)
            .bind(due.id.to_string())
            .execute(&mut *tx)
            .await?;
            advance(tx, &due.endpoint.to_string(), &due.lane, now_ms).await
        };
        self.inner.writer.write(work).await
    }

    /// An event was not taken and is tried again at `next_at_ms`; `first_ms` is when it was first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; a line that is not there is no error.
    pub async fn webhook_not_taken(
        &self,
        due: &DueWebhook,
        why: &str,
        (first_ms, next_at_ms): (i64, i64),
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE deliveries SET error = $1, next_at = $2, first_at = COALESCE(first_at, $3), \
             attempts = attempts + 1, updated_at = $4 WHERE id = $5 AND state = 'waiting'",
        )
        .bind(why)
        .bind(next_at_ms)
        .bind(first_ms)
        .bind(now_ms)
        .bind(due.id.to_string());
        self.inner.writer.execute(update).await.map(drop)
    }

    /// A page of what was or is to be sent to an endpoint, newest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a state
    /// a word this version does not know.
    pub async fn webhook_lines(
        &self,
        endpoint: Uuid,
        state: Option<WebhookState>,
        page: Page,
    ) -> Result<ListPage<WebhookLine>, StoreError> {
        macro_rules! list_lines {
            ($direction:tt) => {
                concat!(
                    "SELECT id, target, file, name, lane, state, attempts, error, next_at, \
                     first_at, created_at, updated_at, ordinal FROM deliveries \
                     WHERE kind = 'webhook' AND target = $1 \
                     AND (CAST($2 AS TEXT) IS NULL OR state = $2)",
                    beyond!("$3", "$4", "$5", $direction)
                )
            };
        }
        let bounds = page.bounds();
        let rows = sqlx::query(if bounds.newer { list_lines!(newer) } else { list_lines!(older) })
            .bind(endpoint.to_string())
            .bind(state.map(WebhookState::stored))
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        cut(page, &rows, read_line)
    }

    /// Sends an endpoint once more what it took or what was given up: one event, or everything given
    /// up. Each goes behind what its room waits for; answers how many.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn replay_webhooks(
        &self,
        endpoint: Uuid,
        event: Option<Uuid>,
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let done = sqlx::query(
                "UPDATE deliveries SET state = 'held', attempts = 0, next_at = $1, error = NULL, \
                 first_at = NULL, updated_at = $1 WHERE kind = 'webhook' AND target = $2 \
                 AND state IN ('done', 'failed') \
                 AND (file = $3 OR (CAST($3 AS TEXT) IS NULL AND state = 'failed'))",
            )
            .bind(now_ms)
            .bind(endpoint.to_string())
            .bind(event.map(|id| id.to_string()))
            .execute(&mut *tx)
            .await?;
            advance_all(tx, Some(endpoint), now_ms).await?;
            Ok(done.rows_affected())
        };
        let count = self.inner.writer.write(work).await?;
        self.inner.outbox.wake.notify_one();
        Ok(count)
    }
}

/// The next of a room is due, unless another is.
async fn advance(
    tx: &mut SqliteConnection,
    endpoint: &str,
    lane: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries SET state = 'waiting', next_at = $1 WHERE id = (SELECT id FROM deliveries \
         WHERE target = $2 AND lane = $3 AND state = 'held' ORDER BY ordinal LIMIT 1) \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE target = $2 AND lane = $3 \
         AND state = 'waiting')",
    )
    .bind(now_ms)
    .bind(endpoint)
    .bind(lane)
    .execute(tx)
    .await?;
    Ok(())
}

/// The same of every room of an endpoint, or of all.
pub(crate) async fn advance_all(
    tx: &mut SqliteConnection,
    endpoint: Option<Uuid>,
    now_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries SET state = 'waiting', next_at = $1 WHERE id IN (SELECT h.id \
         FROM deliveries AS h WHERE h.kind = 'webhook' AND h.state = 'held' \
         AND (CAST($2 AS TEXT) IS NULL OR h.target = $2) AND NOT EXISTS (SELECT 1 \
         FROM deliveries AS o WHERE o.target = h.target AND o.lane = h.lane \
         AND (o.state = 'waiting' OR (o.state = 'held' AND o.ordinal < h.ordinal))))",
    )
    .bind(now_ms)
    .bind(endpoint.map(|id| id.to_string()))
    .execute(tx)
    .await?;
    Ok(())
}

fn read_due(row: &SqliteRow) -> Result<DueWebhook, StoreError> {
    let (secret, old_secret) = read_secrets(row)?;
    Ok(DueWebhook {
        id: room_columns::id(row, "id")?,
        endpoint: room_columns::id(row, "target")?,
        url: row.try_get("url")?,
        secret,
        old_secret,
        event: room_columns::id(row, "file")?,
        name: row.try_get("name")?,
        body: row.try_get("body")?,
        lane: row.try_get("lane")?,
        attempts: row.try_get("attempts")?,
        first_at_ms: row.try_get("first_at")?,
    })
}

fn read_line(row: &SqliteRow) -> Result<WebhookLine, StoreError> {
    let (state, lane): (String, String) = (row.try_get("state")?, row.try_get("lane")?);
    Ok(WebhookLine {
        event: room_columns::id(row, "file")?,
        endpoint: room_columns::id(row, "target")?,
        name: row.try_get("name")?,
        room: lane.parse().ok(),
        state: WebhookState::of_stored(&state).ok_or(StoreError::Unreadable { column: "state" })?,
        attempts: row.try_get("attempts")?,
        error: row.try_get("error")?,
        next_at_ms: row.try_get("next_at")?,
        first_at_ms: row.try_get("first_at")?,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}
