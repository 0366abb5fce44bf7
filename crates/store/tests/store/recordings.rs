//! Recordings: their life in rows, and what a crash leaves of them.

use crate::common::{first, fresh, named};
use rotunda_domain::{ProjectId, RecordingId, RoomId, SessionId};
use rotunda_store::{
    DeliveryKind, EventRow, Finished, HistoryWrite, NewDelivery, RecordingPlace, RecordingRow,
    RecordingStatus, SessionRow, SessionStatus, Store,
};
use serde_json::json;
use uuid::Uuid;

async fn session(store: &Store, project: ProjectId) -> SessionId {
    let row = SessionRow {
        id: SessionId(Uuid::new_v4()),
        project,
        room: RoomId(Uuid::new_v4()),
        auto_created: false,
        settings: named("lab"),
        fps: 20,
        locked: false,
        status: SessionStatus::InProgress,
        start_ms: 1000,
        end_ms: None,
        created_at_ms: 1000,
        updated_at_ms: 1000,
    };
    let (id, event) = (row.id, EventRow::new(project, "room.started", json!({}), 1000));
    store.keep(&[HistoryWrite::SessionStarted(Box::new(row), event)]).await.unwrap();
    id
}

fn row(project: ProjectId, session: SessionId, status: RecordingStatus) -> RecordingRow {
    RecordingRow {
        id: RecordingId(Uuid::new_v4()),
        project,
        session,
        status,
        started_ms: 2000,
        finished_ms: None,
        duration_ms: None,
        bytes: None,
        is_seekable: false,
        place: RecordingPlace::Local,
        created_at_ms: 2000,
        updated_at_ms: 2000,
    }
}

fn event(row: &RecordingRow, name: &str) -> EventRow {
    EventRow { recording: Some(row.id.0), ..EventRow::new(row.project, name, json!({}), 3000) }
}

fn reported(row: &RecordingRow, status: RecordingStatus) -> HistoryWrite {
    let finished_ms = (status == RecordingStatus::Processing).then_some(9000);
    let row = RecordingRow { status, finished_ms, ..row.clone() };
    let event = event(&row, status.as_str());
    HistoryWrite::Recording(Box::new(row), event)
}

fn finished(row: &RecordingRow) -> HistoryWrite {
    let finished = Finished { duration_ms: 6500, bytes: 1234 };
    let event = event(row, "completed");
    HistoryWrite::RecordingFinished { recording: row.id, finished, push: None, event }
}

#[tokio::test]
async fn a_recording_goes_its_way_and_never_back() {
    use RecordingStatus::{Completed, Paused, Processing, Recording};
    let (_folder, store, project) = fresh().await;
    let row = row(project, session(&store, project).await, Recording);
    let status = async || store.recording(row.id).await.unwrap().unwrap().status;
    for step in [Recording, Paused, Recording, Processing] {
        store.keep(&[reported(&row, step)]).await.unwrap();
        assert_eq!(status().await, step);
    }
    assert_eq!(store.delete_recording(row.id).await.unwrap(), None, "not while it is made");
    store.keep(&[reported(&row, Recording)]).await.unwrap();
    assert_eq!(status().await, Processing, "what is over stays over");
    store.keep(&[finished(&row), reported(&row, Processing)]).await.unwrap();
    let done = store.recording(row.id).await.unwrap().unwrap();
    assert_eq!((done.status, done.duration_ms, done.bytes), (Completed, Some(6500), Some(1234)));
    assert_eq!(done.finished_ms, Some(9000));
    store.move_recording(row.id, 2000, true, RecordingPlace::Local, 9900).await.unwrap();
    let moved = store.recording(row.id).await.unwrap().unwrap();
    assert_eq!((moved.bytes, moved.is_seekable, moved.updated_at_ms), (Some(2000), true, 9900));
    let events = store.recording_events(project, row.id, first(50)).await.unwrap().rows;
    assert_eq!(events.len(), 7, "each line once");
    assert_eq!(store.delete_recording(row.id).await.unwrap(), Some(RecordingPlace::Local));
    assert_eq!(store.recording(row.id).await.unwrap(), None);
}

