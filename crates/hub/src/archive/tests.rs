//! What goes when there is too much or it is too old, and what stays because somebody has it in hand.

use super::*;
use crate::history::Fps;
use rotunda_domain::{RoomId, RoomSettings, SessionId};
use rotunda_store::{EventRow, Finished, Page, RecordingStatus, SessionRow, SessionStatus};
use uuid::Uuid;

const DAY_MS: i64 = 24 * 3600 * 1000;

pub(super) struct Shelf {
    pub archive: Arc<Archive>,
    pub store: Store,
    pub project: ProjectId,
    session: SessionId,
    folder: PathBuf,
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Shelf {
    async fn new(keep_days: u32, keep_bytes: u64) -> Self {
        Self::with(ArchiveOptions { keep_days, keep_bytes, ..ArchiveOptions::default() }).await
    }

    /// In a folder of its own, without FFmpeg.
    pub async fn with(options: ArchiveOptions) -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-archive-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let fps = Fps { p720: 20, p1080: 30 };
        let history = Arc::new(HistoryWriter::start(store.clone(), fps));
        let storage = Arc::new(Storage::folder_only(folder.join("films")));
        let options = ArchiveOptions { storage, ffmpeg: "/nowhere/ffmpeg".into(), ..options };
        let archive = Archive::start(options, store.clone(), history);
        let session = SessionId(Uuid::new_v4());
        let row = SessionRow {
            id: session,
            project,
            room: RoomId(Uuid::new_v4()),
            auto_created: true,
            settings: RoomSettings::named("lab"),
            fps: 20,
            locked: false,
            status: SessionStatus::InProgress,
            start_ms: 0,
            end_ms: None,
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        let event = EventRow::new(project, "room.started", json!({}), 0);
        store.keep(&[HistoryWrite::SessionStarted(Box::new(row), event)]).await.unwrap();
        Self { archive, store, project, session, folder }
    }

    /// A film of so many bytes that ended so many days ago and is not known to be whole yet.
    pub async fn ended(&self, days: i64, bytes: usize) -> RecordingRow {
        let ended_ms = now().epoch_ms - days * DAY_MS;
        let row = RecordingRow {
            id: RecordingId(Uuid::new_v4()),
            project: self.project,
            session: self.session,
            status: RecordingStatus::Processing,
            started_ms: ended_ms - 1000,
            finished_ms: Some(ended_ms),
            duration_ms: None,
            bytes: None,
            is_seekable: false,
            place: RecordingPlace::Local,
            created_at_ms: ended_ms,
            updated_at_ms: ended_ms,
        };
        let path = self.archive.path_of(&row);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![1; bytes]).unwrap();
        let reported = event(&row, "recording.ended", "info", json!({}));
        self.store.keep(&[HistoryWrite::Recording(Box::new(row.clone()), reported)]).await.unwrap();
        row
    }

    /// The same, finished.
    async fn film(&self, days: i64, bytes: usize) -> RecordingRow {
        let row = self.ended(days, bytes).await;
        let (id, event) = (row.id, event(&row, "recording.completed", "info", json!({})));
        let finished = Finished { duration_ms: 1000, bytes: bytes as i64 };
        let whole = HistoryWrite::RecordingFinished { recording: id, finished, push: None, event };
        self.store.keep(&[whole]).await.unwrap();
        self.store.recording(id).await.unwrap().unwrap()
    }

    /// Whether row and file are there; never the one without the other.
    async fn has(&self, film: &RecordingRow) -> bool {
        let has_row = self.store.recording(film.id).await.unwrap().is_some();
        assert_eq!(has_row, self.archive.path_of(film).exists());
        has_row
    }
}

#[tokio::test]
async fn what_is_too_old_goes_and_what_is_younger_stays() {
    let shelf = Shelf::new(7, 0).await;
    let (old, young) = (shelf.film(8, 10).await, shelf.film(6, 10).await);
    shelf.archive.retain_once().await;
    assert!(!shelf.has(&old).await && shelf.has(&young).await);
    shelf.archive.history.flush().await;
    let page = Page { size: 50, token: None };
    let reported = shelf.store.recording_events(shelf.project, old.id, page).await.unwrap().rows;
    assert_eq!(reported[0].name, "recording.expired");
}

#[tokio::test]
async fn of_too_many_bytes_the_oldest_go_until_the_rest_fits() {
    let shelf = Shelf::new(0, 250).await;
    let mut films = Vec::new();
    for days in [4, 3, 2, 1] {
        films.push(shelf.film(days, 100).await);
    }
    shelf.archive.retain_once().await;
    for (film, stays) in films.iter().zip([false, false, true, true]) {
        assert_eq!(shelf.has(film).await, stays);
    }
}

#[tokio::test]
async fn a_film_that_is_read_or_worked_at_stays_until_the_next_time() {
    let shelf = Shelf::new(7, 0).await;
    let (read, written) = (shelf.film(9, 3 << 20).await, shelf.film(8, 10).await);
    let file = shelf.archive.file(&read).await.unwrap();
    let reading = file.read(0..file.bytes()).await.unwrap();
    let at_work = shelf.archive.at_work.take(written.id);
    shelf.archive.retain_once().await;
    assert!(shelf.has(&read).await && shelf.has(&written).await);
    drop((reading, at_work));
    shelf.archive.retain_once().await;
    assert!(!shelf.has(&read).await && !shelf.has(&written).await);
}

#[tokio::test]
async fn who_deletes_what_is_worked_at_leaves_the_file_to_whoever_works_at_it() {
    let shelf = Shelf::new(0, 0).await;
    let film = shelf.film(1, 10).await;
    let at_work = shelf.archive.at_work.take(film.id);
    assert!(shelf.archive.remove(&film).await);
    assert_eq!(shelf.store.recording(film.id).await.unwrap(), None);
    assert!(shelf.archive.path_of(&film).exists());
    drop(at_work);
    shelf.archive.finish_one(&film).await;
    assert!(!shelf.archive.path_of(&film).exists());
    let kept = shelf.film(1, 10).await;
    shelf.archive.finish_one(&kept).await;
    assert!(shelf.has(&kept).await, "nothing is sent where there is no bucket");
}
