//! Why the process did not run, in words for whoever started it.

use crate::config::ConfigError;
use rotunda_engine::NetError;
use rotunda_hub::StorageError;
use rotunda_store::StoreError;
use rotunda_webui::BadAncestor;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Fewest characters of a secret somebody chose, where strangers can reach the server.
pub(crate) const SECRET_CHARS: usize = 16;

/// Why the process did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database cannot be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// Recordings have no place.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A media socket cannot be had.
    #[error("media: {0}")]
    Net(#[from] NetError),
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// A TCP port cannot be had.
    #[error("listening on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// There is no thread to take connections.
    #[error("taking connections: {0}")]
    Thread(std::io::Error),
    /// A file of ours cannot be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The environment's project id is no UUID.
    #[error("{0} must be a UUID")]
    NotAnId(&'static str),
    /// An email address is none.
    #[error("`{0}` is no email address")]
    NotAnEmail(String),
    /// Something is there already.
    #[error("there is {0} already")]
    Taken(&'static str),
    /// Something is not there.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// Nobody may be called so.
    #[error("a name has 1 to 64 characters on one line, something of it is seen, and it is no id")]
    NotAName,
    /// As many invitations wait as may.
    #[error(
        "100 invitations wait already; they are over after 15 minutes, or `rotunda admin revoke NAME` ends one"
    )]
    TooManyInvited,
    /// There is no project to keep a user in.
    #[error("there is no such project; make one with `rotunda project create`")]
    NoProject,
    /// A right in a room cannot be read.
    #[error("`{0}` is no ROOM=RIGHT with manage, contribute, comment or view")]
    NotARight(String),
    /// A password is too short.
    #[error(
        "a password has at least 8 characters; give it as the first line of the standard input"
    )]
    ShortPassword,
    /// The log cannot be started.
    #[error(transparent)]
    Log(#[from] rotunda_telemetry::BadRustLog),
    /// An API token of the operator's own choice can be guessed.
    #[error(
        "ROTUNDA_API_TOKEN has fewer than {SECRET_CHARS} characters and could be guessed: give a longer one, or \
         leave it out and make one with `rotunda api-token create`"
    )]
    ShortToken,
    /// A site that may frame the page is none.
    #[error("webui.frame_ancestors: {0}")]
    Ancestor(#[from] BadAncestor),
    /// The process cannot be told to end.
    #[error("signals: {0}")]
    Signals(std::io::Error),
    /// Somebody could not wait.
    #[error("ended at once by a second signal; the next start closes what was left open")]
    Hurried,
}

impl From<TlsError> for RunError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error.to_string())
    }
}

/// Why a data folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process serves from it.
    #[error("another rotunda ({}) uses {path}", named(.pid))]
    Taken {
        /// The folder.
        path: PathBuf,
        /// As the other process wrote it.
        pid: Option<u32>,
    },
    /// Everybody may put files into it.
    #[error(
        "everybody on this machine may write into the data folder {0}; take that right away \
         (chmod o-w), or choose a folder of its own"
    )]
    Open(PathBuf),
    /// There is none, and what was asked makes none.
    #[error(
        "there is no database in {0}; name the folder the server uses with --data-dir, or its \
         file with --config"
    )]
    Missing(PathBuf),
    /// It cannot be made, looked at or changed.
    #[error("the data folder {0}: {1}")]
    Wrong(PathBuf, io::Error),
}

fn named(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "that is starting".to_owned(), |pid| format!("pid {pid}"))
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("certificate file {path}: {what}")]
    File { path: String, what: String },
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] tokio_rustls::rustls::Error),
    #[error("making a certificate: {0}")]
    Making(#[from] rcgen::Error),
    #[error("keeping the certificate: {0}")]
    Keeping(#[from] std::io::Error),
}
