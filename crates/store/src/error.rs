//! What can go wrong with the database, told apart by what the caller can do about it.

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;
use std::path::PathBuf;

/// A failure of the database, or a refusal by one of its rules.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name or id is taken within its project.
    #[error("the name is taken")]
    NotUnique,
    /// There is no such row in this project.
    #[error("not found")]
    NotFound,
    /// The row is not any more as whoever wants to change it has seen it.
    #[error("it was changed meanwhile")]
    Outdated,
    /// The secret belongs to a token that was revoked; revoking is for good.
    #[error("this API token was revoked; choose another secret")]
    TokenRevoked,
    /// The database cannot be reached or written just now; the same call may succeed later.
    #[error("the database is unavailable: {}", why(.0))]
    Unavailable(sqlx::Error),
    /// The database declined the row for good; trying again is of no use.
    #[error("the database declined the row: {}", why(.0))]
    Declined(sqlx::Error),
    /// A stored value is not what this version writes.
    #[error("column {column} holds what this version does not understand")]
    Unreadable {
        /// Where.
        column: &'static str,
    },
    /// The database was written by a newer version.
    #[error(
        "{path} was written by a newer version of Rotunda (its schema has step {step}, which this \
         version does not know); start the newer version, or restore a copy made before the upgrade"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The first step unknown here.
        step: i64,
    },
    /// The schema could not be brought up to date.
    #[error("bringing {path} up to date: {}", why_not_migrated(cause))]
    Migration {
        /// The database file.
        path: PathBuf,
        /// Why.
        cause: Box<MigrateError>,
    },
    /// The file cannot be made or opened.
    #[error("opening {path}: {cause}")]
    Open {
        /// The database file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is there and cannot be used.
    #[error("{path} cannot be used: {}", why(cause))]
    Unusable {
        /// The database file.
        path: PathBuf,
        /// Why.
        cause: sqlx::Error,
    },
    /// Others can open the file, and its rights cannot be changed.
    #[error(
        "others can open {path}, and its rights cannot be changed: {cause}; let the user the \
         server runs as own it, and nobody else read it (chmod go-rwx)"
    )]
    Exposed {
        /// The database file, or one beside it.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// No random numbers from the operating system.
    #[error("the operating system gives no random numbers")]
    NoEntropy,
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether what was asked was declined while the database itself is well.
    pub(crate) fn is_declined(&self) -> bool {
        !matches!(self, Self::Unavailable(_) | Self::Open { .. } | Self::Migration { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let kind = error.as_database_error().map(|e| e.kind());
        match (kind, &error) {
            (Some(ErrorKind::UniqueViolation), _) => Self::NotUnique,
            (
                Some(
                    ErrorKind::ForeignKeyViolation
                    | ErrorKind::NotNullViolation
                    | ErrorKind::CheckViolation,
                ),
                _,
            )
            | (None, sqlx::Error::Encode(_) | sqlx::Error::ColumnNotFound(_)) => {
                Self::Declined(error)
            }
            (None, sqlx::Error::RowNotFound) => Self::NotFound,
            (None, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                Self::Unreadable { column: "of a row" }
            }
            _ => Self::Unavailable(error),
        }
    }
}

/// What SQLite's code means, in words that say what to look at; they hold no value of any row.
fn why(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<i32> = code.and_then(|code| code.parse().ok());
    // The low byte is the kind; what is above it tells kinds of a kind apart.
    let words = match code.map(|code| code & 0xff) {
        Some(5 | 6) => "somebody else holds its lock",
        Some(7) => "there is no memory left",
        Some(8) => "it may not be written: the file or its file system is read-only",
        Some(10) => "its file cannot be read, written or flushed: the disk fails",
        Some(11) => "its file is damaged",
        Some(13) => "the disk is full",
        Some(14) => "its file cannot be opened",
        Some(26) => "the file is no SQLite database",
        _ if matches!(error, sqlx::Error::PoolTimedOut) => "too many wait for it",
        _ => return error.to_string(),
    };
    code.map_or_else(|| words.to_owned(), |code| format!("{words} (SQLite {code})"))
}

fn why_not_migrated(error: &MigrateError) -> String {
    match error {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => why(cause),
        other => other.to_string(),
    }
}
