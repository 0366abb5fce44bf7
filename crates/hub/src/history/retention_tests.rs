//! What is forgotten when, on a real store with a clock of the test's.

use super::*;
use rotunda_domain::{ProjectId, RoomId, RoomSettings, SessionId};
use rotunda_store::{EventRow, HistoryWrite, SessionRow, SessionStatus};
use serde_json::json;
use uuid::Uuid;

async fn ended(store: &Store, project: ProjectId, end_ms: i64) -> SessionId {
    let row = SessionRow {
        id: SessionId(Uuid::new_v4()),
        project,
        room: RoomId(Uuid::new_v4()),
        auto_created: true,
        settings: RoomSettings::named("lobby"),
        fps: 20,
        locked: false,
        status: SessionStatus::InProgress,
        start_ms: 0,
        end_ms: None,
        created_at_ms: 0,
        updated_at_ms: 0,
    };
    let event = |name: &str| EventRow {
        session: Some(row.id),
        ..EventRow::new(project, name, json!({"filling": "x".repeat(20_000)}), end_ms)
    };
    let (session, started) = (row.id, event("room.started"));
    let end = HistoryWrite::SessionEnded { project, session, at_ms: end_ms, event: event("end") };
    store.keep(&[HistoryWrite::SessionStarted(Box::new(row), started), end]).await.unwrap();
    session
}

#[tokio::test]
async fn history_goes_by_age_and_by_size_and_never_what_ended_just_now() {
    let folder = std::env::temp_dir().join(format!("rotunda-retention-{}", Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let store = Store::open(folder.join("test.db")).await.unwrap();
    let project = store.create_project(None, "ours").await.unwrap().id;
    let now_ms = 100 * DAY_MS;
    let mut sessions = Vec::new();
    for age_ms in [50 * DAY_MS, 9 * DAY_MS, 2 * DAY_MS, FRESH_MS / 2] {
        sessions.push(ended(&store, project, now_ms - age_ms).await);
    }
    let left = async |options| {
        retain_once(&store, options, now_ms, Duration::ZERO).await.unwrap();
        let mut left = Vec::new();
        for (nth, session) in sessions.iter().enumerate() {
            if store.session(project, *session).await.unwrap().is_some() {
                left.push(nth);
            }
        }
        left
    };
    assert_eq!(left(HistoryOptions::default()).await, [0, 1, 2, 3]);
    assert_eq!(left(HistoryOptions { keep_days: 30, keep_bytes: 0 }).await, [1, 2, 3]);
    let bound = store.bytes().await.unwrap() - 1;
    assert_eq!(left(HistoryOptions { keep_days: 0, keep_bytes: bound }).await, [2, 3]);
    assert_eq!(left(HistoryOptions { keep_days: 0, keep_bytes: 1 }).await, [3]);
    std::fs::remove_dir_all(folder).unwrap();
}
