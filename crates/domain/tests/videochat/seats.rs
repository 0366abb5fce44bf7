//! Seats and their tokens, those who only watch, streams, and what is notified.

use super::*;

#[test]
fn the_limit_counts_seats_that_wait_and_refuses_nobody_who_is_there() {
    let mut hall = VideochatRoom::with(limited(2));
    hall.come("ann");
    hall.reserve("ben", RoomRight::Contribute).unwrap();
    assert!(matches!(hall.reserve("cid", RoomRight::Contribute), Err(Refusal::LimitReached(_))));
    hall.wait(60_000);
    hall.come("cid");
    hall.set(|set| *set = limited(1));
    assert_eq!(hall.speakers(), "ann cid", "a lower limit throws nobody out");
    hall.leave("ann");
    assert!(matches!(hall.reserve("dot", RoomRight::Contribute), Err(Refusal::LimitReached(_))));
    hall.leave("cid");
}

#[test]
fn no_limit_of_zero_and_no_limit_that_is_not_custom() {
    for limit in [
        LimitSettings { use_custom: true, limit: 0 },
        LimitSettings { use_custom: false, limit: 1 },
    ] {
        let mut hall = VideochatRoom::with(settings(|set| set.limit = limit));
        hall.come("ann");
        assert_eq!(hall.come("ben"), JoinAs::Member, "{limit:?}");
    }
}

#[test]
fn a_token_opens_its_seat_once() {
    let mut hall = VideochatRoom::new();
    hall.come("ann");
    let refused = hall.admit_again("ann").unwrap_err();
    assert!(matches!(refused, Refusal::NotAdmitted(_)));
    let late = hall.reserve("ben", RoomRight::Contribute).unwrap();
    hall.wait(60_000);
    assert!(matches!(hall.admit(late, "ben", JoinAs::Member), Err(Refusal::NotAdmitted(_))));
}

