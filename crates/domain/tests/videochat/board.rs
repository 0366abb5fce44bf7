//! The board, and sessions that a vendor carries.

use super::*;

#[test]
fn a_share_on_the_board_takes_its_layout_seats_the_presenter_first_and_gives_it_back() {
    let mut hall = VideochatRoom::with(settings(|set| set.use_presentation_board = true));
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben", "cid"]);
    assert_eq!(hall.share("ann"), Err(Refusal::NotPermitted), "neither presents nor moderates");
    hall.ok("olga", Say::Change("ann", rank(|r| r.presenter = Some(true))));
    hall.ok("olga", Say::Change("ben", rank(|r| r.co_presenter = Some(true))));
    hall.share("ann").unwrap();
    assert_eq!(
        hall.layout(),
        "screen-share: full-screen=ann's screen reserved-1=ann reserved-2=ben"
    );
    assert_eq!(hall.share("cid"), Err(Refusal::NotPermitted));
    hall.notices();
    hall.share("olga").unwrap();
    assert_eq!(hall.gone(), "ann's screen", "a moderator takes the board over");
    let notification = hall.shares_reported();
    assert_eq!(notification, "stopped ann, started olga");
    hall.ok("olga", Say::StopShare);
    assert_eq!(hall.layout_name(), "grid-responsive");
}

#[test]
fn a_film_is_on_the_board_until_a_share_takes_it_and_again_after() {
    let mut hall = VideochatRoom::with(settings(|set| set.use_presentation_board = true));
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    hall.ok("olga", Say::Change("ann", rank(|r| r.presenter = Some(true))));
    hall.film(1);
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
    hall.share("ann").unwrap();
    assert!(hall.layout().starts_with("screen-share: full-screen=ann's screen reserved-1=ann"));
    hall.ok("olga", Say::StopShareOf("ann"));
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
    hall.stop_film(1);
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(|set| set.use_presentation_board = false);
    hall.film(2);
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(|set| set.use_presentation_board = true);
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
}

#[test]
fn putting_the_board_up_and_down_moves_a_share_and_cuts_none() {
    let mut hall = VideochatRoom::new();
    hall.come_all(&["ann", "ben"]);
    hall.share("ann").unwrap();
    hall.share("ben").unwrap();
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(|set| set.use_presentation_board = true);
    assert_eq!(hall.layout(), "screen-share: full-screen=ben's screen reserved-1=ben");
    hall.set(|set| set.use_presentation_board = false);
    assert_eq!(hall.layout_name(), "grid-responsive");
    assert_eq!(hall.gone(), "");
}

#[test]
fn a_session_keeps_the_engine_it_began_with_and_a_vendors_has_seats_and_nothing_else() {
    let mut hall = VideochatRoom::with(settings(|set| {
        set.engine = EngineName::Twilio;
        set.room_type = RoomType::GroupSmall;
    }));
    hall.set(|set| set.engine = EngineName::Native);
    let seats: Vec<_> = ["ann", "ben", "cid", "dot"]
        .map(|name| hall.reserve(name, RoomRight::Contribute).unwrap())
        .to_vec();
    assert!(matches!(hall.reserve("eva", RoomRight::Manage), Err(Refusal::LimitReached(_))));
    hall.ok("ann", Say::Connected(seats[0]));
    hall.ok("ann", Say::Connected(seats[0]));
    assert_eq!(hall.seen_by("ben"), "ann");
    assert!(matches!(hall.admit(seats[1], "ben", JoinAs::Member), Err(Refusal::Unsupported(_))));
    let refused = hall.say("ann", Say::Ask).unwrap_err();
    assert_eq!(refused.to_string(), "asking for promotion is not offered for sessions at twilio");
    hall.ok("ann", Say::Disconnected(seats[0]));
    hall.ok("ann", Say::Disconnected(seats[0]));
    assert_eq!(hall.seen_by("ben"), "");
}

#[test]
fn a_seat_at_a_vendor_whose_client_is_lost_is_given_up_after_the_grace_time() {
    let mut hall = VideochatRoom::with(settings(|set| set.engine = EngineName::Livekit));
    let seat = hall.reserve("ann", RoomRight::Contribute).unwrap();
    hall.ok("ann", Say::Connected(seat));
    hall.ok("ann", Say::Lost(seat));
    hall.wait(29_999);
    assert_eq!(hall.seen_by("ann"), "ann");
    hall.wait(1);
    assert!(hall.is_over(), "and with it the session");
}
