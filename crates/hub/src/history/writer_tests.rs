//! What the queue does when it is full and when the database is away.

use super::*;
use rotunda_domain::{
    Event, MemberId, MemberKind, MemberView, Position, RoomId, RoomSettings, SessionId, SessionView,
};
use rotunda_domain::{ProjectId, Quality, Record};
use rotunda_store::{EventRow, Page, SessionFilter, SessionStatus};
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

const FPS: Fps = Fps { p720: 20, p1080: 30 };
const PAGE: Page = Page { size: 50, token: None };

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn store() -> (Store, ProjectId, Folder) {
    let folder = Folder(std::env::temp_dir().join(format!("rotunda-history-{}", Uuid::new_v4())));
    std::fs::create_dir(&folder.0).unwrap();
    let busy = Duration::from_millis(500);
    let store = Store::open_patient(&folder.0.join("test.db"), busy).await.unwrap();
    let project = store.create_project(None, "ours").await.unwrap().id;
    (store, project, folder)
}

fn session(project: ProjectId) -> SessionView {
    let mut settings = RoomSettings::named("lobby");
    settings.quality = Quality::P1080;
    SessionView {
        id: SessionId(Uuid::new_v4()),
        room: RoomId(Uuid::new_v4()),
        project,
        event_channel: "c".into(),
        preview_url: None,
        layout: settings.layout.as_str().into(),
        settings,
        auto_created: true,
        locked: false,
        hide_video_muted: false,
        meta: serde_json::Map::new(),
        audience_count: 0,
        is_recording: false,
        recordings: Vec::new(),
        playbacks: Vec::new(),
        streams: Vec::new(),
        is_streaming: false,
        members: Vec::new(),
        started_at_ms: 1_000,
    }
}

fn member(of: &SessionView) -> MemberView {
    MemberView {
        id: MemberId(Uuid::new_v4()),
        room: of.room,
        session: of.id,
        name: "Ada".into(),
        kind: MemberKind::Member,
        parent: None,
        requested: Position::Auto,
        current: None,
        visible: true,
        media_lost: false,
        audio_muted: false,
        video_muted: false,
        deaf: false,
        handraised: false,
        hand_raised_at_ms: None,
        input_volume: 0,
        output_volume: 0,
        input_sensitivity: 30,
        meta: serde_json::Map::new(),
    }
}

fn record(history: &HistoryWriter, project: ProjectId, at_epoch_ms: i64, record: Record) {
    history.record(HistoryRecord { project, at_epoch_ms, record });
}

#[tokio::test]
async fn a_session_is_written_from_its_start_to_its_end() {
    let (store, project, _folder) = store().await;
    let history = HistoryWriter::start(store.clone(), FPS);
    let view = session(project);
    let ada = member(&view);
    record(&history, project, 1_000, Record::SessionStarted(Box::new(view.clone())));
    record(&history, project, 2_000, Record::MemberJoined(ada.clone()));
    record(&history, project, 5_000, Record::MemberLeft(ada.clone()));
    record(&history, project, 6_000, Record::SessionEnded(Box::new(view.clone())));
    history.flush().await;

    let row = store.session(project, view.id).await.unwrap().unwrap();
    assert_eq!(
        (row.status, row.start_ms, row.end_ms),
        (SessionStatus::Completed, 1_000, Some(6_000))
    );
    assert_eq!((row.fps, row.auto_created), (30, true));
    let members = store.members(project, view.id, PAGE).await.unwrap().rows;
    assert_eq!(members.len(), 1);
    assert_eq!((members[0].join_ms, members[0].leave_ms), (2_000, Some(5_000)));
    let events = store.events(project, view.id, PAGE).await.unwrap().rows;
    let names: Vec<_> = events.iter().rev().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["room.started", "member.joined", "member.left", "room.ended"]);
    assert_eq!(events[1].member, Some(ada.id));
    assert_eq!(events[1].payload["member"]["name"], "Ada");
}

#[tokio::test]
async fn who_toggles_mute_for_ever_fills_no_disk_and_hides_nobody() {
    let (store, project, _folder) = store().await;
    let history = HistoryWriter::start(store.clone(), FPS);
    let view = session(project);
    let ada = member(&view);
    record(&history, project, 1, Record::SessionStarted(Box::new(view.clone())));
    for _ in 0..3_000 {
        let toggled = Event::MemberUpdated { member: ada.clone(), updated: vec!["audio_muted"] };
        record(&history, project, 2, Record::Happened(toggled));
    }
    record(&history, project, 3, Record::MemberJoined(ada));
    record(&history, project, 4, Record::SessionEnded(Box::new(view.clone())));
    history.flush().await;
    let page = Page { size: 4, token: None };
    let newest = store.events(project, view.id, page).await.unwrap().rows;
    let names: Vec<_> = newest.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["room.ended", "events.left_out", "member.joined", "member.updated"]);
    assert_eq!(newest[1].payload, json!({"count": 1_000}));
    assert_eq!(history.dropped(), 0);
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_leaves_no_event_out() {
    let (store, project, _folder) = store().await;
    let history = HistoryWriter::start(store, FPS);
    let of = session(project);
    history.allowances.lock().unwrap().begin(of.id);
    for at_ms in [1_000_000_000, 1_000_000_000 - 3_600_000] {
        let mut event = EventRow::new(project, "member.updated", json!({}), at_ms);
        event.session = Some(of.id);
        let verdict = history.allow(&HistoryWrite::Event(event));
        assert_eq!(verdict, Verdict::Keep { left_out: 0 }, "at {at_ms}");
    }
}

