//! The durable queue of files that are to be brought somewhere else. How a file is brought, and how
//! long is waited after a failure, is the caller's business.

use crate::room_columns;
use crate::{Store, StoreError};
use rotunda_domain::{ProjectId, RecordingId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

/// Lines of a list for people.
const LISTED: i64 = 1000;

macro_rules! columns {
    () => {
        "id, project_id, recording_id, target, file, attempts, next_at, created_at"
    };
}

/// How a file is brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryKind {
    /// Into object storage.
    Object,
    /// To an HTTP server.
    Push,
}

impl DeliveryKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Push => "push",
        }
    }
}

/// What is to be brought where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// How.
    pub kind: DeliveryKind,
    /// The project of the recording.
    pub project: ProjectId,
    /// The recording.
    pub recording: RecordingId,
    /// Where to.
    pub target: String,
    /// Which file.
    pub file: String,
}

/// A line of the queue that still waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which line.
    pub id: Uuid,
    /// The project of the recording.
    pub project: ProjectId,
    /// The recording.
    pub recording: RecordingId,
    /// Where to.
    pub target: String,
    /// Which file.
    pub file: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When it is due, milliseconds since 1970 UTC.
    pub next_at_ms: i64,
    /// Since when it may be tried, milliseconds since 1970 UTC.
    pub since_ms: i64,
}

/// A line that is not done, as people want to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    /// The line.
    pub delivery: Delivery,
    /// Whether it was given up.
    pub is_given_up: bool,
    /// Why it was not brought the last time; empty before the first.
    pub error: String,
}

impl Store {
    /// Queues a file, due at once; answers false for one that was queued before, whatever became of
    /// it.
    ///
    /// # Errors
    /// `Declined` when there is no such project; `Unavailable` when the database cannot be
    /// written.
    pub async fn queue_delivery(
        &self,
        delivery: &NewDelivery,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.inner.writer.write(async |tx| insert(tx, delivery, "waiting", now_ms).await).await
    }

    /// The line of this kind that is due first, due or not.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn next_delivery(&self, kind: DeliveryKind) -> Result<Option<Delivery>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM deliveries WHERE state = 'waiting' AND kind = $1 \
             ORDER BY next_at, created_at LIMIT 1"
        ))
        .bind(kind.as_str())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Of each project the line of this kind that is due first, due or not; in the order in which
    /// they are due.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn foremost_deliveries(
        &self,
        kind: DeliveryKind,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM (SELECT ",
            columns!(),
            ", ROW_NUMBER() OVER (PARTITION BY project_id ORDER BY next_at, created_at) AS place \
             FROM deliveries WHERE state = 'waiting' AND kind = $1) AS placed \
             WHERE place = 1 ORDER BY next_at, created_at"
        ))
        .bind(kind.as_str())
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Lines of this kind that are not done, oldest first; at most a thousand.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a stored id is no UUID.
    pub async fn undelivered(&self, kind: DeliveryKind) -> Result<Vec<DeliveryState>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT state, error, ",
            columns!(),
            " FROM deliveries WHERE state <> 'done' AND kind = $1 ORDER BY created_at, id LIMIT $2"
        ))
        .bind(kind.as_str())
        .bind(LISTED)
        .fetch_all(&self.inner.readers)
        .await?;
        let state = |row: &SqliteRow| {
            let state: String = row.try_get("state")?;
            let error: Option<String> = row.try_get("error")?;
            Ok(DeliveryState {
                delivery: read(row)?,
                is_given_up: state == "failed",
                error: error.unwrap_or_default(),
            })
        };
        rows.iter().map(state).collect()
    }

    /// A recording's file is as it will stay: what was held back for it is due.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; what was held back stays held back.
    pub async fn release_deliveries(
        &self,
        recording: RecordingId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let done = self
            .inner
            .writer
            .execute(
                sqlx::query(
                    "UPDATE deliveries SET state = 'waiting', next_at = $1, created_at = $1, \
             updated_at = $1 WHERE state = 'held' AND recording_id = $2",
                )
                .bind(now_ms)
                .bind(recording.to_string()),
            )
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// It was brought.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; a line that is not there is no error.
    pub async fn delivered(&self, id: Uuid, now_ms: i64) -> Result<(), StoreError> {
        self.note(id, "done", None, 0, now_ms).await
    }

    /// It was tried in vain; it is due again at `next_at_ms`, or given up when there is none.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; a line that is not there is no error.
    pub async fn not_delivered(
        &self,
        id: Uuid,
        why: &str,
        next_at_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let state = if next_at_ms.is_some() { "waiting" } else { "failed" };
        self.note(id, state, Some(why), next_at_ms.unwrap_or(0), now_ms).await
    }

    /// What was given up, of one recording or of all, is tried anew, as after a restart with other
    /// settings; answers how many lines that were.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn retry_deliveries(
        &self,
        kind: DeliveryKind,
        recording: Option<RecordingId>,
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        let done = self
            .inner
            .writer
            .execute(
                sqlx::query(
                    "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = $1, \
             created_at = $1, updated_at = $1 WHERE state = 'failed' AND kind = $2 \
             AND (CAST($3 AS TEXT) IS NULL OR recording_id = $3)",
                )
                .bind(now_ms)
                .bind(kind.as_str())
                .bind(recording.map(|id| id.to_string())),
            )
            .await?;
        Ok(done.rows_affected())
    }

    async fn note(
        &self,
        id: Uuid,
        state: &str,
        error: Option<&str>,
        next_at_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.inner
            .writer
            .execute(
                sqlx::query(
                    "UPDATE deliveries SET state = $1, error = $2, next_at = $3, \
             attempts = attempts + 1, updated_at = $4 WHERE id = $5",
                )
                .bind(state)
                .bind(error)
                .bind(next_at_ms)
                .bind(now_ms)
                .bind(id.to_string()),
            )
            .await?;
        Ok(())
    }
}

/// Queues a file that is not yet as it will stay.
pub(crate) async fn hold(
    tx: &mut SqliteConnection,
    delivery: &NewDelivery,
    now_ms: i64,
) -> Result<(), StoreError> {
    insert(tx, delivery, "held", now_ms).await.map(drop)
}

async fn insert(
    tx: &mut SqliteConnection,
    delivery: &NewDelivery,
    state: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO deliveries (id, kind, project_id, recording_id, target, file, attempts, \
         next_at, state, error, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, NULL, $7, $7) \
         ON CONFLICT (kind, target, file) DO NOTHING",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(delivery.kind.as_str())
    .bind(delivery.project.to_string())
    .bind(delivery.recording.to_string())
    .bind(&delivery.target)
    .bind(&delivery.file)
    .bind(now_ms)
    .bind(state)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

fn read(row: &SqliteRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: room_columns::id(row, "id")?,
        project: ProjectId(room_columns::id(row, "project_id")?),
        recording: RecordingId(room_columns::id(row, "recording_id")?),
        target: row.try_get("target")?,
        file: row.try_get("file")?,
        attempts: row.try_get("attempts")?,
        next_at_ms: row.try_get("next_at")?,
        since_ms: row.try_get("created_at")?,
    })
}
