//! Where the bytes of finished recordings lie: in a folder, or in a bucket that speaks S3.
//!
//! Both are read, asked and emptied through the `object_store` crate. It refuses to know what a
//! recording is, who may read it, and when it is sent: it is given keys.

mod remote;
mod send;

pub use bytes::Bytes;
pub use remote::RemoteOptions;
pub use send::Sent;

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::stream::{BoxStream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

/// Why bytes are not to be had, or not stored.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Nothing lies under this key.
    #[error("there is no such file")]
    NotFound,
    /// It was replaced since it was looked at; look again.
    #[error("the file was replaced meanwhile")]
    Replaced,
    /// There is only the folder.
    #[error("no bucket is configured")]
    NoBucket,
    /// The setting of the bucket names none.
    #[error("recordings.bucket: {0}")]
    BadBucket(String),
    /// The folder failed.
    #[error("the folder of recordings: {0}")]
    Folder(#[from] std::io::Error),
    /// The store failed, or cannot be reached.
    #[error("the store of recordings: {0}")]
    Failed(#[source] Error),
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::NotFound,
            Error::Precondition { .. } | Error::NotModified { .. } => Self::Replaced,
            error => Self::Failed(error),
        }
    }
}

/// In which of the two something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The folder.
    Folder,
    /// The bucket.
    Bucket,
}

/// What is known of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How large it is.
    pub bytes: u64,
    /// Changes whenever its bytes do; `None` where the store gives none.
    pub etag: Option<String>,
}

/// Bytes as they come.
pub type Reading = BoxStream<'static, Result<Bytes, StorageError>>;

/// Folder and bucket.
#[derive(Debug)]
pub struct Storage {
    folder: PathBuf,
    local: OnceCell<Arc<LocalFileSystem>>,
    bucket: Option<Arc<dyn ObjectStore>>,
    /// What the bucket is called by operators.
    target: String,
}

impl Storage {
    /// The folder is made when it is first needed, and the bucket first asked then.
    ///
    /// # Errors
    /// `BadBucket`.
    pub fn open(folder: PathBuf, remote: Option<&RemoteOptions>) -> Result<Self, StorageError> {
        let bucket = remote.map(remote::open).transpose()?;
        let target = remote.map(|remote| remote.url.clone()).unwrap_or_default();
        Ok(Self { bucket, target, ..Self::folder_only(folder) })
    }

    /// Only the folder.
    pub fn folder_only(folder: PathBuf) -> Self {
        Self { folder, local: OnceCell::new(), bucket: None, target: String::new() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bucket's address; `None` when there is only the folder.
    pub fn bucket(&self) -> Option<&str> {
        self.bucket.as_ref().map(|_| &*self.target)
    }

    /// What lies under `key`.
    ///
    /// # Errors
    /// `NotFound`, and the store's.
    pub async fn facts(&self, place: Place, key: &str) -> Result<Facts, StorageError> {
        let meta = self.at(place).await?.head(&Key::from(key)).await?;
        Ok(Facts { bytes: meta.size, etag: meta.e_tag })
    }

    /// Reads the bytes of `range`, which must lie within the file, as [`Self::facts`] found it.
    ///
    /// # Errors
    /// `Replaced` when it is another file by now, `NotFound`, and the store's.
    pub async fn read(
        &self,
        place: Place,
        key: &str,
        facts: &Facts,
        range: Range<u64>,
    ) -> Result<Reading, StorageError> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions {
            if_match: facts.etag.clone(),
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let got = self.at(place).await?.get_opts(&Key::from(key), options).await?;
        Ok(got.into_stream().map(|bytes| Ok(bytes?)).boxed())
    }

    /// SHA-256 of a file as [`Self::facts`] found it, read piece by piece.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn sha256(
        &self,
        place: Place,
        key: &str,
        facts: &Facts,
    ) -> Result<[u8; 32], StorageError> {
        let mut reading = self.read(place, key, facts, 0..facts.bytes).await?;
        let mut hash = Context::new(&SHA256);
        while let Some(bytes) = reading.next().await {
            hash.update(&bytes?);
        }
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(hash.finish().as_ref());
        Ok(sha256)
    }

    /// Takes a file away; one that is not there is fine. Whoever reads it in the folder just now
    /// reads it to its end.
    ///
    /// # Errors
    /// The store's.
    pub async fn delete(&self, place: Place, key: &str) -> Result<(), StorageError> {
        match self.at(place).await?.delete(&Key::from(key)).await.map_err(StorageError::from) {
            Err(StorageError::NotFound) => Ok(()),
            done => done,
        }
    }

    /// Where a file is in the folder.
    pub fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key)
    }

    async fn at(&self, place: Place) -> Result<Arc<dyn ObjectStore>, StorageError> {
        match place {
            Place::Folder => Ok(self.local.get_or_try_init(|| self.open_folder()).await?.clone()),
            Place::Bucket => self.bucket.clone().ok_or(StorageError::NoBucket),
        }
    }

    async fn open_folder(&self) -> Result<Arc<LocalFileSystem>, StorageError> {
        let folder = self.folder.clone();
        let opened = spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            Ok(Arc::new(LocalFileSystem::new_with_prefix(&folder)?))
        });
        opened.await.map_err(std::io::Error::other)?
    }
}

#[cfg(test)]
mod tests;
