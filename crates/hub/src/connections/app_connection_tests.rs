use super::*;
use crate::connections::inbox::QUEUE;
use rotunda_domain::{MemberId, RoomId, RoomSettings, SessionView};
use std::sync::OnceLock;
use tokio::sync::mpsc;
use uuid::Uuid;

const TOKEN: Uuid = Uuid::from_u128(7);
const ONE: SessionId = SessionId(Uuid::from_u128(1));
const TWO: SessionId = SessionId(Uuid::from_u128(2));

fn view(session: SessionId) -> Box<SessionView> {
    Box::new(SessionView {
        id: session,
        room: RoomId(Uuid::from_u128(9)),
        project: ProjectId(Uuid::nil()),
        event_channel: "EC".into(),
        preview_url: None,
        settings: RoomSettings::named("lab"),
        auto_created: false,
        layout: "2x1".into(),
        locked: false,
        hide_video_muted: false,
        meta: Default::default(),
        audience_count: 0,
        is_recording: false,
        recordings: Vec::new(),
        playbacks: Vec::new(),
        streams: Vec::new(),
        is_streaming: false,
        members: vec![],
        started_at_ms: 0,
    })
}

fn dispatch(event: Event) -> Arc<Dispatch> {
    let project = ProjectId(Uuid::nil());
    Arc::new(Dispatch {
        event,
        at_epoch_ms: 0,
        project,
        channel: "EC".into(),
        text: OnceLock::new(),
        text_with_hands: OnceLock::new(),
    })
}

fn started(session: SessionId) -> Arc<Dispatch> {
    dispatch(Event::RoomStarted(view(session)))
}

fn ended(session: SessionId) -> Arc<Dispatch> {
    dispatch(Event::RoomEnded(view(session)))
}

fn talking(session: SessionId) -> Arc<Dispatch> {
    let (room, member) = (RoomId(Uuid::nil()), MemberId(Uuid::nil()));
    dispatch(Event::MemberTalking { room, session, member, talking: true })
}

fn application() -> Application {
    Application::new("signalwire_a_b".into(), ProjectId(Uuid::nil()), TOKEN)
}

fn heard(inbox: &mut mpsc::Receiver<Delivery>) -> Vec<&'static str> {
    std::iter::from_fn(|| inbox.try_recv().ok())
        .map(|delivery| match delivery {
            Delivery::Event(dispatch) => dispatch.event.name(),
            Delivery::Bye { .. } => "bye",
            Delivery::AuthorizationState(_) => "authorization.state",
        })
        .collect()
}

#[test]
fn only_what_was_asked_for_is_heard_and_only_of_that_session() {
    let application = application();
    let mut inbox = application.take_socket(TOKEN).inbox;
    assert!(application.hear(ONE, &Names::from(["member.talking"])));
    for session in [ONE, TWO] {
        application.tell(session, &talking(session));
        application.tell(session, &dispatch(Event::MemberJoined(someone(session))));
    }
    assert_eq!(heard(&mut inbox), ["member.talking"]);
}

fn someone(session: SessionId) -> rotunda_domain::MemberView {
    rotunda_domain::MemberView {
        id: MemberId(Uuid::nil()),
        room: RoomId(Uuid::nil()),
        session,
        name: "Ann".into(),
        kind: rotunda_domain::MemberKind::Member,
        parent: None,
        requested: rotunda_domain::Position::Auto,
        current: None,
        visible: false,
        media_lost: false,
        audio_muted: false,
        video_muted: false,
        deaf: false,
        handraised: false,
        hand_raised_at_ms: None,
        input_volume: 0,
        output_volume: 0,
        input_sensitivity: 30,
        meta: Default::default(),
    }
}

#[test]
fn the_beginning_of_a_session_is_reported_once_however_often_it_is_introduced() {
    let application = application();
    let mut inbox = application.take_socket(TOKEN).inbox;
    assert!(application.hear_all_rooms(&Names::from([Event::STARTED, Event::ENDED])));
    assert!(!application.hear_all_rooms(&Names::from([Event::STARTED])));
    application.tell(ONE, &started(ONE));
    application.tell(ONE, &started(ONE));
    application.tell(ONE, &ended(ONE));
    assert_eq!(heard(&mut inbox), ["room.started", "room.ended"]);
}

#[test]
fn with_the_session_goes_what_was_heard_of_it() {
    let application = application();
    let _ = application.hear(ONE, &Names::from(["member.talking"]));
    application.tell(ONE, &ended(ONE));
    assert_eq!(application.hears(), (false, vec![]));
}

#[test]
fn a_session_is_shown_at_first_and_when_its_showing_is_asked_for() {
    let application = application();
    assert!(application.hear(ONE, &Names::from(["member.talking"])));
    assert!(!application.hear(ONE, &Names::from(["member.joined"])));
    assert!(application.hear(ONE, &Names::from([Event::SUBSCRIBED])));
    assert!(!application.hear(ONE, &Names::from([Event::SUBSCRIBED])));
}

#[test]
fn what_did_not_fit_is_owned_up_to_and_beginnings_may_be_reported_again() {
    let application = application();
    let _ = application.hear_all_rooms(&Names::from([Event::STARTED]));
    let _ = application.hear(ONE, &Names::from(["member.talking"]));
    application.tell(ONE, &started(ONE));
    (0..=QUEUE).for_each(|_| application.tell(ONE, &talking(ONE)));
    let mut taken = application.take_socket(TOKEN);
    assert!(taken.overflowed);
    application.tell(ONE, &started(ONE));
    assert_eq!(heard(&mut taken.inbox), ["room.started"]);
}

#[test]
fn when_all_places_are_taken_one_without_a_socket_gives_way() {
    let applications = Applications::default();
    let new = |n: usize| {
        Arc::new(Application::new(
            format!("signalwire_{n}_x").into(),
            ProjectId(Uuid::nil()),
            TOKEN,
        ))
    };
    let sockets: Vec<_> = (0..APPLICATIONS)
        .map(|n| {
            let one = new(n);
            let socket = one.take_socket(TOKEN);
            assert!(applications.add(one.clone()));
            (one, socket)
        })
        .collect();
    assert!(!applications.add(new(APPLICATIONS)));
    assert!(sockets[7].0.lose_socket(sockets[7].1.socket));
    assert!(applications.add(new(APPLICATIONS)));
    assert!(applications.get("signalwire_7_x").is_none());
    assert!(applications.get("signalwire_8_x").is_some());
}
