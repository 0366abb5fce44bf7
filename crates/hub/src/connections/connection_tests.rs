use super::*;
use crate::connections::delivery::Dispatch;
use crate::connections::inbox::QUEUE;
use rotunda_domain::line::Way;
use rotunda_domain::session::Origin;
use rotunda_domain::{
    Event, LineLevel, LineQuality, LineView, MemberKind, Now, PictureSize, ProjectId, RoomId,
    RoomSettings, Session, SessionId, SessionOptions,
};
use tokio::sync::mpsc;
use uuid::Uuid;

fn grant() -> Grant {
    Grant {
        token_id: "t".into(),
        user_name: "u".into(),
        ..Grant::for_room(ProjectId(Uuid::from_u128(1)), "r")
    }
}

fn bye(n: u16) -> Delivery {
    Delivery::Bye { call_id: LegId("leg".into()), code: n, cause: "TEST" }
}

fn event(event: Event) -> Delivery {
    Delivery::Event(Arc::new(Dispatch {
        event,
        at_epoch_ms: 0,
        project: ProjectId(Uuid::from_u128(1)),
        channel: "c".into(),
        text: std::sync::OnceLock::new(),
        text_with_hands: std::sync::OnceLock::new(),
    }))
}

/// An event like any other.
fn news() -> Delivery {
    let (room, session) = (RoomId(Uuid::from_u128(2)), SessionId(Uuid::from_u128(3)));
    event(Event::AudienceCount { room, session, total: 1 })
}

/// How good somebody's line is.
fn line() -> Delivery {
    let (down, up) = (Way::default(), Way::default());
    event(Event::NetworkQuality(LineView {
        member: MemberId(Uuid::from_u128(4)),
        room: RoomId(Uuid::from_u128(2)),
        session: SessionId(Uuid::from_u128(3)),
        name: "u".into(),
        kind: MemberKind::Member,
        quality: LineQuality {
            level: LineLevel::Good,
            picture: PictureSize::Full,
            is_over_tcp: false,
            round_trip_ms: None,
            down,
            up,
        },
    }))
}

/// The answer to a join.
fn granted() -> Delivery {
    let origin = Origin {
        session: SessionId(Uuid::from_u128(3)),
        room: RoomId(Uuid::from_u128(2)),
        project: ProjectId(Uuid::from_u128(1)),
        auto_created: true,
        event_channel: "c".into(),
        preview_url: None,
    };
    let now = Now { epoch_ms: 0, mono_ms: 0 };
    let settings = RoomSettings::named("r");
    let session = Session::open(now, origin, settings, SessionOptions::default());
    event(Event::RoomSubscribed {
        call_id: LegId("leg".into()),
        member: MemberId(Uuid::from_u128(4)),
        session: Box::new(session.view()),
    })
}

impl Dispatch {
    fn is_granted(&self) -> bool {
        matches!(self.event, Event::RoomSubscribed { .. })
    }
}

fn codes(inbox: &mut mpsc::Receiver<Delivery>) -> Vec<u16> {
    std::iter::from_fn(|| inbox.try_recv().ok())
        .map(|d| match d {
            Delivery::Bye { code, .. } => code,
            Delivery::Event(_) | Delivery::AuthorizationState(_) => 0,
        })
        .collect()
}

fn seal() -> Seal {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA512, &[1; 64]);
    Seal::new(Arc::new(key), &grant(), Some("u"), None)
}

fn connection() -> Connection {
    Connection::new("p".into(), grant(), seal())
}

#[test]
fn what_comes_while_no_socket_is_there_waits_in_order() {
    let connection = connection();
    let first = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(bye(1));
    first.unconfirmed.confirm(1);
    assert!(connection.lose_socket(first.socket));
    connection.deliver(bye(2));
    connection.deliver(bye(3));
    let mut second = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(bye(4));
    assert_eq!(codes(&mut second.inbox), [2, 3, 4]);
    assert!(!second.overflowed);
}

#[test]
fn an_overflow_drops_all_that_the_present_state_replaces_and_says_so() {
    let connection = connection();
    for _ in 0..300 {
        connection.deliver(news());
    }
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    assert!(taken.overflowed);
    assert_eq!(codes(&mut taken.inbox), Vec::<u16>::new());
    connection.deliver(news());
    assert_eq!(codes(&mut taken.inbox), [0], "and all is as before");
}

#[test]
fn an_overflow_drops_neither_the_answer_to_a_join_nor_the_end_of_a_leg() {
    let connection = connection();
    connection.deliver(granted());
    for _ in 0..300 {
        connection.deliver(news());
    }
    connection.deliver(bye(16));
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    assert!(taken.overflowed);
    assert!(matches!(&taken.inbox.try_recv(), Ok(Delivery::Event(it)) if it.is_granted()));
    assert_eq!(codes(&mut taken.inbox), [16]);
}

#[test]
fn even_what_is_never_dropped_is_bounded() {
    let connection = connection();
    for n in 0..2000 {
        connection.deliver(bye(n));
    }
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    let kept = codes(&mut taken.inbox);
    assert_eq!((kept.len(), kept.last()), (QUEUE, Some(&1999)), "the latest");
}

