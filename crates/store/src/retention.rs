//! Forgetting history: whole sessions, the one that ended first before all others, a few rows in each
//! transaction. A session that runs is left alone, and so is one with a recording: the recording and
//! what is still to be delivered of it refer to it.

use crate::{Store, StoreError, room_columns};
use rotunda_domain::SessionId;
use sqlx::{Row, SqliteConnection};

/// Rows of a table deleted in one transaction: a writer behind it waits a few milliseconds.
const BATCH: i64 = 200;

/// A session that may be forgotten.
const FORGETTABLE: &str = "status = 'completed' AND NOT EXISTS \
    (SELECT 1 FROM recordings WHERE recordings.session_id = sessions.id)";

impl Store {
    /// When the session ended that would be forgotten first, milliseconds since 1970 UTC; `None`
    /// when none may be.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when the session's id is no
    /// UUID.
    pub async fn oldest_history(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.first_forgettable(i64::MAX).await?.map(|(_, end_ms)| end_ms))
    }

    /// Deletes a few rows of what ended before `before_ms`, milliseconds since 1970 UTC; answers
    /// whether there may be more.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read or written; `Unreadable` when the session's
    /// id is no UUID. Nothing is deleted then.
    pub async fn forget_some(&self, before_ms: i64) -> Result<bool, StoreError> {
        let session = self.first_forgettable(before_ms).await?.map(|(session, _)| session);
        let work = async |tx: &mut SqliteConnection| {
            let of_session = match session {
                Some(session) => forget_session(tx, session).await?,
                None => 0,
            };
            Ok(of_session + forget_loose(tx, before_ms).await?)
        };
        Ok(self.inner.writer.write(work).await? > 0)
    }

    /// Bytes of the database that hold something; what was deleted is filled again and not counted.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn bytes(&self) -> Result<u64, StoreError> {
        let mut pragmas = [0_i64; 3];
        let asked = ["PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"];
        for (number, pragma) in pragmas.iter_mut().zip(asked) {
            *number = sqlx::query_scalar(pragma).fetch_one(&self.inner.readers).await?;
        }
        let [pages, free, size] = pragmas;
        Ok(u64::try_from((pages - free).saturating_mul(size)).unwrap_or(0))
    }

    async fn first_forgettable(
        &self,
        before_ms: i64,
    ) -> Result<Option<(SessionId, i64)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT id, end_time FROM sessions WHERE {FORGETTABLE} AND end_time < $1 \
             ORDER BY end_time LIMIT 1"
        ));
        let row = sqlx::query(sql).bind(before_ms).fetch_optional(&self.inner.readers).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((SessionId(room_columns::id(&row, "id")?), row.try_get("end_time")?)))
    }
}

/// Events first, then members, then the session: what is read meanwhile hangs together.
async fn forget_session(tx: &mut SqliteConnection, session: SessionId) -> Result<u64, StoreError> {
    let still =
        sqlx::AssertSqlSafe(format!("SELECT 1 FROM sessions WHERE id = $1 AND {FORGETTABLE}"));
    if sqlx::query(still).bind(session.to_string()).fetch_optional(&mut *tx).await?.is_none() {
        return Ok(0);
    }
    let mut gone = 0;
    for delete in [
        "DELETE FROM events WHERE id IN \
         (SELECT id FROM events WHERE session_id = $1 ORDER BY ordinal LIMIT $2)",
        "DELETE FROM members WHERE session_id = $1 AND id IN \
         (SELECT id FROM members WHERE session_id = $1 ORDER BY ordinal LIMIT $2)",
    ] {
        let done = sqlx::query(delete).bind(session.to_string()).bind(BATCH).execute(&mut *tx);
        let rows = done.await?.rows_affected();
        gone += rows;
        if rows == BATCH.unsigned_abs() {
            return Ok(gone);
        }
    }
    let delete = sqlx::query("DELETE FROM sessions WHERE id = $1").bind(session.to_string());
    Ok(gone + delete.execute(tx).await?.rows_affected())
}

/// Events of no session, such as a room that was changed.
async fn forget_loose(tx: &mut SqliteConnection, before_ms: i64) -> Result<u64, StoreError> {
    let delete = "DELETE FROM events WHERE id IN (SELECT id FROM \
         (SELECT id, created_at FROM events WHERE session_id IS NULL AND (recording_id IS NULL \
         OR NOT EXISTS (SELECT 1 FROM recordings WHERE recordings.id = events.recording_id)) \
         ORDER BY ordinal LIMIT $2) AS oldest WHERE created_at < $1)";
    let done = sqlx::query(delete).bind(before_ms).bind(BATCH).execute(tx).await?;
    Ok(done.rows_affected())
}
