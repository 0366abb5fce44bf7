//! Nobody overtakes anybody at a place, no place outlives what went on there, and a session that
//! nobody came into never was.

use crate::auth::FormerSeat;
use crate::connections::connection::Connection;
use crate::connections::delivery::Delivery;
use crate::connections::link::{Invite, LegAction, LegRole, Subscription};
use crate::connections::recipient::Recipient;
use crate::{ConnectRequest, Credential, EngineListener, Hub, HubOptions};
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{
    Actor, Brings, CanvasPlan, Cast, Command, Grant, LegId, LegKey, MemberId, Outcome, ProjectId,
    RecordingId, RecordingOrder, Refusal, Room, RoomSettings, SessionId, StreamId, StreamTarget,
};
use rotunda_engine::{CanvasSpec, Engine, EngineEvents, EngineRefusal, LegAnswer, LegRequest};
use rotunda_store::{Page, SessionFilter, Store};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// Longest wait for a fact.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers every offer, and remembers legs and what was to leave the session.
#[derive(Default)]
struct Answering {
    refuses: AtomicBool,
    /// Every leg is gone from the network.
    gave_up: AtomicBool,
    legs: Mutex<Vec<LegRequest>>,
    treated: Mutex<Vec<MemberMedia>>,
    left: Mutex<Vec<String>>,
}

impl Engine for Answering {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, request: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(EngineRefusal::Busy("later".into()));
        }
        self.legs.lock().unwrap().push(request);
        Ok(LegAnswer { sdp: "v=0".into(), fingerprint: "AB".into(), is_held: false })
    }
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        match self.gave_up.load(Ordering::Relaxed) {
            true => Err(EngineRefusal::UnknownLeg),
            false => Err(EngineRefusal::OtherFingerprint),
        }
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, media: MemberMedia) {
        self.treated.lock().unwrap().push(media);
    }
    fn play(&self, _: SessionId, _: Tone) {}
    fn recording_hindrance(&self) -> Option<EngineRefusal> {
        None
    }
    fn control_recording(&self, _: SessionId, _: RecordingId, order: RecordingOrder, _: PathBuf) {
        self.left.lock().unwrap().push(format!("recording {order:?}"));
    }
    fn stream_hindrance(&self, _: &StreamTarget) -> Option<EngineRefusal> {
        None
    }
    fn stream(&self, _: SessionId, _: StreamId, cast: Cast) {
        let what = if matches!(cast, Cast::Start(_)) { "Start" } else { "Stop" };
        self.left.lock().unwrap().push(format!("stream {what}"));
    }
    fn is_ready(&self) -> bool {
        true
    }
}

struct House {
    hub: Hub,
    listener: EngineListener,
    engine: Arc<Answering>,
    project: ProjectId,
    folder: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl House {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-places-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("test.db");
        let store = Store::open_patient(&file, Duration::from_secs(10)).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let (engine, listener) = (Arc::new(Answering::default()), EngineListener::default());
        let mut options = HubOptions::default();
        options.archive.storage = Arc::new(crate::Storage::folder_only(folder.join("films")));
        let hub = Hub::start(store, engine.clone(), &listener, options);
        Self { hub, listener, engine, project, folder }
    }

    async fn room(&self, settings: RoomSettings) -> Room {
        self.hub.create_room(self.project, settings).await.unwrap()
    }

    fn grant(&self, room: &str, auto_create_room: bool) -> Grant {
        Grant {
            token_id: "t".into(),
            user_name: "Ann".into(),
            auto_create_room,
            ..Grant::for_room(self.project, room)
        }
    }

    async fn invite(&self, room: &str, auto_create_room: bool) -> Result<String, Refusal> {
        self.hub.come_in(self.connection(room, auto_create_room), main("call")).await
    }