#[test]
fn listeners_are_hidden_from_all_but_those_who_may_promote_them() {
    let mut hall = VideochatRoom::with(conference(1, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben", "cid"]);
    hall.notices();
    hall.set(|set| set.exclude_listeners = true);
    let all = ["olga", "ann", "ben", "cid"];
    assert_eq!(
        hall.connections(&all),
        ["- ben for ann cid", "- cid for ann ben"],
        "each goes on seeing themself"
    );
    assert_eq!(hall.seen_by("ann"), "olga ann");
    assert_eq!(hall.seen_by("ben"), "olga ann ben");
    assert_eq!(hall.seen_by("olga"), "olga ann ben cid");
    hall.ok("olga", Say::Change("ben", VOICE));
    assert_eq!(hall.connections(&all), ["+ ben for ann cid"]);
    hall.set(|set| set.exclude_listeners = false);
    assert_eq!(hall.connections(&all), ["+ cid for ann ben"]);
}

#[test]
fn streaming_off_ends_those_who_watch_and_refuses_more_and_attendees_stay() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come("ann");
    hall.watch("fan").unwrap();
    hall.play("player").unwrap();
    hall.stream().unwrap();
    assert_eq!(hall.streams(), 1);
    hall.come_by_room_token("audience", JoinAs::Audience);
    assert_eq!(hall.seen_by("ann"), "ann audience", "who watches has no seat");
    hall.set(|set| set.enable_streaming = false);
    assert_eq!(hall.gone(), "fan player");
    assert!(matches!(hall.stream(), Err(Refusal::Conflict(_))));
    assert_eq!(hall.streams(), 0, "what was sent elsewhere is not any more");
    assert!(matches!(hall.play("player2"), Err(Refusal::NotAdmitted(_))));
    assert_eq!(hall.seen_by("ann"), "ann audience");
    assert_eq!(hall.watch("fan2").unwrap_err(), Refusal::NotPermitted);
}

#[test]
fn a_live_stream_is_begun_by_who_moderates_and_all_hear_of_it() {
    let rtmp = "rtmp://a.test/live/key";
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    assert_eq!(hall.say("ann", Say::StartLive("nowhere")), Err(Refusal::NotPermitted));
    let wrong = hall.say("olga", Say::StartLive("nowhere"));
    assert!(matches!(wrong, Err(Refusal::Invalid(_))), "{wrong:?}");
    assert!(matches!(hall.say("olga", Say::StopLive), Err(Refusal::Conflict(_))), "none runs");
    assert_eq!(hall.live_reported(), "");
    hall.ok("olga", Say::StartLive(rtmp));
    assert_eq!((hall.live_reported().as_str(), hall.streams()), ("live at https://a.test/see", 1));
    assert!(matches!(hall.say("olga", Say::StartLive(rtmp)), Err(Refusal::Conflict(_))));
    assert_eq!(hall.say("ann", Say::StopLive), Err(Refusal::NotPermitted));
    hall.ok("olga", Say::StopLive);
    assert_eq!((hall.live_reported().as_str(), hall.streams()), ("over", 0));
    hall.stream().unwrap();
    let other = hall.say("olga", Say::StopLive);
    assert!(matches!(other, Err(Refusal::Conflict(_))), "begun by somebody else: {other:?}");
    hall.ok("olga", Say::StartLive(rtmp));
    assert_eq!(
        hall.live_reported(),
        "live at https://a.test/see",
        "one begun elsewhere has no place"
    );
    hall.set(|set| set.enable_streaming = false);
    assert_eq!(hall.live_reported(), "over");
    assert_eq!(hall.say("olga", Say::StartLive(rtmp)), Err(Refusal::NotPermitted));
}

#[test]
fn what_stands_with_the_room_waits_while_streaming_is_off_but_not_what_somebody_stopped() {
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.stand(2);
    hall.set(|set| set.enable_streaming = false);
    hall.stand(2);
    assert_eq!(hall.streams(), 0);
    hall.set(|set| set.enable_streaming = true);
    hall.stand(2);
    assert_eq!(hall.streams(), 2);
    hall.ok("olga", Say::StartLive("rtmp://a.test/live/key"));
    hall.ok("olga", Say::StopLive);
    assert_eq!(hall.streams(), 2, "only what startLiveStream began ends with it");
    hall.stop_streams();
    hall.stand(2);
    assert_eq!(hall.streams(), 0, "what somebody stopped stays so for this session");
}

#[test]
fn one_user_who_asks_for_seats_again_and_again_leaves_room_for_others() {
    let mut hall = VideochatRoom::with(limited(4));
    let seats: Vec<_> = (0..8).map(|_| hall.reserve("mal", RoomRight::Comment).unwrap()).collect();
    for name in ["ann", "ben", "cora"] {
        hall.come(name);
    }
    let former = hall.admit(seats[0], "mal", JoinAs::Audience);
    assert!(matches!(former, Err(Refusal::NotAdmitted(_))), "{former:?}");
    assert_eq!(hall.admit(seats[7], "mal", JoinAs::Audience), Ok(()), "the last one asked for");
    assert!(matches!(hall.reserve("dan", RoomRight::Comment), Err(Refusal::LimitReached(_))));
}

#[test]
fn a_refused_request_for_a_seat_leaves_the_seat_that_was_kept() {
    let mut hall = VideochatRoom::with(limited(1));
    let kept = hall.reserve("ann", RoomRight::Comment).unwrap();
    assert_eq!(hall.reserve("ann", RoomRight::View), Err(Refusal::NotPermitted));
    assert_eq!(hall.admit(kept, "ann", JoinAs::Audience), Ok(()));
}

#[test]
fn a_request_to_speak_ends_when_its_asker_leaves_and_a_second_one_is_reported() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    hall.ok("ann", Say::Ask);
    assert_eq!(hall.asking(), ["ann"]);
    hall.leave("ann");
    assert_eq!(hall.asking(), [""; 0], "the status lists nobody who is gone");
    hall.come("ann");
    hall.notices();
    hall.ok("ann", Say::Ask);
    let asked = |notification: &videochat_room::Heard| {
        matches!(notification.kind, NotificationKind::PromotionRequested(_))
    };
    assert_eq!(hall.notices().iter().filter(|notification| asked(notification)).count(), 1);
}

#[test]
fn the_notification_mode_rides_on_each_notification() {
    let mut hall = VideochatRoom::new();
    hall.come("ann");
    for (mode, expected) in [
        (NotificationMode::Default, (true, false)),
        (NotificationMode::Hide, (false, false)),
        (NotificationMode::Show, (true, false)),
        (NotificationMode::Sound, (true, true)),
    ] {
        hall.set(|set| set.notification_mode = mode);
        hall.notices();
        let name = format!("p{mode:?}");
        hall.come(&name);
        let notification = hall.notices();
        assert!(!notification.is_empty());
        assert!(
            notification.iter().all(|one| (one.notify.show, one.notify.sound) == expected),
            "{mode:?}"
        );
    }
}