#[tokio::test]
async fn a_line_the_database_declines_holds_up_no_other() {
    let (store, project, _folder) = store().await;
    let history = HistoryWriter::start(store.clone(), FPS);
    let (known, unknown) = (session(project), session(project));
    record(&history, project, 1, Record::SessionStarted(Box::new(known.clone())));
    record(&history, project, 2, Record::MemberJoined(member(&unknown)));
    record(&history, project, 3, Record::MemberJoined(member(&known)));
    history.flush().await;
    assert_eq!(store.members(project, known.id, PAGE).await.unwrap().rows.len(), 1);
    assert_eq!(store.members(project, unknown.id, PAGE).await.unwrap().rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_wait_for_a_database_that_is_away_and_none_is_lost() {
    let (store, project, _folder) = store().await;
    let room = store.create_room(project, RoomSettings::named("held")).await.unwrap();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let holder = store.clone();
    let blocked = tokio::spawn(async move {
        let hold = move |_: &mut RoomSettings| -> Result<(), ()> {
            held.send(()).map_err(drop)?;
            tokio::task::block_in_place(|| released.recv()).map_err(drop)
        };
        holder.change_room(project, room.id, hold).await
    });
    is_held.await.unwrap();

    let history = HistoryWriter::start(store.clone(), FPS);
    let view = session(project);
    record(&history, project, 1, Record::SessionStarted(Box::new(view.clone())));
    // A write that began later gives up: so the chronicle's first attempt has, too.
    let refused = store.create_room(project, RoomSettings::named("other")).await;
    assert!(refused.is_err_and(|error| error.is_passing()));
    assert!(store.session(project, view.id).await.unwrap().is_none());

    release.send(()).unwrap();
    blocked.await.unwrap().unwrap().unwrap();
    history.flush().await;
    assert!(store.session(project, view.id).await.unwrap().is_some());
    assert_eq!(history.dropped(), 0);
}

#[tokio::test]
async fn a_dropped_chronicle_still_writes_what_it_took() {
    let (store, project, _folder) = store().await;
    let history = HistoryWriter::start(store.clone(), FPS);
    for at in 0..200 {
        record(&history, project, at, Record::SessionStarted(Box::new(session(project))));
    }
    let shared = history.shared.clone();
    drop(history);
    let mut pending = shared.pending.subscribe();
    pending.wait_for(|p| p.lines == 0).await.unwrap();
    let page = Page { size: 1000, token: None };
    let rows = store.sessions(project, &SessionFilter::default(), page).await.unwrap().rows;
    assert_eq!(rows.len(), 200);
}

fn event(project: ProjectId, name: &str) -> HistoryWrite {
    HistoryWrite::Event(EventRow::new(project, name, json!({}), 0))
}

fn row(project: ProjectId) -> HistoryWrite {
    HistoryWrite::SessionEnded {
        project,
        session: SessionId(Uuid::new_v4()),
        at_ms: 0,
        event: EventRow::new(project, "room.ended", json!({}), 0),
    }
}

#[test]
fn a_full_queue_drops_its_oldest_events_and_no_row() {
    let project = ProjectId(Uuid::new_v4());
    let mut queue = Queue::default();
    queue.put(row(project));
    queue.put(event(project, "oldest"));
    for _ in 2..QUEUE {
        queue.put(event(project, "later"));
    }
    assert_eq!((queue.lines.len(), queue.dropped), (QUEUE, 0));
    queue.put(event(project, "newest"));
    queue.put(row(project));
    assert_eq!((queue.lines.len(), queue.dropped), (QUEUE, 2));
    assert!(!queue.lines[0].is_event_only());
    assert!(queue.lines.iter().all(|line| line.event().name != "oldest"));
    assert!(!queue.lines[QUEUE - 1].is_event_only());
}

#[test]
fn rows_alone_fill_the_queue_to_its_last_bound() {
    let project = ProjectId(Uuid::new_v4());
    let mut queue = Queue::default();
    for _ in 0..ROWS + 5 {
        queue.put(row(project));
    }
    queue.put(event(project, "late"));
    assert_eq!((queue.lines.len(), queue.dropped), (ROWS, 6));
}
