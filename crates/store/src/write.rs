//! The one way in which anything is written.
//!
//! After a full disk or a failed flush SQLite may have rolled back by itself, while the driver still
//! counts a transaction: what is written over such a connection later is answered as done, seen by
//! nobody, and gone at the next start. So a connection whose write failed with anything but a
//! declined row, or was left half done, is closed and never used again.

use crate::StoreError;
use crate::outbox::Outbox;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteArguments, SqliteQueryResult};
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool};
use std::sync::Arc;

/// Takes the write lock before the first read, so that nothing read can change before it is
/// written; and fails on a connection that is inside a transaction already, which is how it is
/// asked whether it is.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A statement with its values.
type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The only holder of the connection that may write.
#[derive(Debug)]
pub(crate) struct Writer {
    pool: SqlitePool,
    outbox: Arc<Outbox>,
}

/// What becomes of what was done in a transaction.
pub(crate) enum Verdict<T> {
    /// It is committed.
    Keep(T),
    /// It is undone, and that is no failure.
    Undo(T),
}

impl Writer {
    /// `pool` holds one connection: SQLite has one writer at a time, and waiting for a connection
    /// is fair where waiting for SQLite's lock is not.
    pub fn new(pool: SqlitePool, outbox: Arc<Outbox>) -> Self {
        Self { pool, outbox }
    }

    /// Does `work` in a transaction and commits it; a failure undoes all of it.
    ///
    /// # Errors
    /// The work's; `Unavailable` when the transaction could not be begun or committed, or nobody
    /// gave the connection back in time.
    pub async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.decide(async |tx| work(tx).await.map(Verdict::Keep)).await
    }

    /// As [`Writer::write`], and the work says whether it is to be kept.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub async fn decide<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<Verdict<T>, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lease = Lease { connection: self.pool.acquire().await?, is_sound: false };
        let done = transact(&mut lease.connection, work).await;
        let is_well = done.as_ref().map_or_else(StoreError::is_declined, |_| true);
        lease.is_sound = is_well && !lease.connection.is_in_transaction();
        self.outbox.over();
        done
    }

    /// Does one statement.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub async fn execute(&self, query: Statement<'_>) -> Result<SqliteQueryResult, StoreError> {
        self.write(async |tx| Ok(query.execute(tx).await?)).await
    }

    /// Closes the connection after what is under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    #[cfg(test)]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

async fn transact<T>(
    connection: &mut SqliteConnection,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<Verdict<T>, StoreError>,
) -> Result<T, StoreError> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    match work(&mut transaction).await {
        Ok(Verdict::Keep(value)) => {
            // Fails when SQLite has rolled back meanwhile: there is nothing to commit then.
            transaction.commit().await?;
            Ok(value)
        }
        Ok(Verdict::Undo(value)) => {
            transaction.rollback().await?;
            Ok(value)
        }
        Err(error) => {
            if error.is_declined() {
                transaction.rollback().await?;
            }
            Err(error)
        }
    }
}

/// The connection, lent out. It goes back only when it was said to be sound; otherwise, and when
/// nobody waits for what was begun any more, it is closed, and the pool opens another.
struct Lease {
    connection: PoolConnection<Sqlite>,
    is_sound: bool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_sound {
            self.connection.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use std::time::Duration;

    async fn beats(store: &Store) -> i64 {
        let beat = sqlx::query_scalar("SELECT beat FROM heartbeat");
        beat.fetch_one(&store.inner.readers).await.unwrap()
    }

    async fn write_beat(tx: &mut SqliteConnection, beat: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE heartbeat SET beat = $1").bind(beat).execute(tx).await?;
        Ok(())
    }

    /// Each row leaves the connection in another state; none of them is met by the next write.
    #[tokio::test]
    async fn what_a_write_leaves_behind_never_reaches_the_next() {
        let folder = std::env::temp_dir().join(format!("rotunda-write-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let writer = &store.inner.writer;
        for round in 1..=2 {
            let declined = writer.write(async |tx| {
                write_beat(tx, -1).await?;
                Err::<(), _>(StoreError::NotFound)
            });
            assert!(matches!(declined.await, Err(StoreError::NotFound)));
            let undone = writer.decide(async |tx| {
                write_beat(tx, -2).await?;
                Ok(Verdict::Undo("refused"))
            });
            assert_eq!(undone.await.unwrap(), "refused");
            let broken = writer.write(async |tx| {
                write_beat(tx, -3).await?;
                Err::<(), _>(sqlx::Error::WorkerCrashed.into())
            });
            assert!(broken.await.is_err_and(|error| error.is_passing()));
            let rolled_back = writer.write(async |tx| {
                write_beat(tx, -4).await?;
                sqlx::query("ROLLBACK").execute(tx).await?;
                Ok(())
            });
            assert!(
                rolled_back.await.is_err_and(|error| error.is_passing()),
                "not answered as done"
            );
            let given_up = writer.write(async |tx| {
                write_beat(tx, -5).await?;
                std::future::pending::<Result<(), _>>().await
            });
            assert!(tokio::time::timeout(Duration::from_millis(50), given_up).await.is_err());
            writer.write(async |tx| write_beat(tx, round).await).await.unwrap();
            assert_eq!(beats(&store).await, round);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn the_connections_that_read_decline_to_write() {
        let folder = std::env::temp_dir().join(format!("rotunda-write-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let write = sqlx::query("UPDATE heartbeat SET beat = 1");
        assert!(write.execute(&store.inner.readers).await.is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
