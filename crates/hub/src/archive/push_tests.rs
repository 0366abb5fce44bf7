//! What is pushed, where to, how often, and when it is given up. The receiver is on loopback and says
//! what the test wants it to.

use super::tests::Shelf;
use super::*;
use rotunda_engine::{AddressRules, OutboundOptions};
use rotunda_store::{
    AgentRow, DeliveryKind, DeliveryState, LivechatChange, Page, RecordingStatus, SiteId,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

const SITE: SiteId = SiteId(10_000);
const WITHIN: Duration = Duration::from_secs(20);
const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Hears requests one after the other and gives each the next answer when it is told to.
struct Receiver {
    listener: TcpListener,
}

struct Request {
    head: String,
    body: Vec<u8>,
    stream: tokio::net::TcpStream,
}

impl Receiver {
    async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    fn url(&self) -> String {
        format!("http://me:secret@{}/films?key=mine", self.listener.local_addr().unwrap())
    }

    async fn hear(&self) -> Request {
        tokio::time::timeout(WITHIN, self.hear_one()).await.expect("somebody pushes")
    }

    async fn hear_one(&self) -> Request {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let mut request = Request { head, body: Vec::new(), stream };
        request.body = vec![0; request.header("content-length").parse().unwrap()];
        request.stream.read_exact(&mut request.body).await.unwrap();
        request
    }

    async fn is_left_alone(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(300), self.listener.accept()).await.is_err()
    }
}

impl Request {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    async fn answer(mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }
}

/// A shelf whose project a site governs that records and sends to `url`.
async fn governed(allowed: &[&str], give_up_after: Duration, url: &str) -> Shelf {
    let allowed = allowed.iter().map(|range| range.parse().unwrap()).collect();
    let reach = OutboundOptions { rules: AddressRules::new(allowed), ca_file: None };
    let shelf = Shelf::with(ArchiveOptions {
        pusher: Some(Pusher::open(reach).unwrap()),
        push_give_up_after: give_up_after,
        keep_days: 7,
        ..ArchiveOptions::default()
    })
    .await;
    let agent = AgentRow {
        id: Uuid::new_v4(),
        site: SITE,
        email: "ann@example.org".into(),
        password: String::new(),
        manages_settings: true,
    };
    shelf.store.create_agent(&agent).await.unwrap();
    shelf.store.link_livechat(SITE, shelf.project).await.unwrap();
    set(&shelf, true, url).await;
    shelf
}

async fn set(shelf: &Shelf, record: bool, url: &str) {
    let recording_server_url = Some(url.to_owned());
    let change = LivechatChange { enabled: None, record: Some(record), recording_server_url };
    shelf.store.change_livechat(SITE, change).await.unwrap();
}

/// Ends a film of 100 000 bytes as the session's recorder does.
async fn finish(shelf: &Shelf, days: i64) -> RecordingRow {
    let row = shelf.ended(days, 100_000).await;
    let whole = Scan { bytes: 100_000, duration: Duration::from_secs(1), is_seekable: false };
    shelf.archive.finish(&row, whole, "recording.completed", "info", json!({})).await;
    row
}

/// The film's line of the queue once it `is` as wished; none is one that is done.
async fn line(
    shelf: &Shelf,
    row: &RecordingRow,
    is: impl Fn(Option<&DeliveryState>) -> bool,
) -> Option<DeliveryState> {
    let end = tokio::time::Instant::now() + WITHIN;
    let mut look = tokio::time::interval(Duration::from_millis(5));
    loop {
        look.tick().await;
        shelf.archive.history.flush().await;
        let lines = shelf.store.undelivered(DeliveryKind::Push).await.unwrap();
        let line = lines.into_iter().find(|line| line.delivery.recording == row.id);
        let is_finished = shelf.store.recording(row.id).await.unwrap();
        let is_finished = is_finished.is_none_or(|r| r.status == RecordingStatus::Completed);
        if is_finished && is(line.as_ref()) {
            return line;
        }
        assert!(tokio::time::Instant::now() < end, "{line:?}");
    }
}

