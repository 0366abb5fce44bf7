//! How much of the outbox there is, and what of it is forgotten.

use crate::outbox_lines::advance_all;
use crate::{Store, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// Lines forgotten in one transaction, of each kind.
const BATCH: i64 = 500;

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCount {
    /// Events not yet taken.
    pub waiting: u64,
    /// Events given up.
    pub dead: u64,
    /// Bytes of all that is kept, what was taken included.
    pub bytes: i64,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// All of it.
    pub lines: u64,
    /// What nobody had taken and nobody had given up.
    pub lost: u64,
}

impl Store {
    /// How much there is.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn count_webhooks(&self) -> Result<OutboxCount, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(SUM(CASE WHEN state IN ('waiting', 'held') THEN 1 ELSE 0 END), 0) \
             AS waiting, COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS dead, \
             CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes \
             FROM deliveries WHERE kind = 'webhook'",
        )
        .fetch_one(&self.inner.readers)
        .await?;
        let count = |column| -> Result<u64, StoreError> {
            Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
        };
        let (waiting, dead) = (count("waiting")?, count("dead")?);
        Ok(OutboxCount { waiting, dead, bytes: row.try_get("bytes")? })
    }

    /// Forgets a few lines: what happened before `before_ms`, and, of what is left, what weighs
    /// `excess` bytes: first what was taken, then what was given up, then the oldest that waits.
    /// Nothing waits for what is forgotten.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read or written.
    pub async fn forget_webhooks(
        &self,
        before_ms: i64,
        excess: i64,
        now_ms: i64,
    ) -> Result<Forgotten, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let delete = sqlx::query(
                "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries \
                 WHERE kind = 'webhook' AND created_at < $1 LIMIT $2) RETURNING state, bytes",
            );
            let aged = delete.bind(before_ms).bind(BATCH).fetch_all(&mut *tx).await?;
            let mut forgotten = Forgotten::default();
            let mut left = excess;
            for row in &aged {
                forgotten.count(row)?;
                left -= row.try_get::<i64, _>("bytes")?;
            }
            for states in ["('done')", "('failed')", "('waiting', 'held')"] {
                if left > 0 {
                    left -= forget_heaviest(tx, states, left, &mut forgotten).await?;
                }
            }
            if forgotten.lost > 0 {
                advance_all(tx, None, now_ms).await?;
            }
            Ok(forgotten)
        };
        self.inner.writer.write(work).await
    }
}

impl Forgotten {
    fn count(&mut self, row: &SqliteRow) -> Result<(), StoreError> {
        let state: String = row.try_get("state")?;
        self.lines += 1;
        self.lost += u64::from(matches!(&*state, "waiting" | "held"));
        Ok(())
    }
}

/// Forgets the oldest lines in these states until they weigh `excess` bytes, a few at most; answers
/// what they weigh.
async fn forget_heaviest(
    tx: &mut SqliteConnection,
    states: &'static str,
    excess: i64,
    forgotten: &mut Forgotten,
) -> Result<i64, StoreError> {
    let delete = sqlx::AssertSqlSafe(format!(
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM (SELECT id, bytes, \
         SUM(bytes) OVER (ORDER BY ordinal, id ROWS UNBOUNDED PRECEDING) AS upto \
         FROM (SELECT id, bytes, ordinal FROM deliveries WHERE kind = 'webhook' \
         AND state IN {states} ORDER BY ordinal LIMIT $1) AS oldest) AS weighed \
         WHERE upto - bytes < $2) RETURNING state, bytes"
    ));
    let mut weight = 0;
    for row in sqlx::query(delete).bind(BATCH).bind(excess).fetch_all(tx).await? {
        forgotten.count(&row)?;
        weight += row.try_get::<i64, _>("bytes")?;
    }
    Ok(weight)
}
