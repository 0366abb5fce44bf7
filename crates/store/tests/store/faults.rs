//! A disk that fails while a store is open: whatever was answered as done is there afterwards, and
//! when the disk is well again, so is the store. `strace` makes the calls on the database's files
//! fail; nothing in the store knows of it.

use crate::common::{Folder, fresh, named};
use rotunda_domain::{MemberId, ProjectId, RecordingId, RoomId, SessionId};
use rotunda_store::{
    DeliveryKind, EventRow, HistoryWrite, NewDelivery, RecordingPlace, RecordingRow,
    RecordingStatus, RoomQuery, SessionRow, SessionStatus, Store, StoreError,
};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use tokio::sync::Mutex;
use uuid::Uuid;

/// A process can be watched by one `strace` at a time.
static TRACED: Mutex<()> = Mutex::const_new(());

/// Calls of this process on a database's files that fail, until it is lifted.
struct Fault {
    strace: Child,
    /// It tells there of every thread that begins, and would end if nobody listened.
    _said: BufReader<ChildStderr>,
}

impl Fault {
    fn inject(folder: &Folder, calls: &str, error: &str) -> Self {
        let file = folder.file().display().to_string();
        let mut strace = Command::new("strace")
            .args(["-f", "-P", &file, "-P", &format!("{file}-wal"), "-o", "/dev/null"])
            .args(["-e", &format!("inject={calls}:error={error}")])
            .args(["-p", &std::process::id().to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace is installed (Debian's package strace)");
        let mut said = BufReader::new(strace.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        Self { strace, _said: said }
    }

    fn lift(mut self) {
        let pid = self.strace.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.strace.wait().unwrap();
    }
}

/// One of each kind of write: what the REST doors, sessions, recorders and deliveries do.
struct Work {
    project: ProjectId,
    session: SessionId,
    recording: RecordingId,
}

impl Work {
    async fn begin(store: &Store, project: ProjectId) -> Self {
        let work = Self {
            project,
            session: SessionId(Uuid::new_v4()),
            recording: RecordingId(Uuid::new_v4()),
        };
        store.keep(&[work.started(), work.recorded()]).await.unwrap();
        work
    }

    fn started(&self) -> HistoryWrite {
        let row = SessionRow {
            id: self.session,
            project: self.project,
            room: RoomId(Uuid::new_v4()),
            auto_created: true,
            settings: named("lobby"),
            fps: 20,
            locked: false,
            status: SessionStatus::InProgress,
            start_ms: 1,
            end_ms: None,
            created_at_ms: 1,
            updated_at_ms: 1,
        };
        HistoryWrite::SessionStarted(Box::new(row), self.event("room.started"))
    }

    fn recorded(&self) -> HistoryWrite {
        let row = RecordingRow {
            id: self.recording,
            project: self.project,
            session: self.session,
            status: RecordingStatus::Recording,
            started_ms: 1,
            finished_ms: None,
            duration_ms: None,
            bytes: None,
            is_seekable: false,
            place: RecordingPlace::Local,
            created_at_ms: 1,
            updated_at_ms: 1,
        };
        HistoryWrite::Recording(Box::new(row), self.event("recording.started"))
    }

    fn event(&self, name: &str) -> EventRow {
        let event = EventRow::new(self.project, name, json!({}), 1);
        EventRow { session: Some(self.session), ..event }
    }

    /// What each of them came to.
    async fn all(&self, store: &Store, name: &str) -> Vec<Result<(), StoreError>> {
        let left = HistoryWrite::MemberLeft {
            project: self.project,
            session: self.session,
            member: MemberId(Uuid::nil()),
            at_ms: 2,
            event: self.event(name),
        };
        let delivery = NewDelivery {
            kind: DeliveryKind::Push,
            project: self.project,
            recording: self.recording,
            target: "https://a.test".into(),
            file: name.into(),
        };
        vec![
            store.create_room(self.project, named(name)).await.map(drop),
            store.keep(&[left]).await,
            store.take_up_recordings(3).await.map(drop),
            store.queue_delivery(&delivery, 4).await.map(drop),
        ]
    }
}

/// Everything that was answered as done is there, in the file as it is opened anew, and nothing
/// that was not is in the way of trying it again.
async fn a_failing_disk(calls: &str, error: &str, words: &str) {
    let _alone = TRACED.lock().await;
    let (folder, store, project) = fresh().await;
    let work = Work::begin(&store, project).await;
    let fault = Fault::inject(&folder, calls, error);
    for _ in 0..2 {
        for (nth, result) in work.all(&store, "during").await.into_iter().enumerate() {
            let reported = result.as_ref().map_err(ToString::to_string).unwrap_err();
            assert!(reported.contains(words), "{nth}: {reported}");
            assert!(result.is_err_and(|error| error.is_passing()));
        }
    }
    assert!(!store.healthy().await);
    assert!(store.signing_key(project).await.unwrap().is_some(), "reading goes on");
    fault.lift();
    for name in ["during", "after"] {
        for result in work.all(&store, name).await {
            result.unwrap();
        }
    }
    let rooms = seen(&store, project).await;
    assert_eq!(rooms, ["after", "during"], "readers see what was written");
    drop(store);
    assert_eq!(seen(&folder.open().await, project).await, rooms, "and so does the next start");
}

async fn seen(store: &Store, project: ProjectId) -> Vec<String> {
    let rooms = store.rooms(project, RoomQuery::default(), crate::common::first(10)).await.unwrap();
    assert_eq!(store.undelivered(DeliveryKind::Push).await.unwrap().len(), 2);
    rooms.rows.into_iter().map(|room| room.settings.name).collect()
}

#[tokio::test]
async fn what_is_answered_as_done_is_there_after_a_full_disk() {
    a_failing_disk("pwrite64", "ENOSPC", "the disk is full").await;
}

#[tokio::test]
async fn what_is_answered_as_done_is_there_after_flushes_that_failed() {
    a_failing_disk("fsync,fdatasync", "EIO", "the disk fails").await;
}

#[tokio::test]
async fn what_is_answered_as_done_is_there_after_a_file_system_was_read_only() {
    a_failing_disk("pwrite64,ftruncate", "EROFS", "the disk fails").await;
}
