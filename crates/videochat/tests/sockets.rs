//! Real sockets: what only a connection can show. No test sleeps; each waits for a fact.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod support;

use rotunda_domain::RoomSettings;
use rotunda_domain::videochat::{LimitSettings, VideochatMode};
use rotunda_store::{RoomRights, UserRow};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Client, Door, House, LATER, PATIENCE, ROOM, code};
use tokio::time::timeout;
use uuid::Uuid;

const SET: &str = "room:videochat:setRoomVideochat";
/// More than all queues and buffers of a socket hold.
const ENOUGH: usize = 6_000;
/// Pushes that may wait for somebody who reads.
const BEHIND: usize = 64;

/// Counts the changes somebody is told of, and goes on reading.
fn reading(mut client: Client) -> Arc<AtomicUsize> {
    let reported = Arc::new(AtomicUsize::new(0));
    let count = reported.clone();
    tokio::spawn(async move {
        while let Some(text) = client.next().await {
            count.fetch_add(usize::from(text.contains("room:settingsUpdated")), Ordering::SeqCst);
        }
    });
    reported
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let so = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, so).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_cut_off_and_others_miss_nothing() {
    let house = House::open().await;
    let mut idle = Vec::new();
    let mut reported = Vec::new();
    for door in [Door::Plain, Door::SocketIo] {
        for reads in [true, false] {
            let mut client = house.manager("ann", door).await;
            client.ask("room:getRoomSettings", json!({ "roomId": ROOM })).await;
            client.hear("limitSettings").await;
            match reads {
                true => reported.push(reading(client)),
                false => idle.push(client),
            }
        }
    }
    let mut setter = house.manager("olga", Door::Plain).await;
    let mut sets = 0;
    while house.hub.watching() > 3 {
        assert!(sets < ENOUGH, "sockets that do not read are still there");
        let mode = json!({ "roomId": ROOM, "notificationMode": 1 + sets % 2 });
        setter.ask(&format!("{SET}NotificationMode"), mode).await;
        assert_eq!(code(&setter.hear("\"error\"").await), 0);
        sets += 1;
        let least = sets.saturating_sub(BEHIND);
        let keep_up = || reported.iter().all(|reported| reported.load(Ordering::SeqCst) >= least);
        until("somebody who reads is held up", keep_up).await;
    }
    until("everything is told", || {
        reported.iter().all(|reported| reported.load(Ordering::SeqCst) == sets)
    })
    .await;
    // And nothing is kept for them: what was under way comes, and then the end.
    for mut client in idle {
        let mut heard = 0;
        while client.next().await.is_some() {
            heard += 1;
        }
        assert!(heard < sets, "{heard} of {sets} were kept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setters_of_different_fields_at_once_lose_nothing() {
    const EACH: usize = 30;
    let house = House::open().await;
    let set = |user: &'static str, door, name: &'static str, last: Value, other: Value| {
        let house = &house;
        async move {
            let mut client = house.manager(user, door).await;
            for n in 0..=EACH {
                let mut data = if n % 2 == 0 { last.clone() } else { other.clone() };
                data["roomId"] = ROOM.into();
                client.ask(&format!("{SET}{name}"), data).await;
                assert_eq!(code(&client.hear("\"error\"").await), 0);
            }
        }
    };
    let limit = |n| json!({ "limitSettings": { "useCustomSettings": true, "videochatLimit": n } });
    let mode = |word| json!({ "videochatMode": word });
    let hide = |on| json!({ "excludeListeners": on });
    tokio::join!(
        set("ann", Door::Plain, "Limit", limit(7), limit(9)),
        set("ben", Door::SocketIo, "Mode", mode("conference"), mode("videochat")),
        set("cid", Door::Plain, "ExcludeListeners", hide(true), hide(false)),
    );
    let settings = house.settings().await;
    assert_eq!(settings.limit, LimitSettings { use_custom: true, limit: 7 });
    assert_eq!((settings.mode, settings.exclude_listeners), (VideochatMode::Conference, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_deleted_in_the_middle_of_setters_is_404_from_then_on() {
    const EACH: usize = 40;
    let house = House::open().await;
    let mut clients = Vec::new();
    for (n, door) in
        [Door::Plain, Door::SocketIo, Door::Plain, Door::SocketIo].into_iter().enumerate()
    {
        clients.push(house.manager(&format!("m{n}"), door).await);
    }
    let begun = Arc::new(AtomicUsize::new(0));
    let setting = clients.into_iter().map(|mut client| {
        let begun = begun.clone();
        tokio::spawn(async move {
            let mut codes = Vec::new();
            for n in 0.. {
                let data = json!({ "roomId": ROOM, "notificationMode": n % 4 });
                client.ask(&format!("{SET}NotificationMode"), data).await;
                codes.push(code(&client.hear("\"error\"").await));
                begun.fetch_add(1, Ordering::SeqCst);
                if codes.iter().filter(|code| **code == 404).count() == EACH {
                    return codes;
                }
                assert!(codes.len() < ENOUGH, "the room is still there");
            }
            codes
        })
    });
    let setting: Vec<_> = setting.collect();
    until("setters are under way", || begun.load(Ordering::SeqCst) > EACH).await;
    house.hub.delete_room(house.project, house.room).await.unwrap();
    for task in setting {
        let codes = timeout(PATIENCE, task).await.unwrap().unwrap();
        let done = codes.iter().take_while(|code| **code == 0).count();
        assert!(done > 0 && codes[done..].iter().all(|code| *code == 404), "{codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_failed_succeeds_under_the_same_id_when_what_was_missing_is_there() {
    let house = House::open().await;
    let mut olga = house.manager("olga", Door::Plain).await;
    let change = json!({ "roomId": LATER, "videochatMode": "conference" });
    let mode = format!("{SET}Mode");
    olga.ask_as(&mode, change.clone(), "one").await;
    assert_eq!(code(&olga.hear("error").await), 404);
    house.hub.create_room(house.project, RoomSettings::named(LATER)).await.unwrap();
    olga.ask_as(&mode, change, "one").await;
    assert_eq!(code(&olga.hear("error").await), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sockets_of_a_users_session_close_when_its_time_is_over() {
    let house = House::open().await;
    for door in [Door::Plain, Door::SocketIo] {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let soon = i64::try_from(now.as_millis()).unwrap() + 2_000;
        let mut ann = house.manager_until("ann", door, soon).await;
        while ann.next().await.is_some() {}
    }
}

#[tokio::test]
async fn the_sockets_of_a_user_who_is_removed_by_another_process_close() {
    let house = House::open().await;
    let store = house.elsewhere().await;
    for door in [Door::Plain, Door::SocketIo] {
        let user = UserRow {
            id: Uuid::new_v4(),
            project: house.project,
            name: "Ann".into(),
            password: "no hash".into(),
            is_admin: true,
            rooms: RoomRights::new(),
        };
        store.create_user("ann", &user).await.unwrap();
        let mut ann = house.stored(&store, user.id, door).await;
        store.delete_user(house.project, "ann").await.unwrap();
        while ann.next().await.is_some() {}
    }
}