#[test]
fn a_client_that_never_reads_loses_its_socket_and_nobody_waits() {
    let connection = connection();
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    for n in 0..2000 {
        connection.deliver(bye(n));
    }
    assert!(!connection.has_socket());
    assert_eq!(codes(&mut taken.inbox).len(), 2 * QUEUE);
    assert!(taken.inbox.blocking_recv().is_none(), "the inbox ends, so the socket closes");
}

#[test]
fn a_replaced_socket_cannot_close_the_new_one() {
    let connection = connection();
    let first = connection.take_socket(grant(), seal(), Claim::None, false);
    let _second = connection.take_socket(grant(), seal(), Claim::None, false);
    assert!(!connection.lose_socket(first.socket));
    assert!(connection.has_socket());
}

#[test]
fn what_a_client_did_not_confirm_is_given_to_its_next_socket_before_all_else() {
    let connection = connection();
    let mut first = connection.take_socket(grant(), seal(), Claim::None, false);
    for n in 1..=4 {
        connection.deliver(bye(n));
    }
    // Three were written to a network that had died; one of them had arrived, one was not taken.
    let written: Vec<_> = (0..3).map(|_| first.inbox.try_recv().unwrap()).collect();
    assert_eq!(written.len(), 3);
    first.unconfirmed.confirm(1);
    assert!(connection.lose_socket(first.socket));
    connection.deliver(bye(5));
    let mut second = connection.take_socket(grant(), seal(), Claim::None, false);
    assert_eq!(codes(&mut second.inbox), [2, 3, 4, 5]);
    second.unconfirmed.confirm(4);
    let mut third = connection.take_socket(grant(), seal(), Claim::None, false);
    assert_eq!(codes(&mut third.inbox), Vec::<u16>::new());
}

#[test]
fn a_socket_that_was_replaced_before_it_was_missed_hands_over_what_it_held() {
    let connection = connection();
    let first = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(bye(1));
    let mut second = connection.take_socket(grant(), seal(), Claim::None, false);
    assert!(!connection.lose_socket(first.socket));
    first.unconfirmed.confirm(1);
    assert_eq!(codes(&mut second.inbox), [1], "a late word of the old one changes nothing");
}

#[test]
fn a_fresh_token_on_the_same_socket_repeats_nothing_and_loses_nothing() {
    let connection = connection();
    let mut first = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(bye(1));
    let mut renewed = connection.take_socket(grant(), seal(), Claim::None, true);
    connection.deliver(bye(2));
    assert_eq!(codes(&mut first.inbox), [1]);
    assert_eq!(codes(&mut renewed.inbox), [2]);
    renewed.unconfirmed.confirm(1);
    let mut next = connection.take_socket(grant(), seal(), Claim::None, false);
    assert_eq!(codes(&mut next.inbox), [2]);
}

#[test]
fn who_never_confirms_is_remembered_no_more_than_a_bound() {
    let connection = connection();
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    for n in 0..2000 {
        connection.deliver(bye(n));
        taken.inbox.try_recv().unwrap();
    }
    let mut next = connection.take_socket(grant(), seal(), Claim::None, false);
    let kept = codes(&mut next.inbox);
    assert!(kept.len() <= QUEUE && kept.last() == Some(&1999), "{}", kept.len());
}

#[test]
fn what_takes_a_seat_up_again_is_not_kept_for_a_socket_that_begins_with_it() {
    let connection = connection();
    connection.tell_state();
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    assert!(taken.inbox.try_recv().is_err());
    connection.tell_state();
    assert!(matches!(taken.inbox.try_recv(), Ok(Delivery::AuthorizationState(_))));
}

#[test]
fn a_farewell_is_owed_until_it_is_confirmed() {
    let connection = connection();
    assert!(!connection.owes_farewell());
    let taken = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(news());
    connection.deliver(bye(16));
    connection.lose_socket(taken.socket);
    assert!(connection.owes_farewell(), "it may have left into a dead network");
    taken.unconfirmed.confirm(2);
    assert!(!connection.owes_farewell());
}

#[test]
fn the_quality_of_lines_is_heard_by_whoever_named_it_and_nobody_else() {
    let connection = connection();
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    connection.deliver(line());
    connection.deliver(bye(1));
    assert_eq!(codes(&mut taken.inbox), [1], "it was not named");
    connection.lock().names = HashSet::from([Event::NETWORK_QUALITY]);
    connection.deliver(line());
    connection.deliver(bye(2));
    assert_eq!(codes(&mut taken.inbox), [0, 2]);
}

#[test]
fn how_lines_were_while_no_socket_was_there_fills_no_queue() {
    let connection = connection();
    connection.lock().names = HashSet::from([Event::NETWORK_QUALITY]);
    connection.deliver(bye(1));
    (0..2000).for_each(|_| connection.deliver(line()));
    let mut taken = connection.take_socket(grant(), seal(), Claim::None, false);
    assert_eq!((codes(&mut taken.inbox), taken.overflowed), (vec![1], false));
}