#[tokio::test]
async fn lists_are_of_a_project_or_a_session_newest_first() {
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let sessions = [session(&store, project).await, session(&store, project).await];
    let theirs = row(other, session(&store, other).await, RecordingStatus::Recording);
    let rows: Vec<_> =
        (0..4).map(|n| row(project, sessions[n % 2], RecordingStatus::Recording)).collect();
    for row in rows.iter().chain([&theirs]) {
        store.keep(&[reported(row, RecordingStatus::Recording)]).await.unwrap();
    }
    let ids = |rows: &[RecordingRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let all = store.recordings(project, None, first(3)).await.unwrap();
    assert_eq!(ids(&all.rows), [rows[3].id, rows[2].id, rows[1].id]);
    assert!(all.next.is_some());
    let of_one = store.recordings(project, Some(sessions[0]), first(50)).await.unwrap();
    assert_eq!(ids(&of_one.rows), [rows[2].id, rows[0].id]);
    assert!(store.recordings(other, Some(sessions[0]), first(50)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn after_a_crash_nothing_is_recorded_any_more_and_all_is_to_be_finished() {
    use RecordingStatus::{Completed, Paused, Processing, Recording};
    let (_folder, store, project) = fresh().await;
    let session = session(&store, project).await;
    let rows = [Recording, Paused, Processing, Completed].map(|s| row(project, session, s));
    for row in &rows {
        store.keep(&[reported(row, Recording), reported(row, row.status)]).await.unwrap();
    }
    store.keep(&[finished(&rows[3])]).await.unwrap();
    let left = store.take_up_recordings(20_000).await.unwrap();
    assert_eq!(
        left.iter().map(|row| row.id).collect::<Vec<_>>(),
        [rows[0].id, rows[1].id, rows[2].id]
    );
    assert!(left.iter().all(|row| row.status == Processing));
    assert_eq!(store.completed_recordings().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_to_be_brought_waits_in_order_is_queued_once_and_goes_with_its_recording() {
    let (_folder, store, project) = fresh().await;
    let session = session(&store, project).await;
    let rows = [(); 2].map(|()| row(project, session, RecordingStatus::Recording));
    let delivery_of = |row: &RecordingRow| NewDelivery {
        kind: DeliveryKind::Object,
        project,
        recording: row.id,
        target: "s3://films".into(),
        file: format!("{}.mp4", row.id),
    };
    let next = async || store.next_delivery(DeliveryKind::Object).await.unwrap();
    for (row, now_ms) in rows.iter().zip([1000, 2000]) {
        let over = reported(row, RecordingStatus::Processing);
        store
            .keep(&[reported(row, RecordingStatus::Recording), over, finished(row)])
            .await
            .unwrap();
        assert!(store.queue_delivery(&delivery_of(row), now_ms).await.unwrap());
    }
    let due = next().await.unwrap();
    assert_eq!((due.recording, due.attempts, due.next_at_ms), (rows[0].id, 0, 1000));
    store.not_delivered(due.id, "away", Some(9000), 1500).await.unwrap();
    let second = next().await.unwrap();
    assert_eq!(second.recording, rows[1].id, "one that waits longer lets others pass");
    store.delivered(second.id, 3000).await.unwrap();
    let due = next().await.unwrap();
    assert_eq!((due.recording, due.attempts, due.next_at_ms), (rows[0].id, 1, 9000));
    store.not_delivered(due.id, "away", None, 9000).await.unwrap();
    assert_eq!(next().await, None, "given up");
    assert_eq!(store.retry_deliveries(DeliveryKind::Object, None, 9500).await.unwrap(), 1);
    assert_eq!(next().await.unwrap().attempts, 0);
    assert!(!store.queue_delivery(&delivery_of(&rows[1]), 9600).await.unwrap(), "never twice");
    assert!(store.delete_recording(rows[0].id).await.unwrap().is_some());
    assert_eq!(next().await, None, "nobody wants it any more");
}

#[tokio::test]
async fn a_push_is_queued_as_its_recording_is_finished_and_due_when_nothing_changes_it_any_more() {
    use RecordingStatus::{Processing, Recording};
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let mut rows = Vec::new();
    for project in [project, project, other] {
        let session = session(&store, project).await;
        let row = row(project, session, Recording);
        let push = NewDelivery {
            kind: DeliveryKind::Push,
            project,
            recording: row.id,
            target: "http://a.test".into(),
            file: format!("{}.mp4", row.id),
        };
        let HistoryWrite::RecordingFinished { recording, finished, event, .. } = finished(&row)
        else {
            unreachable!("it was just made")
        };
        let push = Some(Box::new(push));
        let whole = HistoryWrite::RecordingFinished { recording, finished, push, event };
        let over = reported(&row, Processing);
        store.keep(&[reported(&row, Recording), over, whole.clone(), whole.clone()]).await.unwrap();
        rows.push((row.id, whole));
    }
    let due = async || {
        let due = store.foremost_deliveries(DeliveryKind::Push).await.unwrap();
        due.into_iter().map(|delivery| (delivery.recording, delivery.since_ms)).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [], "held back");
    for (n, (recording, _)) in rows.iter().enumerate() {
        assert!(store.release_deliveries(*recording, 10_000 + n as i64).await.unwrap());
        assert!(!store.release_deliveries(*recording, 20_000).await.unwrap(), "once");
    }
    assert_eq!(due().await, [(rows[0].0, 10_000), (rows[2].0, 10_002)], "one of each project");
    let of = store.foremost_deliveries(DeliveryKind::Push).await.unwrap();
    store.not_delivered(of[0].id, "away", None, 11_000).await.unwrap();
    store.delivered(of[1].id, 11_000).await.unwrap();
    assert_eq!(due().await, [(rows[1].0, 10_001)]);
    let left = store.undelivered(DeliveryKind::Push).await.unwrap();
    let seen: Vec<_> = left.iter().map(|line| (line.is_given_up, line.error.as_str())).collect();
    assert_eq!(seen, [(true, "away"), (false, "")]);
    for (recording, lines) in [(rows[1].0, 0), (rows[0].0, 1)] {
        let anew = store.retry_deliveries(DeliveryKind::Push, Some(recording), 12_000).await;
        assert_eq!(anew.unwrap(), lines);
    }
    store.keep(&[rows[2].1.clone()]).await.unwrap();
    assert!(!store.release_deliveries(rows[2].0, 13_000).await.unwrap(), "what is done is done");
    assert_eq!(due().await, [(rows[1].0, 10_001)]);
    store.delete_recording(rows[1].0).await.unwrap();
    assert_eq!(due().await, [(rows[0].0, 12_000)]);
}

#[tokio::test]
async fn old_history_is_forgotten_but_what_runs_and_what_a_recording_needs() {
    let (_folder, store, project) = fresh().await;
    let (runs, recorded) = (session(&store, project).await, session(&store, project).await);
    let mut plain = Vec::new();
    for _ in 0..3 {
        plain.push(session(&store, project).await);
    }
    let line = row(project, recorded, RecordingStatus::Recording);
    store.keep(&[reported(&line, RecordingStatus::Recording)]).await.unwrap();
    let of = |id: SessionId| EventRow {
        session: Some(id),
        ..EventRow::new(project, "layout.changed", json!({}), 1500)
    };
    let many: Vec<_> = (0..450).map(|_| HistoryWrite::Event(of(plain[0]))).collect();
    store.keep(&many).await.unwrap();
    for (at_ms, id) in (5000..).zip([plain[0], plain[1], recorded, plain[2]]) {
        let event = of(id);
        let end = HistoryWrite::SessionEnded { project, session: id, at_ms, event };
        store.keep(&[end]).await.unwrap();
    }
    assert_eq!(store.oldest_history().await.unwrap(), Some(5000));
    let mut transactions = 0;
    while store.forget_some(5002).await.unwrap() {
        transactions += 1;
    }
    assert!((4..=8).contains(&transactions), "{transactions}: few rows at a time");
    for (id, stays) in
        [(runs, true), (recorded, true), (plain[0], false), (plain[1], false), (plain[2], true)]
    {
        assert_eq!(store.session(project, id).await.unwrap().is_some(), stays, "{id}");
        let events = store.events(project, id, first(1)).await.unwrap().rows;
        assert_eq!(!events.is_empty(), stays && id != runs || id == recorded, "{id}");
    }
    assert!(store.bytes().await.unwrap() > 0);
}
