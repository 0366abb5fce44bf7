//! Opening the database file: its rights, its pragmas, its schema.

use crate::health::{Pulse, Renewal};
use crate::outbox::Outbox;
use crate::write::Writer;
use crate::{Inner, Store, StoreError, schema};
use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::Permissions;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
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
    /// The file is readable by its owner only, and made so when it was not: it holds the signing
    /// keys. What was acknowledged
    /// survives a power cut (`synchronous=FULL`; with WAL, `NORMAL` may lose commits).
    ///
    /// # Errors
    /// `Newer` when a newer version wrote the file; `Exposed` when others can read it and that
    /// cannot be changed; `Open`, `Unusable`, `Migration` or `Unavailable` when it cannot be used.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_patient(path.as_ref(), BUSY).await
    }

    /// As [`Store::open`], with the time a call waits for the lock or for a free connection before
    /// it fails as `Unavailable`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_patient(path: &Path, busy: Duration) -> Result<Self, StoreError> {
        make_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(busy);
        let renewal = Renewal::default();
        let unusable = |cause| StoreError::Unusable { path: path.into(), cause };
        let writer = pool(1, busy, &renewal).connect_with(options.clone()).await;
        let writer = writer.map_err(unusable)?;
        migrate(&writer, path).await?;
        let options = options.pragma("query_only", "ON");
        let readers = pool(READERS, busy, &renewal).connect_with(options).await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(ordinal) FROM events").fetch_one(&readers).await?;
        let endpoints: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM webhooks").fetch_one(&readers).await?;
        let outbox = Arc::new(Outbox::default());
        if endpoints > 0 {
            outbox.has_endpoints();
        }
        let inner = Inner {
            writer: Writer::new(writer, outbox.clone()),
            readers,
            path: path.into(),
            last_ordinal: AtomicI64::new(last.unwrap_or(0)),
            pulse: Pulse::default(),
            renewal,
            outbox,
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
/// SQLite puts beside it take over the rights of this one. What is there already and others can
/// read is tightened: keys and digests are in it.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let wrong = |cause| StoreError::Open { path: path.into(), cause };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(wrong)?;
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        tighten(Path::new(&file))
            .map_err(|cause| StoreError::Exposed { path: PathBuf::from(&file), cause })?;
    }
    Ok(())
}

fn tighten(file: &Path) -> std::io::Result<()> {
    let found = match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    let mode = found.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(file, Permissions::from_mode(mode & 0o700))?;
    tracing::warn!("others could open the database; its rights are now its owner's alone");
    Ok(())
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