/// The last event of the film, once it is this.
async fn reported(shelf: &Shelf, row: &RecordingRow, name: &str) -> EventRow {
    let end = tokio::time::Instant::now() + WITHIN;
    let mut look = tokio::time::interval(Duration::from_millis(5));
    loop {
        look.tick().await;
        shelf.archive.history.flush().await;
        let page = Page { size: 50, token: None };
        let rows = shelf.store.recording_events(shelf.project, row.id, page).await.unwrap().rows;
        match rows.into_iter().next() {
            Some(event) if event.name == name => return event,
            other => assert!(tokio::time::Instant::now() < end, "{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_film_goes_once_to_where_its_site_wanted_it_when_it_was_finished() {
    let (receiver, elsewhere) = (Receiver::new().await, Receiver::new().await);
    let shelf = governed(&["127.0.0.1"], WITHIN, &receiver.url()).await;
    let row = finish(&shelf, 0).await;
    let request = receiver.hear().await;
    // From now on its site sends elsewhere, and then records nothing at all.
    set(&shelf, true, &elsewhere.url()).await;
    assert!(request.head.starts_with("post /films?key=mine http/1.1"), "{}", request.head);
    assert_eq!(request.body, [1; 100_000]);
    for (name, value) in [
        ("content-type", "video/mp4".to_owned()),
        ("idempotency-key", format!("\"{}\"", row.id)),
        ("rotunda-session-id", row.session.to_string()),
        ("rotunda-room-name", "lab".into()),
        ("rotunda-duration", "1.000".into()),
        // `head -c 100000 /dev/zero | tr '\0' '\1' | openssl sha256 -binary | base64`
        (
            "repr-digest",
            "sha-256=:evrsnbLR80fkbu468qKXJt5NSnjGMGsLwvP3+Fn5GOs=:".to_ascii_lowercase(),
        ),
    ] {
        assert_eq!(request.header(name), value, "{name}");
    }
    // Put off, and brought to the old address nevertheless.
    request.answer("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n").await;
    let busy = line(&shelf, &row, |line| line.is_some_and(|l| l.delivery.attempts == 1)).await;
    assert_eq!(busy.unwrap().error, "the receiver answered 503");
    receiver.hear().await.answer(TAKEN).await;
    line(&shelf, &row, |line| line.is_none()).await;
    let event = reported(&shelf, &row, "recording.pushed").await;
    assert_eq!(event.payload["recording"]["attempts"], 2);
    assert!(!event.payload.to_string().contains("secret"), "{}", event.payload);
    set(&shelf, false, &elsewhere.url()).await;
    let unwanted = finish(&shelf, 0).await;
    line(&shelf, &unwanted, |line| line.is_none()).await;
    // As the next start does.
    shelf.archive.take_up().await;
    assert!(receiver.is_left_alone().await && elsewhere.is_left_alone().await);
    assert_eq!(shelf.store.undelivered(DeliveryKind::Push).await.unwrap(), []);
}

#[tokio::test]
async fn what_nobody_can_or_may_take_is_given_up_and_reported_and_tried_again_when_somebody_asks() {
    let receiver = Receiver::new().await;
    let shelf = governed(&["127.0.0.1"], WITHIN, &receiver.url()).await;
    let row = finish(&shelf, 0).await;
    receiver.hear().await.answer("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n").await;
    let line_of_it = line(&shelf, &row, |line| line.is_some_and(|l| l.is_given_up)).await.unwrap();
    assert_eq!(line_of_it.error, "the receiver answered 410");
    assert_eq!(reported(&shelf, &row, "recording.push_failed").await.level, "error");
    let now_ms = now().epoch_ms;
    shelf.store.retry_deliveries(DeliveryKind::Push, Some(row.id), now_ms).await.unwrap();
    shelf.archive.push_wake.notify_one();
    receiver.hear().await.answer(TAKEN).await;
    line(&shelf, &row, |line| line.is_none()).await;

    // Not even connected to, and given up when its time is over.
    let inner = governed(&[], Duration::ZERO, &receiver.url()).await;
    let row = finish(&inner, 0).await;
    let refused = line(&inner, &row, |line| line.is_some_and(|l| l.is_given_up)).await.unwrap();
    assert!(refused.error.starts_with("url_is_unsafe"), "{}", refused.error);
    assert!(receiver.is_left_alone().await);
}

#[tokio::test]
async fn retention_waits_for_a_push_under_way_and_takes_what_waits_for_its_receiver() {
    let receiver = Receiver::new().await;
    let shelf = governed(&["127.0.0.1"], WITHIN, &receiver.url()).await;
    let row = finish(&shelf, 9).await;
    let request = receiver.hear().await;
    shelf.archive.retain_once().await;
    assert!(shelf.store.recording(row.id).await.unwrap().is_some());
    request.answer("HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n").await;
    let line_of_it =
        line(&shelf, &row, |line| line.is_some_and(|l| l.delivery.attempts == 1)).await;
    let waits_ms = line_of_it.unwrap().delivery.next_at_ms - now().epoch_ms;
    assert!(waits_ms > 3_500_000, "as it was asked to: {waits_ms}");
    shelf.archive.retain_once().await;
    assert!(shelf.store.recording(row.id).await.unwrap().is_none());
    line(&shelf, &row, |line| line.is_none()).await;
}
