//! Opening the database file: its rights, its pragmas, its schema.

use crate::health::{Pulse, Renewal};
use crate::write::Writer;
use crate::{Inner, Store, StoreError, schema};
use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

/// How long a write waits for somebody else's lock, unless the caller says otherwise.
const BUSY: Duration = Duration::from_secs(5);
/// Readers at a time; they never wait for the writer (WAL), so this bounds memory and threads.
const READERS: u32 = 4;

impl Store {
    /// Opens the database at `path`, making it if there is none, and brings its schema up to date.
    ///
    /// The file is readable by its owner only: it holds the signing keys. What was acknowledged
    /// survives a power cut (`synchronous=FULL`; with WAL, `NORMAL` may lose commits).
    ///
    /// # Errors
    /// `Newer` when a newer version wrote the file; `Open`, `Migration` or `Unavailable` when it
    /// cannot be used.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_patient(path.as_ref(), BUSY).await
    }

    /// As [`Store::open`], with the time a call waits for the lock or for a free connection before
    /// it fails as `Unavailable`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_patient(path: &Path, busy: Duration) -> Result<Self, StoreError> {
        make_private(path).map_err(|cause| StoreError::Open { path: path.into(), cause })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(busy);
        let renewal = Renewal::default();
        let writer = pool(1, busy, &renewal).connect_with(options.clone()).await?;
        migrate(&writer, path).await?;
        let options = options.pragma("query_only", "ON");
        let readers = pool(READERS, busy, &renewal).connect_with(options).await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(ordinal) FROM events").fetch_one(&readers).await?;
        let inner = Inner {
            writer: Writer::new(writer),
            readers,
            path: path.into(),
            last_ordinal: AtomicI64::new(last.unwrap_or(0)),
            pulse: Pulse::default(),
            renewal,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Closes the file after what is under way; later calls fail as `Unavailable`.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }
}

fn pool(connections: u32, busy: Duration, renewal: &Renewal) -> SqlitePoolOptions {
    let renewal = renewal.clone();
    // A connection to a file in our own process does not go stale, so it is not asked before use.
    SqlitePoolOptions::new()
        .max_connections(connections)
        // Longer than one writer may hold the lock: a slow disk makes a queue, not an outage.
        .acquire_timeout(busy * 3)
        .test_before_acquire(false)
        .before_acquire(move |_, about| {
            let allows = renewal.allows(about.age);
            Box::pin(async move { Ok(allows) })
        })
        // The last connection that closes takes the write-ahead log along, and the next one needs
        // room on the disk to begin another: on a full one nothing could be read any more.
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Makes the file before SQLite does, because SQLite leaves its rights to the umask; the files
/// SQLite puts beside it take over the rights of this one.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    schema::steps().run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(step) => StoreError::Newer { path: path.into(), step },
        cause => StoreError::Migration { path: path.into(), cause: Box::new(cause) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_flushes_every_commit_to_the_disk() {
        let folder = std::env::temp_dir().join(format!("rotunda-open-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let ask = async |pragma: &'static str| -> String {
            let row: sqlx::sqlite::SqliteRow =
                sqlx::query(pragma).fetch_one(store.inner.writer.pool()).await.unwrap();
            let number: Result<i64, _> = sqlx::Row::try_get(&row, 0);
            number.map_or_else(|_| sqlx::Row::get(&row, 0), |n| n.to_string())
        };
        assert_eq!(ask("PRAGMA journal_mode").await, "wal");
        assert_eq!(ask("PRAGMA synchronous").await, "2", "FULL");
        assert_eq!(ask("PRAGMA foreign_keys").await, "1");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