    fn connection(&self, room: &str, auto_create_room: bool) -> Arc<Connection> {
        let id = Uuid::new_v4().to_string();
        let grant = self.grant(room, auto_create_room);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA512, &[1; 64]);
        let seal = crate::auth::Seal::new(Arc::new(key), &grant, None, None);
        self.hub.inner.services.connections.add(Connection::new(id.as_str().into(), grant, seal))
    }

    fn last_leg(&self) -> LegRequest {
        self.engine.legs.lock().unwrap().last().cloned().expect("somebody was answered")
    }

    fn happens(&self, outcome: impl FnOnce(LegKey) -> Outcome) {
        let leg = self.last_leg();
        self.listener.happened(leg.session, outcome(leg.leg));
    }

    fn places(&self) -> usize {
        self.hub.inner.services.directory.lock().len()
    }

    async fn until_nothing_goes_on(&self) {
        self.until("a session or a place is left", |house| {
            house.hub.load().0 == 0 && house.places() == 0
        })
        .await;
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let so = async {
            while !is_so(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, so).await.unwrap_or_else(|_| panic!("{what}"));
    }

    /// Ids of the sessions that history knows.
    async fn kept(&self) -> Vec<SessionId> {
        self.hub.inner.services.history.flush().await;
        let page = Page { size: 100, token: None };
        let kept = self.hub.sessions_page(self.project, &SessionFilter::default(), page).await;
        kept.unwrap().rows.into_iter().map(|row| row.id).collect()
    }
}

fn main(call: &str) -> Invite {
    Invite {
        call_id: LegId(call.into()),
        role: LegRole::Main,
        sdp: "v=0".into(),
        wants_roster: false,
        names: std::collections::HashSet::new(),
        brings: Ok(Brings::default()),
    }
}

fn capped(max_members: u32) -> RoomSettings {
    RoomSettings { max_members, ..RoomSettings::named("lab") }
}

#[tokio::test]
async fn a_first_joiner_who_never_connects_leaves_nothing_behind() {
    let house = House::open().await;
    let store = house.hub.store().clone();
    let recorded = RoomSettings { record_on_start: true, ..RoomSettings::named("lab") };
    let room = house.room(recorded).await;
    let target = StreamTarget::parse("rtmp://live.test/app/key").unwrap();
    store.create_stream(house.project, room.id, target, 5).await.unwrap();
    let secret = store.create_api_token(house.project, &["video".into()]).await.unwrap().secret;
    let credential =
        Credential::ApiToken { project: house.project.to_string(), token: secret.to_string() };
    let (protocol, authorization_state) = (None, None);
    let connection = ConnectRequest {
        credential,
        protocol,
        authorization_state,
        origin: None,
        was_refused: false,
        is_renewal: false,
        address: None,
    };
    let mut application = house.hub.connect(connection).await.unwrap();
    let names = ["room.started", "room.ended"].into();
    let all = Subscription { channel: None, names, show: true };
    house.hub.subscribe(&application.protocol, all).await.unwrap();

    house.invite("lab", false).await.unwrap();
    let session = house.hub.inner.services.directory.by_room(room.id).expect("it is open").0;
    // Even what the application or a further stream asks of it waits for somebody to come.
    house.hub.stand(house.project, room.id, None).await.unwrap();
    let recording = RecordingId(Uuid::new_v4());
    let command = Command::StartRecording { recording, hindrance: None };
    let refused = house.hub.command(&session, Actor::Project, command).await.unwrap_err();
    assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
    assert!(house.hub.sessions(&application.protocol).await.unwrap().is_empty());
    house.happens(Outcome::NeverConnected);
    house.until_nothing_goes_on().await;
    assert_eq!(house.kept().await, []);
    assert!(house.engine.left.lock().unwrap().is_empty());
    assert!(application.inbox.try_recv().is_err(), "an application was told");

    // With the next, who comes, all of it begins.
    house.invite("lab", false).await.unwrap();
    house.happens(Outcome::Connected);
    let heard = tokio::time::timeout(PATIENCE, application.inbox.recv()).await.unwrap();
    assert!(
        matches!(heard, Some(Delivery::Event(reported)) if reported.event.name() == "room.started")
    );
    house
        .until("not all of it began", |house| {
            let left = house.engine.left.lock().unwrap();
            left.iter().any(|l| l == "recording Start") && left.iter().any(|l| l == "stream Start")
        })
        .await;
    assert_eq!(house.kept().await, [house.last_leg().session]);
}

