//! Who has the intake when a member has more than one leg.

use super::*;
use rotunda_media::{SoundTrack, Track};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const OLD: LegKey = LegKey(1);
const NEW: LegKey = LegKey(2);

fn session() -> SessionId {
    SessionId(Uuid::from_u128(9))
}

fn member() -> MemberId {
    MemberId(Uuid::from_u128(1))
}

fn entry(may_send: bool, receives: Option<VideoCodec>) -> LegEntry {
    let intake =
        || Intake { picture: Arc::new(Track::new(None)), sound: Arc::new(SoundTrack::new(None)) };
    LegEntry {
        session: session(),
        member: member(),
        person: "project/room/Ann".into(),
        owner: member(),
        intake: may_send.then(intake),
        may_receive_audio: true,
        may_receive_video: true,
        audio_first: true,
        takes_audio: may_send,
        takes_video: may_send,
        takes: (receives, true),
        is_held: false,
        receives,
        listens: true,
        is_speech: false,
        rung: None,
        is_up: true,
        awaits: (false, false),
    }
}

fn legs() -> Legs {
    let mut legs = Legs::default();
    legs.open(session());
    legs
}

fn takes(legs: &Legs, leg: LegKey) -> bool {
    legs.get(leg).is_some_and(|entry| entry.intake.is_some())
}

#[test]
fn a_newer_sending_leg_has_the_intake_and_the_end_of_the_older_takes_it_from_nobody() {
    let mut legs = legs();
    legs.add(OLD, entry(true, None));
    legs.add(NEW, entry(true, None));
    assert_eq!((takes(&legs, OLD), takes(&legs, NEW)), (false, true));
    let removed = legs.remove(OLD, Instant::now()).unwrap();
    assert!(removed.entry.intake.is_none() && !removed.was_last_leg);
    assert_eq!(legs.sender(session(), member()), Some(NEW));
    let removed = legs.remove(NEW, Instant::now()).unwrap();
    assert!(removed.entry.intake.is_some() && removed.was_last_leg);
    assert!(!legs.has(session(), member()));
}

#[test]
fn a_newer_leg_that_may_not_send_ends_the_intake_of_the_older() {
    let mut legs = legs();
    legs.add(OLD, entry(true, None));
    legs.add(NEW, entry(false, None));
    assert_eq!((takes(&legs, OLD), takes(&legs, NEW)), (false, false));
    assert_eq!(legs.sender(session(), member()), None);
    assert!(!legs.remove(OLD, Instant::now()).unwrap().was_last_leg);
    assert!(legs.has(session(), member()));
}

#[test]
fn receivers_are_counted_through_another_offer() {
    let mut legs = legs();
    assert!(legs.add(OLD, entry(true, Some(VideoCodec::H264))));
    assert!(!legs.add(NEW, entry(true, Some(VideoCodec::H264))));
    let turned = legs.turn(OLD, |entry| entry.takes = (None, false)).unwrap();
    let still = Turned { ended: None, first: None, picture_changed: true, listening: Some(false) };
    assert_eq!(turned, still, "another receives it still");
    assert_eq!(
        legs.turn(NEW, |entry| entry.takes = (None, true)).unwrap().ended,
        Some(VideoCodec::H264)
    );
    let turned = legs.turn(OLD, |entry| entry.takes = (Some(VideoCodec::Vp8), true)).unwrap();
    assert_eq!((turned.first, turned.listening), (Some(VideoCodec::Vp8), Some(true)));
    let same = Turned { ended: None, first: None, picture_changed: false, listening: None };
    assert_eq!(legs.turn(OLD, |entry| entry.takes = (Some(VideoCodec::Vp8), true)), Some(same));
    assert!(legs.remove(OLD, Instant::now()).unwrap().was_last_receiver);
    assert_eq!(legs.turn(OLD, |entry| entry.takes = (None, false)), None, "gone");
}

#[test]
fn who_comes_back_as_another_member_begins_where_they_were_unless_the_name_is_anybodys() {
    let (mut legs, now) = (legs(), Instant::now());
    let person = entry(true, None).person;
    let (again, nobody) = (MemberId(Uuid::from_u128(2)), Arc::from("project/room/Bob"));
    legs.add(OLD, entry(true, None));
    legs.note_rung(OLD, rtc::Rung::Half, now);
    assert_eq!(legs.begins_with(member(), &person, now), rtc::Rung::Half);
    assert_eq!(legs.begins_with(again, &person, now), rtc::Rung::Half, "the old leg lingers");
    legs.add(NEW, LegEntry { member: MemberId(Uuid::from_u128(3)), ..entry(true, None) });
    assert_eq!(legs.begins_with(again, &person, now), rtc::Rung::Master, "the name is anybody's");
    let later = now + Duration::from_secs(3_600);
    legs.remove(NEW, later);
    legs.remove(OLD, later);
    assert_eq!(legs.begins_with(again, &person, later), rtc::Rung::Half);
    assert_eq!(legs.begins_with(again, &nobody, later), rtc::Rung::Master);
    assert_eq!(
        legs.begins_with(again, &person, later + Duration::from_secs(600)),
        rtc::Rung::Master
    );
}

#[test]
fn legs_are_counted_by_the_picture_they_are_given() {
    let mut legs = legs();
    for (leg, rung) in [(1, Some(rtc::Rung::Half)), (2, Some(rtc::Rung::Half)), (3, None)] {
        legs.add(LegKey(leg), LegEntry { rung, ..entry(false, Some(VideoCodec::Vp8)) });
    }
    let count = |legs: &Legs| legs.by_rung([rtc::Rung::Master, rtc::Rung::Half]);
    assert_eq!(count(&legs), [0, 2]);
    legs.remove(LegKey(1), Instant::now());
    assert_eq!(count(&legs), [0, 1]);
}
