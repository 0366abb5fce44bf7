//! Sessions, members and events, and what a crash leaves behind.

use crate::common::{Folder, first, fresh, named};
use rotunda_domain::{MemberId, ProjectId, RoomId, SessionId};
use rotunda_store::{
    EventRow, HistoryWrite, MemberRow, SessionFilter, SessionRow, SessionStatus, Store, StoreError,
};
use serde_json::json;
use uuid::Uuid;

fn session(project: ProjectId, name: &str, start_ms: i64) -> SessionRow {
    SessionRow {
        id: SessionId(Uuid::new_v4()),
        project,
        room: RoomId(Uuid::new_v4()),
        auto_created: false,
        settings: named(name),
        fps: 20,
        locked: false,
        status: SessionStatus::InProgress,
        start_ms,
        end_ms: None,
        created_at_ms: start_ms,
        updated_at_ms: start_ms,
    }
}

fn member(session: SessionId, join_ms: i64) -> MemberRow {
    let id = MemberId(Uuid::new_v4());
    MemberRow { id, session, name: "Ada".into(), kind: "member".into(), join_ms, leave_ms: None }
}

fn event(of: &SessionRow, name: &str, at_ms: i64) -> EventRow {
    EventRow {
        session: Some(of.id),
        room: Some(of.room),
        ..EventRow::new(of.project, name, json!({"at": at_ms}), at_ms)
    }
}

async fn start(store: &Store, row: &SessionRow) {
    let started = event(row, "room.started", row.start_ms);
    store.keep(&[HistoryWrite::SessionStarted(Box::new(row.clone()), started)]).await.unwrap();
}

async fn join(store: &Store, row: &SessionRow, member: &MemberRow) {
    let joined = event(row, "member.joined", member.join_ms);
    let line = HistoryWrite::MemberJoined(row.project, member.clone(), joined);
    store.keep(&[line]).await.unwrap();
}

fn left(row: &SessionRow, member: MemberId, at_ms: i64) -> HistoryWrite {
    let event = EventRow { member: Some(member), ..event(row, "member.left", at_ms) };
    HistoryWrite::MemberLeft { project: row.project, session: row.id, member, at_ms, event }
}

#[tokio::test]
async fn a_crash_closes_sessions_at_their_last_event_and_says_so() {
    let (folder, store, project) = fresh().await;
    let (open, over) = (session(project, "open", 1_000), session(project, "over", 500));
    let (stays, goes) = (member(open.id, 2_000), member(open.id, 2_500));
    start(&store, &over).await;
    let ended = event(&over, "room.ended", 900);
    let end = HistoryWrite::SessionEnded { project, session: over.id, at_ms: 900, event: ended };
    store.keep(&[end]).await.unwrap();
    start(&store, &open).await;
    join(&store, &open, &stays).await;
    join(&store, &open, &goes).await;
    store.keep(&[left(&open, goes.id, 3_000)]).await.unwrap();
    store.keep(&[HistoryWrite::Event(event(&open, "layout.changed", 4_000))]).await.unwrap();
    drop(store);

    let store = folder.open().await;
    assert_eq!(store.close_left_open(9_000).await.unwrap(), 1);
    assert_eq!(store.close_left_open(9_999).await.unwrap(), 0);
    let row = store.session(project, open.id).await.unwrap().unwrap();
    assert_eq!((row.status, row.end_ms), (SessionStatus::Completed, Some(4_000)));
    let members = store.members(project, open.id, first(9)).await.unwrap().rows;
    let leaves: Vec<_> = members.iter().map(|m| (m.id, m.leave_ms)).collect();
    assert_eq!(leaves, [(goes.id, Some(3_000)), (stays.id, Some(4_000))]);
    let events = store.events(project, open.id, first(9)).await.unwrap().rows;
    assert_eq!(
        (events[0].name.as_str(), &events[0].payload),
        ("room.ended", &json!({"reason": "restart"}))
    );
    assert_eq!(events[0].created_at_ms, 9_000);
    assert_eq!(events.len(), 6);
    assert_eq!(store.session(project, over.id).await.unwrap().unwrap().end_ms, Some(900));

    // Who sat there until then is known, for as long as is asked for.
    let was_cut_off = async |of: &SessionRow, who: &MemberRow, since_ms| {
        store.was_cut_off(of.id, who.id, since_ms).await.unwrap()
    };
    assert!(was_cut_off(&open, &stays, 9_000).await);
    assert!(!was_cut_off(&open, &stays, 9_001).await);
    assert!(!was_cut_off(&open, &goes, 0).await, "gone before");
    assert!(!was_cut_off(&over, &stays, 0).await, "ended by somebody");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    // The child writes, says so line by line, and is killed while it goes on writing.
    let folder = Folder::new();
    let project = folder.open().await.create_project(None, "ours").await.unwrap().id;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "history::child_that_writes_until_killed", "--ignored", "--nocapture"])
        .env("ROTUNDA_STORE_CHILD", folder.file())
        .env("ROTUNDA_STORE_PROJECT", project.to_string())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    for line in std::io::BufRead::lines(output) {
        if let Some(name) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged.push(name.to_owned());
        }
        if acknowledged.len() == 40 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= 40);
    let store = folder.open().await;
    for name in acknowledged {
        assert!(store.room_by_name(project, &name).await.unwrap().is_some(), "{name} is lost");
    }
}

