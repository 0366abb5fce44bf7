//! From the folder into the bucket. An object appears whole or not at all, and one that is there
//! already, byte for byte, is not sent again: whoever was killed between sending and writing that
//! down may simply ask again.

use crate::{Place, Storage, StorageError};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::BytesMut;
use object_store::path::Path as Key;
use object_store::{
    Attribute, AttributeValue, Attributes, GetOptions, MultipartUpload, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload,
};
use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;

/// Sent at once, and held in memory meanwhile.
const PART: u64 = 8 << 20;
/// S3 takes 10 000 parts; a film that would need more is sent in larger ones.
const PARTS: u64 = 9_000;
/// Name of our hash in the object's metadata.
const HASH: Attribute = Attribute::Metadata(Cow::Borrowed("sha256"));

/// A file that lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How large it is.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Storage {
    /// Sees to it that the bucket has what the folder has under `key`; what the folder no longer
    /// has was sent before.
    ///
    /// # Errors
    /// `NotFound` when neither has it, `NoBucket`, and the store's.
    pub async fn send(&self, key: &str) -> Result<Sent, StorageError> {
        let bucket = self.at(Place::Bucket).await?;
        let there = found(&*bucket, key).await?;
        let here = match read_through(self.path(key)).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            read => Some(read?),
        };
        match (here, there) {
            (None, there) => there.ok_or(StorageError::NotFound),
            (Some(here), Some(there)) if here == there => Ok(there),
            (Some(here), _) => {
                put(&*bucket, key, self.path(key), &here).await?;
                Ok(here)
            }
        }
    }
}

async fn found(bucket: &dyn ObjectStore, key: &str) -> Result<Option<Sent>, StorageError> {
    let options = GetOptions { head: true, ..GetOptions::default() };
    match bucket.get_opts(&Key::from(key), options).await.map_err(StorageError::from) {
        Ok(got) => {
            let sha256 = got.attributes.get(&HASH).map(|hash| hash.to_string());
            Ok(Some(Sent { bytes: got.meta.size, sha256: sha256.unwrap_or_default() }))
        }
        Err(StorageError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read_through(path: PathBuf) -> std::io::Result<Sent> {
    let read = spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        let (mut hash, mut bytes) = (Context::new(&SHA256), 0);
        let mut piece = vec![0; 1 << 20];
        loop {
            match file.read(&mut piece)? {
                0 => break,
                len => {
                    hash.update(&piece[..len]);
                    bytes += len as u64;
                }
            }
        }
        let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Sent { bytes, sha256 })
    });
    read.await.map_err(std::io::Error::other)?
}

async fn put(
    bucket: &dyn ObjectStore,
    key: &str,
    path: PathBuf,
    facts: &Sent,
) -> Result<(), StorageError> {
    let key = Key::from(key);
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, AttributeValue::from("video/mp4"));
    attributes.insert(HASH, AttributeValue::from(facts.sha256.clone()));
    let mut file = File::open(path).await?;
    let part = PART.max(facts.bytes / PARTS);
    if facts.bytes <= part {
        let options = PutOptions { attributes, ..PutOptions::default() };
        bucket.put_opts(&key, piece(&mut file, part).await?, options).await?;
        return Ok(());
    }
    let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
    let mut upload = bucket.put_multipart_opts(&key, options).await?;
    let done = put_parts(&mut *upload, &mut file, part).await;
    if done.is_err() {
        // What is left of it if even that fails, the bucket's own rules have to sweep.
        let _ = upload.abort().await;
    }
    done
}

async fn put_parts(
    upload: &mut dyn MultipartUpload,
    file: &mut File,
    part: u64,
) -> Result<(), StorageError> {
    loop {
        let piece = piece(file, part).await?;
        if piece.content_length() == 0 {
            break;
        }
        upload.put_part(piece).await?;
    }
    upload.complete().await?;
    Ok(())
}

async fn piece(file: &mut File, most: u64) -> std::io::Result<PutPayload> {
    let mut bytes = BytesMut::new();
    let mut within = file.take(most);
    while within.read_buf(&mut bytes).await? > 0 {}
    Ok(PutPayload::from(bytes.freeze()))
}
