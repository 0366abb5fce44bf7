use super::*;
use rotunda_domain::{Flow, JoinAs, ProjectId};

fn grant(room: &str, join_as: JoinAs) -> Grant {
    Grant {
        token_id: Uuid::new_v4().to_string(),
        user_name: "whoever".into(),
        join_as,
        ..Grant::for_room(ProjectId(Uuid::from_u128(1)), room)
    }
}

fn key(secret: u8) -> Arc<hmac::Key> {
    Arc::new(hmac::Key::new(hmac::HMAC_SHA512, &[secret; 64]))
}

fn seal(room: &str, user: Option<&str>, origin: Option<&str>) -> Seal {
    Seal::new(key(1), &grant(room, JoinAs::Member), user, origin)
}

fn seat() -> FormerSeat {
    FormerSeat::new(
        SessionId(Uuid::from_u128(2)),
        MemberId(Uuid::from_u128(3)),
        vec!["main".into(), "screen".into()],
        [Ways::Sends, Ways::Receives],
        [true, false],
    )
}

#[test]
fn a_seat_is_of_before_once_another_process_reads_of_it() {
    let own = seat();
    assert!(!own.is_from_before());
    let stated = serde_json::to_value(&own).unwrap();
    let with = |run: &str| {
        let mut stated = stated.clone();
        stated["r"] = run.into();
        serde_json::from_value::<FormerSeat>(stated).unwrap()
    };
    assert!(with("5b0f6a3e-0000-4000-8000-000000000001").is_from_before());
}

#[test]
fn a_statement_is_read_by_whoever_it_was_made_for_and_by_nobody_else() {
    let ann = seal("lab", Some("Ann"), Some("https://one.example"));
    let state = ann.state("p", Some(seat()), None);
    // A fresh token of the same person, and another process with the same key.
    let again = seal("lab", Some("Ann"), Some("https://one.example"));
    assert_eq!(again.read("p", &state), Some(Some(seat())));
    let others = [
        seal("lab", Some("Ben"), Some("https://one.example")),
        seal("lab", None, Some("https://one.example")),
        seal("lab", Some("Ann"), Some("https://two.example")),
        seal("lab", Some("Ann"), None),
        seal("hall", Some("Ann"), Some("https://one.example")),
        Seal::new(key(2), &grant("lab", JoinAs::Member), Some("Ann"), Some("https://one.example")),
    ];
    for (n, other) in others.iter().enumerate() {
        assert_eq!(other.read("p", &state), None, "{n}");
    }
    assert_eq!(ann.read("q", &state), None, "of another connection");
    assert_eq!(ann.read("p", &state[1..]), None);
    assert_eq!(ann.read("p", &"x".repeat(100_000)), None);
}

#[test]
fn a_place_in_a_lobby_is_given_back_by_the_next_process_and_not_by_its_own() {
    let ann = seal("lab", Some("Ann"), None);
    let read = |place: &FormerPlace| {
        let state = ann.state("p", None, Some(place.clone()));
        assert_eq!(ann.read("p", &state), Some(None));
        ann.read_place("p", &state)
    };
    let mut own = FormerPlace::new(WaiterId(Uuid::from_u128(4)), 5, Some("Ann".into()));
    own.admit(SessionId(Uuid::from_u128(7)));
    assert_eq!((read(&own), own.admitted_before()), (None, None));
    let before = FormerPlace { run: Uuid::from_u128(6), ..own };
    assert_eq!(read(&before), Some(before.clone()));
    let as_whom = (SessionId(Uuid::from_u128(7)), MemberId(Uuid::from_u128(4)));
    assert_eq!(before.admitted_before(), Some(as_whom));
}

#[test]
fn a_name_we_gave_is_known_again_without_being_remembered() {
    let ann = seal("lab", Some("Ann"), None);
    let protocol = ann.new_protocol();
    assert!(seal("lab", Some("Ben"), None).has_named(&protocol), "whoever asks");
    assert!(!seal("hall", Some("Ann"), None).has_named(&protocol), "of another room");
    for strange in ["", "signalwire_0_unknown", &protocol[1..], &format!("{protocol}0")] {
        assert!(!ann.has_named(strange), "{strange}");
    }
}

#[test]
fn who_lost_a_seat_is_asked_for_what_they_offered_and_no_more_than_they_may() {
    let lost = seat().lost(&grant("lab", JoinAs::Member)).unwrap();
    assert_eq!((lost.audio, lost.video), (Flow::Both, Flow::Receive));
    assert_eq!((&*lost.leg.0, lost.children.len()), ("main", 1));
    let watching = seat().lost(&grant("lab", JoinAs::Audience)).unwrap();
    assert_eq!((watching.audio, watching.video), (Flow::Receive, Flow::Receive));
}
