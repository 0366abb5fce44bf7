//! Links: made, used as often as they may be, kept through a restart, revoked.

use crate::common::{fresh, named};
use rotunda_domain::{LinkId, LinkRole, ProjectId, RoomId};
use rotunda_store::{LinkRow, LinkTerms, LinkUse, NewLink, Store};

const NOW: i64 = 1_800_000_000;
const TERMS: LinkTerms = LinkTerms { role: LinkRole::Guest, expires_at: None, max_uses: None };

async fn made(store: &Store, project: ProjectId, room: RoomId, terms: LinkTerms) -> NewLink {
    store.create_link(project, room, terms, 100).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_link_is_found_by_its_key_and_the_name_of_its_room_and_survives_a_restart() {
    let (folder, store, project) = fresh().await;
    let room = store.create_room(project, named("hall")).await.unwrap();
    let link = made(&store, project, room.id, TERMS).await;
    assert_eq!(link.key.len(), 22, "128 bits");
    assert!(!format!("{link:?}").contains(&link.key));
    store.close().await;
    let store = folder.open().await;
    let found = store.link_by_key("hall", &link.key).await.unwrap();
    assert_eq!(found, Some(link.row.clone()));
    let stranger = ProjectId(uuid::Uuid::nil());
    assert_eq!(store.use_link(stranger, link.row.id, NOW).await.unwrap(), LinkUse::Unknown);
    assert_eq!(store.use_link(project, link.row.id, NOW).await.unwrap(), LinkUse::Counted);
    let row = LinkRow { uses: 1, ..link.row };
    for (name, key) in [("yard", &*link.key), ("hall", "guess"), ("hall", "")] {
        assert_eq!(store.link_by_key(name, key).await.unwrap(), None, "{name}");
    }
    assert_eq!(store.links_of_room(project, room.id).await.unwrap(), [row]);
    let file = std::fs::read(folder.file()).unwrap();
    assert!(!file.windows(22).any(|bytes| bytes == link.key.as_bytes()), "the key is kept nowhere");
}

#[tokio::test]
async fn of_many_at_once_as_many_are_counted_as_may_be_and_none_after_its_time() {
    let (_folder, store, project) = fresh().await;
    let room = store.create_room(project, named("hall")).await.unwrap();
    let three = LinkTerms { max_uses: Some(3), ..TERMS };
    let link = made(&store, project, room.id, three).await;
    let mut at_once = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (store, id) = (store.clone(), link.row.id);
        at_once.spawn(async move { store.use_link(project, id, NOW).await.unwrap() });
    }
    let uses = at_once.join_all().await;
    assert_eq!(uses.iter().filter(|used| **used == LinkUse::Counted).count(), 3);
    assert_eq!(uses.iter().filter(|used| **used == LinkUse::UsedUp).count(), 7);
    let short = LinkTerms { expires_at: Some(NOW + 1), ..TERMS };
    let link = made(&store, project, room.id, short).await;
    let at = async |now| store.use_link(project, link.row.id, now).await.unwrap();
    assert_eq!(at(NOW).await, LinkUse::Counted);
    assert_eq!(at(NOW + 1).await, LinkUse::Expired);
}

#[tokio::test]
async fn a_room_has_so_many_and_they_go_when_they_are_revoked_or_the_room_is_deleted() {
    let (_folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let room = store.create_room(project, named("hall")).await.unwrap();
    let (first, second) =
        (made(&store, project, room.id, TERMS).await, made(&store, project, room.id, TERMS).await);
    assert!(store.create_link(project, room.id, TERMS, 2).await.unwrap().is_none());
    assert!(store.delete_link(other, first.row.id).await.is_err(), "another project's");
    store.delete_link(project, first.row.id).await.unwrap();
    assert!(store.delete_link(project, first.row.id).await.is_err());
    let both = [first.row.id, second.row.id];
    let alive = |ids: [LinkId; 2]| store.links_among(ids.into_iter());
    assert_eq!(alive(both).await.unwrap(), [second.row.id].into());
    store.delete_room(project, room.id).await.unwrap();
    assert!(alive(both).await.unwrap().is_empty());
    assert_eq!(store.use_link(project, second.row.id, NOW).await.unwrap(), LinkUse::Unknown);
    assert_eq!(store.link_by_key("hall", &second.key).await.unwrap(), None);
}