#[tokio::test]
async fn a_refused_or_abandoned_join_leaves_no_place_behind() {
    let house = House::open().await;
    for n in 0..50 {
        let refused = house.invite(&format!("nowhere-{n}"), false).await;
        assert_eq!(refused, Err(Refusal::NotFound("Room not found")));
    }
    assert_eq!(house.places(), 0);
    // Who stops waiting for a turn tidies up as well, whoever has it.
    let turn = house.hub.inner.services.directory.turn(house.project, "lab").await;
    let waiting = house.invite("lab", false);
    assert!(tokio::time::timeout(Duration::ZERO, waiting).await.is_err());
    drop(turn);
    assert_eq!(house.places(), 0);
}

#[tokio::test]
async fn a_room_that_is_deleted_while_its_session_is_opened_has_none() {
    let house = House::open().await;
    for joins_first in [true, false] {
        let room = house.room(capped(20)).await;
        let turn = house.hub.inner.services.directory.turn(house.project, "lab").await;
        let joined = async { house.invite("lab", false).await };
        let deleted = house.hub.delete_room(house.project, room.id);
        let go = async move { drop(turn) };
        // Polled in this order, and turns come in the order they were asked for.
        let (joined, deleted) = match joins_first {
            true => {
                let (joined, deleted, ()) = tokio::join!(joined, deleted, go);
                (joined, deleted)
            }
            false => {
                let (deleted, ()) = tokio::join!(deleted, go);
                (joined.await, deleted)
            }
        };
        deleted.unwrap();
        // Answered before the room went, or told that there is none.
        assert!(joined.is_ok() == joins_first || joined.is_err(), "{joined:?}");
        house.until_nothing_goes_on().await;
    }
}

