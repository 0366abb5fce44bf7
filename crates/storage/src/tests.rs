//! The folder as a store. The bucket is tested against a real server of the protocol, in the tests
//! of the built server.

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("rotunda-storage-{}", uuid::Uuid::new_v4())))
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.0.join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A file is never written to again: it is replaced.
        std::fs::write(path.with_extension("new"), bytes).unwrap();
        std::fs::rename(path.with_extension("new"), path).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn read(
    storage: &Storage,
    facts: &Facts,
    range: Range<u64>,
) -> Result<Vec<u8>, StorageError> {
    let mut reading = storage.read(Place::Folder, "p/film.mp4", facts, range).await?;
    let mut all = Vec::new();
    while let Some(bytes) = reading.next().await {
        all.extend_from_slice(&bytes?);
    }
    Ok(all)
}

#[tokio::test]
async fn a_part_of_a_file_is_read_and_a_replaced_one_is_noticed() {
    let folder = Folder::new();
    let storage = Storage::folder_only(folder.0.clone());
    let nothing = storage.facts(Place::Folder, "p/film.mp4").await;
    assert!(matches!(nothing, Err(StorageError::NotFound)), "{nothing:?}");
    folder.put("p/film.mp4", b"0123456789");
    let facts = storage.facts(Place::Folder, "p/film.mp4").await.unwrap();
    assert_eq!(facts.bytes, 10);
    assert_eq!(read(&storage, &facts, 0..10).await.unwrap(), b"0123456789");
    assert_eq!(read(&storage, &facts, 4..7).await.unwrap(), b"456");
    assert_eq!(read(&storage, &facts, 3..3).await.unwrap(), b"");
    let sha256 = storage.sha256(Place::Folder, "p/film.mp4", &facts).await.unwrap();
    assert_eq!(sha256[..4], [0x84, 0xd8, 0x98, 0x77], "as sha256sum says");
    folder.put("p/film.mp4", b"9876543210!");
    let replaced = read(&storage, &facts, 4..7).await;
    assert!(matches!(replaced, Err(StorageError::Replaced)), "{replaced:?}");
}

#[tokio::test]
async fn a_file_is_taken_away_once_and_whoever_reads_it_reads_on() {
    let folder = Folder::new();
    let storage = Storage::folder_only(folder.0.clone());
    folder.put("p/film.mp4", &vec![7; 3 << 20]);
    let facts = storage.facts(Place::Folder, "p/film.mp4").await.unwrap();
    let mut reading =
        storage.read(Place::Folder, "p/film.mp4", &facts, 0..facts.bytes).await.unwrap();
    let mut bytes = reading.next().await.unwrap().unwrap().len();
    storage.delete(Place::Folder, "p/film.mp4").await.unwrap();
    while let Some(more) = reading.next().await {
        bytes += more.unwrap().len();
    }
    assert_eq!(bytes, 3 << 20);
    storage.delete(Place::Folder, "p/film.mp4").await.unwrap();
    assert!(!folder.0.join("p/film.mp4").exists());
}

#[tokio::test]
async fn without_a_bucket_nothing_is_sent_and_a_bad_address_is_said_at_once() {
    let folder = Folder::new();
    let storage = Storage::folder_only(folder.0.clone());
    assert_eq!(storage.bucket(), None);
    assert!(matches!(storage.send("p/film.mp4").await, Err(StorageError::NoBucket)));
    for url in ["", "s3://", "bucket", "https://bucket"] {
        let options = RemoteOptions { url: url.into(), ..RemoteOptions::default() };
        let opened = Storage::open(folder.0.clone(), Some(&options));
        assert!(matches!(opened, Err(StorageError::BadBucket(_))), "{url}");
    }
}