#[tokio::test]
#[ignore = "the other half of what_was_acknowledged_is_there_after_a_kill"]
async fn child_that_writes_until_killed() {
    let Ok(file) = std::env::var("ROTUNDA_STORE_CHILD") else { return };
    let project = std::env::var("ROTUNDA_STORE_PROJECT").unwrap().parse().unwrap();
    let store = Store::open(file).await.unwrap();
    for n in 0..100_000 {
        store.create_room(project, named(&format!("room-{n}"))).await.unwrap();
        println!("acknowledged room-{n}");
    }
}

#[tokio::test]
async fn writing_a_line_twice_changes_nothing() {
    let (_folder, store, project) = fresh().await;
    let row = session(project, "lobby", 1_000);
    let ada = member(row.id, 2_000);
    let lines = [
        HistoryWrite::SessionStarted(Box::new(row.clone()), event(&row, "room.started", 1_000)),
        HistoryWrite::MemberJoined(project, ada.clone(), event(&row, "member.joined", 2_000)),
        left(&row, ada.id, 3_000),
    ];
    store.keep(&lines).await.unwrap();
    store.keep(&lines).await.unwrap();
    assert_eq!(store.session(project, row.id).await.unwrap(), Some(row.clone()));
    assert_eq!(store.members(project, row.id, first(9)).await.unwrap().rows.len(), 1);
    assert_eq!(store.events(project, row.id, first(9)).await.unwrap().rows.len(), 3);
}

#[tokio::test]
async fn a_refused_line_takes_its_batch_with_it() {
    let (_folder, store, project) = fresh().await;
    let (row, unknown) = (session(project, "lobby", 1), session(project, "unknown", 1));
    let stranger = member(unknown.id, 2);
    let lines = [
        HistoryWrite::SessionStarted(Box::new(row.clone()), event(&row, "room.started", 1)),
        HistoryWrite::MemberJoined(project, stranger, event(&unknown, "member.joined", 2)),
    ];
    assert!(matches!(store.keep(&lines).await, Err(StoreError::Declined(_))));
    assert_eq!(store.session(project, row.id).await.unwrap(), None);
    assert!(store.events(project, row.id, first(9)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn someone_who_comes_back_keeps_their_row_and_their_first_time() {
    let (_folder, store, project) = fresh().await;
    let row = session(project, "lobby", 1);
    let ada = member(row.id, 2);
    start(&store, &row).await;
    join(&store, &row, &ada).await;
    store.keep(&[left(&row, ada.id, 3)]).await.unwrap();
    join(&store, &row, &MemberRow { join_ms: 4, ..ada.clone() }).await;
    let members = store.members(project, row.id, first(9)).await.unwrap().rows;
    assert_eq!((members.len(), members[0].join_ms, members[0].leave_ms), (1, 2, None));
}

#[tokio::test]
async fn a_changed_room_changes_its_running_session_and_no_other() {
    let (_folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    let running = SessionRow { room: room.id, ..session(project, "lobby", 1) };
    let over = SessionRow {
        room: room.id,
        status: SessionStatus::Completed,
        ..session(project, "lobby", 0)
    };
    start(&store, &running).await;
    start(&store, &over).await;
    let changed = store.change_room(project, room.id, |s| {
        (s.max_members, s.window.remove_at, s.layout) = (2, Some(99), "3x3".into());
        Ok::<(), ()>(())
    });
    changed.await.unwrap().unwrap();
    let read = store.running_session(project, room.id).await.unwrap().unwrap();
    assert_eq!(read.id, running.id);
    assert_eq!((read.settings.max_members, read.settings.window.remove_at), (2, Some(99)));
    assert_eq!(read.settings.layout, "grid-responsive", "the layout waits for the next session");
    assert_eq!(store.session(project, over.id).await.unwrap().unwrap().settings.max_members, 20);
    store.delete_room(project, room.id).await.unwrap();
    assert!(store.session(project, over.id).await.unwrap().is_some(), "history stays");
}

#[tokio::test]
async fn sessions_are_found_by_room_name_part_of_name_and_status() {
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let a = session(project, "Daily_standup", 1);
    let auto = SessionRow { auto_created: true, ..session(project, "dailyXstandup", 2) };
    let mut over = session(project, "retro", 3);
    over.status = SessionStatus::Completed;
    let theirs = session(other, "Daily_standup", 4);
    for row in [&a, &auto, &over, &theirs] {
        start(&store, row).await;
    }
    let all = SessionFilter::default();
    let by_room = |room| SessionFilter { room: Some(room), ..SessionFilter::default() };
    let matches = |part: &str| SessionFilter {
        room_name_matches: Some(part.into()),
        ..SessionFilter::default()
    };
    let named = SessionFilter { room_name: Some("retro".into()), ..SessionFilter::default() };
    let status =
        SessionFilter { status: Some(SessionStatus::Completed), ..SessionFilter::default() };
    let cases: [(SessionFilter, &[SessionId]); 8] = [
        (all, &[over.id, auto.id, a.id]),
        (by_room(a.room), &[a.id]),
        (by_room(auto.room), &[]),
        (matches("daily"), &[auto.id, a.id]),
        (matches("y_s"), &[a.id]),
        (matches("%"), &[]),
        (named, &[over.id]),
        (status, &[over.id]),
    ];
    for (filter, expected) in cases {
        let rows = store.sessions(project, &filter, first(50)).await.unwrap().rows;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    assert_eq!(store.session(other, a.id).await.unwrap(), None);
    assert!(store.events(other, a.id, first(9)).await.unwrap().rows.is_empty());
    let running: Vec<_> =
        store.running_sessions(project).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(running, [a.id, auto.id]);
}