#[tokio::test]
async fn a_limit_that_is_set_while_the_session_is_opened_is_obeyed_in_it() {
    let house = House::open().await;
    let room = house.room(capped(20)).await;
    let turn = house.hub.inner.services.directory.turn(house.project, "lab").await;
    let joined = house.invite("lab", false);
    let set = house.hub.update_room(house.project, room.id, |settings| {
        settings.max_members = 1;
        Ok::<_, ()>(())
    });
    let (joined, set, ()) = tokio::join!(joined, set, async move { drop(turn) });
    joined.unwrap();
    set.unwrap().unwrap();
    assert_eq!(house.invite("lab", false).await, Err(Refusal::NotAdmitted("Room is full")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_joins_deletes_and_changes_meet_no_session_is_left_in_a_deleted_room() {
    let house = House::open().await;
    for _ in 0..40 {
        let room = house.room(capped(20)).await;
        let set = house.hub.update_room(house.project, room.id, |settings| {
            settings.max_members = 3;
            Ok::<_, ()>(())
        });
        let joins = async { tokio::join!(house.invite("lab", false), house.invite("lab", false)) };
        let (_, deleted, _) =
            tokio::join!(joins, house.hub.delete_room(house.project, room.id), set);
        deleted.unwrap();
        house.until_nothing_goes_on().await;
    }
}

#[tokio::test]
async fn a_leg_that_sends_is_no_join_on_its_way_any_more() {
    let house = House::open().await;
    house.room(capped(50)).await;
    for _ in 0..33 {
        house.invite("lab", false).await.unwrap();
        house.happens(Outcome::LinkUp);
        let is_up = |house: &House| house.hub.inner.legs.len().1 == 0;
        house.until("a leg that is up counts as joining", is_up).await;
    }
    assert_eq!(house.hub.inner.legs.len(), (33, 0), "one token's first leg gave way to its last");
}

#[tokio::test]
async fn who_comes_back_with_an_offer_that_is_refused_keeps_the_seat_and_may_offer_again() {
    let house = House::open().await;
    house.room(capped(20)).await;
    let connection = house.connection("lab", false);
    let protocol = connection.protocol.clone();
    house.hub.invite(&protocol, main("call")).await.unwrap();
    house.happens(Outcome::Connected);
    let seat = connection.lock().seat.clone().unwrap();
    let refuse = |refuses| house.engine.refuses.store(refuses, Ordering::Relaxed);
    // A page that is loaded again, and one that was promoted.
    for call in ["call", "promoted"] {
        if call == "promoted" {
            connection.regrant(house.grant("lab", false));
        }
        let legs = connection.lock().legs.clone();
        refuse(true);
        house.hub.invite(&protocol, main(call)).await.unwrap_err();
        let asked =
            house.hub.command(&seat.session, Actor::Member(seat.member), Command::GetMembers).await;
        asked.expect("the seat is kept");
        assert_eq!(connection.lock().legs, legs);
        refuse(false);
        house.hub.invite(&protocol, main(call)).await.unwrap();
        let leg = house.last_leg();
        assert_eq!((leg.session, leg.member), (seat.session.id, seat.member));
        assert_eq!(connection.lock().legs[&LegId(call.into())].key, leg.leg);
    }
    assert!(!connection.lock().awaits_leg);
}

#[tokio::test]
async fn an_ice_restart_of_a_leg_that_was_given_up_is_refused_and_another_peer_connection_has_the_seat()
 {
    let house = House::open().await;
    house.room(capped(20)).await;
    let connection = house.connection("lab", false);
    let offer = |print: &str| Invite {
        sdp: format!("v=0\r\na=fingerprint:sha-256 {print}\r\n"),
        ..main("call")
    };
    house.hub.invite(&connection.protocol, offer("AB")).await.unwrap();
    house.happens(Outcome::Connected);
    house.engine.gave_up.store(true, Ordering::Relaxed);
    for print in ["CD", "EF"] {
        let before = house.last_leg();
        let same = if print == "CD" { "ab" } else { "cd" };
        let refused = house.hub.invite(&connection.protocol, offer(same)).await.unwrap_err();
        assert!(matches!(refused, Refusal::Conflict(_)), "{refused:?}");
        assert_eq!(house.last_leg().leg, before.leg, "nothing was answered");
        house.hub.invite(&connection.protocol, offer(print)).await.unwrap();
        assert_eq!(house.last_leg().member, before.member, "the seat is kept");
    }
}

#[tokio::test]
async fn mutes_of_before_a_restart_serve_one_coming_in_and_not_the_next() {
    let house = House::open().await;
    house.room(capped(20)).await;
    let connection = house.connection("lab", false);
    let (session, member) = (SessionId(Uuid::from_u128(1)), MemberId(Uuid::from_u128(2)));
    let former = FormerSeat::new(session, member, Vec::new(), Default::default(), [true; 2]);
    connection.lock().former = Some(former);
    for is_muted in [true, false] {
        // One without a socket is forgotten with its seat.
        house.hub.inner.services.connections.remember(connection.clone());
        house.hub.invite(&connection.protocol, main("call")).await.unwrap();
        let leg = house.last_leg();
        assert_eq!(leg.member == member, is_muted);
        let media = |house: &House| {
            let treated = house.engine.treated.lock().unwrap();
            treated.iter().find(|one| one.member == leg.member).copied()
        };
        house.until("nobody is treated", |house| media(house).is_some()).await;
        assert_eq!(media(&house).unwrap().audio_muted, is_muted);
        house.happens(Outcome::LinkUp);
        house.until("who is in is as before", |_| connection.lock().former.is_none()).await;
        assert!(connection.lock().is_in(&session.to_string()), "its client may still say so");
        house
            .hub
            .ask_leg(&connection.protocol, &LegId("call".into()), LegAction::HangUp)
            .await
            .unwrap();
        house.until("who left has a seat", |_| connection.lock().seat.is_none()).await;
    }
}

#[path = "places_lobby_tests.rs"]
mod lobby;
