//! Conferences: rooms of their own list, with two tokens that are shown again and replaced.

use crate::common::{first, fresh, named};
use rotunda_domain::{
    Conference, ConferenceRole, ConferenceSettings, ConferenceSize, ProjectId, RoomId,
};
use rotunda_store::{ConferenceTokenRow, LogQuery, OnlyIf, RoomQuery, Store, StoreError};

async fn made(store: &Store, project: ProjectId, name: &str) -> Conference {
    let settings = ConferenceSettings::named(name);
    store.create_conference(project, settings).await.unwrap()
}

async fn tokens(store: &Store, project: ProjectId, id: RoomId) -> Vec<ConferenceTokenRow> {
    store.tokens_of_conference(project, id, first(50)).await.unwrap().rows
}

#[tokio::test]
async fn a_conference_is_a_room_that_stands_in_a_list_of_its_own() {
    let (folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lab")).await.unwrap();
    let mut settings = ConferenceSettings::named("hall");
    settings.theme.set("dark_primary", "#123456");
    settings.size = ConferenceSize::Large;
    let hall = store.create_conference(project, settings).await.unwrap();
    store.close().await;
    let store = folder.open().await;
    assert_eq!(store.conference(project, hall.room.id).await.unwrap().as_ref(), Some(&hall));
    assert_eq!(store.conference(project, room.id).await.unwrap(), None);
    assert_eq!(store.room_by_name(project, "hall").await.unwrap().as_ref(), Some(&hall.room));
    let rooms = store.rooms(project, RoomQuery::default(), first(50)).await.unwrap().rows;
    assert_eq!(rooms, [room]);
    let listed = store.conferences(project, RoomQuery::default(), first(50)).await.unwrap().rows;
    assert_eq!(listed, [hall]);
    let twice = store.create_conference(project, ConferenceSettings::named("lab")).await;
    assert!(matches!(twice, Err(StoreError::NotUnique)), "rooms and conferences share names");
}

#[tokio::test]
async fn a_change_is_whole_and_keeps_the_name() {
    let (_folder, store, project) = fresh().await;
    let hall = made(&store, project, "hall").await;
    let change = |settings: &mut ConferenceSettings| {
        settings.room.name = "other".into();
        settings.size = ConferenceSize::Small;
        settings.theme.set("light_negative", "#000000");
        Ok::<_, ()>(())
    };
    let changed = store
        .change_conference(project, hall.room.id, OnlyIf::Always, change)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&*changed.room.settings.name, changed.size), ("hall", ConferenceSize::Small));
    assert_eq!(store.conference(project, hall.room.id).await.unwrap(), Some(changed.clone()));
    let refused = |settings: &mut ConferenceSettings| {
        settings.size = ConferenceSize::Large;
        Err("no")
    };
    let refused =
        store.change_conference(project, hall.room.id, OnlyIf::Always, refused).await.unwrap();
    assert_eq!(refused, Err("no"));
    assert_eq!(store.conference(project, hall.room.id).await.unwrap(), Some(changed));
    let room = store.create_room(project, named("lab")).await.unwrap();
    let nothing = |_: &mut ConferenceSettings| Ok::<_, ()>(());
    let wrong = store.change_conference(project, room.id, OnlyIf::Always, nothing).await;
    assert!(matches!(wrong, Err(StoreError::NotFound)), "a room is no conference");
}

#[tokio::test]
async fn its_tokens_are_shown_again_and_kept_nowhere() {
    let (folder, store, project) = fresh().await;
    let hall = made(&store, project, "hall").await;
    let shown = tokens(&store, project, hall.room.id).await;
    let roles: Vec<_> = shown.iter().map(|row| row.role).collect();
    assert_eq!(roles, [ConferenceRole::Moderator, ConferenceRole::Guest]);
    assert!(shown[0].token.starts_with("vpt_") && shown[0].token.len() == 36);
    assert_eq!(store.conference_token(project, shown[1].id).await.unwrap(), Some(shown[1].clone()));
    let visit = store.conference_by_token(&shown[1].token).await.unwrap().unwrap();
    assert_eq!((&*visit.room_name, visit.role, visit.project), ("hall", roles[1], project));
    let other = store.create_project(None, "theirs").await.unwrap().id;
    assert_eq!(store.conference_token(other, shown[0].id).await.unwrap(), None);
    assert_eq!(store.conference_by_token("vpt_guess").await.unwrap(), None);
    assert!(!format!("{shown:?}").contains(&shown[0].token));
    store.close().await;
    let file = std::fs::read(folder.file()).unwrap();
    let secret = shown[0].token.as_bytes();
    assert!(!file.windows(secret.len()).any(|bytes| bytes == secret), "the token is kept nowhere");
}

#[tokio::test]
async fn a_token_that_is_reset_opens_nothing_any_more_nor_what_was_given_for_it() {
    let (_folder, store, project) = fresh().await;
    let hall = made(&store, project, "hall").await;
    let before = tokens(&store, project, hall.room.id).await.remove(0);
    let link = store.conference_by_token(&before.token).await.unwrap().unwrap().link;
    let after = store.reset_conference_token(project, before.id).await.unwrap();
    assert_eq!((after.id, after.role), (before.id, before.role));
    assert_ne!(after.token, before.token);
    assert_eq!(store.conference_by_token(&before.token).await.unwrap(), None);
    let fresh = store.conference_by_token(&after.token).await.unwrap().unwrap().link;
    let alive = store.links_among([link, fresh].into_iter()).await.unwrap();
    assert_eq!(alive, [fresh].into());
    let other = store.create_project(None, "theirs").await.unwrap().id;
    assert!(store.reset_conference_token(other, after.id).await.is_err());
    store.delete_room(project, hall.room.id).await.unwrap();
    assert_eq!(store.conference_by_token(&after.token).await.unwrap(), None);
    assert!(store.links_among([fresh].into_iter()).await.unwrap().is_empty());
    assert!(store.logs(project, LogQuery::default(), first(9)).await.unwrap().rows.is_empty());
}
