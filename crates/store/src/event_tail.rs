//! The list of events as it grows, for those who hear them as they happen. Whichever process wrote one, it is found.

use crate::sessions::read_event;
use crate::{EventRow, Store, StoreError};
use sqlx::Row;

impl Store {
    /// The place of the latest event; 0 before the first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn last_event(&self) -> Result<i64, StoreError> {
        let last = sqlx::query_scalar("SELECT COALESCE(MAX(ordinal), 0) FROM events");
        Ok(last.fetch_one(&self.inner.readers).await?)
    }

    /// The events after that place, each with its own, in the order of writing, at most so many.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID.
    pub async fn events_after(
        &self,
        place: i64,
        most: u32,
    ) -> Result<Vec<(i64, EventRow)>, StoreError> {
        let select = "SELECT * FROM events WHERE ordinal > $1 ORDER BY ordinal LIMIT $2";
        let rows = sqlx::query(select).bind(place).bind(most).fetch_all(&self.inner.readers);
        rows.await?.iter().map(|row| Ok((row.try_get("ordinal")?, read_event(row)?))).collect()
    }
}
