//! Finished recordings are moved into a bucket that speaks S3, each once, however often the server is
//! killed meanwhile.

use crate::support::{WITHIN, completed, downloaded, events, roll, stamper, start};
use rotunda_acceptance::{
    Bucket, CREDENTIALS, Room, Stack, ThrottledTcp, download, observe, sha256,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const KILLS: u64 = 10;
/// Of the larger one, so that it is sent in three parts.
const LARGE: usize = 20_000_000;

/// A film that is as good as before and much larger: a box of nothing at its end (ISO/IEC 14496-12
/// §8.1.2).
pub(crate) fn enlarge(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend((LARGE as u32).to_be_bytes());
    bytes.extend(b"free");
    bytes.extend((0..LARGE - 8).map(|n| ((n * n) >> 7) as u8));
    std::fs::write(path, bytes).unwrap();
}

/// Waits until it is in the bucket.
async fn stored(stack: &Stack, id: &str) {
    let from = Instant::now();
    while !events(stack, id).await.iter().any(|name| name == "recording.stored") {
        assert!(from.elapsed() < WITHIN * 2, "{:?}", events(stack, id).await);
        observe(Duration::from_millis(100)).await;
    }
}

/// The film in the folder once it is seekable, after which nothing changes it.
pub(crate) async fn kept(stack: &Stack, row: &Value) -> PathBuf {
    let id = row["id"].as_str().unwrap();
    let folders = std::fs::read_dir(stack.data().join("recordings")).unwrap();
    let path = folders.flatten().map(|f| f.path().join(format!("{id}.mp4"))).find(|p| p.exists());
    let path = path.expect("the film is in the folder");
    let from = Instant::now();
    let is_seekable = || {
        let bytes = std::fs::read(&path).unwrap();
        let at = |name: &[u8; 4]| bytes.windows(4).position(|four| four == name);
        at(b"moov").zip(at(b"mdat")).is_some_and(|(head, data)| head < data)
            && at(b"moof").is_none()
    };
    while !is_seekable() {
        assert!(from.elapsed() < WITHIN, "it is not made seekable");
        observe(Duration::from_millis(50)).await;
    }
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn killed_ten_times_while_sending_every_film_is_in_the_bucket_once_and_unchanged() {
    let bucket = Bucket::start().await;
    let line = ThrottledTcp::before(bucket.address()).await;
    let endpoint = format!("http://{}", line.address());
    let settings =
        [("recordings.bucket", "s3://films/of/mine"), ("recordings.bucket_endpoint", &*endpoint)];
    let mut stack = Stack::start(&[&settings[..], &CREDENTIALS].concat()).await;
    let room = Room::new(&stack, "bucket", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let ids = [start(&member).await, start(&member).await];
    observe(Duration::from_secs(2)).await;
    let mut films = Vec::new();
    for id in &ids {
        roll(&member, "stop", id).await;
        let (row, _) = completed(&stack, id).await;
        films.push(kept(&stack, &row).await);
    }
    stack.kill();
    drop(member);
    enlarge(&films[1]);
    let hashes: Vec<_> = films.iter().map(|film| sha256(film)).collect();
    line.let_pass(6_000_000);
    for n in 0..KILLS {
        stack.start_again().await;
        let (from, until) = (line.passed(), Instant::now() + WITHIN);
        // Somewhere in the first third of what the larger one needs, wherever it begins.
        let far = 50_000 + n * 700_000;
        while line.passed() < from + far && Instant::now() < until {
            observe(Duration::from_millis(5)).await;
        }
        assert!(line.passed() >= from + far, "nothing more was sent in round {n}");
        stack.kill();
    }
    line.let_pass(200_000_000);
    stack.start_again().await;
    for id in &ids {
        stored(&stack, id).await;
    }
    let mut objects = bucket.objects();
    println!("{objects:#?}");
    assert!(objects.iter().all(|object| object.versions == 1), "each was written once");
    objects.sort_by_key(|object| ids.iter().position(|id| object.key.contains(id)));
    assert!(objects[0].key.starts_with("of/mine/"), "{objects:?}");
    assert_eq!(
        objects.iter().map(|o| &o.sha256).collect::<Vec<_>>(),
        hashes.iter().collect::<Vec<_>>()
    );
    assert!(films.iter().all(|film| !film.exists()), "moved, not copied");
    from_the_bucket(&stack, &ids[1], &hashes[1]).await;
    let path = format!("/room_recordings/{}", ids[1]);
    assert_eq!(stack.rest("DELETE", &path, None).await.status, 204);
    assert_eq!(bucket.objects().len(), 1);
    stack.stop().await;
}

/// A link leads to the bucket as it led to the folder.
async fn from_the_bucket(stack: &Stack, id: &str, hash: &str) {
    let (row, _) = completed(stack, id).await;
    assert_eq!(sha256(&downloaded(stack, &row).await), hash);
    assert!(row["size_in_bytes"].as_u64().unwrap() > LARGE as u64);
    let (status, part) = download(row["uri"].as_str().unwrap(), Some("bytes=4-7")).await.unwrap();
    assert_eq!((status, &part[..]), (206, &b"ftyp"[..]));
}
