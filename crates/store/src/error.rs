//! What can go wrong with the database, told apart by what the caller can do about it.

use sqlx::error::ErrorKind;
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
    /// The secret belongs to a token that was revoked; revoking is for good.
    #[error("this API token was revoked; choose another secret")]
    TokenRevoked,
    /// The database cannot be reached or written just now; the same call may succeed later.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// The database declined the row for good; trying again is of no use.
    #[error("the database declined the row")]
    Declined(#[source] sqlx::Error),
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
    #[error("bringing {path} up to date")]
    Migration {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The file cannot be made or opened.
    #[error("opening the database {path}")]
    Open {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
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
