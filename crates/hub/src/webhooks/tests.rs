//! What is sent where, in which order, how many at a time, and what an answer leads to. The receiver is
//! on loopback and says what the test wants it to.

use super::*;
use rotunda_domain::webhook::EventFilter;
use rotunda_domain::{ProjectId, Room, RoomSettings};
use rotunda_engine::{AddressRules, OutboundOptions};
use rotunda_store::{Entity, Page, WebhookRow, WebhookState};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

const WITHIN: Duration = Duration::from_secs(20);
const TAKEN: &str = "204 No Content";

struct Place {
    folder: PathBuf,
    store: Store,
    project: ProjectId,
    webhooks: Arc<Webhooks>,
    listener: TcpListener,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Request {
    head: String,
    body: String,
    stream: TcpStream,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    async fn answer(mut self, status: &str) -> String {
        let text =
            format!("HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n");
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.body
    }
}

impl Place {
    async fn new(allowed: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-webhooks-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let allowed = allowed.iter().map(|range| range.parse().unwrap()).collect();
        let reach = OutboundOptions { rules: AddressRules::new(allowed), ca_file: None };
        let options = WebhookOptions {
            sender: Some(WebhookSender::open(reach).unwrap()),
            shape: Some(BodyShape::new(|event, entity| match entity {
                Some(Entity::Room(room)) => format!("{} {}", event.name, room.settings.name),
                _ => event.name.clone(),
            })),
            ..WebhookOptions::default()
        };
        let webhooks = Webhooks::start(options, store.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { folder, store, project, webhooks, listener }
    }

    async fn endpoint(&self) -> WebhookRow {
        let terms = WebhookTerms {
            url: format!("http://{}/hook", self.listener.local_addr().unwrap()),
            events: EventFilter::default(),
            description: String::new(),
            is_enabled: true,
        };
        self.store.create_webhook(self.project, terms, 20).await.unwrap().unwrap()
    }

    async fn room(&self, name: &str) -> Room {
        self.store.create_room(self.project, RoomSettings::named(name)).await.unwrap()
    }

    async fn hear(&self) -> Request {
        tokio::time::timeout(WITHIN, self.hear_one()).await.expect("somebody posts")
    }

    async fn hear_one(&self) -> Request {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let mut request = Request { head, body: String::new(), stream };
        let mut body = vec![0; request.header("content-length").parse().unwrap()];
        request.stream.read_exact(&mut body).await.unwrap();
        request.body = String::from_utf8(body).unwrap();
        request
    }

    async fn is_left_alone(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(300), self.listener.accept()).await.is_err()
    }

