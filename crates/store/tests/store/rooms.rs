//! Rooms: unique names, partial changes, projects apart, pages that stand still.

use crate::common::{first, fresh, named};
use crate::opening::second_connection;
use rotunda_domain::{Quality, RoomId, RoomSettings, Window};
use rotunda_store::{Page, PageToken, RoomQuery, StoreError};
use serde_json::json;
use uuid::Uuid;

const ALL: RoomQuery = RoomQuery { starts_after: None, ends_before: None };

#[tokio::test]
async fn every_setting_comes_back_after_reopening() {
    let (folder, store, project) = fresh().await;
    let mut settings = named("lobby");
    settings.display_name = "Lobby \u{1F600} 'quoted'".into();
    settings.description = Some("line\nline".into());
    settings.max_members = 300;
    settings.quality = Quality::P1080;
    settings.window = Window {
        join_from: Some(1),
        join_until: Some(2),
        remove_at: Some(-3),
        remove_after_s: Some(200_000),
    };
    settings.layout = "3x3".into();
    settings.record_on_start = true;
    settings.enable_room_previews = true;
    settings.audio_video_sync = Some(false);
    settings.meta = json!({"z": 1, "a": [null, 2.5]}).as_object().cloned();
    settings.prioritize_handraise = true;
    settings.tone_on_entry_and_exit = false;
    settings.room_join_video_off = true;
    settings.user_join_video_off = true;
    settings.logos_visible = Some(true);
    settings.blind_mode = true;
    settings.silent_mode = true;
    settings.meeting_mode = true;
    settings.enable_chat = rotunda_domain::ChatAccess::All;
    settings.lobby = true;
    let made = store.create_room(project, settings.clone()).await.unwrap();
    let plain = store.create_room(project, named("plain")).await.unwrap();
    drop(store);

    let store = folder.open().await;
    let read = store.room_by_id(project, made.id).await.unwrap().unwrap();
    assert_eq!(read, made);
    assert_eq!(read.settings, settings);
    assert_eq!(store.room_by_name(project, "plain").await.unwrap(), Some(plain));
    assert_eq!(store.room_by_name(project, "Plain").await.unwrap(), None);
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_no_event_and_no_update() {
    let (folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    let max_members = room.settings.max_members;
    let set = async |members: u32| {
        let change = |settings: &mut RoomSettings| -> Result<(), ()> {
            settings.max_members = members;
            Ok(())
        };
        store.change_room(project, room.id, change).await.unwrap().unwrap()
    };
    assert_eq!(set(max_members).await, room);
    set(max_members - 1).await;
    let reported = "SELECT COUNT(*) FROM events WHERE name = 'room.changed'";
    let mut other = second_connection(&folder).await;
    let reported: i64 = sqlx::query_scalar(reported).fetch_one(&mut other).await.unwrap();
    assert_eq!(reported, 1);
}

#[tokio::test]
async fn a_name_is_unique_within_its_project_and_free_again_after_deletion() {
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    let again = store.create_room(project, named("lobby")).await;
    assert!(matches!(again, Err(StoreError::NotUnique)));
    store.create_room(other, named("lobby")).await.unwrap();
    store.delete_room(project, room.id).await.unwrap();
    store.create_room(project, named("lobby")).await.unwrap();
}

#[tokio::test]
async fn one_project_never_sees_or_touches_anothers_rooms() {
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    assert_eq!(store.room_by_id(other, room.id).await.unwrap(), None);
    assert_eq!(store.room_by_name(other, "lobby").await.unwrap(), None);
    assert!(store.rooms(other, ALL, first(50)).await.unwrap().rows.is_empty());
    let change = store.change_room(other, room.id, |_| Ok::<(), ()>(())).await;
    assert!(matches!(change, Err(StoreError::NotFound)));
    assert!(matches!(store.delete_room(other, room.id).await, Err(StoreError::NotFound)));
    assert_eq!(store.room_by_id(project, room.id).await.unwrap(), Some(room));
}

#[tokio::test]
async fn changes_at_the_same_time_do_not_undo_each_other() {
    let (_folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    let (a, b) = tokio::join!(
        store.change_room(project, room.id, |s| {
            s.max_members = 7;
            Ok::<(), ()>(())
        }),
        store.change_room(project, room.id, |s| {
            s.description = Some("two".into());
            Ok::<(), ()>(())
        }),
    );
    a.unwrap().unwrap();
    b.unwrap().unwrap();
    let read = store.room_by_id(project, room.id).await.unwrap().unwrap().settings;
    assert_eq!((read.max_members, read.description.as_deref()), (7, Some("two")));
}

#[tokio::test]
async fn a_refused_change_changes_nothing_and_the_name_never_changes() {
    let (_folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    let refused = store
        .change_room(project, room.id, |s| {
            s.max_members = 1;
            Err("no")
        })
        .await;
    assert_eq!(refused.unwrap(), Err("no"));
    assert_eq!(store.room_by_id(project, room.id).await.unwrap().unwrap(), room);
    let renamed = store
        .change_room(project, room.id, |s| {
            s.name = "other".into();
            Ok::<(), ()>(())
        })
        .await;
    assert_eq!(renamed.unwrap().unwrap().settings.name, "lobby");
    let unknown = store.change_room(project, RoomId(Uuid::nil()), |_| Ok::<(), ()>(())).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn pages_stand_still_while_rooms_come_and_go() {
    let (_folder, store, project) = fresh().await;
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(store.create_room(project, named(&format!("room-{n}"))).await.unwrap().id);
    }
    let newest_first =
        |from: usize, to: usize| -> Vec<RoomId> { ids[from..to].iter().rev().copied().collect() };
    let page = |token: Option<PageToken>| {
        let store = store.clone();
        async move {
            let page = store.rooms(project, ALL, Page { size: 4, token }).await.unwrap();
            let rows: Vec<_> = page.rows.iter().map(|room| room.id).collect();
            (rows, page.prev, page.next)
        }
    };
    let (rows, prev, next) = page(None).await;
    assert_eq!((rows, prev), (newest_first(6, 10), None));

    let late = store.create_room(project, named("late")).await.unwrap().id;
    store.delete_room(project, ids[6]).await.unwrap();
    let (rows, prev, next) = page(next).await;
    assert_eq!(rows, newest_first(2, 6));
    let (last, _, end) = page(next).await;
    assert_eq!((last, end), (newest_first(0, 2), None));

    let (back, further, forth) = page(prev).await;
    assert_eq!(back, [late, ids[9], ids[8], ids[7]]);
    assert_eq!(further, None);
    let (again, ..) = page(forth).await;
    assert_eq!(again, newest_first(2, 6));
}

#[tokio::test]
async fn windows_filter_and_rooms_without_one_are_left_out() {
    let (_folder, store, project) = fresh().await;
    for (name, from, until) in [("a", Some(10), Some(20)), ("b", Some(30), None), ("c", None, None)]
    {
        let mut settings = named(name);
        (settings.window.join_from, settings.window.join_until) = (from, until);
        store.create_room(project, settings).await.unwrap();
    }
    let cases: [(Option<i64>, Option<i64>, &[&str]); 6] = [
        (None, None, &["c", "b", "a"]),
        (Some(10), None, &["b", "a"]),
        (Some(11), None, &["b"]),
        (None, Some(20), &["a"]),
        (None, Some(19), &[]),
        (Some(30), Some(99), &[]),
    ];
    for (starts_after, ends_before, expected) in cases {
        let query = RoomQuery { starts_after, ends_before };
        let rows = store.rooms(project, query, first(50)).await.unwrap().rows;
        let names: Vec<_> = rows.iter().map(|room| room.settings.name.as_str()).collect();
        assert_eq!(names, expected, "{starts_after:?} {ends_before:?}");
    }
}
