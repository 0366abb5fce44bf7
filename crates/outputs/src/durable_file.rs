//! The file of a recording, and how much of it is safely on the disk. It refuses to know what is
//! in it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A disk that takes longer for half a second of pictures is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a file is written no further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DurableFileError {
    #[error("the recording could not be written: {0}")]
    Disk(#[from] io::Error),
    #[error("the disk did not answer for {} s", PATIENCE.as_secs())]
    Hung,
}

#[derive(Debug)]
pub(crate) struct DurableFile {
    path: PathBuf,
    /// Away while it is being written to.
    file: Option<File>,
    bytes: u64,
}

impl DurableFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, bytes: 0 }
    }

    /// Bytes that are whole and safe.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the file, readable by us only, and its place in the folder safe. One that is there
    /// already is somebody else's.
    pub async fn open(&mut self) -> Result<(), DurableFileError> {
        let path = self.path.clone();
        let made = spawn_blocking(move || {
            if let Some(folder) = path.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        });
        self.file = Some(wait(made).await?);
        Ok(())
    }

    /// Adds `bytes` and comes back when they are safe. After an error what was whole before is
    /// whole still, and nothing more is written: a disk that failed to flush once may have lost
    /// what it says it has.
    pub async fn write(&mut self, bytes: Vec<u8>) -> Result<(), DurableFileError> {
        let Some(mut file) = self.file.take() else { return Err(DurableFileError::Hung) };
        let (whole, len) = (self.bytes, bytes.len() as u64);
        let written = spawn_blocking(move || {
            let done = file.write_all(&bytes).and_then(|()| file.sync_data());
            if done.is_err() {
                // If even that fails, the next start cuts it off.
                let _ = file.set_len(whole);
            }
            done.map(|()| file)
        });
        self.file = Some(wait(written).await?);
        self.bytes += len;
        Ok(())
    }
}

async fn wait<T>(task: tokio::task::JoinHandle<io::Result<T>>) -> Result<T, DurableFileError> {
    match timeout(PATIENCE, task).await {
        Ok(Ok(done)) => Ok(done?),
        Ok(Err(_)) => Err(DurableFileError::Disk(io::Error::other("a defect of ours"))),
        Err(_) => Err(DurableFileError::Hung),
    }
}
