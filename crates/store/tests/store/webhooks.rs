//! Events for endpoints: written with what they tell of, one room's in their order, and forgotten.

use crate::common::{Folder, first, fresh, named};
use rotunda_domain::webhook::EventFilter;
use rotunda_domain::{ProjectId, RoomSettings};
use rotunda_store::{
    BodyShape, DueWebhook, Entity, Store, StoreError, WebhookRow, WebhookSecret, WebhookState,
    WebhookTerms,
};
use uuid::Uuid;

/// Later than anything these tests write.
const LATER: i64 = 4_000_000_000_000;

/// The event's name and, where the entity is a room, the room's display name.
fn shape() -> BodyShape {
    BodyShape::new(|event, entity| match entity {
        Some(Entity::Room(room)) => format!("{} {}", event.name, room.settings.display_name),
        _ => event.name.clone(),
    })
}

async fn filled() -> (Folder, Store, ProjectId) {
    let (folder, store, project) = fresh().await;
    store.fill_outbox(shape());
    (folder, store, project)
}

fn terms(events: &[&str]) -> WebhookTerms {
    WebhookTerms {
        url: "https://a.test/hook".into(),
        events: EventFilter::new(events.iter().map(|e| (*e).to_owned()).collect()).unwrap(),
        description: String::new(),
        is_enabled: true,
    }
}

async fn endpoint(store: &Store, project: ProjectId, events: &[&str]) -> WebhookRow {
    store.create_webhook(project, terms(events), 20).await.unwrap().unwrap()
}

async fn due(store: &Store) -> Vec<DueWebhook> {
    store.due_webhooks(LATER).await.unwrap()
}

async fn bodies(store: &Store) -> Vec<String> {
    due(store).await.into_iter().map(|due| due.body).collect()
}

