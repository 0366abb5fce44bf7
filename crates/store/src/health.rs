//! Whether the database can be used now, found out by using it.

use crate::{Store, StoreError, now_ms};
use std::time::Duration;

/// Longest answer time of a database that is called healthy.
const DEADLINE: Duration = Duration::from_secs(2);

impl Store {
    /// Whether a write and a read of what was written succeed within two seconds, and the file is
    /// still where it was (one that was deleted takes writes that nobody will ever see again).
    pub async fn healthy(&self) -> bool {
        let beat = tokio::time::timeout(DEADLINE, self.beat()).await;
        matches!(beat, Ok(Ok(true)))
    }

    async fn beat(&self) -> Result<bool, StoreError> {
        let beat = now_ms();
        sqlx::query("UPDATE heartbeat SET beat = $1 WHERE id = 1")
            .bind(beat)
            .execute(&self.inner.writer)
            .await?;
        let read: i64 = sqlx::query_scalar("SELECT beat FROM heartbeat WHERE id = 1")
            .fetch_one(&self.inner.readers)
            .await?;
        // Another check may have written in between, never an older one.
        Ok(read >= beat && tokio::fs::try_exists(&self.inner.path).await.unwrap_or(false))
    }
}