    /// The endpoint's lines in a state, once there are so many.
    async fn lines(
        &self,
        hook: &WebhookRow,
        state: WebhookState,
        count: usize,
    ) -> Vec<rotunda_store::WebhookLine> {
        let end = tokio::time::Instant::now() + WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(5));
        loop {
            look.tick().await;
            let page = Page { size: 100, token: None };
            let lines = self.store.webhook_lines(hook.id, Some(state), page).await.unwrap().rows;
            if lines.len() == count {
                return lines;
            }
            assert!(tokio::time::Instant::now() < end, "{lines:?}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_comes_again_under_the_same_id_before_the_next_of_its_room_and_holds_no_other()
 {
    let place = Place::new(&["127.0.0.1"]).await;
    let hook = place.endpoint().await;
    let hall = place.room("hall").await;
    place.store.delete_room(place.project, hall.id).await.unwrap();
    let first = place.hear().await;
    let id = first.header("webhook-id").to_owned();
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.answer("302 Found").await, "room.created hall");
    place.room("yard").await;
    assert_eq!(place.hear().await.answer(TAKEN).await, "room.created yard", "another room's");
    let again = place.hear().await;
    assert_eq!(again.header("webhook-id"), id);
    assert_eq!(again.answer(TAKEN).await, "room.created hall");
    assert_eq!(place.hear().await.answer(TAKEN).await, "room.deleted hall");
    let lines = place.lines(&hook, WebhookState::Delivered, 3).await;
    let of_first = lines.iter().find(|line| line.event.to_string() == id).unwrap();
    assert_eq!(of_first.attempts, 2);
    assert!(place.is_left_alone().await, "each once");
}

#[tokio::test]
async fn four_go_to_an_endpoint_at_a_time() {
    let place = Place::new(&["127.0.0.1"]).await;
    place.endpoint().await;
    for at in 0..6 {
        place.room(&format!("r{at}")).await;
    }
    let mut waiting = Vec::new();
    for _ in 0..OF_ENDPOINT {
        waiting.push(place.hear().await);
    }
    assert!(place.is_left_alone().await);
    waiting.pop().unwrap().answer(TAKEN).await;
    waiting.push(place.hear().await);
    assert!(place.is_left_alone().await);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_and_goes_on_where_it_ended() {
    let place = Place::new(&["127.0.0.1"]).await;
    let hook = place.endpoint().await;
    place.room("hall").await;
    let gone = place.hear().await;
    let id = gone.header("webhook-id").to_owned();
    gone.answer("410 Gone").await;
    let line = place.lines(&hook, WebhookState::Waiting, 1).await;
    let end = tokio::time::Instant::now() + WITHIN;
    let mut look = tokio::time::interval(Duration::from_millis(5));
    while place.store.webhook(place.project, hook.id).await.unwrap().unwrap().terms.is_enabled {
        look.tick().await;
        assert!(tokio::time::Instant::now() < end, "{line:?}");
    }
    assert!(place.is_left_alone().await);
    let on = |terms: &mut WebhookTerms| terms.is_enabled = true;
    place.store.change_webhook(place.project, hook.id, on).await.unwrap();
    let again = place.hear().await;
    assert_eq!(again.header("webhook-id"), id);
    again.answer(TAKEN).await;
}

#[tokio::test]
async fn two_secrets_sign_while_one_is_rotated() {
    let place = Place::new(&["127.0.0.1"]).await;
    let hook = place.endpoint().await;
    place.room("hall").await;
    let one = place.hear().await;
    assert_eq!(one.header("webhook-signature").split(' ').count(), 1);
    one.answer(TAKEN).await;
    let until_ms = now_ms() + 60_000;
    place.store.rotate_webhook(place.project, hook.id, until_ms).await.unwrap();
    place.room("yard").await;
    let two = place.hear().await;
    let signatures: Vec<_> = two.header("webhook-signature").split(' ').collect();
    assert_eq!(signatures.len(), 2);
    assert!(signatures.iter().all(|signature| signature.starts_with("v1,")));
    assert_ne!(signatures[0], signatures[1]);
    two.answer(TAKEN).await;
    place.store.rotate_webhook(place.project, hook.id, now_ms() - 1).await.unwrap();
    place.room("attic").await;
    let three = place.hear().await;
    assert_eq!(three.header("webhook-signature").split(' ').count(), 1, "its time is over");
}

#[tokio::test]
async fn a_private_address_is_not_asked_and_the_event_waits() {
    let place = Place::new(&[]).await;
    let hook = place.endpoint().await;
    place.room("hall").await;
    let end = tokio::time::Instant::now() + WITHIN;
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let error = loop {
        look.tick().await;
        let line = place.lines(&hook, WebhookState::Waiting, 1).await.remove(0);
        if let Some(error) = line.error {
            break error;
        }
        assert!(tokio::time::Instant::now() < end, "{line:?}");
    };
    assert!(error.starts_with("url_is_unsafe"), "{error}");
    assert!(place.is_left_alone().await);
}

#[tokio::test]
async fn what_is_lost_by_age_is_counted() {
    let place = Place::new(&[]).await;
    place.endpoint().await;
    place.room("hall").await;
    let lost = || rotunda_telemetry::figures().webhooks.get("lost");
    place.webhooks.retain_once(now_ms()).await.unwrap();
    assert_eq!((place.webhooks.count().waiting, lost()), (1, 0));
    let week_ms = 7 * 86_400_000;
    place.webhooks.retain_once(now_ms() + week_ms + 1).await.unwrap();
    assert_eq!((place.webhooks.count().waiting, lost()), (0, 1));
}