async fn shows(store: &Store, project: ProjectId, room: rotunda_domain::RoomId, name: &str) {
    let change = |settings: &mut RoomSettings| -> Result<(), ()> {
        settings.display_name = name.into();
        Ok(())
    };
    store.change_room(project, room, change).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_event_waits_with_what_was_true_when_it_happened_and_each_room_has_its_order() {
    let (folder, store, project) = filled().await;
    let hook = endpoint(&store, project, &[]).await;
    let hall = store.create_room(project, named("hall")).await.unwrap();
    shows(&store, project, hall.id, "First").await;
    shows(&store, project, hall.id, "Second").await;
    store.create_room(project, named("yard")).await.unwrap();
    store.delete_room(project, hall.id).await.unwrap();
    assert_eq!(bodies(&store).await, ["room.created hall", "room.created yard"]);
    store.close().await;
    let store = folder.open().await;
    let mut sent = Vec::new();
    while let Some(next) = due(&store).await.into_iter().find(|due| due.lane == hall.id.to_string())
    {
        assert_eq!((next.endpoint, &next.secret), (hook.id, &hook.secret));
        store.webhook_over(&next, None, 1).await.unwrap();
        sent.push(next.body);
    }
    let expected =
        ["room.created hall", "room.changed First", "room.changed Second", "room.deleted Second"];
    assert_eq!(sent, expected);
    assert_eq!(bodies(&store).await, ["room.created yard"]);
}

#[tokio::test]
async fn what_did_not_happen_is_not_sent() {
    let (_folder, store, project) = filled().await;
    endpoint(&store, project, &["room.changed"]).await;
    let hall = store.create_room(project, named("hall")).await.unwrap();
    let refuse = |_: &mut RoomSettings| -> Result<(), &str> { Err("refused") };
    assert_eq!(store.change_room(project, hall.id, refuse).await.unwrap().unwrap_err(), "refused");
    let same = |_: &mut RoomSettings| -> Result<(), ()> { Ok(()) };
    store.change_room(project, hall.id, same).await.unwrap().unwrap();
    assert!(bodies(&store).await.is_empty(), "and room.created is not asked for");
}

#[tokio::test]
async fn events_go_to_those_of_their_own_project_who_take_them_and_to_the_operator() {
    let (_folder, store, project) = filled().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let takes = endpoint(&store, project, &["room.*"]).await;
    endpoint(&store, project, &["member.*"]).await;
    endpoint(&store, other, &[]).await;
    let off = endpoint(&store, project, &[]).await;
    store.change_webhook(project, off.id, |terms| terms.is_enabled = false).await.unwrap();
    let secret = WebhookSecret::parse("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3").unwrap();
    store.configure_webhook(Some((terms(&[]), secret))).await.unwrap();
    store.create_room(project, named("hall")).await.unwrap();
    let mut to: Vec<_> = due(&store).await.into_iter().map(|due| due.endpoint).collect();
    to.sort();
    assert_eq!(to, [Uuid::nil(), takes.id]);
    store.configure_webhook(None).await.unwrap();
    assert_eq!(bodies(&store).await.len(), 1, "what the operator takes no more is forgotten");
    store.configure_webhook(None).await.unwrap();
    assert!(store.webhook(other, takes.id).await.unwrap().is_none(), "not theirs");
    let error = store.delete_webhook(Some(other), takes.id).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    store.delete_webhook(Some(project), takes.id).await.unwrap();
    assert!(bodies(&store).await.is_empty());
}

#[tokio::test]
async fn a_project_has_so_many_and_a_secret_that_is_rotated_leaves_one_beside_it() {
    let (_folder, store, project) = filled().await;
    let hook = store.create_webhook(project, terms(&[]), 2).await.unwrap().unwrap();
    assert!(store.create_webhook(project, terms(&[]), 2).await.unwrap().is_some());
    assert!(store.create_webhook(project, terms(&[]), 2).await.unwrap().is_none());
    assert_eq!(WebhookSecret::parse(&hook.secret.shown()).as_ref(), Some(&hook.secret));
    assert!(!format!("{hook:?}").contains(&hook.secret.shown()));
    let second = store.rotate_webhook(project, hook.id, 500).await.unwrap();
    let third = store.rotate_webhook(project, hook.id, 900).await.unwrap();
    let old = third.old_secret.clone().unwrap();
    assert_eq!((&old.secret, old.until_ms), (&second.secret, 900));
    assert!(![&hook.secret, &old.secret].contains(&&third.secret));
    assert_eq!(store.webhook(project, hook.id).await.unwrap(), Some(third));
}

#[tokio::test]
async fn what_is_refused_holds_back_its_room_and_what_is_dead_lets_the_next_follow() {
    let (_folder, store, project) = filled().await;
    let hook = endpoint(&store, project, &[]).await;
    let hall = store.create_room(project, named("hall")).await.unwrap();
    shows(&store, project, hall.id, "New").await;
    let head = due(&store).await.remove(0);
    store.webhook_not_taken(&head, "answered 500", (10, LATER + 1), 20).await.unwrap();
    assert!(due(&store).await.is_empty());
    assert_eq!(store.next_webhook_at(LATER).await.unwrap(), Some(LATER + 1));
    let page = async |state| store.webhook_lines(hook.id, state, first(10)).await.unwrap().rows;
    let lines = page(None).await;
    let states: Vec<_> = lines.iter().map(|line| line.state.as_str()).collect();
    assert_eq!(states, ["held", "waiting"]);
    assert_eq!((lines[1].attempts, lines[1].first_at_ms), (1, Some(10)));
    assert_eq!((lines[1].error.as_deref(), lines[1].room), (Some("answered 500"), Some(hall.id)));
    store.webhook_over(&head, Some("given up"), 30).await.unwrap();
    assert_eq!(bodies(&store).await, ["room.changed New"]);
    let dead = page(Some(WebhookState::Dead)).await;
    assert_eq!((dead.len(), dead[0].event, dead[0].attempts), (1, head.event, 2));
    let count = store.count_webhooks().await.unwrap();
    assert_eq!((count.waiting, count.dead), (1, 1));
}

#[tokio::test]
async fn what_is_replayed_is_the_same_event_behind_what_its_room_waits_for() {
    let (_folder, store, project) = filled().await;
    let hook = endpoint(&store, project, &[]).await;
    let hall = store.create_room(project, named("hall")).await.unwrap();
    let taken = due(&store).await.remove(0);
    store.webhook_over(&taken, None, 1).await.unwrap();
    assert_eq!(store.replay_webhooks(hook.id, None, 2).await.unwrap(), 0, "nothing is dead");
    shows(&store, project, hall.id, "New").await;
    assert_eq!(store.replay_webhooks(hook.id, Some(taken.event), 2).await.unwrap(), 1);
    assert_eq!(store.replay_webhooks(hook.id, Some(taken.event), 2).await.unwrap(), 0);
    let head = due(&store).await;
    assert_eq!(bodies(&store).await, ["room.changed New"]);
    store.webhook_over(&head[0], Some("given up"), 3).await.unwrap();
    let again = due(&store).await.remove(0);
    assert_eq!((again.event, again.attempts, again.first_at_ms), (taken.event, 0, None));
    store.webhook_over(&again, None, 4).await.unwrap();
    assert_eq!(store.replay_webhooks(hook.id, None, 5).await.unwrap(), 1);
    assert_eq!(due(&store).await[0].event, head[0].event);
}

#[tokio::test]
async fn an_endpoint_that_is_off_waits_and_begins_anew_when_it_is_on() {
    let (_folder, store, project) = filled().await;
    let hook = endpoint(&store, project, &[]).await;
    store.create_room(project, named("hall")).await.unwrap();
    let head = due(&store).await.remove(0);
    store.switch_webhook_off(hook.id, "answered 410").await.unwrap();
    store.webhook_not_taken(&head, "answered 410", (5, LATER + 1), 5).await.unwrap();
    let row = store.webhook(project, hook.id).await.unwrap().unwrap();
    assert_eq!((row.terms.is_enabled, row.off_reason.as_deref()), (false, Some("answered 410")));
    store.create_room(project, named("yard")).await.unwrap();
    let on = store.change_webhook(project, hook.id, |terms| terms.is_enabled = true).await.unwrap();
    assert_eq!(on.off_reason, None);
    let again = due(&store).await;
    assert_eq!(
        (again.len(), again[0].event),
        (1, head.event),
        "what happened meanwhile is not sent"
    );
    assert_eq!((again[0].attempts, again[0].first_at_ms), (0, None));
}

#[tokio::test]
async fn what_is_too_old_or_too_much_is_forgotten_and_what_nobody_had_taken_is_counted() {
    let (_folder, store, project) = filled().await;
    endpoint(&store, project, &[]).await;
    let mut rooms = Vec::new();
    for name in ["one", "two", "three"] {
        rooms.push(store.create_room(project, named(name)).await.unwrap());
    }
    shows(&store, project, rooms[2].id, "Three").await;
    let lines = due(&store).await;
    store.webhook_over(&lines[0], Some("given up"), 1).await.unwrap();
    store.webhook_over(&lines[1], None, 1).await.unwrap();
    let weigh = |index: usize| i64::try_from(lines[index].body.len()).unwrap();
    let total = store.count_webhooks().await.unwrap().bytes;
    assert!(total > weigh(0) + weigh(1) + weigh(2));
    let forget = async |before, excess| store.forget_webhooks(before, excess, 7).await.unwrap();
    let gone = forget(0, 0).await;
    assert_eq!((gone.lines, gone.lost), (0, 0));
    let gone = forget(0, 1).await;
    assert_eq!((gone.lines, gone.lost), (1, 0), "first what was taken");
    let gone = forget(0, 1).await;
    assert_eq!((gone.lines, gone.lost), (1, 0), "then what was given up");
    let gone = forget(0, 1).await;
    assert_eq!((gone.lines, gone.lost), (1, 1), "then the oldest that waits");
    assert_eq!(bodies(&store).await, ["room.changed Three"], "and the next of its room follows");
    let gone = forget(LATER, 0).await;
    assert_eq!((gone.lines, gone.lost), (1, 1));
    assert_eq!(store.count_webhooks().await.unwrap(), Default::default());
}

#[tokio::test]
async fn of_an_endpoint_with_many_rooms_a_few_are_looked_at_and_others_are_not_hidden() {
    let (_folder, store, project) = filled().await;
    let busy = endpoint(&store, project, &["room.created"]).await;
    for at in 0..12 {
        store.create_room(project, named(&format!("r{at}"))).await.unwrap();
    }
    let calm = endpoint(&store, project, &["room.created"]).await;
    store.create_room(project, named("last")).await.unwrap();
    let due = due(&store).await;
    let of = |hook: &WebhookRow| due.iter().filter(|due| due.endpoint == hook.id).count();
    assert_eq!((of(&busy), of(&calm)), (8, 1));
}
